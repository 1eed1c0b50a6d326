//! Hands messages to providers. Several replicas share the work by claims with leases in real time; what a dead replica may or
//! may not have sent goes out again under the same key.
//!
//! ```text
//!   claim ──> one transaction: whose turn it is, at which provider, what is left of its budget; the attempt is counted
//!   attempt ─> outside: the words, the address, the provider
//!   settle ──> one transaction: what the attempt came to, how the message stands, what follows
//!   receipt ─> one transaction: what a provider says later of what it has taken
//!   watchdog > every minute: what nobody would ever send, and what nobody will ever hear of
//! ```

pub(crate) mod again;
mod attempt;
mod claim;
mod otherwise;
pub(crate) mod receipt;
mod settle;
mod watchdog;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::notice::{Addressee, Channel, Notice, Patience, Urgency, breaker::Health};
use phidia_outbox::Outbox;
use phidia_runtime::{
    clock::{BusinessClock, RealClock},
    failure::Failure,
    metrics::{Counter, Gauge},
    seal::MasterKey,
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    channel::Registered,
    config::{RetryConfig, UrgentConfig},
    deliver::claim::{Ask, Seen},
    hours::Hours,
    render::Renderer,
    store::delivery::{self, Claim},
};

pub(crate) use otherwise::Otherwise;
pub(crate) use watchdog::Watchdog;

static ATTEMPTS: Counter =
    Counter::new("phidia.notice.attempts", "{attempt}", "Attempts to tell somebody something.");
static OPEN: Gauge = Gauge::new("phidia.provider.open", "", "1: the provider is left alone by this process.");

/// Nobody has written down what an attempt came to.
const NO_OUTCOME: &str = "NO_OUTCOME";

/// Whoever found nothing rests so long.
const AT_LEAST: Duration = Duration::from_millis(10);

/// Wakes those who send over a channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wake(Arc<[Notify; Channel::ALL.len()]>);

impl Wake {
    /// Something may be to be sent over any of them.
    pub(crate) fn all(&self) {
        self.0.iter().for_each(Notify::notify_one);
    }

    fn of(&self, channel: Channel) -> &Notify {
        match channel {
            Channel::InApp => &self.0[0],
            Channel::Email => &self.0[1],
            Channel::Sms => &self.0[2],
            Channel::Zalo => &self.0[3],
        }
    }
}

/// Sends what is due over one channel.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) channel: Channel,
    /// In the order in which they are tried.
    pub(crate) providers: Vec<Arc<Registered>>,
    pub(crate) outbox: Outbox,
    pub(crate) clock: RealClock,
    pub(crate) business: BusinessClock,
    pub(crate) hours: Hours,
    pub(crate) otherwise: Arc<Otherwise>,
    /// Where a letter to those who run the installation goes; none: nowhere.
    pub(crate) operators: Option<Addressee>,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) master_key: Arc<MasterKey>,
    pub(crate) retry: RetryConfig,
    pub(crate) retry_urgent: Option<UrgentConfig>,
    pub(crate) wake: Wake,
}

/// What there is to do, and how long to rest after it.
struct Round {
    claims: Vec<Claim>,
    rest: Duration,
}

impl Sender {
    /// Sends until `stop`; messages under way are finished first.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let sender = Arc::new(self);
        let seats: u32 = sender.providers.iter().map(|provider| provider.connections).sum();
        let seats = Arc::new(Semaphore::new(usize::try_from(seats.max(1)).unwrap_or(1)));
        let under_way = TaskTracker::new();
        loop {
            // A message that takes long holds its own seat, and no other.
            let seat = tokio::select! {
                () = stop.cancelled() => break,
                seat = Arc::clone(&seats).acquire_owned() => seat,
            };
            let Ok(seat) = seat else { break };
            let rest = match sender.round(1 + seats.available_permits()).await {
                Ok(Round { claims, rest }) => {
                    let mut first = Some(seat);
                    for claim in claims {
                        let seat = first.take().or_else(|| Arc::clone(&seats).try_acquire_owned().ok());
                        under_way.spawn(Arc::clone(&sender).work(claim, seat));
                    }
                    rest
                }
                Err(error) => {
                    tracing::warn!(channel = sender.channel.as_str(), %error, "messages wait: the store does not answer");
                    sender.retry.poll()
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = sender.wake.of(sender.channel).notified() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        under_way.close();
        under_way.wait().await;
        for provider in &sender.providers {
            provider.provider.close().await;
        }
    }

    async fn work(self: Arc<Self>, claim: Claim, _seat: Option<OwnedSemaphorePermit>) {
        let message = claim.message;
        if let Err(error) = self.attempt(claim).await {
            // The lease brings it back.
            tracing::warn!(%message, %error, "what became of a message could not be written down");
        }
        // Another attempt may be due before anybody would look.
        self.wake.of(self.channel).notify_one();
    }

    /// Takes what is due, as much as there are seats.
    async fn round(&self, seats: usize) -> Result<Round, Failure> {
        let now = self.clock.now();
        let poll = self.retry.poll();
        let none = |rest: Duration| Ok(Round { claims: Vec::new(), rest: rest.min(poll) });
        match delivery::next_due(self.outbox.database().read(), self.channel).await? {
            None => return none(poll),
            Some(due) if due > now => return none(until(now, due)),
            Some(_) => {}
        }
        let business_now = self.business.now();
        let rest = self.hours.rest(business_now).await?;
        // Hours and holidays may be brought in anew meanwhile, and nothing else would wake it.
        let longest = SignedDuration::try_from(self.retry.patience().longest).unwrap_or(SignedDuration::MAX);
        let ask = Ask {
            channel: self.channel,
            now,
            business_now,
            rests_until: rest.map(|rest| now.saturating_add(rest.min(longest)).unwrap_or(Timestamp::MAX)),
            lease_until: later(now, self.retry.lease()),
            limit: u64::try_from(seats).unwrap_or(u64::MAX),
            providers: self.providers.iter().map(|provider| Seen::of(provider, now)).collect(),
        };
        let (claims, next) =
            self.outbox.write(move |tx, _| Box::pin(async move { claim::claim(tx, ask).await })).await?;
        for provider in &self.providers {
            let is_open = matches!(provider.health(now), Health::Away(_));
            OPEN.set(f64::from(u8::from(is_open)), &[("provider", &provider.name)]);
            if claims.iter().any(|claim| claim.provider == provider.name) {
                provider.begin(now, self.retry.lease());
            }
        }
        let rest = match next {
            // None of them takes more for now.
            Some(at) => until(now, at).min(poll),
            None if claims.len() < seats => self.rest(now).await?,
            None => Duration::ZERO,
        };
        // What is due and was not taken is held by somebody else at this moment.
        let rest = if claims.is_empty() { rest.max(AT_LEAST) } else { rest };
        Ok(Round { claims, rest })
    }

    /// Until the next is due.
    async fn rest(&self, now: Timestamp) -> Result<Duration, Failure> {
        let due = delivery::next_due(self.outbox.database().read(), self.channel).await?;
        Ok(due.map_or(self.retry.poll(), |due| until(now, due)).min(self.retry.poll()))
    }

    /// How often and how long it is tried to tell this.
    fn patience(&self, notice: Notice) -> Patience {
        match (notice.urgency(), self.retry_urgent) {
            (Urgency::Now, Some(urgent)) => urgent.patience(),
            (Urgency::Now | Urgency::Decent | Urgency::Office, _) => self.retry.patience(),
        }
    }
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}

fn later(at: Timestamp, span: Duration) -> Timestamp {
    SignedDuration::try_from(span).ok().and_then(|span| at.checked_add(span).ok()).unwrap_or(Timestamp::MAX)
}
