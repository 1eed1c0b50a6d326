//! What processing tells of an application that was decided and is opened again.

use jiff::Timestamp;
use phidia_domain::{Rejection, id::ApplicationId};
use phidia_proto::{
    convert,
    events::v1::{CaseReopened, Event, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    record::{Ahead, Entry, Progress, WorkingUnit},
    store::{outcomes, progress, reopening},
};

/// Follows an application that is opened again, if the event says so. Answers what routing has told of it before that was known
/// here: facts of different services may cross.
///
/// # Errors
/// `NOT_FOUND` for an unknown application; `INVALID_ARGUMENT` for an event that leaves out what it has to tell.
pub(crate) async fn follow(tx: &DatabaseTransaction, event: &Event) -> Result<Option<Ahead>, Failure> {
    let Some(Fact::CaseReopened(fact)) = &event.fact else { return Ok(None) };
    let id: ApplicationId = convert::id(&event.application_id, "application_id")?;
    let at = convert::required(fact.reopened_at, "case_reopened.reopened_at")?;
    let at = convert::timestamp(at, "case_reopened.reopened_at")?;
    let unknown = || Rejection::not_found("UNKNOWN_APPLICATION", "no application has this id");
    let (before, last) = progress::lock(tx, &event.province, id).await?.ok_or_else(unknown)?;
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
    let ahead = reopening::settle(tx, &event.province, id).await?;
    Ok(ahead.filter(|ahead| ahead.at >= at))
}

fn reopened(before: Progress, fact: &CaseReopened) -> Result<Progress, Rejection> {
    let unit = convert::optional_unit(&fact.unit_id, "case_reopened.unit_id")?;
    let due_at = |at| convert::timestamp(at, "case_reopened.due_at");
    Ok(Progress {
        status: before.status.reopened(),
        working_unit: unit.map(|id| WorkingUnit { id, name: convert::text(fact.unit_name.clone()) }),
        finished: None,
        due_at: fact.due_at.map(due_at).transpose()?,
        stopping: false,
        ..before
    })
}

/// What routing tells of an application, kept where it may belong to a reopening that is still to be told.
///
/// # Errors
/// Those of the store.
pub(crate) async fn note_ahead(
    tx: &DatabaseTransaction,
    province: &str,
    id: ApplicationId,
    finished_at: Timestamp,
    ahead: &Ahead,
) -> Result<(), Failure> {
    // What is older than its end came to nothing.
    if ahead.at > finished_at { reopening::note_ahead(tx, province, id, ahead).await } else { Ok(()) }
}
