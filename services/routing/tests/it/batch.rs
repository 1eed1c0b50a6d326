//! Many work items are assigned in one call, each answered on its own.

use std::sync::atomic::Ordering;

use phidia_domain::{Kind, Rejection, caller::Caller, work_item::WorkItem};
use phidia_proto::{
    convert,
    routing::v1::{BatchAssignWorkRequest, Decision, WorkState, assign_outcome::Outcome},
    types::v1 as types,
};
use phidia_runtime::status;
use tempfile::tempdir;

use crate::{
    facts::completed,
    flaky::Flaky,
    harness::{Office, item, operator, supervisor},
    province::{self, COPY, LAND, unit},
};

async fn batch(
    office: &Office,
    caller: Caller,
    work_items: Vec<types::WorkItem>,
) -> Result<Vec<Result<Decision, Rejection>>, Rejection> {
    let answer = office.routing(caller).batch_assign_work(BatchAssignWorkRequest { work_items }).await;
    let answer = answer.map_err(|status| status::from_status(&status))?.into_inner();
    let outcomes = answer.outcomes.into_iter().map(|outcome| match outcome.outcome.unwrap() {
        Outcome::Decision(decision) => Ok(decision),
        Outcome::Status(status) => Err(status::from_message(&status)),
    });
    Ok(outcomes.collect())
}

fn wire(items: impl IntoIterator<Item = WorkItem>) -> Vec<types::WorkItem> {
    items.into_iter().map(convert::wire_work_item).collect()
}

fn ids(outcomes: &[Result<Decision, Rejection>]) -> Vec<Option<&str>> {
    outcomes.iter().map(|outcome| outcome.as_ref().ok().map(|found| found.assignment_id.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_surge_is_assigned_at_once_and_a_bad_one_spoils_none_of_the_others() {
    let folder = tempdir().unwrap();
    let store = ::harness::store::at(&folder.path().join("routing.db"));
    let (office, _workers) = Office::at_rest(&store, Flaky::new(), u32::MAX).await;
    office.install(1, province::files()).await;
    office.submit(1..41, COPY, "1").await;
    office.submit(41..42, LAND, "1").await;

    let mut asked = wire((1..42).map(|number| item(number, 1)));
    asked.push(convert::wire_work_item(item(99, 1)));
    asked.push(types::WorkItem { step: 0, ..convert::wire_work_item(item(1, 1)) });
    asked.push(convert::wire_work_item(item(7, 1)));
    let before = office.commits();
    let outcomes = batch(&office, operator(), asked.clone()).await.unwrap();
    // The turn was taken where there are replicas, the board built, all decided, and it was noted how long that took.
    assert!(office.commits() - before <= 4, "{}", office.commits() - before);
    assert_eq!(outcomes.len(), 44);
    assert!(outcomes[..40].iter().all(|outcome| outcome.as_ref().is_ok_and(|found| found.epoch == 1)));
    let sequences: Vec<_> = outcomes.iter().flatten().map(|found| found.board_sequence).collect();
    assert!(sequences[..40].is_sorted(), "in the order in which they were named: {sequences:?}");
    assert_eq!(ids(&outcomes)[43], ids(&outcomes)[6]);
    let refusals: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    let told: Vec<_> = refusals.iter().map(|refusal| (refusal.kind, refusal.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (Kind::Precondition, "NOBODY_COMPETENT"),
            (Kind::NotFound, "UNKNOWN_WORK_ITEM"),
            (Kind::Invalid, "OUT_OF_RANGE")
        ]
    );
    assert!(refusals[0].metadata.contains(&("not_competent".to_owned(), "4".to_owned())), "{refusals:?}");
    assert_eq!(refusals[2].violations[0].field, "work_items[42]");
    // A board that has given so much away sends some of it to others.
    assert!(outcomes[..40].iter().flatten().any(|found| found.unit_id == unit("2").to_string()));

    // Asked again, nothing is otherwise, and nothing is written.
    let before = office.commits();
    let again = batch(&office, operator(), asked[..40].to_vec()).await.unwrap();
    assert_eq!(ids(&again), ids(&outcomes[..40]));
    assert_eq!(office.commits(), before);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_while_the_assigner_is_at_it_gets_what_stands() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..200, COPY, "1").await;
    let asked = || wire((0..200).map(|number| item(number, 1)));
    let (one, other) = tokio::join!(
        batch(&office, operator(), asked()),
        batch(&office, operator(), asked().into_iter().rev().collect())
    );
    let (one, mut other) = (one.unwrap(), other.unwrap());
    other.reverse();
    assert_eq!(ids(&one), ids(&other));
    assert!(one.iter().all(Result::is_ok));
    office.balanced().await;
    assert_eq!(office.list(WorkState::Assigned).await.len(), 200);
    // What is done keeps its answer.
    let at = one[0].as_ref().unwrap().unit_id.clone();
    let code = ["1", "2"].into_iter().find(|code| unit(code).to_string() == at).unwrap();
    office.apply(item(0, 1), completed(item(0, 1), code)).await;
    let done = batch(&office, operator(), asked()).await.unwrap();
    assert_eq!(ids(&done), ids(&one));
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_belongs_to_a_unit_is_told_of_its_own_and_how_many_may_be_asked_for_is_bounded() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.submit(2..3, COPY, "2").await;
    office.rest().await;
    let outcomes = batch(&office, supervisor(Some("1")), wire([item(1, 1), item(2, 1)])).await.unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap().unit_id, unit("1").to_string());
    let refusal = outcomes[1].as_ref().unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Forbidden, "OTHER_UNIT"));
    for many in [0, 501] {
        let refusal = batch(&office, operator(), wire(vec![item(1, 1); many])).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.violations[0].field.as_str()), (Kind::Invalid, "work_items"));
    }
    assert_eq!(batch(&office, operator(), wire(vec![item(1, 1); 500])).await.unwrap().len(), 500);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_others_were_always_quicker_than_spoils_none_of_those_behind_it() {
    let folder = tempdir().unwrap();
    let store = ::harness::store::at(&folder.path().join("routing.db"));
    let (office, _workers) = Office::at_rest(&store, Flaky::new(), u32::MAX).await;
    office.install(1, province::files()).await;
    office.submit(0..4, COPY, "1").await;
    let asked = || wire((0..4).map(|number| item(number, 1)));
    office.board.outbid.store(4, Ordering::SeqCst);
    let outcomes = batch(&office, operator(), asked()).await.unwrap();
    let refusal = outcomes[0].as_ref().unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Unavailable, "BOARD_CONTENDED"));
    assert!(outcomes[1..].iter().all(Result::is_ok), "{outcomes:?}");
    let again = batch(&office, operator(), asked()).await.unwrap();
    assert!(again[0].is_ok(), "{again:?}");
    assert_eq!(ids(&again)[1..], ids(&outcomes)[1..]);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_goes_away_in_the_middle_keeps_what_was_decided_before() {
    let folder = tempdir().unwrap();
    let store = ::harness::store::at(&folder.path().join("routing.db"));
    let (office, _workers) = Office::at_rest(&store, Flaky::new(), u32::MAX).await;
    office.install(1, province::files()).await;
    office.submit(0..6, COPY, "1").await;
    office.assign(item(0, 1)).await.unwrap();
    office.board.reserves.store(1, Ordering::SeqCst);
    let outcomes = batch(&office, operator(), wire((0..6).map(|number| item(number, 1)))).await.unwrap();
    assert!(outcomes[0].is_ok());
    for outcome in &outcomes[1..] {
        let refusal = outcome.as_ref().unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Unavailable, "BOARD_AWAY"));
    }
    let again = batch(&office, operator(), wire((0..6).map(|number| item(number, 1)))).await.unwrap();
    assert!(again.iter().all(Result::is_ok), "{again:?}");
    assert_eq!(ids(&again)[0], ids(&outcomes)[0]);
    office.balanced().await;
    office.close().await;
}
