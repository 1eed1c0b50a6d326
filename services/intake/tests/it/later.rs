//! What is handed in after the application itself, and what follows when it is not.

use jiff::Timestamp;
use phidia_domain::id::{EventId, Id as _, UnitId};
use phidia_proto::{
    convert::{required, timestamp, wire_timestamp},
    events::v1::{
        CasePaused, CaseResumed, CaseStopped, Event, PaymentDue, PaymentWay, Referrals, StopGround,
        SupplementRequested, Verdict, case_paused::WaitsFor, event::Fact,
    },
    intake::v1::{
        Receipt, RecordPaymentRequest, SupplementApplicationRequest, TrackApplicationRequest,
        TrackApplicationResponse, WithdrawApplicationRequest,
    },
    types::v1::{ApplicationStatus as Status, Text},
};
use phidia_runtime::status::from_status;

use crate::harness::{Intake, MORNING, at, officer, request, system, until};

/// Until when the supplement may be handed in.
const UNTIL: &str = "2026-12-14T10:30:00Z";

async fn tell(intake: &Intake, receipt: &Receipt, number: u128, fact: Fact) {
    let event = Event {
        id: EventId::from_uuid(uuid::Uuid::from_u128(number)).to_string(),
        province: "37".into(),
        application_id: receipt.application_id.clone(),
        source: "processing".into(),
        occurred_at: Some(wire_timestamp(at(MORNING))),
        fact: Some(fact),
        ..Default::default()
    };
    let [answer] = intake.tell(vec![event]).await.try_into().unwrap();
    assert_eq!((answer.verdict(), answer.reason.as_str()), (Verdict::Applied, ""));
}

fn asked() -> Fact {
    Fact::SupplementRequested(SupplementRequested {
        unit_id: UnitId::of("37", "1").to_string(),
        unit_name: Some(Text { vi: "Trung tâm A".into(), en: "Centre A".into() }),
        until: Some(wire_timestamp(at(UNTIL))),
        ..Default::default()
    })
}

fn resumed(due_at: &str) -> Fact {
    Fact::CaseResumed(CaseResumed {
        due_at: Some(wire_timestamp(at(due_at))),
        unit_id: UnitId::of("37", "1").to_string(),
        ..Default::default()
    })
}

pub(crate) fn stopped(ground: StopGround) -> Fact {
    let stopped_at = Some(wire_timestamp(at("2026-11-23T09:00:00Z")));
    Fact::CaseStopped(CaseStopped { ground: ground.into(), stopped_at, on_time: true, ..Default::default() })
}

async fn supplement(intake: &Intake, receipt: &Receipt) -> Result<Timestamp, String> {
    let Receipt { dossier_code, check_code, .. } = receipt.clone();
    let request = SupplementApplicationRequest { dossier_code, check_code, attachment_ids: Vec::new() };
    let answer = intake.applications(officer("2")).supplement_application(request).await;
    answer
        .map(|answer| {
            timestamp(required(answer.into_inner().received_at, "received_at").unwrap(), "received_at")
                .unwrap()
        })
        .map_err(|status| from_status(&status).reason)
}

async fn withdraw(intake: &Intake, receipt: &Receipt) -> Result<Timestamp, String> {
    let Receipt { dossier_code, check_code, .. } = receipt.clone();
    let request = WithdrawApplicationRequest { dossier_code, check_code };
    let answer = intake.applications(system()).withdraw_application(request).await;
    answer
        .map(|answer| {
            timestamp(required(answer.into_inner().received_at, "received_at").unwrap(), "received_at")
                .unwrap()
        })
        .map_err(|status| from_status(&status).reason)
}

async fn track(intake: &Intake, receipt: &Receipt) -> TrackApplicationResponse {
    let Receipt { dossier_code, check_code, .. } = receipt.clone();
    let request = TrackApplicationRequest { dossier_code, check_code };
    intake.applications(system()).track_application(request).await.unwrap().into_inner()
}

/// What was told of supplements and of ends, once so many facts were.
async fn told(intake: &Intake, facts: usize) -> Vec<Fact> {
    until("everything is told", async || intake.notification.heard().len() >= facts).await;
    let heard = intake.notification.heard().into_iter().filter_map(|event| event.fact);
    heard.filter(|fact| !matches!(fact, Fact::ApplicationSubmitted(_))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplement_is_handed_in_at_any_counter_and_the_new_date_is_seen() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    assert_eq!(supplement(&intake, &receipt).await, Err("NO_SUPPLEMENT_ASKED".into()));
    tell(&intake, &receipt, 1, asked()).await;
    let tracked = track(&intake, &receipt).await;
    assert_eq!((tracked.status(), tracked.due_at), (Status::AwaitingSupplement, receipt.due_at));
    assert_eq!(tracked.supplement_until, Some(wire_timestamp(at(UNTIL))));
    let unit = tracked.entries.last().unwrap().unit_name.clone().unwrap();
    assert_eq!(unit.vi, "Trung tâm A");

    let wrong = Receipt { check_code: "000000".into(), ..receipt.clone() };
    assert_eq!(supplement(&intake, &wrong).await, Err("UNKNOWN_RECEIPT".into()));
    let nothing = Receipt { check_code: String::new(), ..receipt.clone() };
    assert_eq!(supplement(&intake, &nothing).await, Err("MISSING_FIELD".into()));

    for _ in 0..9 {
        assert_eq!(supplement(&intake, &wrong).await, Err("UNKNOWN_RECEIPT".into()));
    }
    assert_eq!(supplement(&intake, &receipt).await, Err("TOO_MANY_WRONG_CODES".into()));
    // Another process does not remember them.
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
    let mut intake = intake.restarted().await;
    let workers = intake.start();

    intake.clock.set(at(UNTIL));
    let received_at = at(UNTIL);
    assert_eq!(supplement(&intake, &receipt).await, Ok(received_at));
    // Asked again after a lost answer, much later.
    intake.clock.set(at("2026-12-20T03:00:00Z"));
    assert_eq!(supplement(&intake, &receipt).await, Ok(received_at));
    let [Fact::SupplementReceived(fact)] = &told(&intake, 2).await[..] else { panic!("told otherwise") };
    assert_eq!(fact.received_at, Some(wire_timestamp(received_at)));
    assert_eq!(track(&intake, &receipt).await.supplement_until, None);

    let later = "2026-12-22T03:00:00Z";
    tell(&intake, &receipt, 2, resumed(later)).await;
    let tracked = track(&intake, &receipt).await;
    assert_eq!((tracked.status(), tracked.due_at), (Status::InProcess, Some(wire_timestamp(at(later)))));
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

/// It is looked for every half a minute, and when a process begins.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_supplements_in_time_lapses_and_takes_nothing_any_more() {
    let intake = Intake::new().await;
    let (late, in_time) = (request("late"), request("in-time"));
    let (late, in_time) = (intake.submit(late).await.unwrap(), intake.submit(in_time).await.unwrap());
    for (number, receipt) in [(1, &late), (2, &in_time)] {
        tell(&intake, receipt, number, asked()).await;
    }
    supplement(&intake, &in_time).await.unwrap();
    let mut intake = intake.restarted().await;
    intake.clock.set(at("2026-12-14T10:30:01Z"));
    assert_eq!(supplement(&intake, &late).await, Err("SUPPLEMENT_TOO_LATE".into()));
    let workers = intake.start();
    let facts = told(&intake, 4).await;
    let stops: Vec<_> = facts
        .iter()
        .filter_map(|fact| if let Fact::StopRequested(stop) = fact { Some(stop) } else { None })
        .collect();
    assert_eq!((facts.len(), stops.len()), (2, 1));
    assert_eq!(stops[0].ground(), StopGround::Lapsed);
    assert_eq!(withdraw(&intake, &late).await, Err("APPLICATION_ENDED".into()));
    tell(&intake, &late, 3, stopped(StopGround::Lapsed)).await;
    assert_eq!(track(&intake, &late).await.status(), Status::Lapsed);
    assert_eq!(supplement(&intake, &late).await, Err("SUPPLEMENT_TOO_LATE".into()));
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_withdrawn_once_and_not_after_a_decision() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    let received_at = withdraw(&intake, &receipt).await.unwrap();
    intake.clock.set(at("2026-11-23T09:00:00Z"));
    assert_eq!(withdraw(&intake, &receipt).await, Ok(received_at));
    let [Fact::StopRequested(fact)] = &told(&intake, 2).await[..] else { panic!("told otherwise") };
    assert_eq!(fact.ground(), StopGround::Withdrawn);
    tell(&intake, &receipt, 1, stopped(StopGround::Withdrawn)).await;
    let tracked = track(&intake, &receipt).await;
    assert_eq!((tracked.status(), tracked.entries.len()), (Status::Withdrawn, 2));
    assert_eq!(withdraw(&intake, &receipt).await, Ok(received_at));

    let decided = intake.submit(request("another")).await.unwrap();
    tell(&intake, &decided, 2, stopped(StopGround::Lapsed)).await;
    assert_eq!(withdraw(&intake, &decided).await, Err("APPLICATION_ENDED".into()));
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

fn to_pay(amount_dong: i64) -> Fact {
    Fact::CasePaused(CasePaused {
        unit_id: UnitId::of("37", "1").to_string(),
        unit_name: Some(Text { vi: "Trung tâm A".into(), en: "Centre A".into() }),
        waits_for: Some(WaitsFor::Payment(PaymentDue { amount_dong, purpose: "Lệ phí".into() })),
        ..Default::default()
    })
}

async fn pay(
    intake: &Intake,
    receipt: &Receipt,
    amount_dong: i64,
    reference: &str,
) -> Result<Timestamp, String> {
    let request = RecordPaymentRequest {
        dossier_code: receipt.dossier_code.clone(),
        amount_dong,
        reference: reference.into(),
        way: PaymentWay::Transfer.into(),
    };
    // At another counter than the one that received it.
    let answer = intake.applications(officer("2")).record_payment(request).await;
    answer
        .map(|answer| {
            timestamp(required(answer.into_inner().paid_at, "paid_at").unwrap(), "paid_at").unwrap()
        })
        .map_err(|status| from_status(&status).reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_paid_is_seen_and_paid_once_at_any_counter() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    assert_eq!(pay(&intake, &receipt, 8_000, "BL-1").await, Err("NO_PAYMENT_ASKED".into()));
    tell(&intake, &receipt, 1, to_pay(8_000)).await;
    let tracked = track(&intake, &receipt).await;
    assert_eq!((tracked.status(), tracked.payment_due_dong), (Status::AwaitingPayment, 8_000));
    assert_eq!(pay(&intake, &receipt, 7_000, "BL-1").await, Err("OTHER_AMOUNT".into()));
    assert_eq!(pay(&intake, &receipt, 8_000, "").await, Err("MISSING_FIELD".into()));
    let unknown = Receipt { dossier_code: "H42.9-261123-0001".into(), ..receipt.clone() };
    assert_eq!(pay(&intake, &unknown, 8_000, "BL-1").await, Err("UNKNOWN_APPLICATION".into()));

    let paid_at = pay(&intake, &receipt, 8_000, "BL-1").await.unwrap();
    // Asked again after a lost answer; and another payment for the same is none.
    assert_eq!(pay(&intake, &receipt, 8_000, "BL-1").await, Ok(paid_at));
    assert_eq!(pay(&intake, &receipt, 8_000, "BL-2").await, Err("NO_PAYMENT_ASKED".into()));
    let [Fact::PaymentReceived(fact)] = &told(&intake, 2).await[..] else { panic!("told otherwise") };
    assert_eq!((fact.paid_at, fact.amount_dong), (Some(wire_timestamp(paid_at)), 8_000));
    assert_eq!(fact.way(), PaymentWay::Transfer);
    for (way, reason) in [(0, "MISSING_FIELD"), (9, "UNKNOWN_VALUE")] {
        let (dossier_code, reference) = (receipt.dossier_code.clone(), "BL-4".to_owned());
        let request = RecordPaymentRequest { dossier_code, amount_dong: 8_000, reference, way };
        let refused = intake.applications(officer("2")).record_payment(request).await.unwrap_err();
        let refusal = from_status(&refused);
        assert_eq!((refusal.reason.as_str(), refusal.violations[0].field.as_str()), (reason, "way"));
    }
    assert_eq!(track(&intake, &receipt).await.payment_due_dong, 0);

    tell(&intake, &receipt, 2, resumed("2026-12-22T03:00:00Z")).await;
    assert_eq!(track(&intake, &receipt).await.status(), Status::InProcess);
    // A tax after the fee: the number of the first receipt pays nothing of it.
    tell(&intake, &receipt, 3, to_pay(120_000)).await;
    assert_eq!(pay(&intake, &receipt, 120_000, "BL-1").await, Ok(paid_at));
    assert_eq!(track(&intake, &receipt).await.payment_due_dong, 120_000);
    pay(&intake, &receipt, 120_000, "BL-3").await.unwrap();
    assert_eq!(told(&intake, 3).await.len(), 2);
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_to_pay_may_withdraw_instead_and_other_offices_are_seen() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let receipt = intake.submit(request("k")).await.unwrap();
    let referrals = WaitsFor::Referrals(Referrals::default());
    let unit_id = UnitId::of("37", "1").to_string();
    let referred = CasePaused { unit_id, waits_for: Some(referrals), ..Default::default() };
    tell(&intake, &receipt, 1, Fact::CasePaused(referred)).await;
    assert_eq!(track(&intake, &receipt).await.status(), Status::Referred);
    tell(&intake, &receipt, 2, resumed("2026-12-22T03:00:00Z")).await;
    tell(&intake, &receipt, 3, to_pay(8_000)).await;
    withdraw(&intake, &receipt).await.unwrap();
    // What is being withdrawn takes no money.
    assert_eq!(track(&intake, &receipt).await.payment_due_dong, 0);
    assert_eq!(pay(&intake, &receipt, 8_000, "BL-1").await, Err("APPLICATION_ENDED".into()));
    tell(&intake, &receipt, 4, stopped(StopGround::Withdrawn)).await;
    assert_eq!(track(&intake, &receipt).await.status(), Status::Withdrawn);
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}
