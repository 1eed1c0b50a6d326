//! A case that was decided is opened again: routing holds it once more, and finds a unit for the step that is done again.

use phidia_domain::{conservation::Place, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{CaseReopened, Verdict, event::Fact},
    routing::v1::WorkState,
};
use tempfile::tempdir;

use crate::{
    facts::{completed, finished, ready, started, submission},
    harness::{Office, at, item, operator},
    pause::taken_back_fence,
    province::{BIRTH, unit},
    release::release,
};

const LATER: &str = "2026-12-16T02:00:00Z";

fn reopened(item: WorkItem) -> Fact {
    Fact::CaseReopened(CaseReopened {
        work_item: Some(convert::wire_work_item(item)),
        decision: "Quyết định số 12/QĐ-UBND".into(),
        due_at: Some(convert::wire_timestamp(at(LATER))),
        ..CaseReopened::default()
    })
}

/// Both steps of a birth done at unit 1.
async fn done(office: &Office) -> (WorkItem, WorkItem) {
    let (first, second) = (item(1, 1), item(1, 2));
    office.submit(1..2, BIRTH, "1").await;
    office.rest().await;
    for fact in [
        started(first, "1"),
        completed(first, "1"),
        ready(second, "1", true),
        started(second, "1"),
        completed(second, "1"),
        finished(),
    ] {
        office.apply(first, fact).await;
    }
    office.balanced().await;
    assert_eq!(places(office).await, []);
    (first, second)
}

async fn places(office: &Office) -> Vec<Place> {
    office.holder.page(None, 10).await.unwrap().into_iter().map(|held| held.place).collect()
}

async fn open_items(office: &Office) -> u32 {
    office.units().await.unwrap().iter().map(|unit| unit.open_items).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_held_again_and_a_unit_is_found_by_the_new_date() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let (first, _) = done(&office).await;
    let again = WorkItem { attempt: 1001, ..first };
    for _ in 0..2 {
        office.apply(again, reopened(again)).await;
        office.apply(again, ready(again, "1", false)).await;
    }
    let decision = office.decision(again).await;
    assert_eq!(decision.unit_id, unit("1").to_string());
    office.balanced().await;
    assert_eq!((places(&office).await, open_items(&office).await), (vec![Place::Assigned], 1));
    let [record] = office.list(WorkState::Assigned).await.try_into().unwrap();
    assert_eq!(convert::work_item(record.work_item.clone(), "work_item").unwrap(), again);
    // Late news of the first round gives nothing of this one back.
    office.apply(first, completed(first, "1")).await;
    assert_eq!(open_items(&office).await, 1);
    for fact in [started(again, "1"), completed(again, "1"), finished()] {
        office.apply(again, fact).await;
    }
    office.balanced().await;
    assert_eq!((places(&office).await, open_items(&office).await), (vec![], 0));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_at_its_unit_is_its_load_again() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let (_, second) = done(&office).await;
    let again = WorkItem { attempt: 1001, ..second };
    office.apply(again, reopened(again)).await;
    assert_eq!(places(&office).await, [Place::Assigned], "also before its step is ready");
    office.apply(again, ready(again, "1", true)).await;
    office.balanced().await;
    assert_eq!(open_items(&office).await, 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_in_the_round_before_is_not_taken_back_again() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, BIRTH, "1").await;
    office.rest().await;
    let second = release(&office, operator(), item(1, 1), "nước lên").await.unwrap();
    assert_eq!(office.decision(second).await.unit_id, unit("1").to_string());
    for fact in [started(second, "1"), completed(second, "1"), finished()] {
        office.apply(second, fact).await;
    }
    let again = WorkItem { attempt: 1001, ..second };
    office.apply(again, reopened(again)).await;
    office.apply(again, ready(again, "1", false)).await;
    assert!(taken_back_fence(&office, second).await.is_some());
    assert_eq!(taken_back_fence(&office, again).await, None);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_here_yet_comes_again() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let unknown = item(9, 1);
    assert_eq!(office.tell(vec![(unknown.application, reopened(unknown))]).await, [Verdict::Retry]);
    office.apply(unknown, submission(BIRTH, "1")).await;
    office.apply(unknown, reopened(unknown)).await;
    office.close().await;
}
