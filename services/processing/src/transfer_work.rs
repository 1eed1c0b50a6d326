//! Routing moves a work item that nobody has begun to another unit's worklist. An officer may take it up at the same
//! instant: the fence lets one of the two have it.

use phidia_domain::{
    Kind, Rejection,
    case::{Branch, Stage, Transfer, Transferred},
    province::Province,
    work_item::WorkItem,
};
use phidia_runtime::{failure::Failure, telemetry::TraceParent, versions::Versions};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    deed::Deed,
    line::Line,
    record::{self, CaseRecord, Item},
    store,
};

impl Processing {
    /// Puts the later attempt into the worklist of its unit, in place of the earlier one. Asked again, nothing
    /// changes, and the work item is shown as it is by then. `actor`: whose call it is.
    ///
    /// # Errors
    /// Those of [`Transfer::judge`].
    pub(crate) async fn transfer(&self, actor: String, transfer: Transfer) -> Result<Line, Failure> {
        let today = self.versions.active().await?;
        let (now, versions) = (self.business.now(), self.versions.clone());
        let item = self
            .outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let deed = Deed { actor: &actor, at: now };
                    hand(tx, &versions, &today.value, transfer, deed).await
                })
            })
            .await?;
        self.line(item, now).await
    }
}

/// The refusal of an old fence with the official code of the unit that has the step, which nobody has begun.
fn naming_unit<'i>(
    refusal: Rejection,
    mut of_step: impl Iterator<Item = &'i Item>,
    today: &Province,
) -> Rejection {
    let open =
        of_step.find(|item| item.held.stage != Stage::Superseded).filter(|_| refusal.reason == "OLD_FENCE");
    match open.and_then(|open| today.units.get(&open.held.unit)) {
        Some(unit) => refusal.with("unit_code", &unit.code),
        None => refusal,
    }
}

/// Why a work item that is not here never will be; none: it is on its way.
fn never_comes(case: &CaseRecord, item: WorkItem) -> Option<&'static str> {
    let standing = &case.standing;
    let begun_anew = |branch: &Branch| branch.step == item.step && branch.round > item.round();
    match standing.state {
        state if state.is_stopped() => Some("CASE_STOPPED"),
        state if state.is_final() => Some("CASE_FINISHED"),
        _ if standing.branches.iter().any(begun_anew) => Some("STEP_DONE"),
        // It was opened again at another step.
        _ if !case.reopenings.is_empty() && standing.of(item.step).is_none() => Some("STEP_DONE"),
        _ => None,
    }
}

/// The work item at its new unit.
async fn hand(
    tx: &DatabaseTransaction,
    versions: &Versions<Province>,
    today: &Province,
    transfer: Transfer,
    deed: Deed<'_>,
) -> Result<Item, Failure> {
    let Transfer { from, to, unit, .. } = transfer;
    // Once more when somebody was faster: what is there then gives the precise answer.
    for _ in 0..2 {
        let there = store::list_items(tx, &today.code, from.application, Some(from.step)).await?;
        let of_step: Vec<_> = there.iter().map(|item| item.held.clone()).collect();
        let judged = transfer.judge(&of_step);
        if judged.as_ref().is_err_and(|refusal| refusal.kind == Kind::NotFound)
            && let Some(case) = store::find_case_of(tx, &today.code, from.application).await?
            && let Some(reason) = never_comes(&case, from)
        {
            // A move must not wait for it.
            let message = "the case has ended, or goes on otherwise, before this work item came here";
            return Err(Rejection::new(Kind::Conflict, reason, message).into());
        }
        // Who did it before it was sent back has nothing to do with it any more.
        let this_round = || there.iter().filter(|item| item.held.work_item.round() == from.round());
        let answer = judged.map_err(|refusal| match this_round().find(|item| item.held.is_begun()) {
            Some(begun) => begun.naming_holder(refusal, today),
            None => naming_unit(refusal, this_round(), today),
        })?;
        if answer == Transferred::Before {
            return store::get_item(tx, &today.code, to).await;
        }
        // As it was judged, and not read once more: on PostgreSQL an officer may have it by then, under a new fence.
        let old = there.into_iter().find(|item| item.held.work_item == from);
        let old = old.ok_or_else(|| Failure::broken(format!("{from} was judged, and is not there")))?;
        // Never before it was where it was: this call may have waited for that.
        let deed = Deed { at: deed.at.max(old.queued_at), ..deed };
        if !store::supersede_item(tx, &old, deed).await? {
            continue;
        }
        // Behind that lock: what is due may have moved until then.
        let case = store::find_case_of(tx, &today.code, from.application)
            .await?
            .ok_or_else(|| Failure::broken(format!("{from} has no case")))?;
        TraceParent::link_to(&case.traceparent);
        let pinned = versions.at(case.province_version).await?;
        let procedure = record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?;
        let step = record::step(&pinned.value, procedure, to.step, case.submitted_at).ok_or_else(|| {
            Failure::broken(format!("procedure {} has no step {}", procedure.code, to.step))
        })?;
        // The case stays queued, elsewhere.
        let item = case.queue(to, unit, procedure, step, deed.at);
        store::insert_item(tx, &item, deed.actor).await?;
        return Ok(item);
    }
    Err(Failure::broken(format!("{from} changes without its fence")))
}
