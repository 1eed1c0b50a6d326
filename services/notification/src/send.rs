//! Hands letters to the mail server, at least once each. Several replicas share the work by claims with
//! leases in real time; a letter that a dead replica may or may not have sent goes out again under the same
//! Message-ID.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    id::Id as _,
    notice::{Next, Patience},
};
use phidia_outbox::Outbox;
use phidia_runtime::{clock::RealClock, failure::Failure, seal::MasterKey};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    config::RetryConfig,
    render::Renderer,
    smtp::{Letter, Refusal, Smtp},
    store::{
        self, Recipient,
        mail::{self, Claim},
    },
    tell,
};

/// Sends what is due.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) outbox: Outbox,
    pub(crate) clock: RealClock,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) master_key: Arc<MasterKey>,
    pub(crate) smtp: Smtp,
    pub(crate) retry: RetryConfig,
    /// Letters under way at once.
    pub(crate) at_once: u32,
    /// Woken when letters may have been written.
    pub(crate) wake: Arc<Notify>,
}

impl Sender {
    /// Sends until `stop`; letters under way are finished first.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let sender = Arc::new(self);
        while !stop.is_cancelled() {
            let pause = match sender.round().await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(%error, "letters wait: the store does not answer");
                    sender.retry.poll()
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = sender.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        sender.smtp.close().await;
    }

    /// Sends what is due, a handful at once. Answers how long to rest.
    async fn round(self: &Arc<Self>) -> Result<Duration, Failure> {
        let now = self.clock.now();
        match mail::next_due(self.outbox.database().read()).await? {
            None => return Ok(self.retry.poll()),
            Some(due) if due > now => {
                let until_due = Duration::try_from(due.duration_since(now)).unwrap_or_default();
                return Ok(until_due.min(self.retry.poll()));
            }
            Some(_) => {}
        }
        let lease_until = later(now, self.retry.lease());
        let limit = u64::from(self.at_once.max(1));
        let claims = self
            .outbox
            .write(move |tx, _| Box::pin(async move { mail::claim(tx, now, lease_until, limit).await }))
            .await?;
        let mut under_way = JoinSet::new();
        for claim in claims {
            let sender = Arc::clone(self);
            under_way.spawn(async move {
                let message = claim.message;
                if let Err(error) = sender.attempt(claim).await {
                    // The lease brings it back.
                    tracing::warn!(%message, %error, "what became of a letter could not be written down");
                }
            });
        }
        while under_way.join_next().await.is_some() {}
        Ok(Duration::ZERO)
    }

    /// One attempt, and what follows from it.
    async fn attempt(&self, claim: Claim) -> Result<(), Failure> {
        let outcome = if claim.attempt > self.retry.attempts.max(1) {
            // The last one ended without a word: who made it died of it, and perhaps of this letter.
            Err(Refusal::lasting("NO_OUTCOME"))
        } else {
            self.hand_over(&claim).await?
        };
        let now = self.clock.now();
        let message = claim.message;
        let refusal = match outcome {
            Ok(()) => {
                tracing::debug!(%message, attempt = claim.attempt, "letter sent");
                return self
                    .outbox
                    .write(move |tx, _| Box::pin(async move { mail::mark_sent(tx, &claim, now).await }))
                    .await;
            }
            Err(refusal) => refusal,
        };
        let patience: Patience = self.retry.patience();
        let next = patience.after(refusal.fault, claim.attempt, spread(&claim));
        tracing::info!(%message, attempt = claim.attempt, reason = refusal.reason, ?next, "letter not sent");
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    match next {
                        Next::Again { after } => {
                            mail::mark_retrying(tx, &claim, &refusal.reason, later(now, after)).await
                        }
                        Next::GiveUp => mail::mark_failed(tx, &claim, &refusal.reason).await,
                    }
                })
            })
            .await
    }

    /// Writes the letter out and hands it to the server. The outer fault is the store's: the lease stands.
    async fn hand_over(&self, claim: &Claim) -> Result<Result<(), Refusal>, Failure> {
        let conn = self.outbox.database().read();
        let Some(message) = mail::find(conn, claim).await? else {
            return Ok(Err(Refusal::lasting("MESSAGE_GONE")));
        };
        let recipient = store::find_recipient(conn, &claim.province, message.application).await?;
        let Some((recipient, wrapped_key)) = recipient.and_then(|recipient| {
            let key = recipient.person.wrapped_key.clone()?;
            let contact = claim.contact.clone().unwrap_or(recipient.contact);
            Some((Recipient { contact, ..recipient }, key))
        }) else {
            return Ok(Err(Refusal::lasting("PERSON_ERASED")));
        };
        let Ok(contact) = tell::open(&self.master_key, &recipient, &wrapped_key) else {
            // Perhaps this process was given another key than the one that wrote it down.
            return Ok(Err(Refusal::passing("CONTACT_DOES_NOT_OPEN")));
        };
        let text = self.renderer.letter(message.language, &contact.name, &message.body)?;
        let (subject, body) = (&message.subject, &message.body);
        let html = self.renderer.html(message.language, &contact.name, subject, body)?;
        let letter = Letter {
            id: message.id,
            language: message.language,
            addressees: &contact.addressees(),
            subject,
            text,
            html,
        };
        Ok(self.smtp.send(letter).await)
    }
}

fn later(at: Timestamp, span: Duration) -> Timestamp {
    SignedDuration::try_from(span).ok().and_then(|span| at.checked_add(span).ok()).unwrap_or(Timestamp::MAX)
}

/// Scatters the next attempts of letters that failed together. It depends on the letter and the attempt
/// alone: what matters is that letters differ.
fn spread(claim: &Claim) -> u16 {
    let mut hasher = DefaultHasher::new();
    (claim.message.uuid(), claim.attempt).hash(&mut hasher);
    let [low, high, ..] = hasher.finish().to_le_bytes();
    u16::from_le_bytes([low, high])
}
