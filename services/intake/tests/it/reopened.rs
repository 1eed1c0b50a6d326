//! An application that was decided is opened again, as whoever has the receipt sees it.

use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{
        CaseCompleted, CaseReopened, Event, HandOverWay, ResultHandedOver, ResultIssued, StepOutcome,
        WorkAssigned, WorkUnassignable, event::Fact,
    },
    intake::v1::WithdrawApplicationRequest,
    types::v1::{ApplicationStatus as Status, Text, WorkItem},
};

use crate::{
    harness::{Intake, at, request, system},
    progress::{event, first, opened, tell, track, unit},
};

const DECISION: &str = "Quyết định số 12/QĐ-UBND";
const REOPENED: &str = "2026-12-07T02:00:00Z";
const PROMISED: &str = "2026-12-16T02:00:00Z";

fn name(code: &str) -> Option<Text> {
    Some(Text { vi: format!("Trung tâm {code}"), en: format!("Centre {code}") })
}

pub(crate) fn completed(outcome: StepOutcome, when: &str) -> Fact {
    let completed_at = Some(wire_timestamp(at(when)));
    Fact::CaseCompleted(CaseCompleted {
        outcome: outcome.into(),
        completed_at,
        on_time: true,
        ..CaseCompleted::default()
    })
}

/// The first attempt at the first step once it is done again.
const AGAIN: u32 = 1001;

fn item(id: &str, attempt: u32) -> Option<WorkItem> {
    Some(WorkItem { attempt, ..first(id)? })
}

/// `code`: of the unit where it goes on; empty: routing finds one.
pub(crate) fn reopened(id: &str, code: &str) -> Fact {
    let at_unit = !code.is_empty();
    Fact::CaseReopened(CaseReopened {
        decision: DECISION.into(),
        reopened_at: Some(wire_timestamp(at(REOPENED))),
        unit_id: if at_unit { unit(code) } else { String::new() },
        unit_name: name(code).filter(|_| at_unit),
        due_at: Some(wire_timestamp(at(PROMISED))),
        result_withdrawn: true,
        work_item: item(id, AGAIN),
        reached_before: first(id).into_iter().collect(),
        ..CaseReopened::default()
    })
}

fn later(event: Event, when: &str) -> Event {
    Event { occurred_at: Some(wire_timestamp(at(when))), ..event }
}

fn assigned(number: u128, id: &str, attempt: u32, code: &str, when: &str) -> Event {
    let work_item = item(id, attempt);
    let fact =
        WorkAssigned { work_item, unit_id: unit(code), unit_name: name(code), ..WorkAssigned::default() };
    later(event(number, id, Fact::WorkAssigned(fact)), when)
}

#[tokio::test]
async fn it_is_in_processing_again_by_a_new_date_and_its_result_is_withdrawn() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let issued = ResultIssued {
        sha256: "ba78".into(),
        media_type: "application/pdf".into(),
        issued_at: Some(wire_timestamp(at("2026-11-23T10:00:00Z"))),
        ..ResultIssued::default()
    };
    let handed_over = ResultHandedOver {
        way: HandOverWay::Post.into(),
        handed_over_at: Some(wire_timestamp(at("2026-11-25T02:00:00Z"))),
        ..ResultHandedOver::default()
    };
    tell(
        &intake,
        &[
            event(1, id, opened("1")),
            event(2, id, completed(StepOutcome::Approved, "2026-11-23T09:00:00Z")),
            event(3, id, Fact::ResultIssued(issued)),
            event(4, id, Fact::ResultHandedOver(handed_over)),
        ],
    )
    .await;
    assert_eq!(track(&intake, &receipt).await.national_code, 10);

    for _ in 0..2 {
        tell(&intake, &[later(event(5, id, reopened(id, "1")), REOPENED)]).await;
    }
    let intake = intake.restarted().await;
    let told = track(&intake, &receipt).await;
    assert_eq!((told.status(), told.national_code), (Status::InProcess, 4));
    assert_eq!(told.due_at, Some(wire_timestamp(at(PROMISED))));
    assert_eq!(told.result, None);
    let [withdrawn] = &told.withdrawn_results[..] else { panic!("{told:?}") };
    assert_eq!((withdrawn.sha256.as_str(), withdrawn.way()), ("ba78", HandOverWay::Post));
    assert_eq!(withdrawn.withdrawn_at, Some(wire_timestamp(at(REOPENED))));
    let last = told.entries.last().unwrap();
    assert_eq!((last.reopened_by.as_str(), last.unit_name.clone()), (DECISION, name("1")));
    assert_eq!(told.entries[told.entries.len() - 2].status(), Status::Granted, "what was decided stays told");

    // It ends anew, and what is told after that is nothing again.
    let ends = "2026-12-09T02:00:00Z";
    tell(
        &intake,
        &[
            later(event(6, id, completed(StepOutcome::Refused, ends)), ends),
            assigned(7, id, AGAIN, "2", "2026-12-09T03:00:00Z"),
        ],
    )
    .await;
    let told = track(&intake, &receipt).await;
    assert_eq!((told.status(), told.national_code), (Status::Refused, 9));
    assert_eq!(told.entries.last().unwrap().status(), Status::Refused);
    assert_eq!(told.entries.len(), 5);
}

#[tokio::test]
async fn where_routing_is_quicker_than_the_news_its_unit_is_known_all_the_same() {
    let intake = Intake::new().await;
    for (key, early) in [("unit", true), ("none", false)] {
        let receipt = intake.submit(request(key)).await.unwrap();
        let id = receipt.application_id.as_str();
        let number = |number: u128| number + if early { 0 } else { 100 };
        let way = [
            event(number(1), id, opened("1")),
            event(number(2), id, completed(StepOutcome::Approved, "2026-11-23T09:00:00Z")),
            // News of the first life that came late: it came to nothing.
            assigned(number(3), id, 1, "3", "2026-11-23T09:30:00Z"),
        ];
        tell(&intake, &way).await;
        if early {
            tell(&intake, &[assigned(number(4), id, AGAIN, "2", "2026-12-07T02:01:00Z")]).await;
        }
        tell(&intake, &[later(event(number(5), id, reopened(id, "")), REOPENED)]).await;
        let told = track(&intake, &receipt).await;
        assert_eq!(told.status(), Status::InProcess);
        let last = told.entries.last().unwrap();
        assert_eq!(last.unit_name, if early { name("2") } else { None });
        assert_eq!(last.reopened_by.is_empty(), early);
        assert!(!told.entries.iter().any(|entry| entry.unit_name == name("3")), "{:?}", told.entries);
    }
}

/// Routing's clock is not processing's: only the work item says of which life news is.
#[tokio::test]
async fn news_of_a_unit_belongs_to_the_life_of_its_work_item_whatever_the_clocks_say() {
    let intake = Intake::new().await;
    let story = async |key: &str, base: u128, way: &dyn Fn(u128, &str) -> Vec<Event>| {
        let receipt = intake.submit(request(key)).await.unwrap();
        let id = receipt.application_id.as_str();
        let ended = completed(StepOutcome::Approved, "2026-11-23T09:00:00Z");
        tell(&intake, &[event(base, id, opened("1")), event(base + 1, id, ended)]).await;
        tell(&intake, &way(base + 2, id)).await;
        track(&intake, &receipt).await.entries.last().unwrap().unit_name.clone()
    };
    let (early, late) = ("2026-11-23T08:00:00Z", "2026-12-08T02:00:00Z");
    let again = |n, id: &str| later(event(n, id, reopened(id, "1")), REOPENED);

    // A unit of before, told of after the decision by a clock that is ahead.
    let told = story("a", 100, &|n, id| vec![again(n, id), assigned(n + 1, id, 2, "3", late)]).await;
    assert_eq!(told, name("1"));
    let told = story("b", 200, &|n, id| vec![assigned(n, id, 2, "3", late), again(n + 1, id)]).await;
    assert_eq!(told, name("1"));
    // The unit of now, by a clock that is behind.
    let told = story("c", 300, &|n, id| vec![again(n, id), assigned(n + 1, id, AGAIN, "2", early)]).await;
    assert_eq!(told, name("2"));
    let told = story("d", 400, &|n, id| vec![assigned(n, id, AGAIN, "2", early), again(n + 1, id)]).await;
    assert_eq!(told, name("2"));
}

#[tokio::test]
async fn that_nobody_can_take_it_is_told_also_where_it_comes_first() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let nobody = Fact::WorkUnassignable(WorkUnassignable {
        work_item: item(id, AGAIN),
        reason: "NOBODY_COMPETENT".into(),
    });
    let way = [
        event(1, id, opened("1")),
        event(2, id, completed(StepOutcome::Approved, "2026-11-23T09:00:00Z")),
        later(event(3, id, nobody), "2026-12-07T02:01:00Z"),
        later(event(4, id, reopened(id, "")), REOPENED),
    ];
    tell(&intake, &way).await;
    assert_eq!(track(&intake, &receipt).await.status(), Status::AwaitingDispatch);
}

#[tokio::test]
async fn a_withdrawal_that_the_decision_outran_is_forgotten_and_may_be_asked_for_anew() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let withdraw = async || {
        let (dossier_code, check_code) = (receipt.dossier_code.clone(), receipt.check_code.clone());
        let request = WithdrawApplicationRequest { dossier_code, check_code };
        intake.applications(system()).withdraw_application(request).await
    };
    tell(&intake, &[event(1, id, opened("1"))]).await;
    let asked = withdraw().await.unwrap().into_inner().received_at;
    tell(&intake, &[event(2, id, completed(StepOutcome::Approved, "2026-11-23T09:00:00Z"))]).await;
    assert!(withdraw().await.is_err(), "the decision stands");
    intake.clock.set(at(REOPENED));
    tell(&intake, &[later(event(3, id, reopened(id, "1")), REOPENED)]).await;
    let anew = withdraw().await.unwrap().into_inner().received_at;
    assert!(anew.is_some() && anew != asked, "{anew:?}");
}
