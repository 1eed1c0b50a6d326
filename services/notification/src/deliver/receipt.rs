//! What providers say later of what they have taken.

use jiff::Timestamp;
use phidia_domain::notice::{Happening, Receipt, State, receipt::strongest};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use super::otherwise::Otherwise;
use crate::store::{
    Message, delivery,
    receipts::{self, Said},
};

/// Takes in what a provider says. Whether it comes again, late, or before what it is about is written down, makes no difference.
/// Whether somebody is told over another channel by that.
pub(crate) async fn take_in(
    tx: &DatabaseTransaction,
    said: Said,
    otherwise: &Otherwise,
) -> Result<bool, Failure> {
    receipts::keep(tx, &said).await?;
    let mut is_told_otherwise = false;
    for about in receipts::messages(tx, &said.provider, &said.provider_ref).await? {
        let queued = delivery::hold(tx, &about.province, about.id).await?;
        let Some(mut message) = delivery::hold_message(tx, &about.province, about.id).await? else {
            continue;
        };
        if count(tx, &mut message).await? {
            if queued.is_some() && !message.state.is_open() {
                // It was to be sent once more, and need not be.
                delivery::drop_delivery(tx, &message.province, message.id).await?;
            }
            is_told_otherwise |= keep(tx, &message, otherwise, said.seen_at).await?;
        }
    }
    Ok(is_told_otherwise)
}

/// Counts all that was said of a message that is held; whether it stands otherwise by that.
pub(super) async fn count(tx: &DatabaseTransaction, message: &mut Message) -> Result<bool, Failure> {
    let (Some(provider), Some(reference)) = (&message.provider, &message.provider_ref) else {
        return Ok(false);
    };
    let said = receipts::of(tx, provider, reference).await?;
    let Some(receipt) = strongest(said.iter().map(|said| said.receipt)) else { return Ok(false) };
    let Some(state) = message.state.after(Happening::Receipt(receipt)) else { return Ok(false) };
    message.state = state;
    message.failure = match receipt {
        Receipt::Pending | Receipt::Delivered => String::new(),
        Receipt::Temporary | Receipt::Permanent => {
            let code = said.iter().rfind(|said| said.receipt == receipt).map(|said| said.code.clone());
            code.filter(|code| !code.is_empty()).unwrap_or_else(|| "RECEIPT".to_owned())
        }
    };
    Ok(true)
}

/// Keeps how a message stands of which all that was said is counted. Where the provider says that it never will get through, the person is
/// told over another channel, as when it had refused it at once; whether they are.
pub(super) async fn keep(
    tx: &DatabaseTransaction,
    message: &Message,
    otherwise: &Otherwise,
    now: Timestamp,
) -> Result<bool, Failure> {
    // What did not get through this time rests, too: it is not tried again under a key that the provider would know.
    let rests = message.state != State::Pending;
    delivery::keep(tx, message, rests.then_some(now)).await?;
    match message.state {
        State::PermanentFailure => otherwise.tell(tx, message, now).await,
        _ => Ok(false),
    }
}

/// Gives up what a provider has taken and not said the end of.
pub(super) async fn give_up(
    tx: &DatabaseTransaction,
    about: &Message,
    before: Timestamp,
    now: Timestamp,
) -> Result<bool, Failure> {
    let Some(mut message) = delivery::hold_message(tx, &about.province, about.id).await? else {
        return Ok(false);
    };
    if message.state != State::Pending || message.sent_at.is_none_or(|at| at >= before) {
        return Ok(false);
    }
    let Some(state) = message.state.after(Happening::GivenUp) else { return Ok(false) };
    message.state = state;
    message.failure = "NO_RECEIPT".to_owned();
    delivery::keep(tx, &message, Some(now)).await?;
    Ok(true)
}
