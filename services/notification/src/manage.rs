//! What operators do with messages: look at one, tell it again, take it back, and have dead letters told after all.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::{Id as _, MessageId},
    notice::{Audience, Channel, Happening, Notice, State},
};
use phidia_outbox::Outbox;
use phidia_runtime::{clock::RealClock, failure::Failure};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    deliver::{
        Wake,
        again::{self, ADDRESS_FORGOTTEN},
    },
    list_messages::{for_operators, may_read},
    store::{
        Message,
        attempts::{self, Attempt, Deed},
        delivery::{self, Delivery},
        digest,
        outstanding::{self, Pile},
        receipts::{self, Said},
    },
};

/// Characters of a reason.
const LONGEST_REASON: usize = 500;
/// Dead letters that are told after all in one go.
const MOST_AT_ONCE: u64 = 500;

/// What is known of a message.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) message: Message,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) receipts: Vec<Said>,
    pub(crate) deeds: Vec<Deed>,
}

/// A page of dead letters.
#[derive(Clone, Debug)]
pub(crate) struct Dead {
    pub(crate) messages: Vec<Message>,
    /// Empty on the last page.
    pub(crate) next_page_token: String,
    pub(crate) total: u64,
}

/// Which dead letters.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// This one.
    One(MessageId),
    /// All, the oldest first.
    All,
}

/// Who does it.
#[derive(Clone, Debug)]
pub(crate) struct Manager {
    pub(crate) outbox: Outbox,
    pub(crate) clock: RealClock,
    pub(crate) wake: Wake,
}

impl Manager {
    /// A message with all that was tried and said.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for one to a unit that is not the caller's, and for one to operators, unless one asks.
    pub(crate) async fn show(&self, caller: &Caller, id: MessageId) -> Result<Shown, Failure> {
        let conn = self.outbox.database().read();
        let message = outstanding::find(conn, id).await?.ok_or_else(unknown)?;
        if message.unit.is_some_and(|unit| !may_read(caller, unit)) {
            return Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "the message of another unit").into());
        }
        if message.audience == Audience::Operators && caller.role != Role::Operator {
            return Err(for_operators().into());
        }
        let receipts = match (&message.provider, &message.provider_ref) {
            (Some(provider), Some(reference)) => receipts::of(conn, provider, reference).await?,
            _ => Vec::new(),
        };
        Ok(Shown {
            attempts: attempts::of(conn, &message).await?,
            deeds: attempts::done(conn, &message).await?,
            message,
            receipts,
        })
    }

    /// Has a message told once more, whatever became of it: under another key, so that a provider that knows the first tells it
    /// again.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` where it is still under way, or cannot be sent; `INVALID_ARGUMENT` for the reason.
    pub(crate) async fn resend(
        &self,
        caller: &Caller,
        id: MessageId,
        reason: &str,
    ) -> Result<Message, Failure> {
        self.change(caller, id, "resend", reason, |tx, mut message, queued, now| {
            Box::pin(async move {
                let Some(state) = message.state.after(Happening::Again).filter(|_| queued.is_none()) else {
                    let why = "it is still under way; it can be sent again once that has come to an end";
                    return Err(Rejection::new(Kind::Precondition, "STILL_UNDER_WAY", why).into());
                };
                message.state = state;
                message.resends += 1;
                message.sent_at = None;
                message.provider_ref = None;
                message.failure = String::new();
                delivery::keep(tx, &message, None).await?;
                // Whoever has it told now wants it told, also when it is late.
                let queued = Message { expires_at: None, ..message.clone() };
                delivery::queue(tx, &queued, None, None, now).await?;
                Ok(message)
            })
        })
        .await
    }

    /// Takes a message back that was not told yet.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` where it was told, or is being; `INVALID_ARGUMENT` for the reason.
    pub(crate) async fn cancel(
        &self,
        caller: &Caller,
        id: MessageId,
        reason: &str,
    ) -> Result<Message, Failure> {
        self.change(caller, id, "cancel", reason, |tx, mut message, queued, now| {
            Box::pin(async move {
                if message.state == State::Sending {
                    let why = "it is being sent at this moment";
                    return Err(Rejection::new(Kind::Precondition, "MESSAGE_BEING_SENT", why).into());
                }
                let Some(state) = message.state.after(Happening::Cancelled).filter(|_| queued.is_some())
                else {
                    let why = "nothing more is sent of it: there is nothing to take back";
                    return Err(Rejection::new(Kind::Precondition, "NOT_WAITING", why).into());
                };
                message.state = state;
                delivery::drop_delivery(tx, &message.province, message.id).await?;
                delivery::keep(tx, &message, Some(now)).await?;
                Ok(message)
            })
        })
        .await
    }

    /// Has dead letters told after all, under the keys that they had. Answers how many.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` where one that is named is none; `INVALID_ARGUMENT` for the reason.
    pub(crate) async fn replay(&self, caller: &Caller, which: Which, reason: &str) -> Result<u64, Failure> {
        match which {
            Which::One(id) => {
                let again = self.change(caller, id, "replay", reason, |tx, message, _, now| {
                    Box::pin(async move { revive(tx, message, now).await })
                });
                again.await?;
                Ok(1)
            }
            Which::All => {
                let reason = read_reason(reason)?;
                let dead = outstanding::dead(self.outbox.database().read(), None, MOST_AT_ONCE).await?;
                let mut replayed = 0;
                for dead in dead.into_iter().filter(|dead| dead.notice != Notice::ContactCorrected) {
                    let again = self.change(caller, dead.id, "replay", &reason, |tx, message, _, now| {
                        Box::pin(async move { revive(tx, message, now).await })
                    });
                    match again.await {
                        Ok(_) => replayed += 1,
                        // Somebody else was faster.
                        Err(failure) if failure.rejection().is_some() => {}
                        Err(failure) => return Err(failure),
                    }
                }
                Ok(replayed)
            }
        }
    }

    /// Dead letters, the oldest first.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a page token that is none.
    pub(crate) async fn dead(&self, limit: u64, page_token: &str) -> Result<Dead, Failure> {
        let after = match page_token {
            "" => None,
            token => Some(read_token(token).ok_or_else(|| {
                let expected = "expected the token of the page before";
                Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", expected)
            })?),
        };
        let conn = self.outbox.database().read();
        let mut messages = outstanding::dead(conn, after, limit + 1).await?;
        let total = outstanding::count_dead(conn).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = messages.len() > limit;
        messages.truncate(limit);
        let next = messages.last().filter(|_| more);
        let next_page_token = next.map(|last| write_token(last.occurred_at, last.id.uuid()));
        Ok(Dead { messages, next_page_token: next_page_token.unwrap_or_default(), total })
    }

    /// What is not told yet, and what was given up.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn outstanding(&self) -> Result<Vec<Pile>, Failure> {
        outstanding::piles(self.outbox.database().read()).await
    }

    /// How many things wait for a letter of the day.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn waiting_for_digest(&self) -> Result<u64, Failure> {
        digest::count(self.outbox.database().read(), None).await
    }

    /// Does something with a message that is held, and keeps who did it and why.
    async fn change<F>(
        &self,
        caller: &Caller,
        id: MessageId,
        deed: &'static str,
        reason: &str,
        work: F,
    ) -> Result<Message, Failure>
    where
        F: for<'t> FnOnce(
                &'t DatabaseTransaction,
                Message,
                Option<Delivery>,
                Timestamp,
            ) -> futures::future::BoxFuture<'t, Result<Message, Failure>>
            + Send
            + 'static,
    {
        let reason = read_reason(reason)?;
        let found = outstanding::find(self.outbox.database().read(), id).await?.ok_or_else(unknown)?;
        if found.channel == Channel::InApp {
            let why = "it is kept to be read, and goes out over no line";
            return Err(Rejection::new(Kind::Precondition, "NOT_SENT_ANYWHERE", why).into());
        }
        if found.notice == Notice::ContactCorrected && deed != "cancel" {
            let why = "where they were reached before is forgotten, and it is nobody else's affair";
            return Err(Rejection::new(Kind::Precondition, ADDRESS_FORGOTTEN, why).into());
        }
        let now = self.clock.now();
        let done = Deed { deed: deed.to_owned(), actor: caller.actor(), reason, done_at: now };
        let changed = self
            .outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let queued = delivery::hold(tx, &found.province, id).await?;
                    let held = delivery::hold_message(tx, &found.province, id).await?.ok_or_else(unknown)?;
                    let changed = work(tx, held, queued, now).await?;
                    attempts::note(tx, &changed, done).await?;
                    Ok(changed)
                })
            })
            .await?;
        self.wake.all();
        Ok(changed)
    }
}

/// A dead letter is to be sent again.
async fn revive(tx: &DatabaseTransaction, mut message: Message, now: Timestamp) -> Result<Message, Failure> {
    let state = Some(message.state).filter(|state| *state == State::TechnicalFailure);
    let Some(state) = state.and_then(|state| state.after(Happening::Again)) else {
        let why = "it is no dead letter";
        return Err(Rejection::new(Kind::Precondition, "NOT_DEAD", why).into());
    };
    message.state = state;
    message.failure = String::new();
    delivery::keep(tx, &message, None).await?;
    again::requeue(tx, &message, now).await?;
    Ok(message)
}

fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_NOTICE", "no message has this id")
}

/// Why an operator does something, in a line.
///
/// # Errors
/// `INVALID_ARGUMENT` of `reason`.
pub(crate) fn read_reason(reason: &str) -> Result<String, Rejection> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Rejection::invalid("MISSING_FIELD", "reason", "is required"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Rejection::invalid(
            "WRONG_LENGTH",
            "reason",
            format!("at most {LONGEST_REASON} characters"),
        ));
    }
    if reason.chars().any(char::is_control) {
        return Err(Rejection::invalid("CONTROL_CHARACTER", "reason", "no control characters"));
    }
    Ok(reason.to_owned())
}

/// A place among dead letters: microseconds and id, in hexadecimal digits.
fn write_token(at: Timestamp, id: Uuid) -> String {
    format!("{:016x}{}", at.as_microsecond(), id.simple())
}

fn read_token(token: &str) -> Option<(Timestamp, Uuid)> {
    if token.len() != 48 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let micros = u64::from_str_radix(&token[..16], 16).ok()?.cast_signed();
    Some((Timestamp::from_microsecond(micros).ok()?, Uuid::try_parse(&token[16..]).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_there_and_back_and_rubbish_is_none() {
        let place = ("2026-11-23T01:00:00.123456Z".parse().unwrap(), Uuid::from_u128(7));
        assert_eq!(read_token(&write_token(place.0, place.1)), Some(place));
        for rubbish in ["x", &"f".repeat(47), &"é".repeat(24), &"7".repeat(48)] {
            assert_eq!(read_token(rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn a_reason_is_a_line() {
        assert_eq!(read_reason(" đã sửa ").unwrap(), "đã sửa");
        for (bad, reason) in
            [("  ", "MISSING_FIELD"), ("a\nb", "CONTROL_CHARACTER"), (&"x".repeat(501), "WRONG_LENGTH")]
        {
            assert_eq!(read_reason(bad).unwrap_err().reason, reason);
        }
    }
}
