//! An officer's day.

use std::time::Duration;

use harness::{
    client::{Client, application},
    province::{ALPHA, ANYWHERE, BETA, GAMMA, SIGNED_AT_HOME},
    reader::{Reader, Sheet},
    wait,
};
use phidia_proto::{intake::v1::Receipt, types::v1::ApplicationStatus};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::stage::Stage;

/// The page of a case.
fn case(receipt: &Receipt) -> String {
    format!("/ho-so/{}", receipt.application_id)
}

/// What a button with this name bears, in the row or on the page of an application.
fn borne(sheet: &Sheet, name: &str, receipt: &Receipt) -> Option<String> {
    let (html, before) = (sheet.html(), format!("name=\"{name}\" value=\""));
    let mut values = html.split(&before).skip(1).filter_map(|rest| rest.split('"').next());
    values.find(|value| value.starts_with(&receipt.application_id)).map(str::to_owned)
}

/// Opens the list until the application is in it, and gives what its button bears.
async fn listed(officer: &mut Reader, receipt: &Receipt) -> String {
    let found = async {
        loop {
            let sheet = officer.opens("/viec").await;
            assert_eq!(sheet.status, 200, "{}", sheet.text());
            match borne(sheet, "mot", receipt) {
                Some(seen) => return seen,
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), found).await.expect("the case is in no list")
}

/// Sends the form of the page with a file, as browsers do.
async fn sends_file(reader: &mut Reader, action: &str, file: Option<(&str, &[u8])>) -> Sheet {
    let mut body = Vec::new();
    for (name, value) in reader.sheet.form(action).unwrap() {
        body.extend(
            format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .into_bytes(),
        );
    }
    let (name, content) = file.unwrap_or(("", b""));
    let head = format!(
        "--cut\r\ncontent-disposition: form-data; name=\"tep\"; filename=\"{name}\"\r\ncontent-type: application/pdf\r\n\r\n"
    );
    body.extend([head.as_bytes(), content, b"\r\n--cut--\r\n"].concat());
    let origin = reader.origin();
    let headers = [("content-type", "multipart/form-data; boundary=cut"), ("origin", origin.as_str())];
    reader.asks("POST", action, &headers, body).await.clone()
}

#[tokio::test]
async fn an_officer_works_a_day_without_script() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("day", SIGNED_AT_HOME)).await.unwrap();
    let mut officer = Reader::signed_in(&portal, "officer", ALPHA, "A-1").await;

    // The list says how long is left as people say it, and that nobody has it.
    let seen = listed(&mut officer, &receipt).await;
    assert!(
        officer.sheet.says("Chưa ai nhận") && officer.sheet.says("giờ làm việc"),
        "{}",
        officer.sheet.text()
    );
    assert_eq!(officer.sheet.links(&receipt.dossier_code), [case(&receipt)]);

    // The next one is that one, and why.
    let page = officer.sends("/viec/tiep", &[]).await.clone();
    assert_eq!(page.path.split('?').next(), Some(case(&receipt).as_str()));
    assert!(page.says("gấp nhất còn kịp hạn"), "{}", page.text());
    assert!(
        page.says("Đinh Thị Thử") && page.says("Thẩm tra") && page.says("Ông/bà đang giữ"),
        "{}",
        page.text()
    );
    // Asked again they have it in hand already.
    officer.opens("/viec").await;
    assert!(officer.sends("/viec/tiep", &[]).await.says("Ông/bà đang giữ việc này."));
    // What was seen before is old by now: the list as it is says so.
    officer.opens("/viec").await;
    let mine = officer.sheet.clone();
    assert!(mine.says("Ông/bà đang giữ"));
    let given = borne(&mine, "viec", &receipt).unwrap();
    assert_eq!(officer.sends("/viec/tra", &[("viec", &given)]).await.status, 200);
    let old = officer.sends("/viec/tra", &[("viec", &given)]).await.clone();
    assert_eq!(old.status, 200, "again with the same fence: the same answer: {}", old.text());
    let refused = officer.sends("/viec/nhan", &[("mot", &seen)]).await.clone();
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.says("Có 1 chỗ cần sửa"), "{}", refused.text());
    let seen = listed(&mut officer, &receipt).await;
    // Ticked, with whatever else is.
    officer.sends("/viec/nhan", &[("viec", &seen)]).await;
    assert!(officer.sheet.says("Đã nhận 1 việc."), "{}", officer.sheet.text());

    // Something is missing: what, has to be said, and nothing else is lost.
    let act = format!("{}/bo-sung", case(&receipt));
    officer.opens(&act).await;
    let refused = officer.sends(&act, &[("noi-dung", "  ")]).await.clone();
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(
        refused.html().contains("href=\"#f-noi-dung\"") && refused.html().contains("<title>Lỗi: "),
        "{}",
        refused.html()
    );
    let long = format!("Bản chính Giấy chứng sinh\n{}", "a".repeat(501));
    let refused = officer.sends(&act, &[("noi-dung", &long)]).await.clone();
    assert_eq!(refused.status, 400);
    let kept = refused.form(&act).unwrap();
    assert!(kept.contains(&("noi-dung".to_owned(), long)), "what was typed is there: {kept:?}");
    let fields = refused.form(&act).unwrap();
    let page =
        officer.sends(&act, &[("noi-dung", "Bản chính Giấy chứng sinh\n\nTờ khai chưa ký")]).await.clone();
    assert_eq!((page.status, page.path.as_str()), (200, case(&receipt).as_str()));
    assert!(page.says("chờ bổ sung") || page.says("bổ sung"), "{}", page.text());
    citizen.tracked_as(&receipt, ApplicationStatus::AwaitingSupplement).await;
    assert!(
        officer.opens("/viec?cho=1").await.says("Người dân bổ sung, chậm nhất"),
        "{}",
        officer.sheet.text()
    );
    assert!(!officer.opens("/viec").await.says(&receipt.dossier_code));
    // A second click: the same form again, once.
    let mut again: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    again.retain(|(name, _)| *name != "noi-dung");
    again.push(("noi-dung", "Bản chính Giấy chứng sinh\n\nTờ khai chưa ký"));
    assert_eq!(officer.posts(&act, &again).await.status, 200);
    let letters = wait::until("a letter", async || {
        let messages = stage.phidia.cli_json(&["message", "list", &receipt.application_id]);
        let letters = messages["messages"]
            .as_array()?
            .iter()
            .filter(|one| one["template"] == "supplement_requested")
            .count();
        (letters > 0).then_some(letters)
    })
    .await;
    assert_eq!(letters, 1, "they are asked once");

    // It is brought, and both steps are done.
    let brought = stage.says(&["application", "supplement", &receipt.dossier_code, &receipt.check_code]);
    brought.unwrap();
    for _ in 0..2 {
        let seen = listed(&mut officer, &receipt).await;
        officer.sends("/viec/nhan", &[("mot", &seen)]).await;
        let act = format!("{}/xong", case(&receipt));
        officer.opens(&act).await;
        let done = officer.sends(&act, &[]).await.clone();
        assert_eq!(done.status, 200, "{}", done.text());
    }
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;
    let page = officer.opens(&case(&receipt)).await.clone();
    assert!(page.says("Đã có kết quả") && page.says("đúng hạn"), "{}", page.text());

    // It is found by what stands on its paper, and by as much of it as one can read.
    let code = receipt.dossier_code.to_lowercase();
    assert_eq!(officer.opens(&format!("/tim?q={code}")).await.path, case(&receipt));
    assert_eq!(officer.opens(&format!("/tim?q={}", &code[..16])).await.path, case(&receipt));
    assert_eq!(officer.opens(&format!("/tim?q={}", receipt.application_id)).await.path, case(&receipt));
    let short = officer.opens("/tim?q=T99").await.clone();
    assert!(short.status == 200 && short.html().contains("class=\"faults\""), "{}", short.text());
    assert!(
        officer.opens("/tim?q=T99.90001-991231-0001").await.says("Không tìm thấy hồ sơ"),
        "{}",
        officer.sheet.text()
    );

    // The result is issued as a file, once; without one the form says so.
    let act = format!("{}/ket-qua", case(&receipt));
    officer.opens(&act).await;
    let refused = sends_file(&mut officer, &act, None).await;
    assert!(refused.status == 400 && refused.html().contains("href=\"#f-tep\""), "{}", refused.text());
    let issued = sends_file(&mut officer, &act, Some(("Giấy khai sinh.pdf", b"%PDF-1.7 %%EOF"))).await;
    assert!(issued.status == 200 && issued.says("Giấy khai sinh.pdf"), "{}", issued.text());
    let file = officer.opens(&format!("{act}/tep")).await.clone();
    assert_eq!(
        (file.status, file.header("content-type"), &file.body[..]),
        (200, "application/pdf", &b"%PDF-1.7 %%EOF"[..])
    );
    assert!(file.header("content-security-policy").starts_with("default-src 'none'"));

    // The result is handed over once.
    let results = officer.opens("/viec/ket-qua").await.clone();
    assert!(results.says(&receipt.dossier_code), "{}", results.text());
    let act = format!("{}/trao", case(&receipt));
    officer.opens(&act).await;
    let refused = officer.sends(&act, &[("nguoi-nhan", "")]).await.clone();
    assert!(refused.status == 400 && refused.html().contains("href=\"#f-nguoi-nhan\""), "{}", refused.text());
    officer.sends(&act, &[("nguoi-nhan", "Đinh Thị Thử")]).await;
    let result = officer.opens(&format!("{}/ket-qua", case(&receipt))).await.clone();
    assert!(result.says("Trực tiếp cho người nộp, Đinh Thị Thử"), "{}", result.text());
    assert!(!officer.opens("/viec/ket-qua").await.says(&receipt.dossier_code));
}

#[tokio::test]
async fn a_case_is_refused_sent_back_and_explained() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("refused", SIGNED_AT_HOME)).await.unwrap();
    let mut officer = Reader::signed_in(&portal, "officer", ALPHA, "A-1").await;
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    alpha.works(&receipt, 1).await;
    let seen = listed(&mut officer, &receipt).await;
    officer.sends("/viec/nhan", &[("mot", &seen)]).await;

    // Back to the step before, with a word for whoever does it again.
    let act = format!("{}/tra-lai", case(&receipt));
    let form = officer.opens(&act).await.clone();
    assert!(form.says("bước 1: Thẩm tra") && !form.says("bước 2"), "{}", form.text());
    let refused = officer.sends(&act, &[("ly-do", "Thiếu chữ ký")]).await.clone();
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.html().contains("href=\"#f-ve-buoc\""), "{}", refused.text());
    assert_eq!(officer.sends(&act, &[("ve-buoc", "1")]).await.status, 200, "the word was kept");
    let seen = listed(&mut officer, &receipt).await;
    let page = officer.sends("/viec/nhan", &[("mot", &seen)]).await.clone();
    assert!(page.says("Bị trả lại để sửa: Thiếu chữ ký"), "{}", page.text());

    // Why it is here: the sentence, who was weighed, and where they lie.
    let why = officer.opens(&format!("{}/vi-sao", case(&receipt))).await.clone();
    assert!(why.says("Trung tâm An") && why.says("được chọn"), "{}", why.text());
    assert!(why.html().contains("<svg") && !why.html().contains(" style="), "{}", why.html());

    let act = format!("{}/tu-choi", case(&receipt));
    officer.opens(&act).await;
    assert_eq!(officer.sends(&act, &[]).await.status, 400);
    let page = officer.sends(&act, &[("ly-do", "Không đủ điều kiện")]).await.clone();
    assert_eq!((page.status, page.path.as_str()), (200, case(&receipt).as_str()), "{}", page.text());
    citizen.tracked_as(&receipt, ApplicationStatus::Refused).await;
    // What is over is not done again: its page says how it stands.
    assert_eq!(officer.opens(&act).await.path, case(&receipt));
}

#[tokio::test]
async fn who_is_asked_answers_and_the_case_goes_on() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("asked", SIGNED_AT_HOME)).await.unwrap();
    let mut officer = Reader::signed_in(&portal, "officer", ALPHA, "A-1").await;
    let seen = listed(&mut officer, &receipt).await;
    officer.sends("/viec/nhan", &[("mot", &seen)]).await;
    let act = format!("{}/hoi", case(&receipt));
    officer.opens(&act).await;
    let refused = officer.sends(&act, &[("cau-hoi", "Có thường trú không?")]).await.clone();
    assert_eq!(refused.status, 400, "{}", refused.text());
    officer.sends(&act, &[("don-vi-1", BETA)]).await;
    assert_eq!(officer.sheet.path, case(&receipt), "{}", officer.sheet.text());
    assert!(officer.opens("/viec/hoi?cua-minh=1").await.says("Có thường trú không?"));

    let mut beta = Reader::signed_in(&portal, "officer", BETA, "B-1").await;
    assert!(beta.opens("/viec").await.says("Hỏi đáp giữa các cơ quan (1)"), "{}", beta.sheet.text());
    let asked = beta.opens("/viec/hoi").await.clone();
    let html = asked.html();
    let id = html
        .split("article class=\"question\" id=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    beta.sends(&format!("/hoi/{id}/da-nhan"), &[]).await;
    let action = format!("/hoi/{id}/tra-loi");
    let refused = beta.sends(&action, &[]).await.clone();
    assert!(
        refused.status == 400 && refused.html().contains(&format!("href=\"#f-tra-loi-{id}\"")),
        "{}",
        refused.text()
    );
    beta.sends(&action, &[(&format!("tra-loi-{id}"), "Có, từ năm 2010")]).await;
    assert!(beta.sheet.says("Không có câu hỏi nào"), "{}", beta.sheet.text());
    listed(&mut officer, &receipt).await;
}

#[tokio::test]
async fn what_was_typed_when_a_session_ended_is_there_after_it_began_again() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("ended", SIGNED_AT_HOME)).await.unwrap();
    let mut officer = Reader::signed_in(&portal, "officer", ALPHA, "A-1").await;
    let seen = listed(&mut officer, &receipt).await;
    officer.sends("/viec/nhan", &[("mot", &seen)]).await;
    let act = format!("{}/bo-sung", case(&receipt));
    officer.opens(&act).await;
    officer.cookies.remove("phien");
    let ended = officer.sends(&act, &[("noi-dung", "Tờ khai chưa ký")]).await.clone();
    assert_eq!(ended.status, 401, "{}", ended.text());
    let back =
        officer.sends("/dang-nhap", &[("vai", "officer"), ("don-vi", ALPHA), ("ma", "A-1")]).await.clone();
    let kept = back.form(&act).unwrap_or_else(|| panic!("{}", back.text()));
    assert!(kept.contains(&("noi-dung".to_owned(), "Tờ khai chưa ký".to_owned())), "{kept:?}");
    // Filled in, and not sent.
    citizen.tracked_as(&receipt, ApplicationStatus::InProcess).await;
    assert_eq!(officer.sends(&act, &[]).await.status, 200);
    citizen.tracked_as(&receipt, ApplicationStatus::AwaitingSupplement).await;
}

#[tokio::test]
async fn a_case_is_for_those_who_have_to_do_with_it() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("others", SIGNED_AT_HOME)).await.unwrap();
    let mut officer = Reader::signed_in(&portal, "officer", ALPHA, "A-1").await;
    let seen = listed(&mut officer, &receipt).await;
    let mut other = Reader::signed_in(&portal, "officer", GAMMA, "C-1").await;
    for page in ["", "/xong", "/vi-sao", "/ket-qua"] {
        let sheet = other.opens(&format!("{}{page}", case(&receipt))).await.clone();
        assert!(matches!(sheet.status, 403 | 404), "{page}: {} {}", sheet.status, sheet.text());
        assert!(!sheet.says("Đinh Thị Thử"));
    }
    other.opens("/viec").await;
    let refused = other.sends("/viec/nhan", &[("mot", &seen)]).await.clone();
    assert!(refused.status >= 400 && !refused.says("Đinh Thị Thử"), "{}", refused.text());
    // Nobody who has not signed in sees anything, and is led to where one signs in.
    let mut nobody = Reader::new(&portal);
    for page in [case(&receipt).as_str(), "/viec", "/tim", "/tep/att_1", "/song/viec"] {
        assert!(nobody.opens(page).await.path.starts_with("/dang-nhap?ve="), "{page}");
    }
    // And whoever looks after the province has no list.
    let mut operator = Reader::signed_in(&portal, "operator", "", "an").await;
    assert_eq!(operator.opens("/viec").await.status, 403);
}

#[tokio::test]
async fn a_list_that_is_looked_at_is_drawn_anew() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let citizen = Client::system(stage.endpoint());
    let officer = Reader::signed_in(&portal, "officer", ALPHA, "A-1").await;
    let host = portal.strip_prefix("http://").unwrap();
    let mut line = TcpStream::connect(host).await.unwrap();
    let cookies: Vec<_> = officer.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let asked =
        format!("GET /song/viec?trang= HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\n\r\n", cookies.join("; "));
    line.write_all(asked.as_bytes()).await.unwrap();
    let mut told = BufReader::new(line).lines();
    let mut next = async |wanted: &str| {
        let found = async {
            loop {
                let line = told.next_line().await.unwrap().expect("the line was cut");
                if line.starts_with("data: ") && line.contains(wanted) {
                    return line;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), found).await.expect("nothing was told")
    };
    // At once as it stands; then what comes.
    next("Không có việc nào đang chờ").await;
    let receipt = citizen.submit(application("live", ANYWHERE)).await.unwrap();
    let part = next(&receipt.dossier_code).await;
    let part: serde_json::Value = serde_json::from_str(part.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(part["name"], "list");
    // Who takes it up elsewhere.
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
    next("Ông/bà đang giữ").await;
}
