//! The result will be late, and the citizen is told so; a day off is announced, and they are told that; at last it is issued, signed
//! and handed over where they chose.

use std::{fs, time::Duration};

use harness::{
    client::{Client, application},
    province::{ALPHA, BETA, SIGNED_AT_HOME},
    wait,
};
use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};
use phidia_domain::conservation::Place;
use phidia_proto::{intake::v1::SubmitApplicationRequest, types::v1::ApplicationStatus};

use crate::stage::Stage;

const OFFICER: [&str; 4] = ["--my-unit", ALPHA, "--officer", "A-1"];
const COUNTER: [&str; 4] = ["--my-unit", BETA, "--officer", "B-1"];

fn instant(at: Option<&prost_types::Timestamp>) -> Timestamp {
    let at = at.unwrap();
    Timestamp::new(at.seconds, at.nanos).unwrap()
}

async fn letter(stage: &Stage, application: &str, template: &str) -> String {
    wait::until(template, async || {
        let messages = stage.phidia.cli_json(&["message", "list", application]);
        let mut all = messages["messages"].as_array()?.iter();
        Some(all.find(|message| message["template"] == template)?["body"].as_str()?.to_owned())
    })
    .await
}

#[tokio::test]
async fn whoever_waits_is_told_each_date_anew_and_has_the_result_where_they_chose() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let operator = Client::operator(stage.endpoint());
    let wanted = SubmitApplicationRequest {
        return_at_code: BETA.to_owned(),
        ..application("told-anew", SIGNED_AT_HOME)
    };
    let receipt = citizen.submit(wanted).await.unwrap();
    let id = receipt.application_id.as_str();
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let held = alpha.claim(&alpha.finds(&receipt, 1).await).await.unwrap();
    let due_at = instant(receipt.due_at.as_ref());

    // An apology, once.
    let postpone = |to: Timestamp| {
        let to = to.to_string();
        stage.says(&[&["case", "postpone", id, "--to", &to, "--because", "Nghỉ ốm"], &OFFICER[..]].concat())
    };
    let agreed = due_at + SignedDuration::from_hours(2);
    assert!(postpone(due_at).unwrap_err().contains("after the due date"));
    let said = postpone(agreed).unwrap();
    assert!(said.contains("New appointment"), "{said}");
    assert!(postpone(due_at + SignedDuration::from_hours(3)).unwrap_err().contains("once in the life"));
    assert!(letter(&stage, id, "appointment_postponed").await.contains("Nghỉ ốm"));
    let track = || stage.says(&["application", "track", &receipt.dossier_code, &receipt.check_code]).unwrap();
    assert!(track().contains("We apologise"), "{}", track());
    let explained = stage.says(&["deadline", "explain", id]).unwrap();
    assert!(explained.contains("The statutory due date stays."), "{explained}");

    // A day off before it is due: seen first, then promised.
    let hanoi = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let tomorrow = hanoi.to_datetime(due_at).date() - 1.day();
    let calendar = stage.folder.path().join("legal_calendar.csv");
    let row = format!("date,kind,name_vi,name_en,basis\n{tomorrow},holiday,Nghỉ đột xuất,Extra day,test\n");
    fs::write(&calendar, row).unwrap();
    stage.says(&["province", "amend", calendar.to_str().unwrap(), "--allow-uncovered"]).unwrap();
    let tried = stage.says(&["deadline", "replan"]).unwrap();
    assert!(tried.contains("1 later, 0 earlier"), "{tried}");
    assert_eq!(instant(citizen.track(&receipt).await.due_at.as_ref()), due_at);
    let applied = stage.says(&["deadline", "replan", "--apply", "--decision", "Quyết định số 1"]).unwrap();
    assert!(applied.contains("Promised from now on"), "{applied}");
    let again = stage.says(&["deadline", "replan"]).unwrap();
    assert!(again.contains("0 later, 0 earlier, 0 kept though they would be earlier, 1 the same"), "{again}");
    assert!(letter(&stage, id, "deadline_replanned").await.contains("Quyết định số 1"));
    let day = Duration::from_secs(24 * 60 * 60);
    let tracked = citizen.track(&receipt).await;
    assert_eq!(instant(tracked.due_at.as_ref()), due_at + day);
    assert_eq!(instant(tracked.appointment_at.as_ref()), agreed + day);
    let explained = stage.says(&["deadline", "explain", id]).unwrap();
    assert!(explained.contains("Re-planned by the days off of version 2."), "{explained}");

    // Decided, issued, signed; collected at Beta, and nowhere else.
    alpha.complete(&held).await.unwrap();
    alpha.works(&receipt, 2).await;
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;
    let file = stage.folder.path().join("ket-qua.pdf");
    fs::write(&file, b"%PDF-1.7 ket qua").unwrap();
    let file = file.to_str().unwrap();
    let result = |verb: &[&str], by: &[&str]| stage.says(&[&["case", "result"], verb, by].concat());
    let issued = result(&["issue", id, file], &OFFICER).unwrap();
    let hash = phidia_runtime::digest::sha256(b"%PDF-1.7 ket qua");
    assert!(issued.contains(&hash), "{issued}");
    let signature =
        ["--sha256", &hash, "--format", "cades", "--signer", "UBND xã", "--signed-at", "2026-01-05T08:00"];
    let signed = result(&[&["sign", id, file], &signature[..]].concat(), &OFFICER).unwrap();
    assert!(signed.contains("Phidia has not verified it"), "{signed}");
    let listed = result(&["list"], &COUNTER).unwrap();
    assert!(listed.contains(&receipt.dossier_code), "{listed}");
    let copy = stage.folder.path().join("copy.pdf");
    result(&["get", id, "--to", copy.to_str().unwrap()], &COUNTER).unwrap();
    assert_eq!(fs::read(&copy).unwrap(), b"%PDF-1.7 ket qua");
    let elsewhere = result(&["hand-over", id, "--to", "Đinh Thị Thử"], &OFFICER).unwrap_err();
    assert!(elsewhere.contains(BETA), "{elsewhere}");
    result(&["hand-over", id, "--to", "Đinh Thị Thử", "--how", "authorised"], &COUNTER).unwrap();
    assert!(!result(&["list"], &COUNTER).unwrap().contains(&receipt.dossier_code));
    assert!(letter(&stage, id, "result_handed_over").await.contains("người được ủy quyền"));
    let told = wait::until("the hand-over", async || {
        let tracked = citizen.track(&receipt).await;
        (tracked.national_code == 10).then_some(tracked)
    })
    .await;
    assert_eq!(told.status(), ApplicationStatus::Granted);
    assert!(track().contains("The result was handed over"), "{}", track());
    let balance = operator.balance().await;
    assert!(balance.holds(), "{balance:?}");
    assert_eq!(balance.places.get(&Place::Finished), Some(&1));
}
