//! Writes down what an attempt came to, how the message stands by it, and what follows.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::notice::{self, Addressee, Channel, Happening, Notice};
use phidia_runtime::{failure::Failure, ids::Ids};
use sea_orm::DatabaseTransaction;

use super::receipt;
use crate::{
    render::Renderer,
    store::{
        self, Message,
        attempts::{self, Attempt},
        delivery::{self, Claim},
        mailbox, provider,
    },
};

/// What an attempt came to.
pub(super) enum End {
    /// The provider has taken it.
    Taken {
        /// What it calls the message.
        reference: Option<String>,
        /// Whether it will say what became of it.
        receipts: bool,
    },
    /// It is tried again then.
    Again {
        /// Real time.
        at: Timestamp,
        /// Whether it may have been heard.
        is_ambiguous: bool,
        /// Until when the provider wants nothing; real time.
        pause: Option<Timestamp>,
    },
    /// It is given up.
    Over {
        /// For the address or the person; otherwise for a fault of ours or of the provider's.
        is_refused: bool,
    },
}

/// The end of an attempt.
pub(super) struct Settlement {
    pub(super) claim: Claim,
    pub(super) attempt: Attempt,
    pub(super) end: End,
    /// Real time.
    pub(super) now: Timestamp,
    /// Whom else to try to reach, and over what, where this channel has failed for good.
    pub(super) instead: Option<Instead>,
}

/// With what somebody is told over another channel.
pub(super) struct Instead {
    pub(super) to: Addressee,
    /// The channels for which there is a provider.
    pub(super) open: Vec<Channel>,
    pub(super) ids: Ids,
    pub(super) renderer: Arc<Renderer>,
}

impl Settlement {
    /// Answers whether the person is told over another channel instead.
    pub(super) async fn write(self, tx: &DatabaseTransaction) -> Result<bool, Failure> {
        let Self { claim, attempt, end, now, instead } = self;
        let code = attempt.code.clone();
        // In the order in which whoever claims holds them.
        delivery::hold(tx, &claim.province, claim.message).await?;
        attempts::keep(tx, &claim.province, claim.message, attempt).await?;
        let Some(mut message) = delivery::hold_message(tx, &claim.province, claim.message).await? else {
            return Ok(false);
        };
        if let End::Again { pause: Some(until), .. } = end {
            provider::pause(tx, &claim.provider, until).await?;
        }
        let happening = match end {
            // That is true whoever holds the claim by now, so no fence is asked for.
            End::Taken { reference, receipts } => {
                delivery::drop_delivery(tx, &claim.province, claim.message).await?;
                let happening = Happening::Taken { receipts };
                let Some(state) = message.state.after(happening) else { return Ok(false) };
                message.state = state;
                message.sent_at = Some(now);
                message.attempts = claim.attempt;
                message.failure = String::new();
                message.provider = Some(claim.provider);
                message.provider_ref = reference.or_else(|| receipts.then(|| message.key()));
                // It may have been said before this.
                receipt::count(tx, &mut message).await?;
                let settled = receipt::rests(message.state).then_some(now);
                delivery::keep(tx, &message, settled).await?;
                return Ok(false);
            }
            End::Again { at, is_ambiguous, .. } => {
                let may_be_heard = claim.may_be_heard || is_ambiguous;
                if !delivery::again(tx, &claim, may_be_heard, at).await? {
                    return Ok(false);
                }
                Happening::Failed
            }
            End::Over { is_refused } => {
                if !delivery::over(tx, &claim).await? {
                    return Ok(false);
                }
                if is_refused { Happening::Refused } else { Happening::GivenUp }
            }
        };
        let Some(state) = message.state.after(happening) else { return Ok(false) };
        message.state = state;
        message.attempts = claim.attempt;
        message.failure = code;
        // One that has taken it under this key, and calls it by the name that is kept, is still the one to hear of it.
        if message.provider_ref.is_none() {
            message.provider = Some(claim.provider).filter(|name| !name.is_empty());
        }
        let is_over = happening != Happening::Failed;
        delivery::keep(tx, &message, is_over.then_some(now)).await?;
        match instead {
            Some(instead) if is_over => tell_otherwise(tx, &message, instead, now).await,
            _ => Ok(false),
        }
    }
}

/// Has somebody told over another channel what did not reach them over this one; whether there is one.
async fn tell_otherwise(
    tx: &DatabaseTransaction,
    failed: &Message,
    Instead { to, open, ids, renderer }: Instead,
    now: Timestamp,
) -> Result<bool, Failure> {
    // That they are reached elsewhere is told where they were reached before, and nowhere else.
    if failed.notice == Notice::ContactCorrected {
        return Ok(false);
    }
    let told = delivery::told_over(tx, failed).await?;
    let Some(channel) = notice::fallback(&to, &open, &told) else { return Ok(false) };
    // In the words in which it would have been told over this one at first.
    let kept = mailbox::kept(tx, failed).await?.unwrap_or_else(|| failed.clone());
    let text = match &kept.told_with {
        Some(told) if channel == Channel::Sms => renderer.sms(failed.notice, failed.language, told)?,
        _ => None,
    };
    let words = text.map(|text| (text.text, text.version));
    let (body, template_version) = words.unwrap_or((kept.body, kept.template_version));
    let message = Message {
        id: ids.mint(failed.occurred_at),
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
