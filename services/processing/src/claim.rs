//! An officer takes a work item up. Two may try at once: the fence lets one of them have it.

use jiff::Timestamp;
use phidia_domain::{case::Claim, officer::Officer, province::Province, work_item::WorkItem};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{StepStarted, event::Fact},
};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    deed::Deed,
    line::Line,
    record::Item,
    renew_claim::prolong,
    store,
};

impl Processing {
    /// Gives `work_item` to the officer who asks. Asked again by its holder, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer of the item's unit; `NOT_FOUND`; `ABORTED` with the present
    /// holder for an old fence; `FAILED_PRECONDITION` for an officer who is not competent, or a step that
    /// is done.
    pub(crate) async fn claim(
        &self,
        sender: Sender,
        work_item: WorkItem,
        expected_fence: u64,
    ) -> Result<Line, Failure> {
        let today = self.versions.active().await?;
        let officer = caller::officer(&sender.caller, &today.value)?.clone();
        let now = self.business.now();
        let until = self.held_until(&today.value, officer.unit, now);
        let item = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let today = &today.value;
                    let deed = Deed { actor: &sender.caller.actor(), at: now };
                    let (item, taken) =
                        take(tx, today, work_item, &officer, expected_fence, deed, until).await?;
                    if taken {
                        tell(tx, facts, &sender, today, &item, now).await?;
                    }
                    Ok(item)
                })
            })
            .await?;
        self.line(item, now).await
    }
}

/// Says that the step of an item has begun.
pub(crate) async fn tell(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    sender: &Sender,
    today: &Province,
    item: &Item,
    now: Timestamp,
) -> Result<(), Failure> {
    if TraceParent::current().is_some()
        && let Some(case) = store::find_case(tx, item.case).await?
    {
        TraceParent::link_to(&case.traceparent);
    }
    let work_item = item.held.work_item;
    let started = StepStarted {
        case_id: item.case.to_string(),
        work_item: Some(convert::wire_work_item(work_item)),
        unit_id: item.held.unit.to_string(),
    };
    facts.tell(sender.tells(&today.code, work_item.application, now, Fact::StepStarted(started)));
    Ok(())
}

/// The item as the officer holds it, until an instant, and whether that is new. What they hold already they hold until then, too.
pub(crate) async fn take(
    tx: &DatabaseTransaction,
    today: &Province,
    work_item: WorkItem,
    officer: &Officer,
    expected_fence: u64,
    deed: Deed<'_>,
    until: Timestamp,
) -> Result<(Item, bool), Failure> {
    // Once more when somebody was faster: what is there then gives the precise answer.
    for _ in 0..2 {
        let mut item = store::get_item(tx, &today.code, work_item).await?;
        let claim = item.held.claim(officer, expected_fence);
        let Claim::Taken { fence } = claim.map_err(|refusal| item.naming_holder(refusal, today))? else {
            let until = item.held.held_until.map_or(until, |held| held.max(until));
            if prolong(tx, &mut item, until).await? {
                return Ok((item, false));
            }
            continue;
        };
        if store::take_item(tx, &item, officer.id, fence, deed, until).await? {
            store::follow_item(tx, item.case, |standing| standing.started(work_item.step)).await?;
            store::follow_holder(tx, &item, Some(officer.id)).await?;
            (item.held.fence, item.held.holder, item.held.held_until) =
                (fence, Some(officer.id), Some(until));
            item.started_at = Some(deed.at);
            return Ok((item, true));
        }
    }
    Err(Failure::broken(format!("{work_item} changes without its fence")))
}
