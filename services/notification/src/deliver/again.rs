//! Puts a message among those that are to be sent once more, under the key that it had.

use jiff::Timestamp;
use phidia_domain::notice::{Fault, Happening, Notice};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::store::{
    Message,
    attempts::{self, LOST, TAKEN},
    delivery,
};

/// Queues a message that is held and to be sent, unless it is queued: again at the provider where it may have been heard. The delivery
/// is held before the message.
pub(crate) async fn requeue(
    tx: &DatabaseTransaction,
    message: &Message,
    now: Timestamp,
) -> Result<bool, Failure> {
    if delivery::hold(tx, &message.province, message.id).await?.is_some() {
        return Ok(false);
    }
    if message.notice == Notice::ContactCorrected {
        // Where they were reached before is forgotten, and it is nobody else's affair.
        if let Some(state) = message.state.after(Happening::GivenUp) {
            let given_up = Message { state, failure: ADDRESS_FORGOTTEN.to_owned(), ..message.clone() };
            delivery::keep(tx, &given_up, Some(now)).await?;
        }
        return Ok(false);
    }
    let tried = attempts::of(tx, message).await?;
    // What was taken and never heard of again, too, is known there by its key.
    let may_be_heard = [LOST, TAKEN, Fault::Ambiguous.as_str()];
    let unclear = tried.iter().rfind(|attempt| may_be_heard.contains(&&*attempt.outcome));
    let made = tried.iter().map(|attempt| attempt.number).max().unwrap_or_default();
    let message = Message { attempts: message.attempts.max(made), ..message.clone() };
    delivery::queue(tx, &message, None, unclear.map(|attempt| &*attempt.provider), now).await?;
    Ok(true)
}

/// Why what tells that they are reached elsewhere cannot be told again.
pub(crate) const ADDRESS_FORGOTTEN: &str = "ADDRESS_FORGOTTEN";
