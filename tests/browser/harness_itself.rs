//! What the other stories lean on: that people in front of a page of ours see and do what is there, and that each kind of fault is found. The
//! pages are served here.

use axum::{
    Router,
    body::{self, Body},
    extract::Request,
    http::{Response, StatusCode, header},
};
use harness::{
    browser::{Colours, Manner, Paper, Person, Reader, Screen},
    pdf,
};
use tokio::net::TcpListener;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types phidia";

const WELL: &str = include_str!("harness_itself/page.html");

const LOOK: &str = include_str!("harness_itself/look.css");

const WORDS: &str = include_str!("harness_itself/words.js");

/// Each fault with what is said of it.
const FAULTS: &[(&str, &str)] = &[
    ("<div style='color: red'>x</div>", "style or script within the page"),
    ("<button onclick='x()' class='big'>x</button>", "style or script within the page"),
    ("<div class='wide'>x</div>", "the page is 1500 wide on a screen of 1366"),
    ("<button class='under'>x</button><div class='over'>y</div>", "it is covered by"),
    ("<button class='small'>x</button>", "to be pressed, 44 is the least"),
    ("<h1>x</h1>", "2 first headings"),
    ("<input class='big' name='x'>", "a field without a label"),
    ("<p class='pale'>Không ai đọc được.</p>", "color-contrast"),
    ("<img src='/icon.svg'>", "image-alt"),
    ("<p id='main'>x</p>", "an id twice"),
    ("<img alt='x' src='http://example.org/x.png'>", "a request to http://example.org/x.png"),
    (
        "<img alt='x' src='http://example.org/x.png'>",
        "violates the following Content Security Policy directive",
    ),
    ("<script src='/throws.js'></script>", "mishap"),
    ("<img alt='x' src='/nowhere'>", "404"),
    ("<a class='big' href='#nowhere'>x</a>", "a link into the page that leads nowhere"),
];

const FAULTY_LOOK: &str = include_str!("harness_itself/faulty.css");

async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let home = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    home
}

async fn answer(request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = body::to_bytes(request.into_body(), 4_096).await.unwrap();
    let page = |text: String| ("text/html; charset=utf-8", text);
    let (kind, text) = match path.as_str() {
        "/" => page(WELL.into()),
        "/look.css" => ("text/css", LOOK.into()),
        "/faulty.css" => ("text/css", FAULTY_LOOK.into()),
        "/words.js" => ("text/javascript", WORDS.into()),
        "/throws.js" => ("text/javascript", "throw new Error('mishap')".into()),
        "/icon.svg" => ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>".into()),
        "/gui" => {
            let to = format!("/xong?{}", String::from_utf8(body.to_vec()).unwrap());
            let answer = Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to);
            return answer.body(Body::empty()).unwrap();
        }
        "/xong" => page(WELL.replace("Chỉ là một", &format!("Đã nhận: {query}. Chỉ là một"))),
        "/loi" => {
            let fault = FAULTS[query.parse::<usize>().unwrap()].0;
            let sheet = "<link rel='stylesheet' href='/faulty.css'></head>";
            page(WELL.replace("</main>", &format!("{fault}</main>")).replace("</head>", sheet))
        }
        _ => {
            let status = Response::builder().status(StatusCode::NOT_FOUND);
            return status.header(header::CONTENT_TYPE, "text/html").body(Body::from(WELL)).unwrap();
        }
    };
    Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::CACHE_CONTROL, if kind.starts_with("text/html") { "no-store" } else { "max-age=600" })
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .body(Body::from(text))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_filled_in_and_sent_with_script_and_without_on_every_screen() {
    let home = serve().await;
    for script in [true, false] {
        let mut citizen = Person::comes(&home, Manner { script, ..Manner::default() }).await;
        for screen in Screen::ALL {
            citizen.takes(screen).await;
            citizen.opens("/").await;
            citizen.sees(if script { "Script đã chạy." } else { "Không có script." }).await;
            assert_eq!(citizen.title().await, "Tờ khai");
            citizen.finds_no_fault(Reader::Citizen).await;
            citizen.fills("họ và tên", "Đặng Thị Ngọc Ánh").await;
            citizen.picks("Loại giấy", "Trích lục").await;
            assert_eq!(citizen.finds_in("Họ và tên").await, "Đặng Thị Ngọc Ánh");
            citizen.clicks("Gửi").await;
            citizen.sees("Đã nhận: ten=%C4%90%E1%BA%B7ng+Th%E1%BB%8B+Ng%E1%BB%8Dc+%C3%81nh").await;
            assert!(citizen.is_at().await.ends_with("&loai=Tr%C3%ADch+l%E1%BB%A5c"));
            citizen.goes_back().await;
            assert_eq!(citizen.is_at().await, "/");
        }
        citizen.opens("/").await;
        assert_eq!(
            citizen.walks().await,
            ["Đến phần chính", "trang thử", "Họ và tên", "Loại giấy", "Gửi đi"]
        );
        citizen.clicks("trang thử").await;
        citizen.sees("Đã nhận: khong.").await;
        citizen.opens("/").await;
        citizen.presses("n").await;
        if script {
            citizen.sees("Đã nhận: phim.").await;
        } else {
            assert_eq!(citizen.is_at().await, "/");
        }
        let paper = pdf::text(&citizen.prints(Paper::A5).await);
        assert!(paper.contains("trang thử") && !paper.contains("Họ và tên"), "{paper}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_that_a_page_can_have_is_found() {
    let home = serve().await;
    let mut citizen = Person::comes(&home, Manner::default()).await;
    for (number, (fault, told)) in FAULTS.iter().enumerate() {
        citizen.opens(&format!("/loi?{number}")).await;
        let faults = citizen.faults(Reader::Citizen).await;
        assert!(faults.iter().any(|line| line.contains(told)), "{fault}: {faults:#?}");
    }
    for colours in Colours::ALL {
        citizen.prefers(colours).await;
        // A page that says that there is none is a page.
        citizen.opens("/khong-co").await;
        citizen.finds_no_fault(Reader::Citizen).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_costs_is_counted_the_first_time_and_the_next() {
    let home = serve().await;
    for script in [true, false] {
        let mut citizen = Person::comes(&home, Manner { script, ..Manner::default() }).await;
        citizen.opens("/").await;
        let first = citizen.traffic().await;
        let loaded = if script { 4 } else { 3 };
        assert_eq!(first.requests, loaded, "page, style, icon, and script: {first:?}");
        let least = WELL.len() + LOOK.len();
        assert!((least..least + 4_000).contains(&usize::try_from(first.bytes).unwrap()), "{first:?}");
        citizen.opens("/").await;
        let next = citizen.traffic().await;
        assert_eq!(next.requests, 1, "the page alone: {next:?}");
        citizen.forgets_pages().await;
        citizen.opens("/").await;
        assert_eq!(citizen.traffic().await.requests, loaded);
    }
}
