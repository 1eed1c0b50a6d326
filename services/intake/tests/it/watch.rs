//! An application is watched by whoever has its receipt.

use phidia_domain::caller::{Caller, Role};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{CaseCompleted, StepOutcome, event::Fact},
    intake::v1::{Receipt, WatchApplicationRequest, WatchApplicationResponse, WithdrawApplicationRequest},
    types::v1::ApplicationStatus as Status,
};
use phidia_runtime::status::from_status;
use tonic::Streaming;

use crate::{
    harness::{Intake, at, caller, request},
    progress::{event, opened, tell},
};

fn citizen() -> Caller {
    caller(Role::Citizen, None)
}

async fn watch(
    intake: &Intake,
    receipt: &Receipt,
    resume_token: &str,
) -> Result<Streaming<WatchApplicationResponse>, String> {
    let request = WatchApplicationRequest {
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
        resume_token: resume_token.into(),
    };
    let answer = intake.applications(citizen()).watch_application(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status).reason)
}

async fn next(told: &mut Streaming<WatchApplicationResponse>) -> Option<(String, Status)> {
    let soon = std::time::Duration::from_secs(10);
    let message = tokio::time::timeout(soon, told.message()).await.expect("told in time").unwrap()?;
    let status = message.state.expect("something has changed").status();
    Some((message.resume_token, status))
}

fn completed() -> Fact {
    Fact::CaseCompleted(CaseCompleted {
        outcome: StepOutcome::Approved.into(),
        completed_at: Some(wire_timestamp(at("2026-11-23T09:00:00Z"))),
        on_time: true,
        ..CaseCompleted::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_is_told_each_change_once_until_it_has_ended() {
    let mut intake = Intake::new().await;
    let _workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    let other = intake.submit(request("other")).await.unwrap();
    let wrong = Receipt { check_code: "000000".into(), ..receipt.clone() };
    assert_eq!(watch(&intake, &wrong, "").await.err(), Some("UNKNOWN_RECEIPT".into()));

    let id = receipt.application_id.as_str();
    let mut told = watch(&intake, &receipt, "").await.unwrap();
    let (first, status) = next(&mut told).await.unwrap();
    assert_eq!(status, Status::Accepted);
    // What happens to another one is not theirs.
    tell(&intake, &[event(1, &other.application_id, opened("2"))]).await;
    tell(&intake, &[event(2, id, opened("2"))]).await;
    let (second, status) = next(&mut told).await.unwrap();
    assert_eq!(status, Status::InProcess);
    assert_ne!(first, second);

    // Cut off, and gone on: what they know is not told again, and what they missed is.
    drop(told);
    let mut up_to_date = watch(&intake, &receipt, &second).await.unwrap();
    let mut behind = watch(&intake, &receipt, &first).await.unwrap();
    assert_eq!(next(&mut behind).await.unwrap(), (second.clone(), Status::InProcess));
    tell(&intake, &[event(3, id, completed())]).await;
    for told in [&mut up_to_date, &mut behind] {
        let (token, status) = next(told).await.unwrap();
        assert_eq!(status, Status::Granted);
        assert_ne!(token, second);
        assert_eq!(next(told).await, None, "it has ended");
    }
}

/// That they have withdrawn it is known before processing has stopped it: then the appointment to supplement it is gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_holder_does_elsewhere_is_seen_too_and_who_watches_is_sent_away_when_the_process_ends() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    let mut told = watch(&intake, &receipt, "").await.unwrap();
    next(&mut told).await.unwrap();
    let withdraw = WithdrawApplicationRequest {
        dossier_code: receipt.dossier_code.clone(),
        check_code: receipt.check_code.clone(),
    };
    intake.applications(citizen()).withdraw_application(withdraw).await.unwrap();
    workers.stop(std::time::Duration::from_secs(5)).await;
    let away = loop {
        match told.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it has not ended"),
            Err(status) => break from_status(&status).reason,
        }
    };
    assert_eq!(away, "GOING_AWAY");
}
