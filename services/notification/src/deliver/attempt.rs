//! One attempt: the words, the address, the provider.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use phidia_domain::{
    id::{Id as _, UnitId},
    notice::{Addressee, Audience, Channel, Fault, Next, Notice, State},
};
use phidia_runtime::failure::Failure;

use super::{
    ATTEMPTS, NO_OUTCOME, Sender, later,
    settle::{End, Settlement},
};
use crate::{
    channel::{self, Outgoing, Refusal, Registered, Taken},
    digest,
    store::{
        self, Message, Recipient,
        attempts::{self, Attempt},
        delivery::{self, Claim},
        preferences,
    },
    tell,
    template::Greeted,
};

/// What handing over came to.
struct Tried {
    outcome: Result<Taken, Refusal>,
    /// How long the provider took; none: it was not asked.
    took: Option<Duration>,
}

/// Whom a message goes to.
struct Whom {
    to: Addressee,
    /// Whom the letter greets.
    name: String,
    /// Those who work here are greeted otherwise than citizens.
    is_office: bool,
    /// Whether they may be told over this channel, as far as they have said.
    is_asked_for: bool,
}

impl From<Refusal> for Tried {
    fn from(refusal: Refusal) -> Self {
        Self { outcome: Err(refusal), took: None }
    }
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
        let otherwise = Arc::clone(&self.otherwise);
        let settlement = Settlement { claim, attempt, end, now, otherwise };
        let is_told_otherwise =
            self.outbox.write(move |tx, _| Box::pin(async move { settlement.write(tx).await })).await?;
        if is_told_otherwise {
            self.wake.all();
        }
        Ok(())
    }

    /// Writes the message out and hands it to the provider. The fault is ours or the store's: the lease stands.
    async fn hand_over(&self, message: &Message, whom: &Whom, at: &Registered) -> Result<Tried, Failure> {
        let Whom { to, name, is_office, is_asked_for } = whom;
        if !to.is_reached_over(self.channel) {
            // They have been told otherwise since: the address was taken back.
            return Ok(no_address().into());
        }
        // That they are reached elsewhere goes to where they were reached before, whoever has that by now.
        if message.notice != Notice::ContactCorrected && !is_asked_for {
            return Ok(Refusal::unasked(Fault::Lasting, "DECLINED").into());
        }
        let body = match message.channel {
            Channel::Email if message.notice.is_digest() => {
                let conn = self.outbox.database().read();
                match digest::in_full(conn, &self.master_key, message, to).await? {
                    Some(body) => body,
                    None => return Ok(Refusal::unasked(Fault::Ours, "DIGEST_FORGOTTEN").into()),
                }
            }
            _ => message.body.clone(),
        };
        let greeted = Greeted { name, is_office: *is_office };
        let words = channel::words(&self.renderer, message, greeted, body)?;
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

    /// Whom a message goes to, or why it does not. The outer fault is the store's.
    async fn whom(&self, claim: &Claim, message: &Message) -> Result<Result<Whom, Refusal>, Failure> {
        match (message.audience, message.unit) {
            (Audience::Operators, _) => Ok(self.operators()),
            (_, Some(unit)) => self.office(unit, message).await,
            (_, None) => self.person(claim, message).await,
        }
    }

    async fn person(&self, claim: &Claim, message: &Message) -> Result<Result<Whom, Refusal>, Failure> {
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
        // They have been told otherwise since: nobody acts for the applicant any more.
        let Some(to) = contact.of(message.audience) else { return Ok(Err(no_address())) };
        let said = preferences::find(conn, &message.province, recipient.person.preferring()).await?;
        let open = tell::open_to(&[self.channel], message.audience, said, self.otherwise.ask_consent);
        Ok(Ok(Whom { to, name: contact.name, is_office: false, is_asked_for: !open.is_empty() }))
    }

    async fn office(&self, unit: UnitId, message: &Message) -> Result<Result<Whom, Refusal>, Failure> {
        let Some(letterbox) = self.hours.letterbox(unit).await? else { return Ok(Err(no_address())) };
        let name = tell::in_language(&letterbox.name, message.language).to_owned();
        let to = Addressee { name: name.clone(), email: letterbox.email, telephone: String::new() };
        Ok(Ok(Whom { to, name, is_office: true, is_asked_for: true }))
    }

    fn operators(&self) -> Result<Whom, Refusal> {
        let to = self.operators.clone().ok_or_else(no_address)?;
        Ok(Whom { name: to.name.clone(), to, is_office: true, is_asked_for: true })
    }
}

/// They gave nothing that the channel goes to.
fn no_address() -> Refusal {
    Refusal::unasked(Fault::Lasting, "NO_ADDRESS")
}

/// Scatters the next attempts of messages that failed together. It depends on the message and the attempt
/// alone: what matters is that messages differ.
fn spread(claim: &Claim) -> u16 {
    let mut hasher = DefaultHasher::new();
    (claim.message.uuid(), claim.attempt).hash(&mut hasher);
    let [low, high, ..] = hasher.finish().to_le_bytes();
    u16::from_le_bytes([low, high])
}
