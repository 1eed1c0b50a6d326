//! A work item that somebody holds is given back, or given to somebody else: its officer cannot go on with it, or is absent.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    caller::Role,
    case::{Claim, Return},
    id::OfficerId,
    officer::Officer,
    province::Province,
    work_item::WorkItem,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{StepReturned, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    claim,
    deed::Deed,
    line::Line,
    record::Item,
    store,
};

impl Processing {
    /// Gives a work item back. Asked again, nothing changes, until somebody takes it up.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for who is neither its holder nor a supervisor of its unit; `ABORTED` with the present
    /// holder for an old fence; `FAILED_PRECONDITION` when nobody holds it, or it has ended.
    pub(crate) async fn give_back(
        &self,
        sender: Sender,
        work_item: WorkItem,
        fence: u64,
    ) -> Result<Line, Failure> {
        let today = self.versions.active().await?;
        let holder = match sender.caller.role {
            Role::Officer => Some(caller::officer(&sender.caller, &today.value)?.id),
            _ => None,
        };
        let now = self.business.now();
        let item = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let today = &today.value;
                    free(tx, facts, &sender, today, work_item, holder, fence, now).await
                })
            })
            .await?;
        self.line(item, now).await
    }

    /// Gives a work item to the officer with this staff code.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for an unknown officer; `PERMISSION_DENIED` for another unit; `ABORTED` with the present holder for an
    /// old fence; `FAILED_PRECONDITION` for an officer who is not competent, or of another unit, and when it has ended.
    pub(crate) async fn hand_over(
        &self,
        sender: Sender,
        work_item: WorkItem,
        expected_fence: u64,
        officer_code: &str,
    ) -> Result<Line, Failure> {
        let today = self.versions.active().await?;
        let to = today.value.officers.values().find(|officer| officer.code == officer_code).cloned();
        let to = to.ok_or_else(|| {
            Rejection::not_found("UNKNOWN_STAFF_CODE", "no officer of the province has this staff code")
        })?;
        let now = self.business.now();
        let until = self.held_until(&today.value, to.unit, now);
        let item = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    give(tx, facts, &sender, &today.value, work_item, &to, expected_fence, now, until).await
                })
            })
            .await?;
        self.line(item, now).await
    }
}

#[expect(clippy::too_many_arguments, reason = "who gives what back, and where it is written")]
async fn free(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    sender: &Sender,
    today: &Province,
    work_item: WorkItem,
    holder: Option<OfficerId>,
    fence: u64,
    now: Timestamp,
) -> Result<Item, Failure> {
    let deed = Deed { actor: &sender.caller.actor(), at: now };
    // Once more when somebody was faster: what is there then gives the precise answer.
    for _ in 0..2 {
        let mut item = store::get_item(tx, &today.code, work_item).await?;
        check_unit(sender, &item)?;
        let given =
            item.held.give_back(holder, fence).map_err(|refusal| item.naming_holder(refusal, today))?;
        let Return::Free { fence } = given else { return Ok(item) };
        let Some(returned) = lay_down(tx, &mut item, fence, deed).await? else { continue };
        facts.tell(sender.tells(&today.code, work_item.application, now, Fact::StepReturned(returned)));
        return Ok(item);
    }
    Err(Failure::broken(format!("{work_item} changes without its fence")))
}

/// Puts an item that somebody holds into its worklist again, under this fence, with its case; answers what is to be told. None when
/// it was changed since it was read.
pub(crate) async fn lay_down(
    tx: &DatabaseTransaction,
    item: &mut Item,
    fence: u64,
    deed: Deed<'_>,
) -> Result<Option<StepReturned>, Failure> {
    if !store::free_item(tx, item, fence, deed).await? {
        return Ok(None);
    }
    let work_item = item.held.work_item;
    store::follow_item(tx, item.case, |standing| standing.returned(work_item.step)).await?;
    store::follow_holder(tx, item, None).await?;
    (item.held.fence, item.held.holder, item.held.held_until) = (fence, None, None);
    (item.started_at, item.queued_at) = (None, deed.at);
    Ok(Some(StepReturned {
        case_id: item.case.to_string(),
        work_item: Some(convert::wire_work_item(work_item)),
        unit_id: item.held.unit.to_string(),
        fence,
    }))
}

#[expect(clippy::too_many_arguments, reason = "who gives what to whom, and where it is written")]
async fn give(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    sender: &Sender,
    today: &Province,
    work_item: WorkItem,
    to: &Officer,
    expected_fence: u64,
    now: Timestamp,
    until: Timestamp,
) -> Result<Item, Failure> {
    let deed = Deed { actor: &sender.caller.actor(), at: now };
    // Once more when somebody was faster: what is there then gives the precise answer.
    for _ in 0..2 {
        let mut item = store::get_item(tx, &today.code, work_item).await?;
        check_unit(sender, &item)?;
        let given =
            item.held.hand_over(to, expected_fence).map_err(|refusal| item.naming_holder(refusal, today))?;
        let Claim::Taken { fence } = given else { return Ok(item) };
        if !store::take_item(tx, &item, to.id, fence, deed, until).await? {
            continue;
        }
        let begins = item.held.holder.is_none();
        (item.held.fence, item.held.holder, item.held.held_until) = (fence, Some(to.id), Some(until));
        item.started_at = Some(now);
        if begins {
            store::follow_item(tx, item.case, |standing| standing.started(work_item.step)).await?;
        }
        store::follow_holder(tx, &item, Some(to.id)).await?;
        if begins {
            claim::tell(tx, facts, sender, today, &item, now).await?;
        }
        return Ok(item);
    }
    Err(Failure::broken(format!("{work_item} changes without its fence")))
}

/// A supervisor of one unit sees to no other's work.
fn check_unit(sender: &Sender, item: &Item) -> Result<(), Rejection> {
    match caller::scope(&sender.caller)? {
        Some(own) if own != item.held.unit => {
            Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "this work item lies at another unit"))
        }
        _ => Ok(()),
    }
}
