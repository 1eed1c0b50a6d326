//! What a caller uploaded is deleted again, before it is attached to anything.

use phidia_domain::{Kind, Rejection, caller::Caller, id::AttachmentId};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Intake,
    attachments::get::unknown,
    record::AttachmentRecord,
    store::attachments::{self as store, Object},
};

impl Intake {
    /// Deletes what the caller uploaded. What is not there any more is deleted.
    ///
    /// # Errors
    /// `NOT_FOUND` for another's; `ATTACHED`.
    pub(crate) async fn delete_attachment(&self, caller: &Caller, id: AttachmentId) -> Result<(), Failure> {
        let (province, owner) = (self.versions.active().await?.value.code.clone(), caller.actor());
        let check = move |record: &AttachmentRecord| {
            if record.owner != owner {
                return Err(unknown());
            }
            match record.attached {
                None => Ok(()),
                Some(_) => {
                    let message = "the file is attached to an application and is deleted with it";
                    Err(Rejection::new(Kind::Precondition, "ATTACHED", message))
                }
            }
        };
        let of = province.clone();
        let free =
            self.outbox.write(move |tx, _| Box::pin(async move { delete(tx, &of, id, check).await })).await?;
        self.attachments.objects.forget(&province, &free).await;
        Ok(())
    }
}

/// Deletes an attachment that this allows, if it is there. Answers the objects that nobody needs any more.
pub(super) async fn delete(
    tx: &DatabaseTransaction,
    province: &str,
    id: AttachmentId,
    check: impl FnOnce(&AttachmentRecord) -> Result<(), Rejection>,
) -> Result<Vec<Object>, Failure> {
    let Some(record) = store::lock(tx, province, &[id].into()).await?.pop() else { return Ok(Vec::new()) };
    check(&record)?;
    store::delete(tx, province, &record).await
}
