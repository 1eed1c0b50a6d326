//! Taking work back.

use phidia_domain::{Kind, Rejection, caller::Caller, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::event::Fact,
    routing::v1::{ReleaseWorkRequest, WorkState},
};
use phidia_runtime::status;
use tempfile::tempdir;

use crate::{
    facts::{completed, started},
    harness::{Office, item, operator, supervisor, until},
    province::COPY,
};

async fn release(
    office: &Office,
    caller: Caller,
    item: WorkItem,
    reason: &str,
) -> Result<WorkItem, Rejection> {
    let request =
        ReleaseWorkRequest { work_item: Some(convert::wire_work_item(item)), reason: reason.to_owned() };
    let answer = office.routing(caller).release_work(request).await;
    let answer = answer.map_err(|status| status::from_status(&status))?;
    Ok(convert::work_item(answer.into_inner().next, "next").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_begun_is_routed_again() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let first = item(1, 1);
    for (caller, reason, kind) in [
        (operator(), "", Kind::Invalid),
        (operator(), "a\u{7}", Kind::Invalid),
        (supervisor(Some("2")), "not ours", Kind::Forbidden),
    ] {
        assert_eq!(release(&office, caller, first, reason).await.unwrap_err().kind, kind);
    }
    let next = release(&office, supervisor(Some("1")), first, "the officer is ill").await.unwrap();
    assert_eq!(next, first.next_attempt());
    let refusal = release(&office, operator(), first, "again").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_ATTEMPT"));
    assert_eq!(refusal.metadata, [("attempt".to_owned(), "2".to_owned())]);
    office.balanced().await;
    let records = office.explain(first).await;
    assert_eq!(
        records.iter().map(|record| record.state()).collect::<Vec<_>>(),
        [WorkState::Released, WorkState::Assigned]
    );
    until(async || office.told.by("processing").len() == 2).await;
    let Some(Fact::WorkAssigned(fact)) = office.told.by("processing").remove(1).fact else { panic!() };
    assert_eq!(fact.work_item.unwrap().attempt, 2);
    let refusal = office.assign(first).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "WORK_RELEASED"));
    assert_eq!(release(&office, operator(), item(9, 1), "x").await.unwrap_err().kind, Kind::NotFound);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_begun_or_done_stays() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let first = item(1, 1);
    office.apply(first, started(first, "1")).await;
    let refusal = release(&office, operator(), first, "late").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "WORK_BEGUN"));
    office.apply(first, completed(first, "1")).await;
    let refusal = release(&office, operator(), first, "late").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "WORK_DONE"));
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_who_was_quicker_keeps_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let first = item(1, 1);
    let next = release(&office, operator(), first, "the officer is ill").await.unwrap();
    office.rest().await;
    office.apply(first, started(first, "1")).await;
    office.balanced().await;
    let records = office.explain(first).await;
    assert_eq!(
        records.iter().map(|record| record.state()).collect::<Vec<_>>(),
        [WorkState::Assigned, WorkState::Released]
    );
    let refusal = release(&office, operator(), next, "x").await.unwrap_err();
    assert_eq!(refusal.metadata, [("attempt".to_owned(), "1".to_owned())]);
    office.apply(first, completed(first, "1")).await;
    office.balanced().await;
    assert!(office.units().await.unwrap().iter().all(|unit| unit.open_items == 0));
    office.close().await;
}
