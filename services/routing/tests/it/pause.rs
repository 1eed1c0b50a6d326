//! Cases that wait for their citizen, and cases that end without a decision: nobody has to do anything for either.

use phidia_domain::{Kind, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{
        CaseCompleted, CasePaused, CaseResumed, CaseStopped, PaymentDue, Referrals, StepOutcome,
        StepReturned, StopGround, SupplementRequested, Verdict, case_paused::WaitsFor, event::Fact,
    },
    routing::v1::{Availability, WorkState},
};
use tempfile::tempdir;

use crate::{
    facts::{completed, ready, started, submission},
    harness::{Office, at, item, operator, until},
    province::{COPY, unit, with_a_step_to_pass_by},
    reassign::{order, reassign},
    release::release,
    replan::stand,
};

fn paused(item: WorkItem) -> Fact {
    let work_item = Some(convert::wire_work_item(item));
    Fact::SupplementRequested(SupplementRequested { work_item, ..SupplementRequested::default() })
}

fn laid_down(item: WorkItem, waits_for: WaitsFor) -> Fact {
    let (work_item, waits_for) = (Some(convert::wire_work_item(item)), Some(waits_for));
    Fact::CasePaused(CasePaused { work_item, waits_for, ..CasePaused::default() })
}

fn resumed(item: WorkItem, due_at: &str) -> Fact {
    Fact::CaseResumed(CaseResumed {
        work_item: Some(convert::wire_work_item(item)),
        unit_id: unit("1").to_string(),
        due_at: Some(convert::wire_timestamp(at(due_at))),
        ..CaseResumed::default()
    })
}

fn stopped(item: Option<WorkItem>) -> Fact {
    let (work_item, ground) = (item.map(convert::wire_work_item), StopGround::Withdrawn.into());
    Fact::CaseStopped(CaseStopped { work_item, ground, ..CaseStopped::default() })
}

async fn open_items(office: &Office) -> u32 {
    office.units().await.unwrap().iter().map(|unit| unit.open_items).sum()
}

/// The second step goes on where it was, the third asks other offices, and what may come after is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_together_is_given_up_when_one_of_them_is_refused() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.install(2, with_a_step_to_pass_by()).await;
    for number in [1, 2] {
        let [first, second, third] = [1, 2, 3].map(|step| item(number, step));
        let Fact::ApplicationSubmitted(mut fact) = submission(COPY, "1") else { unreachable!() };
        fact.province_version = 2;
        office.apply(first, Fact::ApplicationSubmitted(fact)).await;
        office.decision(first).await;
        office.apply(first, started(first, "1")).await;
        office.apply(first, completed(first, "1")).await;
        office.apply(second, ready(second, "1", true)).await;
        office.apply(third, ready(third, "1", false)).await;
        if number == 1 {
            office.decision(third).await;
            office.apply(third, started(third, "1")).await;
            office.apply(third, laid_down(third, WaitsFor::Referrals(Referrals::default()))).await;
        }
        office.apply(second, started(second, "1")).await;
        office.apply(second, completed(second, "1")).await;
        let refused = CaseCompleted { outcome: StepOutcome::Refused.into(), ..CaseCompleted::default() };
        office.apply(second, Fact::CaseCompleted(refused)).await;
        office.balanced().await;
        let states: Vec<_> = office.explain(first).await.iter().map(|record| record.state()).collect();
        assert_eq!(states, [WorkState::Done, WorkState::Done, WorkState::Released], "{number}");
        let given_up = office.explain(first).await.pop().unwrap();
        assert_eq!(given_up.release_reason, "CASE_REFUSED");
        assert_eq!(open_items(&office).await, 0);
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_citizen_is_no_load_until_it_goes_on() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..3, COPY, "1").await;
    office.rest().await;
    let waits = item(1, 1);
    office.apply(waits, started(waits, "1")).await;
    office.apply(waits, paused(waits)).await;
    office.balanced().await;
    assert_eq!(open_items(&office).await, 1);
    assert_eq!(office.explain(waits).await[0].state(), WorkState::AwaitingSupplement);
    for refusal in [
        release(&office, operator(), waits, "thử").await.unwrap_err(),
        reassign(&office, operator(), order(waits, "2")).await.unwrap_err(),
    ] {
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "AWAITING_SUPPLEMENT"));
    }

    for _ in 0..2 {
        office.apply(waits, resumed(waits, "2026-12-02T01:00:00Z")).await;
    }
    office.balanced().await;
    assert_eq!(open_items(&office).await, 2);
    // Also for a process that has seen nothing of it.
    let office = office.restart(folder.path()).await;
    office.balanced().await;
    office.apply(waits, started(waits, "1")).await;
    office.apply(waits, completed(waits, "1")).await;
    office.balanced().await;
    assert_eq!(open_items(&office).await, 1);
    office.close().await;
}

/// Under the fence that it has by then: whoever had it in hand has given it back.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_may_be_taken_back_and_moved() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let item = item(1, 1);
    office.apply(item, started(item, "1")).await;
    let begun = release(&office, operator(), item, "thử").await.unwrap_err();
    assert_eq!(begun.reason, "WORK_BEGUN");
    let returned =
        StepReturned { work_item: Some(convert::wire_work_item(item)), fence: 2, ..StepReturned::default() };
    office.apply(item, Fact::StepReturned(returned)).await;
    assert_eq!(release(&office, operator(), item, "thử").await.unwrap(), item.next_attempt());
    office.balanced().await;
    // Processing is told which fence that was.
    assert_eq!(taken_back_fence(&office, item.next_attempt()).await, Some(2));
    office.close().await;
}

/// An officer was quicker than a release, and has given it back: the attempt that was made in vain is not the one before.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_in_vain_is_not_what_is_taken_back() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let item = item(1, 1);
    let vain = release(&office, operator(), item, "thử").await.unwrap();
    office.rest().await;
    office.apply(item, started(item, "1")).await;
    let returned =
        StepReturned { work_item: Some(convert::wire_work_item(item)), fence: 2, ..StepReturned::default() };
    office.apply(item, Fact::StepReturned(returned)).await;
    let third = release(&office, operator(), item, "thử").await.unwrap();
    assert_eq!(third, vain.next_attempt());
    office.balanced().await;
    assert_eq!(taken_back_fence(&office, third).await, Some(2));
    office.close().await;
}

/// Processing has moved it under a later fence by the time routing hears that it was begun before.
#[tokio::test(flavor = "multi_thread")]
async fn news_of_before_a_move_takes_nothing_back() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let item = item(1, 1);
    office.decision(item).await;
    until(async || office.told.by("processing").len() == 1).await;
    let (there, _) = reassign(&office, operator(), order(item, "2")).await.unwrap();
    office.apply(item, started(item, "1")).await;
    office.apply(item, paused(item)).await;
    office.apply(item, resumed(item, "2026-12-02T01:00:00Z")).await;
    office.balanced().await;
    let assigned: Vec<_> =
        office.list(WorkState::Assigned).await.into_iter().filter_map(|it| it.work_item).collect();
    assert_eq!(assigned, [convert::wire_work_item(there)]);
    office.close().await;
}

/// What processing was told of the attempt that was taken back before this one.
pub(crate) async fn taken_back_fence(office: &Office, item: WorkItem) -> Option<u64> {
    let wire = Some(convert::wire_work_item(item));
    let told = || {
        let events = office.told.by("processing").into_iter().filter_map(|event| event.fact);
        events.into_iter().find_map(|fact| match fact {
            Fact::WorkAssigned(fact) if fact.work_item == wire => Some(fact.taken_back_fence),
            _ => None,
        })
    };
    until(async || told().is_some()).await;
    told().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_payment_or_for_other_offices_is_no_load_either() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..3, COPY, "1").await;
    office.rest().await;
    for (number, waits_for, state, reason) in [
        (1, WaitsFor::Payment(PaymentDue::default()), WorkState::AwaitingPayment, "AWAITING_PAYMENT"),
        (2, WaitsFor::Referrals(Referrals::default()), WorkState::Referred, "REFERRED"),
    ] {
        let waits = item(number, 1);
        office.apply(waits, started(waits, "1")).await;
        office.apply(waits, laid_down(waits, waits_for)).await;
        office.balanced().await;
        assert_eq!(open_items(&office).await, 1);
        assert_eq!(office.explain(waits).await[0].state(), state);
        let refusal = release(&office, operator(), waits, "thử").await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, reason));
        office.apply(waits, resumed(waits, "2026-12-02T01:00:00Z")).await;
        office.balanced().await;
        assert_eq!(open_items(&office).await, 2);
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_is_given_up_wherever_it_is() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..4, COPY, "1").await;
    office.rest().await;
    // In a worklist, in hand, and waiting for its citizen.
    let (queued, held, waits) = (item(1, 1), item(2, 1), item(3, 1));
    office.apply(held, started(held, "1")).await;
    office.apply(waits, started(waits, "1")).await;
    office.apply(waits, paused(waits)).await;
    for item in [queued, held, waits] {
        for _ in 0..2 {
            office.apply(item, stopped(Some(item))).await;
        }
    }
    for refusal in [
        release(&office, operator(), waits, "thử").await.unwrap_err(),
        release(&office, operator(), queued, "thử").await.unwrap_err(),
        reassign(&office, operator(), order(queued, "2")).await.unwrap_err(),
    ] {
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "CASE_STOPPED"));
    }
    // Nobody can take it, and it was withdrawn meanwhile: it is tried no more.
    for code in ["1", "2", "3"] {
        stand(&office, code, Availability::Closed).await;
    }
    office.submit(4..5, COPY, "1").await;
    until(async || office.unassignable().await.len() == 1).await;
    office.apply(item(4, 1), stopped(None)).await;
    for code in ["1", "2", "3"] {
        stand(&office, code, Availability::Open).await;
    }
    office.balanced().await;
    assert_eq!(open_items(&office).await, 0);
    assert!(office.list(WorkState::Assigned).await.is_empty());
    assert_eq!(office.list(WorkState::Released).await.len(), 4);
    assert!(office.holder.page(None, 10).await.unwrap().is_empty(), "routing holds none of them");
    office.close().await;
}

/// A decision of routing, and that processing has heard of it, go two ways.
#[tokio::test(flavor = "multi_thread")]
async fn what_it_is_to_give_up_has_to_be_here() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let unknown = item(1, 1);
    for fact in [stopped(None), stopped(Some(unknown)), resumed(unknown, "2026-12-02T01:00:00Z")] {
        assert_eq!(office.tell(vec![(unknown.application, fact)]).await, [Verdict::Retry]);
    }
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let later = unknown.next_attempt();
    assert_eq!(office.tell(vec![(later.application, stopped(Some(later)))]).await, [Verdict::Retry]);
    office.apply(unknown, stopped(Some(unknown))).await;
    office.balanced().await;
    office.close().await;
}
