//! Another channel, where one has failed for good.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::notice::{self, Channel, Notice};
use phidia_runtime::{failure::Failure, ids::Ids, seal::MasterKey};
use sea_orm::DatabaseTransaction;

use crate::{
    render::Renderer,
    store::{self, Message, delivery, mailbox, preferences},
    tell,
};

/// With what a person is told over another channel.
#[derive(Debug)]
pub(crate) struct Otherwise {
    /// The channels for which there is a provider.
    pub(crate) open: Vec<Channel>,
    /// Whether a telephone is used only where a person has agreed to it.
    pub(crate) ask_consent: bool,
    pub(crate) ids: Ids,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) master_key: Arc<MasterKey>,
}

impl Otherwise {
    /// Has somebody told over the next channel what cannot reach them over this one, as far as they want to be told over it, and once;
    /// whether there is one. The message is held.
    pub(super) async fn tell(
        &self,
        tx: &DatabaseTransaction,
        failed: &Message,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let Some(channel) = self.next(tx, failed).await? else { return Ok(false) };
        // In the words in which it would have been told over this one at first.
        let kept = mailbox::kept(tx, failed).await?.unwrap_or_else(|| failed.clone());
        let text = match &kept.told_with {
            Some(told) if channel == Channel::Sms => {
                self.renderer.sms(failed.notice, failed.language, told)?
            }
            _ => None,
        };
        let words = text.map(|text| (text.text, text.version));
        let (body, template_version) = words.unwrap_or((kept.body, kept.template_version));
        let message = Message {
            id: self.ids.mint(failed.occurred_at),
            channel,
            body,
            template_version,
            state: channel.first_state(),
            sent_at: None,
            attempts: 0,
            failure: String::new(),
            provider: None,
            provider_ref: None,
            resends: 0,
            ..failed.clone()
        };
        let is_new = store::add_message(tx, message.clone()).await?;
        if is_new {
            delivery::queue(tx, &message, None, None, now).await?;
            tracing::info!(failed = %failed.id, message = %message.id, channel = channel.as_str(), "told over another channel");
        }
        Ok(is_new)
    }

    /// The channel that is tried next; none: there is no other, or nobody to be told over it.
    async fn next(&self, tx: &DatabaseTransaction, failed: &Message) -> Result<Option<Channel>, Failure> {
        // That they are reached elsewhere is told where they were reached before, and nowhere else.
        if failed.notice == Notice::ContactCorrected {
            return Ok(None);
        }
        let Some(recipient) = store::find_recipient(tx, &failed.province, failed.application).await? else {
            return Ok(None);
        };
        let Some(wrapped_key) = &recipient.person.wrapped_key else { return Ok(None) };
        let Ok(contact) = tell::open(&self.master_key, &recipient, wrapped_key) else {
            tracing::warn!(failed = %failed.id, "the contact does not open; nobody is told over another channel");
            return Ok(None);
        };
        let Some(to) = contact.of(failed.audience) else { return Ok(None) };
        let said = preferences::find(tx, &failed.province, recipient.person.preferring()).await?;
        let open = tell::open_to(&self.open, failed.audience, said, self.ask_consent);
        let told = delivery::told_over(tx, failed).await?;
        Ok(notice::fallback(&to, &open, &told))
    }
}
