//! Routing moves what nobody has begun.

use std::sync::Arc;

use phidia_domain::{Kind, caller::Caller, case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{Verdict, event::Fact},
    processing::v1::{CaseState, TransferWorkItemRequest},
};
use phidia_runtime::status;
use tokio::task::JoinSet;

use crate::{
    harness::{Office, an_officer, application, assigned, submission, supervisor},
    province::{BIRTH, COPY, officer, unit},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_begun_goes_to_the_other_worklist_once() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let first = office.open_case(1, submission(BIRTH), "1").await;
    let second = first.next_attempt();
    let moved = office.transfer(first, 0, second, "2").await.unwrap();
    assert_eq!((moved.unit_id, moved.fence), (unit("2").to_string(), 0));
    assert!(office.worklist("1-01").await.is_empty());
    let [line] = office.worklist("2-01").await.try_into().unwrap();
    assert_eq!(line.work_item, Some(convert::wire_work_item(second)));

    // The answer got lost; and routing tells it as a fact, too: both change nothing.
    assert_eq!(office.transfer(first, 0, second, "2").await.unwrap(), line);
    let told = office.tell("routing", first.application, assigned(second, "2")).await;
    assert_eq!(told, (Verdict::Applied, String::new()));
    assert_eq!(office.worklist("2-01").await, [line]);
    // And so does the news of the first assignment, should it come late.
    let told = office.tell("routing", first.application, assigned(first, "1")).await;
    assert_eq!(told, (Verdict::Applied, String::new()));

    let refusal = office.claim("1-01", first, 0).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
    office.claim("2-01", second, 0).await.unwrap();
    // Asked for once more, it is shown as it is by now.
    let begun = office.transfer(first, 0, second, "2").await.unwrap();
    assert_eq!(begun.officer_code, "2-01");
    let case = office.complete("2-01", second, 1, Outcome::Approved, "").await.unwrap();
    assert_eq!(case.state(), CaseState::AwaitingUnit);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_may_not_be_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let first = office.open_case(1, submission(BIRTH), "1").await;
    let second = first.next_attempt();
    let other_step = WorkItem { step: 2, ..second };
    let unknown = WorkItem::first(application(9), 1);
    for (from, fence, to, kind, reason) in [
        (first, 0, first, Kind::Invalid, "NOT_A_LATER_ATTEMPT"),
        (first, 0, other_step, Kind::Invalid, "NOT_A_LATER_ATTEMPT"),
        (first, 7, second, Kind::Conflict, "OLD_FENCE"),
        (first, u64::MAX, second, Kind::Conflict, "OLD_FENCE"),
        (second, 0, second.next_attempt(), Kind::NotFound, "UNKNOWN_WORK_ITEM"),
        (unknown, 0, unknown.next_attempt(), Kind::NotFound, "UNKNOWN_WORK_ITEM"),
    ] {
        let refusal = office.transfer(from, fence, to, "2").await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (kind, reason));
    }
    for caller in [an_officer("1-01"), supervisor(None)] {
        let request = TransferWorkItemRequest::default();
        let refusal = office.client(caller).transfer_work_item(request).await.unwrap_err();
        assert_eq!(refusal.code(), tonic::Code::PermissionDenied);
    }

    // Taken up: it stays, and whoever asks is told with whom.
    office.claim("1-02", first, 0).await.unwrap();
    let refusal = office.transfer(first, 0, second, "2").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
    let present = [
        ("fence", "1".to_owned()),
        ("holder", officer("1-02").to_string()),
        ("holder_code", "1-02".to_owned()),
    ];
    assert_eq!(refusal.metadata, present.map(|(key, value)| (key.to_owned(), value)));
    office.complete("1-02", first, 1, Outcome::Refused, "thiếu giấy tờ").await.unwrap();
    assert_eq!(office.transfer(first, 0, second, "2").await.unwrap_err().reason, "OLD_FENCE");

    let mut routing = office.client(Caller::service("routing"));
    let refusal = routing.transfer_work_item(TransferWorkItemRequest::default()).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).violations[0].field, "from");
    office.close().await;
}

/// Officers of the unit and movers to two others want the same work items at the same instant, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn an_officer_and_a_transfer_never_both_have_it() {
    const ITEMS: u128 = 24;
    let folder = tempfile::tempdir().unwrap();
    let office = Arc::new(Office::open(folder.path()).await);
    let mut tasks = JoinSet::new();
    for number in 0..ITEMS {
        let first = office.open_case(number, submission(COPY), "1").await;
        for code in ["1-01", "1-01"] {
            let office = Arc::clone(&office);
            tasks.spawn(async move { (number, "officer", office.claim(code, first, 0).await.is_ok()) });
        }
        // Two attempts at the same move, and another one.
        for (ahead, to) in [(1, "2"), (1, "2"), (2, "3")] {
            let office = Arc::clone(&office);
            let to_item = WorkItem { attempt: first.attempt + ahead, ..first };
            tasks.spawn(async move { (number, to, office.transfer(first, 0, to_item, to).await.is_ok()) });
        }
    }
    let mut owners = vec![Vec::new(); usize::try_from(ITEMS).unwrap()];
    while let Some(done) = tasks.join_next().await {
        let (number, owner, has_it) = done.unwrap();
        if has_it {
            owners[usize::try_from(number).unwrap()].push(owner);
        }
    }
    let mut kinds = std::collections::BTreeMap::<&str, u32>::new();
    for (number, mut owners) in (0..ITEMS).zip(owners) {
        assert!(owners.len() <= 2, "{number}: {owners:?}");
        owners.dedup();
        let [owner] = owners.as_slice() else { panic!("{number} belongs to {owners:?}") };
        *kinds.entry(owner).or_default() += 1;
        let lines = office.get(supervisor(None), WorkItem::first(application(number), 1)).await.unwrap();
        let open: Vec<_> = lines.work_items.iter().filter(|line| line.completed_at.is_none()).collect();
        let last = open.last().unwrap();
        let at = if *owner == "officer" { "1" } else { owner };
        assert_eq!(
            (last.unit_id.as_str(), last.officer_id.is_empty()),
            (unit(at).to_string().as_str(), *owner != "officer")
        );
        assert_eq!(lines.work_items.len(), if *owner == "officer" { 1 } else { 2 });
    }
    // One StepStarted for each that an officer has, and not one more.
    let begun = kinds.get("officer").copied().unwrap_or_default();
    let opened = usize::try_from(ITEMS).unwrap();
    let facts = office.told.facts("intake", opened + usize::try_from(begun).unwrap()).await;
    let started = facts.iter().filter(|fact| matches!(fact, Fact::StepStarted(_))).count();
    assert_eq!(started, usize::try_from(begun).unwrap());
    Arc::into_inner(office).unwrap().close().await;
}
