//! An officer writes down what a citizen brings, is told what is missing, mends it, and hands it in; the line drops, they hand it in
//! again, and there is one application.

use std::fs;

use harness::{
    client::Client,
    province::{ALPHA, ANYWHERE, BETA, SIGNED_AT_HOME},
};

use crate::stage::Stage;

const OFFICER: [&str; 6] = ["--as", "officer", "--my-unit", ALPHA, "--officer", "A-1"];
const STRANGER: [&str; 6] = ["--as", "officer", "--my-unit", BETA, "--officer", "B-1"];

fn draft_id(said: &str) -> String {
    said.split_whitespace().find(|word| word.starts_with("drf_")).unwrap().to_owned()
}

/// Written down at a counter, where nobody says that it is one; the scan is uploaded as it is named, and only once.
#[tokio::test]
async fn a_scan_is_attached_to_a_draft_by_the_name_of_its_file() {
    let stage = Stage::set();
    let file = |name: &str, text: &str| {
        let path = stage.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let asked = format!(
        "procedure,part,name_vi,name_en,originals,copies,required,condition_vi,condition_en,template,from_data,basis\n\
         {ANYWHERE},1,Tờ khai,Declaration,1,0,yes,,,,,decree\n"
    );
    let amended = ["province", "amend", "--allow-uncovered", &file("documents.csv", &asked)];
    stage.says(&amended).unwrap();
    let scan = file("Tờ khai.pdf", crate::dropped_line::SCAN);
    let json = |arguments: &[&str]| stage.phidia.cli_json(&[&OFFICER[..], arguments].concat());
    let paper = format!("1=original:{scan}");
    let begun = json(&["draft", "new", "--procedure", ANYWHERE, "--at", ALPHA, "--document", &paper]);
    let id = begun["draft"]["draftId"].as_str().unwrap();
    let uploaded = json(&["draft", "show", id])["application"]["documents"][0]["attachmentIds"][0].clone();
    assert!(uploaded.as_str().unwrap().starts_with("att_"), "{uploaded}");
    json(&["draft", "set", id, "--applicant", "Đinh Thị Thử"]);
    let submitted = json(&["draft", "submit", id]);
    let application = submitted["submitted"]["receipt"]["applicationId"].as_str().unwrap().to_owned();
    let attached = json(&["attachment", "list", &application]);
    assert_eq!(attached["attachments"][0]["attachmentId"], uploaded);
}

#[tokio::test]
async fn a_draft_is_told_of_its_faults_mended_and_handed_in_once() {
    let stage = Stage::set();
    let officer = |arguments: &[&str]| stage.says(&[&OFFICER[..], arguments].concat());
    let said = officer(&["draft", "new", "--procedure", SIGNED_AT_HOME, "--proxy", "Lê Thị Thay"]).unwrap();
    let id = draft_id(&said);
    assert_eq!(
        stage.says(&[&STRANGER[..], &["draft", "show", &id]].concat()).unwrap_err().lines().count(),
        1
    );

    // Each fault on a line of its own, with its path, in either language; the process says that there are some.
    let faults = stage.phidia.cli(&[&OFFICER[..], &["--lang", "en", "draft", "check", &id]].concat());
    assert_eq!(faults.status.code(), Some(8));
    let told = String::from_utf8(faults.stdout).unwrap();
    for line in ["applicant.name: is required\n", "received_at_code: "] {
        assert!(told.contains(line), "{told}");
    }
    let vi = stage.phidia.cli(&[&OFFICER[..], &["--lang", "vi", "draft", "check", &id]].concat());
    let told = String::from_utf8(vi.stdout).unwrap();
    assert!(told.contains("applicant.name: thiếu thông tin bắt buộc\n"), "{told}");
    // Handing it in says the same.
    let refused = officer(&["draft", "submit", &id]).unwrap_err();
    assert!(refused.contains("\n  applicant.name: is required\n"), "{refused}");

    let answers = stage.folder.path().join("answers.json");
    fs::write(&answers, r#"{"child": {"weight": 3200}}"#).unwrap();
    let answers = answers.to_str().unwrap();
    let mended = [
        "draft",
        "set",
        &id,
        "--applicant",
        "Đinh Thị Thử",
        "--at",
        ALPHA,
        "--place",
        &format!("residence={ALPHA}"),
        "--channel",
        "direct",
        "--answers",
        answers,
        "--answer",
        "child.full_name=Đinh Văn Con",
        "--document",
        "1",
        "--document",
        "2=2 copies",
        "--result-by",
        "post",
        "--postal-address",
        "Hòm thư 7",
    ];
    assert!(officer(&mended).unwrap().contains("Revision"));
    let shown = officer(&["draft", "show", &id]).unwrap();
    assert!(shown.contains("Lê Thị Thay") && shown.contains("Đinh Văn Con"), "{shown}");
    assert!(officer(&["draft", "check", &id]).unwrap().contains("Complete, promised"));
    assert!(officer(&["draft", "list"]).unwrap().contains(&id));

    let stale = officer(&["draft", "submit", &id, "--revision", "1"]).unwrap_err();
    assert!(stale.contains("DRAFT_CHANGED"), "{stale}");
    let receipts: Vec<_> =
        (0..2).map(|_| stage.phidia.cli_json(&[&OFFICER[..], &["draft", "submit", &id]].concat())).collect();
    let receipt = &receipts[0]["submitted"]["receipt"];
    assert!(receipt["dossierCode"].is_string());
    assert_eq!(receipt, &receipts[1]["submitted"]["receipt"]);
    let operator = Client::operator(stage.endpoint());
    assert_eq!(operator.balance().await.accepted, 1);
    assert!(officer(&["draft", "show", &id]).unwrap().contains(receipt["dossierCode"].as_str().unwrap()));
    assert!(!officer(&["draft", "list"]).unwrap().contains(&id));

    // All of it is there for whoever may open it, and whoever hands over the result sees how it was wanted.
    let application = receipt["applicationId"].as_str().unwrap();
    let shown = officer(&["application", "show", application]).unwrap();
    for words in ["Handed in by", "Lê Thị Thay", "by public post", "1 × 1 original", "2 × 2 copy", "3200"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    harness::wait::until("the case", async || {
        stage.says(&["case", "show", application]).ok().filter(|shown| shown.contains("by public post"))
    })
    .await;
    let case = stage.phidia.cli_json(&["case", "show", application]);
    assert_eq!(case["case"]["resultBy"], "RETURN_WAY_POST");

    // What is not a draft's any more is thrown away without harm.
    officer(&["draft", "delete", &id]).unwrap();
    officer(&["draft", "delete", &id]).unwrap();
    assert!(officer(&["draft", "show", &id]).unwrap_err().contains("UNKNOWN_DRAFT"));
    assert!(officer(&["application", "show", application]).is_ok());
}
