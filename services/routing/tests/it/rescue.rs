//! What would be late is moved to where it is on time, before anybody has begun it.

use std::sync::atomic::Ordering;

use phidia_proto::{
    convert,
    events::v1::{AssignmentGround, event::Fact},
    routing::v1::{ReassignWorkRequest, WorkRecord, WorkState},
};
use tempfile::tempdir;

use crate::{
    facts::{nearly_late, started},
    harness::{Office, at, item, operator, until},
    province::{COPY, unit},
};

/// Sends a work item to a unit by hand.
async fn send(office: &Office, number: u128, to: &str) {
    let request = ReassignWorkRequest {
        work_item: Some(convert::wire_work_item(item(number, 1))),
        unit_code: to.to_owned(),
        reason: "thử".to_owned(),
        expected_fence: 0,
    };
    office.routing(operator()).reassign_work(request).await.unwrap();
}

/// The work items of each unit that are assigned, with why they are there.
async fn standing(office: &Office) -> Vec<(String, AssignmentGround)> {
    let records: Vec<WorkRecord> = office.list(WorkState::Assigned).await;
    records
        .into_iter()
        .map(|record| record.decision.unwrap())
        .map(|at| (at.unit_id.clone(), at.ground()))
        .collect()
}

/// Three for unit 1, of which it keeps one at least; then its one officer is sent far more than a day's work.
async fn overburden(office: &Office) {
    // Two hours each, due on Tuesday at 08:00. Home keeps the first one.
    office.submit(0..1, COPY, "1").await;
    office.submit(1..2, COPY, "1").await;
    office.submit(2..3, COPY, "1").await;
    office.rest().await;
    assert!(at_home(&standing(office).await) >= 1, "an idle home keeps its own");
    office.submit(10..22, COPY, "2").await;
    office.rest().await;
    for number in 10..22 {
        until(async || office.worklists.open(item(number, 1)).is_some()).await;
        if office.decision(item(number, 1)).await.unit_id != unit("1").to_string() {
            send(office, number, "1").await;
        }
    }
}

/// How many of them are at unit 1.
fn at_home(standing: &[(String, AssignmentGround)]) -> usize {
    standing.iter().filter(|(at, _)| *at == unit("1").to_string()).count()
}

fn is_rescued((_, ground): &(String, AssignmentGround)) -> bool {
    *ground == AssignmentGround::Rescued
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_be_late_is_rescued_and_what_a_person_sent_or_began_stays() {
    let folder = tempdir().unwrap();
    let office = Office::rescuing(folder.path()).await;
    overburden(&office).await;
    // Of those that were at home, one is begun.
    let begun = office.list(WorkState::Assigned).await.into_iter().find(|record| {
        let decision = record.decision.as_ref().unwrap();
        decision.unit_id == unit("1").to_string() && decision.ground() != AssignmentGround::Overridden
    });
    let begun = convert::work_item(begun.unwrap().work_item, "work_item").unwrap();
    office.worklists.begin(begun, "1-01");
    office.apply(begun, started(begun, "1")).await;
    office.balanced().await;
    let before = standing(&office).await;
    let overridden = before.iter().filter(|(_, ground)| *ground == AssignmentGround::Overridden).count();
    let to_rescue = at_home(&before) - overridden - 1;
    assert!(to_rescue > 0, "{before:?}");

    // Nothing happens before its time.
    assert!(!before.iter().any(is_rescued));
    office.clock.set(at("2026-11-23T01:16:00Z"));
    until(async || standing(&office).await.iter().any(is_rescued)).await;
    office.balanced().await;
    let after = standing(&office).await;
    let rescued: Vec<_> = after.iter().filter(|standing| is_rescued(standing)).collect();
    assert!(rescued.iter().all(|(at, _)| *at == unit("2").to_string()), "{rescued:?}");
    assert_eq!(
        after.iter().filter(|(_, ground)| *ground == AssignmentGround::Overridden).count(),
        overridden
    );
    assert_eq!(office.worklists.open(begun), Some((begun, unit("1"))));
    let told = || -> Vec<_> {
        let rescues = office.told.by("notification").into_iter().filter_map(|event| match event.fact {
            Some(Fact::WorkMoved(moved)) if moved.ground() == AssignmentGround::Rescued => Some(moved),
            _ => None,
        });
        rescues.collect()
    };
    // They are on their way while the board is even already.
    until(async || told().len() == rescued.len()).await;
    let moved = told();
    assert!(moved.iter().all(|moved| moved.why.as_ref().unwrap().vi.contains("trễ hạn")), "{moved:?}");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_failed_is_taken_again_before_the_next_is_due() {
    let folder = tempdir().unwrap();
    let office = Office::rescuing(folder.path()).await;
    overburden(&office).await;
    office.balanced().await;
    office.board.reserves.store(1, Ordering::SeqCst);
    office.clock.set(at("2026-11-23T01:16:00Z"));
    until(async || standing(&office).await.iter().any(is_rescued)).await;
    assert_eq!(office.board.reserves.load(Ordering::SeqCst), 0, "the first answer got lost");
    office.close().await;
}

/// Of several that would be late the one that processing hints at is looked at, long before the next round; not what somebody
/// holds, nor what will be on time where it is.
#[tokio::test(flavor = "multi_thread")]
async fn what_processing_says_is_nearly_late_is_looked_at_at_once() {
    let folder = tempdir().unwrap();
    let office = Office::rescuing(folder.path()).await;
    overburden(&office).await;
    office.balanced().await;
    let own: Vec<_> = office
        .list(WorkState::Assigned)
        .await
        .into_iter()
        .filter(|record| record.decision.as_ref().unwrap().ground() != AssignmentGround::Overridden)
        .map(|record| (convert::work_item(record.work_item, "work_item").unwrap(), record.decision.unwrap()))
        .collect();
    let (at_home, elsewhere): (Vec<_>, Vec<_>) =
        own.into_iter().partition(|(_, decision)| decision.unit_id == unit("1").to_string());
    let late: Vec<_> = at_home.into_iter().map(|(item, _)| item).collect();
    office.apply(late[0], nearly_late(late[0], true)).await;
    for (item, _) in &elsewhere {
        office.apply(*item, nearly_late(*item, false)).await;
    }
    assert!(!standing(&office).await.iter().any(is_rescued));
    // Hinted at twice, it is looked at once.
    for _ in 0..2 {
        office.apply(late[0], nearly_late(late[0], false)).await;
    }
    until(async || standing(&office).await.iter().any(is_rescued)).await;
    office.balanced().await;
    assert_eq!(standing(&office).await.iter().filter(|standing| is_rescued(standing)).count(), 1);
    let (_, there) = office.worklists.open(late[0]).unwrap();
    assert_eq!(there, unit("2"));
    office.close().await;
}
