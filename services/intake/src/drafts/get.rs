//! One draft, with what it says or what it has become.

use phidia_domain::{caller::Caller, id::DraftId};
use phidia_proto::intake::v1::SubmitApplicationRequest;
use phidia_runtime::failure::Failure;

use super::found;
use crate::{
    Intake,
    record::{DraftRecord, Receipt},
    store::{drafts as store, reading},
};

/// What is shown of a draft.
pub(crate) struct ShownDraft {
    pub(crate) draft: DraftRecord,
    /// None: it was handed in.
    pub(crate) application: Option<SubmitApplicationRequest>,
    /// Of what it has become.
    pub(crate) receipt: Option<Receipt>,
}

impl Intake {
    /// A draft that the caller may open.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn draft(&self, caller: &Caller, id: DraftId) -> Result<ShownDraft, Failure> {
        let (conn, since) = (self.outbox.database().read(), self.drafts_since());
        let province = &self.versions.active().await?.value.code;
        let draft = found(store::find(conn, province, id).await?, caller, since)?;
        let application = draft.open(&self.master_key)?;
        let receipt = match draft.application {
            Some(application) => reading::receipt(conn, province, application).await?,
            None => None,
        };
        Ok(ShownDraft { draft, application, receipt })
    }
}
