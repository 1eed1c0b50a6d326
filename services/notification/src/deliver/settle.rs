//! Writes down what an attempt came to, how the message stands by it, and what follows.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::notice::Happening;
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use super::{otherwise::Otherwise, receipt};
use crate::store::{
    attempts::{self, Attempt},
    delivery::{self, Claim},
    provider,
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
    /// With what the person is told over another channel, where this one has failed for good.
    pub(super) otherwise: Arc<Otherwise>,
}

impl Settlement {
    /// Answers whether the person is told over another channel instead.
    pub(super) async fn write(self, tx: &DatabaseTransaction) -> Result<bool, Failure> {
        let Self { claim, attempt, end, now, otherwise } = self;
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
                return receipt::keep(tx, &message, &otherwise, now).await;
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
        if is_over { otherwise.tell(tx, &message, now).await } else { Ok(false) }
    }
}
