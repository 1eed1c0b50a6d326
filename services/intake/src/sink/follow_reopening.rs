//! What processing tells of an application that was decided and is opened again.

use jiff::Timestamp;
use phidia_domain::{Rejection, id::ApplicationId, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{CaseReopened, Event, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    record::{Ahead, Entry, Progress, Reopening, WorkingUnit},
    store::{outcomes, progress, ratings, reopening, standings},
};

/// Follows an application that is opened again, if the event says so. Answers what routing has told of it before that was known
/// here: facts of different services may cross.
///
/// # Errors
/// `NOT_FOUND` for an unknown application; `INVALID_ARGUMENT` for an event that leaves out what it has to tell.
pub(crate) async fn follow(tx: &DatabaseTransaction, event: &Event) -> Result<Vec<Ahead>, Failure> {
    let Some(Fact::CaseReopened(fact)) = &event.fact else { return Ok(Vec::new()) };
    let id: ApplicationId = convert::id(&event.application_id, "application_id")?;
    let at = convert::required(fact.reopened_at, "case_reopened.reopened_at")?;
    let at = convert::timestamp(at, "case_reopened.reopened_at")?;
    let unknown = || Rejection::not_found("UNKNOWN_APPLICATION", "no application has this id");
    let (before, last, _) = progress::lock(tx, &event.province, id).await?.ok_or_else(unknown)?;
    let standing = progress::lock_standing(tx, &event.province, id).await?;
    let known = outcomes::lock(tx, &event.province, id).await?.ok_or_else(unknown)?;
    let after = reopened(before, fact)?;
    let entry = Entry {
        at,
        status: after.status,
        unit_name: after.working_unit.as_ref().map(|unit| unit.name.clone()),
        why: None,
        reopened_by: Some(fact.decision.clone()),
    };
    progress::save(tx, &event.province, id, &after, &entry, last + 1).await?;
    progress::save_standing(tx, &event.province, id, &standing.reopened()).await?;
    outcomes::save(tx, &event.province, id, &known.withdrawn(at)).await?;
    ratings::supersede(tx, &event.province, id, at).await?;
    let reached_before = convert::work_items(&fact.reached_before, "case_reopened.reached_before")?;
    let reopening = Reopening { at, reached_before };
    standings::unsettle(tx, &event.province, id).await?;
    let mut ahead = reopening::settle(tx, &event.province, id, &reopening).await?;
    ahead.retain(|ahead| ahead.work_item.is_some());
    Ok(ahead)
}

/// When what routing tells of a work item has come true, as it is told: what belongs to an application that was opened again comes after
/// that, whatever the clocks of two services say. None: it is of before.
///
/// # Errors
/// Those of the store.
pub(crate) async fn place(
    tx: &DatabaseTransaction,
    province: &str,
    work_item: WorkItem,
    at: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let last = reopening::last(tx, province, work_item.application).await?;
    Ok(match last {
        Some(last) if work_item.is_before(&last.reached_before) => None,
        Some(last) => Some(at.max(last.at)),
        None => Some(at),
    })
}

fn reopened(before: Progress, fact: &CaseReopened) -> Result<Progress, Rejection> {
    let unit = convert::optional_unit(&fact.unit_id, "case_reopened.unit_id")?;
    let due_at = |at| convert::timestamp(at, "case_reopened.due_at");
    Ok(Progress {
        status: before.status.reopened(),
        working_unit: unit.map(|id| WorkingUnit { id, name: convert::text(fact.unit_name.clone()) }),
        beside: Vec::new(),
        finished: None,
        due_at: fact.due_at.map(due_at).transpose()?,
        stopping: false,
        ..before
    })
}
