//! What became of a result, as whoever has the receipt sees it.

use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{CaseCompleted, HandOverWay, ResultHandedOver, ResultIssued, StepOutcome, event::Fact},
    intake::v1::TrackedResult,
    types::v1::{ApplicationStatus as Status, Text},
};

use crate::{
    harness::{Intake, at, request},
    progress::{event, opened, tell, track},
};

fn completed(outcome: StepOutcome) -> Fact {
    let completed_at = Some(wire_timestamp(at("2026-11-23T09:00:00Z")));
    Fact::CaseCompleted(CaseCompleted { outcome: outcome.into(), completed_at, ..CaseCompleted::default() })
}

fn handed_over() -> Fact {
    Fact::ResultHandedOver(ResultHandedOver {
        way: HandOverWay::Post.into(),
        handed_over_at: Some(wire_timestamp(at("2026-11-25T02:00:00Z"))),
        unit_name: Some(Text { vi: "Trung tâm 1".into(), en: "Centre 1".into() }),
        ..ResultHandedOver::default()
    })
}

#[tokio::test]
async fn whoever_tracks_it_sees_the_result_issued_and_handed_over_with_the_national_codes() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let code = async || track(&intake, &receipt).await.national_code;
    assert_eq!(code().await, 2);
    tell(&intake, &[event(1, id, opened("1"))]).await;
    assert_eq!(code().await, 4);
    tell(&intake, &[event(2, id, completed(StepOutcome::Approved))]).await;
    let decided = track(&intake, &receipt).await;
    assert_eq!((decided.national_code, decided.result), (9, None));

    let issued = ResultIssued {
        sha256: "ba78".into(),
        size_bytes: 7,
        media_type: "application/pdf".into(),
        issued_at: Some(wire_timestamp(at("2026-11-23T10:00:00Z"))),
        ..ResultIssued::default()
    };
    tell(&intake, &[event(3, id, Fact::ResultIssued(issued))]).await;
    let file = TrackedResult {
        issued_at: Some(wire_timestamp(at("2026-11-23T10:00:00Z"))),
        sha256: "ba78".into(),
        size_bytes: 7,
        media_type: "application/pdf".into(),
        ..TrackedResult::default()
    };
    let issued = track(&intake, &receipt).await;
    assert_eq!((issued.national_code, issued.result), (9, Some(file.clone())));
    tell(&intake, &[event(4, id, handed_over()), event(4, id, handed_over())]).await;
    let told = track(&intake, &receipt).await;
    let handed = TrackedResult {
        handed_over_at: Some(wire_timestamp(at("2026-11-25T02:00:00Z"))),
        way: HandOverWay::Post.into(),
        handed_over_at_name: Some(Text { vi: "Trung tâm 1".into(), en: "Centre 1".into() }),
        ..file
    };
    assert_eq!((told.national_code, told.status(), told.result), (10, Status::Granted, Some(handed)));
    assert_eq!(told.entries, decided.entries, "nothing goes on behind the end");
}

#[tokio::test]
async fn a_refusal_is_handed_over_without_a_file() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    tell(&intake, &[event(1, id, completed(StepOutcome::Refused)), event(2, id, handed_over())]).await;
    let told = track(&intake, &receipt).await;
    assert_eq!((told.national_code, told.status()), (10, Status::Refused));
    let result = told.result.unwrap();
    assert!(result.issued_at.is_none() && result.handed_over_at.is_some());
}

#[tokio::test]
async fn a_result_of_an_unknown_application_waits() {
    let intake = Intake::new().await;
    let unknown = format!("app_{}", "7".repeat(32));
    let answers = intake.tell(vec![event(1, &unknown, handed_over())]).await;
    assert_eq!(answers[0].reason, "UNKNOWN_APPLICATION");
}
