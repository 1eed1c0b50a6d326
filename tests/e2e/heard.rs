//! What people say over a real process: a paper from the box, a call that becomes an entry of the FAQ, a complaint that the unit complained
//! of does not see, and a time on a reception day.

use harness::province::{ALPHA, BETA};
use phidia_runtime::clock::RealClock;
use serde_json::Value;

use crate::stage::Stage;

const ALPHAS: [&str; 4] = ["--my-unit", ALPHA, "--officer", "A-1"];
const BETAS: [&str; 4] = ["--my-unit", BETA, "--officer", "B-1"];
const TEXT: &str = "Ông Kín ở quầy ba để tôi chờ hai giờ";

impl Stage {
    /// By whom, what, and the answer.
    fn asks(&self, who: &[&str], what: &[&str]) -> Value {
        self.phidia.cli_json(&[who, what].concat())
    }
}

fn number(sent: &Value) -> String {
    sent["number"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_paper_from_the_box_is_answered_and_published_in_other_words() {
    let stage = Stage::set();
    let add = ["feedback", "add", "--kind", "suggestion", "--channel", "box", "--taken-out-on", "2026-11-20"];
    let sent = stage.asks(&ALPHAS, &[&add[..], &["--text", TEXT, "--author", "Phạm Kín"]].concat());
    let number = number(&sent);
    assert!(number.starts_with(&format!("PA-{ALPHA}-")) && number.ends_with("-001"), "{number}");
    assert_eq!(sent["checkCode"], "");
    let listed = stage.says(&[&["feedback", "list"][..], &ALPHAS].concat()).unwrap();
    assert!(
        listed.contains(&number) && listed.contains("to be answered") && !listed.contains("Kín"),
        "{listed}"
    );
    let shown = stage.says(&[&["feedback", "show", &number][..], &ALPHAS].concat()).unwrap();
    assert!(shown.contains(TEXT) && shown.contains("Phạm Kín"), "{shown}");
    // Noted again with its key it is one; another paper with the same words is another.
    let paper = |key: &str| {
        let number =
            &stage.asks(&ALPHAS, &[&add[..], &["--text", "Thêm ghế", "--key", key]].concat())["number"];
        number.as_str().unwrap().to_owned()
    };
    let first = paper("p1");
    assert_eq!((paper("p1") == first, paper("p2") == first), (true, false));
    // Whoever asks its author, who has no check code, notes what they say.
    let told = |words: &[&str]| stage.says(&[words, &ALPHAS].concat()).unwrap();
    assert!(told(&["feedback", "ask", &first, "--text", "Ghế ở đâu?"]).contains("awaiting its author"));
    assert!(told(&["feedback", "reply", &first, "--text", "Ở sảnh"]).contains("to be answered"));
    assert!(stage.says(&[&["feedback", "show", &number][..], &BETAS].concat()).is_err());
    stage.asks(&ALPHAS, &["feedback", "take", &number]);
    stage.asks(&ALPHAS, &["feedback", "answer", &number, "--text", "Chúng tôi xin lỗi ông Kín"]);
    let publish = |answer: &str| {
        let words = ["feedback", "publish", &number, "--question", "Phải chờ lâu", "--answer", answer];
        stage.says(&[&words[..], &["--my-unit", ALPHA]].concat())
    };
    let refused = publish("Gọi 0912 345 678").unwrap_err();
    assert!(refused.contains("PERSONAL_DATA") && refused.contains("from character 5 on"), "{refused}");
    publish("Đã mở thêm một quầy").unwrap();
    let public = stage.says(&["feedback", "published"]).unwrap();
    assert!(public.contains("Đã mở thêm một quầy") && !public.contains("Kín"), "{public}");
    let index = stage.says(&["report", "index"]).unwrap();
    let counted = "5.1–5.3 feedback in time: refused 0/0, asked for more 1/1, answered 1/1, published 1/1";
    assert!(index.contains(counted), "{index}");
    for language in ["vi", "en"] {
        for verb in [&["feedback", "list"][..], &["feedback", "stats"], &["feedback", "published"]] {
            let output = stage.phidia.cli(&[&["--lang", language], verb].concat());
            assert!(output.status.success() && !output.stdout.is_empty(), "{verb:?}");
        }
    }
}

#[tokio::test]
async fn a_call_is_answered_at_once_and_becomes_an_entry_that_the_next_caller_finds() {
    let stage = Stage::set();
    assert!(stage.says(&["faq", "search", "gio mo cua"]).unwrap().contains("nothing"));
    let call =
        ["feedback", "add", "--kind", "question", "--channel", "telephone", "--text", "Mấy giờ mở cửa?"];
    let sent = stage.asks(&ALPHAS, &[&call[..], &["--answer", "7 giờ 30 các ngày làm việc"]].concat());
    assert_eq!(sent["feedback"]["state"], "FEEDBACK_STATE_ANSWERED");
    let (number, check) = (number(&sent), sent["checkCode"].as_str().unwrap());
    let tracked = stage.says(&["feedback", "track", &number, check]).unwrap();
    assert!(tracked.contains("7 giờ 30 các ngày làm việc"), "{tracked}");
    let question = ["--question", "Trung tâm mở cửa lúc mấy giờ?", "--answer", "7 giờ 30 các ngày làm việc"];
    let promote = [&["faq", "promote", &number][..], &question, &["--my-unit", ALPHA]].concat();
    stage.says(&promote).unwrap();
    // Said again it is the entry that there is; in other words it is refused.
    assert!(stage.says(&promote).unwrap().contains("7 giờ 30"));
    let otherwise = ["--question", "Mấy giờ?", "--answer", "8 giờ", "--my-unit", ALPHA];
    let otherwise = [&["faq", "promote", &number][..], &otherwise].concat();
    assert!(stage.says(&otherwise).unwrap_err().contains("PROMOTED_BEFORE"));
    for query in ["gio mo cua", "MỞ CỬA", "trung tam"] {
        assert!(stage.says(&["faq", "search", query]).unwrap().contains("7 giờ 30"), "{query}");
    }
    assert!(stage.says(&["faq", "useful", "1"]).unwrap().contains("1 times"));
    let review = ["faq", "review", "1", "--answer", "8 giờ", "--my-unit", ALPHA];
    stage.says(&review).unwrap();
    assert!(stage.says(&["faq", "list"]).unwrap().contains("8 giờ"));

    let up = [
        "feedback",
        "add",
        "--kind",
        "question",
        "--channel",
        "telephone",
        "--text",
        "Khó",
        "--escalate-to",
        "province",
    ];
    let escalated = stage.asks(&ALPHAS, &up);
    assert_eq!(escalated["feedback"]["ownerUnitId"], "");
}

#[tokio::test]
async fn a_complaint_is_not_shown_to_the_unit_complained_of() {
    let stage = Stage::set();
    let send = ["feedback", "send", "--kind", "complaint", "--about", ALPHA, "--text", TEXT];
    let sent = stage.asks(&[], &send);
    let (number, check) = (number(&sent), sent["checkCode"].as_str().unwrap().to_owned());
    for who in [&ALPHAS[..], &["--my-unit", ALPHA]] {
        assert!(stage.says(&[&["feedback", "list"][..], who].concat()).unwrap().contains("nothing"));
        let refused = stage.says(&[&["feedback", "show", &number][..], who].concat()).unwrap_err();
        assert!(refused.contains("UNKNOWN_FEEDBACK"), "{refused}");
    }
    let pass = |to: &str| stage.says(&["feedback", "pass", &number, "--to", to, "--reason", "xác minh"]);
    assert!(pass(ALPHA).unwrap_err().contains("ABOUT_THEMSELVES"));
    pass(BETA).unwrap();
    let ask = ["feedback", "ask", &number, "--text", "Hôm nào?"];
    assert!(stage.says(&[&ask[..], &BETAS].concat()).unwrap().contains("awaiting its author"));
    stage.says(&["feedback", "reply", &number, &check, "--text", "Thứ hai"]).unwrap();
    let answer = ["feedback", "answer", &number, "--text", "Đã nhắc nhở"];
    stage.says(&[&answer[..], &BETAS].concat()).unwrap();
    let private = ["feedback", "private", &number, "--reason", "Nêu tên người"];
    stage.says(&private).unwrap();
    let rate =
        ["feedback", "rate", &number, &check, "--rating", "dissatisfied", "--reason", "Chưa thỏa đáng"];
    let again = stage.says(&rate).unwrap();
    assert!(again.contains("to be answered"), "{again}");
    assert!(stage.says(&[&["feedback", "list"][..], &BETAS].concat()).unwrap().contains("nothing"));
    let refuse = ["feedback", "refuse", &number, "--reason", "Đã giải quyết", "--my-unit", BETA];
    assert!(stage.says(&refuse).unwrap().contains("refused"));
    // Said again in the same words, it is done once.
    assert!(stage.says(&refuse).unwrap().contains("refused"));
    let refused = stage.says(&["feedback", "withdraw", &number, &check]).unwrap_err();
    assert!(refused.contains("FEEDBACK_STATE") && refused.contains("state: refused"), "{refused}");
}

#[tokio::test]
async fn a_time_is_booked_moved_and_kept() {
    let stage = Stage::set();
    let today = RealClock.now().in_tz("Asia/Ho_Chi_Minh").unwrap().date();
    let [first, second] = [2, 3].map(|days| today.saturating_add(jiff::Span::new().days(days)).to_string());
    let open = ["reception", "open", ALPHA, "--host", "Chủ tịch", "--from", &first, "--to", &second];
    let hours = ["--opens", "08:00", "--closes", "09:00", "--my-unit", ALPHA];
    let opened = stage.says(&[&open[..], &hours].concat()).unwrap();
    assert!(opened.contains("08:00 08:30"), "{opened}");
    let book = |telephone: &str| {
        let what = ["--visitor", "Vũ Kín", "--telephone", telephone, "--topic", "Lối đi chung"];
        stage.phidia.cli(&[&["--json", "reception", "book", ALPHA, &first, "08:00"][..], &what].concat())
    };
    let booked: Value = serde_json::from_slice(&book("0912345678").stdout).unwrap();
    let number = booked["booking"]["number"].as_str().unwrap().to_owned();
    let check = booked["checkCode"].as_str().unwrap().to_owned();
    assert!(number.starts_with(&format!("TCD-{ALPHA}-")), "{number}");
    assert!(String::from_utf8(book("0987654321").stderr).unwrap().contains("SLOT_TAKEN"));
    let close = ["reception", "close", ALPHA, &first, "--reason", "họp", "--my-unit", ALPHA];
    assert!(stage.says(&close).unwrap().contains("to be moved: 1"));
    let tracked = stage.says(&["reception", "track", &number, &check]).unwrap();
    assert!(tracked.contains("to be moved (họp)"), "{tracked}");
    let waiting = ["reception", "list", "--state", "to-be-moved"];
    assert!(stage.says(&[&waiting[..], &ALPHAS].concat()).unwrap().contains("Vũ Kín"));
    assert!(!stage.says(&waiting).unwrap().contains("Vũ Kín"));
    let moved = stage.says(&["reception", "move", &number, &check, &second, "08:30"]).unwrap();
    assert!(moved.contains("08:30") && moved.contains("booked"), "{moved}");
    let days = stage.says(&["reception", "days", ALPHA]).unwrap();
    assert!(days.contains("cancelled: họp"), "{days}");
    let again = ["reception", "open", ALPHA, "--host", "Chủ tịch", "--from", &first, "--reopen"];
    let reopened = stage.says(&[&again[..], &hours].concat()).unwrap();
    assert!(reopened.contains("08:00 08:30"), "{reopened}");
    let come = ["reception", "come", &number, "--outcome", "Đã hướng dẫn hòa giải"];
    assert!(stage.says(&[&come[..], &ALPHAS].concat()).unwrap_err().contains("TOO_EARLY"));
    assert!(stage.says(&["reception", "cancel", &number, &check]).unwrap().contains("cancelled"));
    assert!(stage.says(&["reception", "cancel", &number, &check]).unwrap_err().contains("BOOKING_STATE"));
}
