//! What is the same on every page: who is let in, what a form is, what browsers are told.

use harness::{
    province::{ALPHA, BETA},
    reader::Reader,
};

use crate::stage::Stage;

#[tokio::test]
async fn a_page_brings_nothing_from_elsewhere_and_is_kept_by_nobody() {
    let stage = Stage::set();
    let mut reader = Reader::new(&stage.phidia.portal());
    let sheet = reader.opens("/").await.clone();
    assert_eq!(sheet.status, 200);
    let policy = sheet.header("content-security-policy");
    for said in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(said), "{policy}");
    }
    assert_eq!(
        (sheet.header("x-content-type-options"), sheet.header("cache-control")),
        ("nosniff", "no-store")
    );
    assert!(sheet.html().contains("<html lang=\"vi\""));
    for inline in [" style=", "<style", " onclick=", "<script>", "http://", "https://"] {
        assert!(!sheet.html().contains(inline), "{inline}");
    }
    // Styles and scripts are kept for good; another content has another address.
    let html = sheet.html();
    let style =
        html.split("href=\"").find_map(|rest| rest.split('"').next().filter(|path| path.ends_with(".css")));
    let style = reader.opens(style.unwrap()).await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(style.header("cache-control").contains("immutable"));
    // What others may keep bears nobody's cookie, also for whoever comes without one.
    let path = style.path.clone();
    let fresh = Reader::new(&stage.phidia.portal()).opens(&path).await.clone();
    assert_eq!((fresh.status, fresh.header("set-cookie")), (200, ""));
    assert_eq!(reader.opens("/tai-san/000000000000/phidia.css").await.status, 404);

    let lost = reader.opens("/thutuc").await;
    assert_eq!(lost.status, 404);
    assert_eq!(lost.links("Thủ tục").last().map(String::as_str), Some("/thu-tuc"), "{}", lost.text());
    assert_eq!(reader.asks("POST", "/thu-tuc", &[], Vec::new()).await.status, 405);
}

#[tokio::test]
async fn whoever_signs_in_is_an_officer_of_the_centre_that_they_name() {
    let stage = Stage::set();
    let mut reader = Reader::new(&stage.phidia.portal());
    reader.opens("/dang-nhap?ve=%2Fphim").await;
    let refused = reader.sends("/dang-nhap", &[("vai", "officer"), ("don-vi", BETA), ("ma", "A-1")]).await;
    assert_eq!(refused.status, 200);
    assert!(refused.html().contains("href=\"#f-ma\""), "{}", refused.text());
    assert_eq!(
        refused.form("/dang-nhap").unwrap().iter().find(|(name, _)| name == "don-vi").unwrap().1,
        BETA
    );
    let refused = reader.sends("/dang-nhap", &[("ma", "")]).await;
    assert!(refused.html().contains("id=\"e-ma\""), "{}", refused.text());
    let home = reader.sends("/dang-nhap", &[("ma", "B-1")]).await;
    assert_eq!((home.status, home.path.as_str()), (200, "/phim"), "back to where one was");
    assert!(home.says("Trung tâm Bình"), "{}", home.text());

    let in_english = reader.opens("/ngon-ngu/en?ve=/").await;
    assert!(in_english.says("Beta Centre") && in_english.html().contains("<html lang=\"en\""));
    let out = reader.sends("/dang-xuat", &[]).await;
    assert!(!out.says("Beta Centre") && !reader.cookies.contains_key("phien"));
    // Nobody is led to another site.
    reader.opens("/dang-nhap?ve=https://evil.example/").await;
    let there = reader.sends("/dang-nhap", &[("vai", "operator"), ("ma", "an")]).await;
    assert_eq!((there.status, there.path.as_str()), (200, "/"));
}

#[tokio::test]
async fn a_form_is_of_those_whom_it_was_given_to() {
    let stage = Stage::set();
    let portal = stage.phidia.portal();
    let one = Reader::signed_in(&portal, "officer", ALPHA, "A-1").await;
    let mut other = Reader::signed_in(&portal, "officer", BETA, "B-1").await;
    let key = |reader: &Reader| reader.sheet.form("/dang-xuat").unwrap()[0].1.clone();
    let refused = other.posts("/dang-xuat", &[("khoa", &key(&one))]).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(other.posts("/dang-xuat", &[("khoa", "")]).await.status, 403);
    // A page of another site that has got hold of a key, by a browser that says where it comes from.
    other.opens("/").await;
    let body = format!("khoa={}", key(&other)).into_bytes();
    let form = ("content-type", "application/x-www-form-urlencoded");
    for origin in ["https://evil.example", "null"] {
        let refused = other.asks_once("POST", "/dang-xuat", &[form, ("origin", origin)], body.clone()).await;
        assert_eq!(refused.status, 403);
    }
    assert_eq!(other.asks_once("POST", "/dang-xuat", &[form], body.clone()).await.status, 403);
    assert!(other.opens("/").await.says("Trung tâm Bình"), "still signed in");
    // A cookie of one's own making is nobody's.
    other.cookies.insert("phien".into(), "e30".into());
    assert!(!other.opens("/").await.says("Trung tâm Bình"));
}
