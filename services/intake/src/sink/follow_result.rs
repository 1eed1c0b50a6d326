//! What processing tells of results: a finished application comes no further by it, and its citizen sees it nevertheless.

use phidia_domain::{Rejection, id::ApplicationId};
use phidia_proto::{
    convert,
    events::v1::{Event, ResultHandedOver, ResultIssued, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    record::{HandedOver, Issued, Outcome},
    store::outcomes,
};

/// Follows what an event tells of a result, if anything.
///
/// # Errors
/// `NOT_FOUND` for an unknown application; `INVALID_ARGUMENT` for an event that leaves out what it has to tell.
pub(crate) async fn follow(tx: &DatabaseTransaction, event: &Event) -> Result<(), Failure> {
    let change = match &event.fact {
        Some(Fact::ResultIssued(fact)) => Outcome { issued: Some(issued(fact)?), ..Outcome::default() },
        Some(Fact::ResultHandedOver(fact)) => {
            Outcome { handed_over: Some(handed(fact)?), ..Outcome::default() }
        }
        _ => return Ok(()),
    };
    let id: ApplicationId = convert::id(&event.application_id, "application_id")?;
    let known = outcomes::lock(tx, &event.province, id).await?;
    let known =
        known.ok_or_else(|| Rejection::not_found("UNKNOWN_APPLICATION", "no application has this id"))?;
    let outcome = Outcome {
        issued: change.issued.or(known.issued),
        handed_over: change.handed_over.or(known.handed_over),
        withdrawn: known.withdrawn,
    };
    outcomes::save(tx, &event.province, id, &outcome).await
}

fn issued(fact: &ResultIssued) -> Result<Issued, Rejection> {
    Ok(Issued {
        at: convert::timestamp(convert::required(fact.issued_at, "issued_at")?, "issued_at")?,
        sha256: fact.sha256.clone(),
        size: fact.size_bytes,
        media_type: fact.media_type.clone(),
    })
}

fn handed(fact: &ResultHandedOver) -> Result<HandedOver, Rejection> {
    Ok(HandedOver {
        at: convert::timestamp(convert::required(fact.handed_over_at, "handed_over_at")?, "handed_over_at")?,
        way: convert::way(fact.way, "result_handed_over.way")?,
        unit_name: convert::text(fact.unit_name.clone()),
    })
}
