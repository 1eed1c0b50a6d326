//! Dates move without the application coming any further.

use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{
        AppointmentPostponed, CaseCompleted, CaseResumed, DeadlineReplanned, StepOutcome, event::Fact,
    },
    types::v1::ApplicationStatus as Status,
};

use crate::{
    harness::{Intake, at, request},
    progress::{event, tell, track},
};

#[tokio::test]
async fn whoever_tracks_it_sees_the_new_appointment_beside_the_promise_and_reads_an_apology() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let before = track(&intake, &receipt).await;
    assert_eq!((before.appointment_at, &before.apology), (None, &None));

    let instant = |text| Some(wire_timestamp(at(text)));
    let postponed = |to| AppointmentPostponed {
        due_at: instant("2026-12-02T01:00:00Z"),
        appointment_at: instant(to),
        ..AppointmentPostponed::default()
    };
    tell(&intake, &[event(1, id, Fact::AppointmentPostponed(postponed("2026-12-07T03:00:00Z")))]).await;
    let intake = intake.restarted().await;
    let told = track(&intake, &receipt).await;
    assert_eq!(told.appointment_at, instant("2026-12-07T03:00:00Z"));
    assert!(told.apology.unwrap().vi.contains("xin lỗi"));
    assert_eq!((told.status, told.due_at, told.entries), (before.status, before.due_at, before.entries));

    // The clock stood still: both dates are others.
    let resumed = CaseResumed {
        unit_id: crate::progress::unit("1"),
        due_at: instant("2026-12-04T03:00:00Z"),
        appointment_at: instant("2026-12-09T03:00:00Z"),
        ..CaseResumed::default()
    };
    tell(&intake, &[event(2, id, Fact::CaseResumed(resumed))]).await;
    let told = track(&intake, &receipt).await;
    assert_eq!(told.due_at, instant("2026-12-04T03:00:00Z"));
    assert_eq!(told.appointment_at, instant("2026-12-09T03:00:00Z"));

    let completed = CaseCompleted {
        outcome: StepOutcome::Approved.into(),
        completed_at: instant("2026-12-08T03:00:00Z"),
        ..CaseCompleted::default()
    };
    tell(&intake, &[event(3, id, Fact::CaseCompleted(completed))]).await;
    let told = track(&intake, &receipt).await;
    assert_eq!((told.status(), told.appointment_at, told.apology), (Status::Granted, None, None));
}

#[tokio::test]
async fn dates_of_an_unknown_application_wait() {
    let intake = Intake::new().await;
    let unknown = format!("app_{}", "7".repeat(32));
    let fact = AppointmentPostponed {
        appointment_at: Some(wire_timestamp(at("2026-12-07T03:00:00Z"))),
        ..AppointmentPostponed::default()
    };
    let answers = intake.tell(vec![event(1, &unknown, Fact::AppointmentPostponed(fact))]).await;
    assert_eq!(answers[0].reason, "UNKNOWN_APPLICATION");
}

#[tokio::test]
async fn another_date_by_a_decision_on_days_off_is_seen_and_the_receipt_stays() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let before = track(&intake, &receipt).await;
    let replanned = DeadlineReplanned {
        previous_due_at: before.due_at,
        due_at: Some(wire_timestamp(at("2026-12-09T03:00:00Z"))),
        decision: "Quyết định số 1/QĐ-TTg".into(),
        ..DeadlineReplanned::default()
    };
    tell(&intake, &[event(1, id, Fact::DeadlineReplanned(replanned))]).await;
    let told = track(&intake, &receipt).await;
    assert_eq!(told.due_at, Some(wire_timestamp(at("2026-12-09T03:00:00Z"))));
    assert_eq!((told.appointment_at, told.entries), (None, before.entries));
    assert_eq!(intake.submit(request("k")).await.unwrap(), receipt, "what was printed stays");
}
