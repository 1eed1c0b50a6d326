//! The way of an application through its steps, as processing tells it.

use phidia_proto::{
    convert,
    events::v1::{AssignmentGround, Verdict, event::Fact},
    routing::v1::{WorkRecord, WorkState},
};
use tempfile::tempdir;

use crate::{
    facts::{completed, finished, ready, started, submission},
    harness::{APPLIED, Office, at, item, until},
    province::{BIRTH, COPY, unit, with_a_step_to_pass_by, with_births_free_from},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_signature_goes_home_and_load_is_given_back() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    // Home is full, so that some of the work goes away.
    office.submit(0..40, COPY, "1").await;
    office.balanced().await;
    let records = office.list(WorkState::Assigned).await;
    let away = |record: &WorkRecord| record.decision.as_ref().unwrap().unit_id == unit("2").to_string();
    let number = records.iter().position(away).unwrap() as u128;
    let (first, second) = (item(number, 1), item(number, 2));
    office.apply(first, started(first, "2")).await;
    office.apply(first, completed(first, "2")).await;
    office.balanced().await;
    office.apply(second, ready(second, "2", false)).await;
    let decision = office.decision(second).await;
    assert_eq!(decision.unit_id, unit("1").to_string());
    assert_eq!(decision.ground(), AssignmentGround::Bound);
    office.balanced().await;
    office.close().await;
}

/// Births are freed on the 24th. Of two that are signed on the same day, each keeps the law of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_done_by_the_law_of_the_day_of_acceptance() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.install(2, with_births_free_from("2026-11-24")).await;
    // 23:59 and midnight in Việt Nam.
    for (number, accepted, home) in [(1, "2026-11-23T16:59:00Z", "1"), (2, "2026-11-23T17:00:00Z", "2")] {
        let (first, second) = (item(number, 1), item(number, 2));
        let Fact::ApplicationSubmitted(mut fact) = submission(BIRTH, "2") else { unreachable!() };
        fact.province_version = 2;
        fact.submitted_at = Some(convert::wire_timestamp(at(accepted)));
        office.apply(first, Fact::ApplicationSubmitted(fact)).await;
        office.decision(first).await;
        office.apply(first, completed(first, "1")).await;
        office.apply(second, ready(second, "1", false)).await;
        assert_eq!(office.decision(second).await.home_unit_id, unit(home).to_string(), "{accepted}");
    }
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_step_behind_one_that_was_passed_by_is_found_its_unit() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.install(2, with_a_step_to_pass_by()).await;
    let (first, third) = (item(1, 1), item(1, 3));
    let Fact::ApplicationSubmitted(mut fact) = submission(COPY, "1") else { unreachable!() };
    fact.province_version = 2;
    office.apply(first, Fact::ApplicationSubmitted(fact)).await;
    office.decision(first).await;
    office.apply(first, completed(first, "2")).await;
    office.apply(third, ready(third, "2", false)).await;
    let decision = office.decision(third).await;
    assert_eq!((decision.unit_id, decision.ground), (unit("1").to_string(), AssignmentGround::Bound.into()));
    // Its own effort counts, and nothing of the one that nobody does.
    office.balanced().await;
    office.apply(third, completed(third, "1")).await;
    office.apply(third, finished()).await;
    office.balanced().await;
    assert_eq!(office.list(WorkState::Done).await.len(), 2);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_step_counts_where_it_is() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, BIRTH, "1").await;
    office.rest().await;
    let (first, second) = (item(1, 1), item(1, 2));
    // All at once: the kept step is begun and done before the assigner has looked at it.
    let facts = [started(first, "1"), completed(first, "1"), ready(second, "1", true), started(second, "1")];
    let verdicts = office.tell(facts.map(|fact| (first.application, fact)).into()).await;
    assert!(verdicts.iter().all(|verdict| *verdict == APPLIED));
    office.balanced().await;
    until(async || office.decision(second).await.sentence.is_some()).await;
    let decision = office.decision(second).await;
    assert_eq!(decision.ground(), AssignmentGround::Kept);
    assert_eq!(decision.unit_id, unit("1").to_string());
    assert!(decision.epoch == 1 && decision.board_sequence > 0);
    office.apply(second, completed(second, "1")).await;
    office.apply(second, finished()).await;
    office.balanced().await;
    assert_eq!(office.list(WorkState::Done).await.len(), 2);
    // Nobody is told of a kept step.
    let at_rest = async || office.holder.outbox().positions().await.unwrap();
    until(async || at_rest().await.iter().all(|position| position.outstanding == 0)).await;
    assert_eq!(office.told.by("processing").len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_step_whose_number_another_decision_bears_gets_another_one() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, BIRTH, "1").await;
    office.submit(2..3, COPY, "1").await;
    office.balanced().await;
    let (first, second) = (item(1, 1), item(1, 2));
    office.apply(first, completed(first, "1")).await;
    office.balanced().await;
    // As if the board had been set back, and were about to give this number again.
    office.tamper("UPDATE assignment SET board_sequence = 4 WHERE board_sequence = 2").await;
    office.apply(second, ready(second, "1", true)).await;
    until(async || office.decision(second).await.sentence.is_some()).await;
    assert!(office.decision(second).await.board_sequence > 4);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_of_two_sources_may_cross() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let (first, second) = (item(1, 1), item(1, 2));
    for fact in [started(first, "1"), completed(first, "1"), ready(second, "1", false), finished()] {
        assert_eq!(office.tell(vec![(first.application, fact)]).await, [Verdict::Retry]);
    }
    office.apply(first, submission(COPY, "1")).await;
    office.decision(first).await;
    office.apply(first, completed(first, "1")).await;
    // Told again, nothing happens twice.
    office.apply(first, completed(first, "1")).await;
    office.apply(first, submission(COPY, "1")).await;
    office.apply(second, ready(second, "1", false)).await;
    office.apply(second, ready(second, "1", false)).await;
    office.balanced().await;
    assert_eq!(office.explain(first).await.len(), 2);
    office.close().await;
}

/// However facts fall into batches and passes, the same order of arrival gives the same decisions.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_order_of_arrival_counts() {
    let mut days = Vec::new();
    for batch in [1, 3, 50] {
        let folder = tempdir().unwrap();
        let office = Office::open(folder.path()).await;
        office.submit(0..6, COPY, "1").await;
        office.rest().await;
        let mut facts = Vec::new();
        for number in 0..24 {
            facts.push((item(6 + number, 1), submission(if number % 3 == 0 { BIRTH } else { COPY }, "1")));
            if number < 6 && number % 2 == 0 {
                let (first, second) = (item(number, 1), item(number, 2));
                facts.push((first, completed(first, "1")));
                facts.push((second, ready(second, "1", number % 4 == 0)));
            }
        }
        for some in facts.chunks(batch) {
            let some = some.iter().map(|(item, fact)| (item.application, fact.clone())).collect();
            assert!(office.tell(some).await.iter().all(|verdict| *verdict == APPLIED));
        }
        office.balanced().await;
        until(async || office.list(WorkState::Assigned).await.iter().all(counted)).await;
        let decided = |record: WorkRecord| {
            let decision = record.decision.unwrap();
            (record.work_item.unwrap(), decision.unit_id, decision.ground, decision.predicted_finish_at)
        };
        days.push(office.list(WorkState::Unspecified).await.into_iter().map(decided).collect::<Vec<_>>());
        office.close().await;
    }
    assert_eq!(days[0], days[1]);
    assert_eq!(days[0], days[2]);
}

fn counted(record: &WorkRecord) -> bool {
    record.decision.as_ref().is_some_and(|decision| decision.sentence.is_some())
}
