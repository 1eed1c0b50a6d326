//! One attempt: the words, the address, the provider.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use phidia_domain::{
    id::Id as _,
    notice::{Addressee, Channel, Fault, Next, Notice, State},
};
use phidia_runtime::failure::Failure;

use super::{
    ATTEMPTS, NO_OUTCOME, Sender, later,
    settle::{End, Instead, Settlement},
};
use crate::{
    channel::{self, Outgoing, Refusal, Registered, Taken},
    store::{
        self, Message, Recipient,
        attempts::{self, Attempt},
        delivery::{self, Claim},
        preferences,
    },
    tell,
};

/// They gave nothing that the channel goes to.
const NO_ADDRESS: &str = "NO_ADDRESS";

/// What handing over came to.
struct Tried {
    outcome: Result<Taken, Refusal>,
    /// How long the provider took; none: it was not asked.
    took: Option<Duration>,
}

impl From<Refusal> for Tried {
    fn from(refusal: Refusal) -> Self {
        Self { outcome: Err(refusal), took: None }
    }
}

/// Whom a message goes to.
struct Whom {
    to: Addressee,
    /// The name of who is told of, and addressed by the words.
    applicant: String,
    /// The channels over which they may be told.
    open: Vec<Channel>,
}

impl Sender {
    /// One attempt, and what follows from it.
    pub(super) async fn attempt(&self, claim: Claim) -> Result<(), Failure> {
        let conn = self.outbox.database().read();
        let Some(message) = delivery::find_message(conn, &claim.province, claim.message).await? else {
            // What is left of it is cleared away by who looks for what is lost.
            tracing::warn!(message = %claim.message, "what was to be sent is not there");
            return Ok(());
        };
        let at = self.providers.iter().find(|provider| provider.name == claim.provider);
        if message.state != State::Sending {
            // A provider has said meanwhile what became of an attempt from before.
            if let Some(at) = at {
                at.was_not_asked();
            }
            let drop = self
                .outbox
                .write(move |tx, _| Box::pin(async move { delivery::over(tx, &claim).await.map(drop) }));
            return drop.await;
        }
        let whom = self.whom(&claim, &message).await?;
        let patience = self.patience(message.notice);
        let tried = match (at, &whom) {
            // The last one ended without a word: who made it died of it, and perhaps of this message.
            _ if claim.patience > patience.attempts.max(1) => {
                Refusal::unasked(Fault::Ours, NO_OUTCOME).into()
            }
            (_, Err(refusal)) => refusal.clone().into(),
            (None, _) => Refusal::unasked(Fault::Away, "NO_PROVIDER").into(),
            (Some(at), Ok(whom)) => self.hand_over(&message, whom, at).await?,
        };
        let now = self.clock.now();
        match (at, tried.took) {
            (Some(at), Some(took)) => {
                at.record(now, tried.outcome.as_ref().map(drop).map_err(|refusal| refusal.fault), took);
            }
            (Some(at), None) => at.was_not_asked(),
            (None, _) => {}
        }
        let (id, number) = (claim.message, claim.attempt);
        let (end, outcome, code) = match tried.outcome {
            Ok(Taken { reference }) => {
                tracing::debug!(message = %id, attempt = number, provider = claim.provider, "message handed over");
                let receipts = at.is_some_and(|at| at.provider.sends_receipts());
                (End::Taken { reference, receipts }, attempts::TAKEN, String::new())
            }
            Err(Refusal { fault, reason, .. }) => {
                let next = patience.after(fault, claim.patience, spread(&claim));
                tracing::info!(message = %id, attempt = number, provider = claim.provider, reason, ?next, "message not handed over");
                let pause = match fault {
                    Fault::Throttled { pause } => Some(later(now, pause.unwrap_or(patience.first))),
                    _ => None,
                };
                let end = match next {
                    Next::Again { after } => {
                        End::Again { at: later(now, after), is_ambiguous: fault == Fault::Ambiguous, pause }
                    }
                    Next::GiveUp => End::Over { is_refused: fault == Fault::Lasting },
                };
                (end, fault.as_str(), reason)
            }
        };
        ATTEMPTS.add(
            1,
            &[("channel", self.channel.as_str()), ("provider", &claim.provider), ("outcome", outcome)],
        );
        let attempt = Attempt {
            number,
            provider: claim.provider.clone(),
            began_at: claim.began_at,
            took_milliseconds: u32::try_from(tried.took.unwrap_or_default().as_millis()).unwrap_or(u32::MAX),
            outcome: outcome.to_owned(),
            code,
        };
        // Where one channel has failed for good, another is tried.
        let instead = whom.ok().filter(|_| matches!(end, End::Over { .. })).map(|whom| Instead {
            to: whom.to,
            open: whom.open,
            ids: self.ids.clone(),
            renderer: Arc::clone(&self.renderer),
        });
        let settlement = Settlement { claim, attempt, end, now, instead };
        let is_told_otherwise =
            self.outbox.write(move |tx, _| Box::pin(async move { settlement.write(tx).await })).await?;
        if is_told_otherwise {
            self.wake.all();
        }
        Ok(())
    }

    /// Whom it goes to; why to nobody. The outer fault is the store's: the lease stands.
    async fn whom(&self, claim: &Claim, message: &Message) -> Result<Result<Whom, Refusal>, Failure> {
        let conn = self.outbox.database().read();
        let recipient = store::find_recipient(conn, &claim.province, message.application).await?;
        let Some((recipient, wrapped_key)) = recipient.and_then(|recipient| {
            let key = recipient.person.wrapped_key.clone()?;
            let contact = claim.contact.clone().unwrap_or(recipient.contact);
            Some((Recipient { contact, ..recipient }, key))
        }) else {
            return Ok(Err(Refusal::unasked(Fault::Lasting, "PERSON_ERASED")));
        };
        let Ok(contact) = tell::open(&self.master_key, &recipient, &wrapped_key) else {
            // Perhaps this process was given another key than the one that wrote it down.
            return Ok(Err(Refusal::unasked(Fault::Passing, "CONTACT_DOES_NOT_OPEN")));
        };
        let Some(to) = contact.of(message.audience) else {
            // They have been told otherwise since: nobody acts for the applicant any more.
            return Ok(Err(Refusal::unasked(Fault::Lasting, NO_ADDRESS)));
        };
        let said = preferences::find(conn, &message.province, recipient.person.preferring()).await?;
        let open = tell::open_to(&self.open, message.audience, said, self.ask_consent);
        Ok(Ok(Whom { to, applicant: contact.name, open }))
    }

    /// Writes the message out and hands it to the provider. The fault is ours or the store's: the lease stands.
    async fn hand_over(&self, message: &Message, whom: &Whom, at: &Registered) -> Result<Tried, Failure> {
        if !whom.to.is_reached_over(self.channel) {
            // They have been told otherwise since: the address was taken back.
            return Ok(Refusal::unasked(Fault::Lasting, NO_ADDRESS).into());
        }
        // That they are reached elsewhere goes to where they were reached before, whoever has that by now.
        if message.notice != Notice::ContactCorrected && !whom.open.contains(&self.channel) {
            return Ok(Refusal::unasked(Fault::Lasting, "DECLINED").into());
        }
        let words = channel::words(&self.renderer, message, &whom.applicant)?;
        let key = message.key();
        let outgoing = Outgoing {
            key: &key,
            template: message.notice.template(),
            language: message.language,
            to: &whom.to,
            subject: &message.subject,
            words,
        };
        let began_at = self.clock.now();
        let outcome = at.provider.send(outgoing).await;
        let was_asked = outcome.as_ref().err().is_none_or(|refusal| refusal.was_asked);
        let took = super::until(began_at, self.clock.now());
        Ok(Tried { outcome, took: Some(took).filter(|_| was_asked) })
    }
}

/// Scatters the next attempts of messages that failed together. It depends on the message and the attempt
/// alone: what matters is that messages differ.
fn spread(claim: &Claim) -> u16 {
    let mut hasher = DefaultHasher::new();
    (claim.message.uuid(), claim.attempt).hash(&mut hasher);
    let [low, high, ..] = hasher.finish().to_le_bytes();
    u16::from_le_bytes([low, high])
}
