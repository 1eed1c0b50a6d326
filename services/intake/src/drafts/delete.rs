//! Throws a draft away.

use phidia_domain::{caller::Caller, id::DraftId};
use phidia_runtime::failure::Failure;

use super::found;
use crate::{Intake, store::drafts as store};

impl Intake {
    /// Throws a draft away; one that is gone already is no fault.
    ///
    /// # Errors
    /// `NOT_FOUND` for somebody else's.
    pub(crate) async fn delete_draft(&self, caller: &Caller, id: DraftId) -> Result<(), Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let (caller, since) = (caller.clone(), self.drafts_since());
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let Some(draft) = store::lock(tx, &province, id).await? else { return Ok(()) };
                    found(Some(draft), &caller, since)?;
                    store::delete(tx, &province, &[id]).await
                })
            })
            .await
    }
}
