//! Attachments go to the application that is handed in with them, or whose supplement they are: in the transaction of that.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    application::MOST_FILES,
    caller::Caller,
    id::{ApplicationId, AttachmentId},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    record::{Attached, AttachmentRecord},
    store::attachments as store,
};

/// Attaches what the caller uploaded to an application, all of it or nothing. Again: nothing changes. It may wait for the virus scanner still.
///
/// # Errors
/// All of `attachment_ids[n]`: `UNKNOWN_ATTACHMENT` for what is not the caller's, `DUPLICATE`; those of `State::check_attach`.
/// `TOO_MANY_ATTACHMENTS`.
pub(crate) async fn attach(
    tx: &DatabaseTransaction,
    province: &str,
    caller: &Caller,
    ids: &[AttachmentId],
    application: ApplicationId,
    now: Timestamp,
) -> Result<(), Failure> {
    let wanted = check_ids(ids)?;
    let (owner, found) = (caller.actor(), store::lock(tx, province, &wanted).await?);
    let mut found: BTreeMap<_, _> = found.into_iter().map(|record| (record.id, record)).collect();
    for (place, id) in ids.iter().enumerate() {
        check(found.remove(id), &[&owner], application, &format!("attachment_ids[{place}]"))?;
    }
    store::attach(tx, province, ids, Attached { application, at: now }).await
}

/// Whether a file, if it is there, may be attached to an application by one of these; `field`: where it is named.
///
/// # Errors
/// Those of [`attach`], of `field`.
pub(crate) fn check(
    file: Option<AttachmentRecord>,
    owners: &[&str],
    application: ApplicationId,
    field: &str,
) -> Result<(), Rejection> {
    let file = file.filter(|file| owners.contains(&file.owner.as_str())).ok_or_else(|| {
        Rejection::invalid("UNKNOWN_ATTACHMENT", field, "an attachment that the caller uploaded")
            .in_vietnamese("phải là tệp mà người nộp đã tải lên")
    })?;
    let attached_to = file.attached.map(|attached| attached.application);
    file.state().check_attach(attached_to, application).map_err(|refusal| {
        let message = refusal.message.clone();
        refusal.violating(field, message)
    })
}

/// Whether all of these were attached to an application before.
///
/// # Errors
/// `SUPPLEMENTED_BEFORE`, of `attachment_ids[n]`.
pub(crate) async fn check_attached(
    tx: &DatabaseTransaction,
    province: &str,
    ids: &[AttachmentId],
    application: ApplicationId,
) -> Result<(), Failure> {
    let found = store::of_application(tx, province, application).await?;
    let missing = ids.iter().position(|id| !found.iter().any(|record| record.id == *id));
    let Some(place) = missing else { return Ok(()) };
    let message = "the supplement was received before, without this file";
    let refusal = Rejection::new(Kind::Precondition, "SUPPLEMENTED_BEFORE", message);
    Err(refusal.violating(&format!("attachment_ids[{place}]"), message).into())
}

/// When all of these were attached to an application, if they were; what is nothing was not.
pub(crate) async fn attached_before(
    tx: &DatabaseTransaction,
    province: &str,
    ids: &[AttachmentId],
    application: ApplicationId,
) -> Result<Option<Timestamp>, Failure> {
    let found = store::of_application(tx, province, application).await?;
    let at = ids.iter().map(|id| Some(found.iter().find(|record| record.id == *id)?.attached?.at));
    let at: Option<Vec<_>> = at.collect();
    Ok(at.and_then(|at| at.into_iter().max()))
}

/// These ids, each once.
///
/// # Errors
/// `TOO_MANY_ATTACHMENTS`, `DUPLICATE`.
pub(crate) fn check_ids(ids: &[AttachmentId]) -> Result<BTreeSet<AttachmentId>, Rejection> {
    if ids.len() > MOST_FILES {
        let expected = format!("at most {MOST_FILES}");
        return Err(
            Rejection::invalid("TOO_MANY_ATTACHMENTS", "attachment_ids", expected).with("most", MOST_FILES)
        );
    }
    let mut wanted = BTreeSet::new();
    for (place, id) in ids.iter().enumerate() {
        if !wanted.insert(*id) {
            return Err(Rejection::invalid("DUPLICATE", &format!("attachment_ids[{place}]"), "each once"));
        }
    }
    Ok(wanted)
}
