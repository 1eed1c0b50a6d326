//! A case that was granted, issued and handed over is opened again by a decision, decided anew, and issued once more; and at each
//! moment it is in exactly one place.

use std::fs;

use harness::{
    client::{Client, application},
    pdf,
    province::{ALPHA, BETA, SIGNED_AT_HOME},
    wait,
};
use phidia_domain::conservation::Place;
use phidia_proto::{processing::v1::CaseState, types::v1::ApplicationStatus};

use crate::stage::Stage;

const OFFICER: [&str; 4] = ["--my-unit", ALPHA, "--officer", "A-1"];
const DECISION: &str = "Quyết định số 12/QĐ-UBND";

#[tokio::test]
async fn a_mistake_is_found_in_what_was_issued_and_put_right() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let operator = Client::operator(stage.endpoint());
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let receipt = citizen.submit(application("again", SIGNED_AT_HOME)).await.unwrap();
    let id = receipt.application_id.as_str();
    let reopen = |by: &[&str], more: &[&str]| {
        let verb = ["case", "reopen", id, "--decision", DECISION, "--reason", "Sai họ tên ông Nguyễn Văn A"];
        stage.says(&[&verb[..], by, more].concat())
    };
    let issue = |name: &str, content: &[u8]| {
        let file = stage.folder.path().join(name);
        fs::write(&file, content).unwrap();
        let verb = ["case", "result", "issue", id, file.to_str().unwrap()];
        stage.says(&[&verb[..], &OFFICER[..]].concat()).unwrap()
    };
    let track = || stage.by_receipt("track", &receipt).unwrap();

    alpha.works(&receipt, 1).await;
    let refused = reopen(&[], &[]).unwrap_err();
    assert!(refused.contains("the case is open"), "{refused}");
    alpha.works(&receipt, 2).await;
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;
    issue("first.pdf", b"%PDF-1.7 the first");
    let hand_over = ["case", "result", "hand-over", id, "--to", "Đinh Thị Thử"];
    stage.says(&[&hand_over[..], &OFFICER[..]].concat()).unwrap();
    wait::until("the hand-over", async || (citizen.track(&receipt).await.national_code == 10).then_some(()))
        .await;
    // What anybody is told of the one centre that received it.
    let published = async |kind: &str| {
        wait::until(&format!("it is published as {kind}"), async || {
            let told = stage.phidia.cli_json(&["receipt", "conservation"]);
            let [sum] = told["sums"].as_array()?.as_slice() else { return None };
            let count = |of: &str| sum[of].as_u64();
            let ended: u64 =
                ["finished", "withdrawn", "refused", "lapsed"].iter().filter_map(|of| count(of)).sum();
            let adds_up = count("accepted") == Some(1) && count("open").unwrap_or_default() + ended == 1;
            (adds_up && count(kind) == Some(1)).then_some(())
        })
        .await;
    };
    let place = async || {
        wait::until("a balance that holds", async || {
            let balance = operator.balance().await;
            balance.holds().then(|| balance.places.into_keys().collect::<Vec<_>>())
        })
        .await
    };
    assert_eq!(place().await, [Place::Finished]);
    published("finished").await;

    // The supervisor of another unit may not; the one of the unit that decided may, once and again.
    let refused = reopen(&["--my-unit", BETA], &["--to-step", "1"]).unwrap_err();
    assert!(refused.contains("only the unit that decided"), "{refused}");
    for _ in 0..2 {
        let said = reopen(&["--my-unit", ALPHA], &["--to-step", "1"]).unwrap();
        assert!(said.contains("queued") && said.contains("Opened again"), "{said}");
    }
    citizen.tracked_as(&receipt, ApplicationStatus::InProcess).await;
    let tracked = citizen.track(&receipt).await;
    assert_eq!((tracked.national_code, tracked.result), (4, None));
    assert!(track().contains("This result was withdrawn"), "{}", track());
    let shown = stage.says(&["case", "show", id]).unwrap();
    assert!(shown.contains("Sai họ tên ông Nguyễn Văn A") && shown.contains(DECISION), "{shown}");
    let trail = stage.says(&["case", "show", id, "--trail"]).unwrap();
    assert!(trail.contains("opened again") && trail.contains("supervisor/"), "{trail}");
    let explained = stage.says(&["deadline", "explain", id]).unwrap();
    assert!(explained.contains(&format!("by {DECISION}; all of the time counts anew")), "{explained}");
    let letter = wait::until("the letter", async || {
        let told = stage.phidia.cli_json(&["message", "list", id]);
        let mut all = told["messages"].as_array()?.iter();
        Some(all.find(|message| message["template"] == "case_reopened")?["body"].as_str()?.to_owned())
    })
    .await;
    assert!(letter.contains(DECISION) && letter.contains("được thu hồi"), "{letter}");
    assert!(!letter.contains("Nguyễn Văn A"), "{letter}");
    assert_eq!(place().await, [Place::InCase]);
    published("open").await;

    // Both steps come again, in a round of their own; the new result stands beside the one that was withdrawn.
    let again = alpha.finds(&receipt, 1).await;
    assert_eq!(again.work_item.as_ref().unwrap().attempt, 1001);
    alpha.works(&receipt, 1).await;
    let done = alpha.works(&receipt, 2).await;
    assert_eq!((done.state(), done.on_time), (CaseState::Granted, Some(true)));
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;
    issue("second.pdf", b"%PDF-1.7 the second");
    let copy = stage.folder.path().join("copy.pdf");
    let get = ["case", "result", "get", id, "--withdrawn", "1", "--to", copy.to_str().unwrap()];
    stage.says(&[&get[..], &OFFICER[..]].concat()).unwrap();
    assert_eq!(fs::read(&copy).unwrap(), b"%PDF-1.7 the first");
    wait::until("the second result", async || {
        let hash = phidia_runtime::digest::sha256(b"%PDF-1.7 the second");
        (citizen.track(&receipt).await.result?.sha256 == hash).then_some(())
    })
    .await;
    let slip = stage.folder.path().join("slip.pdf");
    stage.says(&["case", "control-slip", id, "--out", slip.to_str().unwrap()]).unwrap();
    let slip = pdf::text(&fs::read(&slip).unwrap());
    assert!(slip.contains("mở lại hồ sơ"), "{slip}");
    assert_eq!(place().await, [Place::Finished]);
    published("finished").await;
}
