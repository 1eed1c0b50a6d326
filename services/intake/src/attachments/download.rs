//! The bytes of an attachment, for whoever may have them. That they had them is written down first.

use phidia_domain::id::AttachmentId;
use phidia_runtime::{failure::Failure, seal::FileKey};

use super::{
    get::{Right, Shown},
    sealing::Opened,
};
use crate::{
    Intake,
    record::ContentRecord,
    store::attachments::{self as store, Object, Reading},
};

impl Intake {
    /// What is in an attachment, piece by piece.
    ///
    /// # Errors
    /// `NOT_FOUND`; those of `State::check_download`, and of [`Intake::track`].
    pub(crate) async fn download(&self, right: Right, id: AttachmentId) -> Result<(Shown, Opened), Failure> {
        let record = self.seen_attachment(&right, id).await?;
        record.state().check_download()?;
        let missing = || Failure::broken(format!("{id} is clean and has no content"));
        let content = record.content.clone().ok_or_else(missing)?;
        let province = self.versions.active().await?.value.code.clone();
        let opened = self.open(&province, &content).await?;
        let (actor, by_receipt) = match &right {
            Right::Own(caller) => (caller.actor(), false),
            Right::Receipt { caller, .. } => (caller.actor(), true),
        };
        let application = record.attached.map(|attached| attached.application);
        let reading = Reading { attachment: id, application, actor, by_receipt, at: self.business.now() };
        self.outbox
            .write(move |tx, _| Box::pin(async move { store::note_reading(tx, &province, reading).await }))
            .await?;
        Ok((self.show(record)?, opened))
    }

    /// What is in a content.
    pub(super) async fn open(&self, province: &str, content: &ContentRecord) -> Result<Opened, Failure> {
        let key = FileKey::unwrap(&self.master_key, &content.wrapped_key)?;
        let sealed = self.attachments.objects.get(province, Object::Content(content.id)).await?;
        let size = content.size.try_into().map_err(Failure::broken)?;
        Ok(Opened::new(sealed, key, content.id, size))
    }
}
