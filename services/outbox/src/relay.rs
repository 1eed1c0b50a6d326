//! The relay: carries the events of one outbox to one subscriber.
//!
//! It reads what lies beyond the cursors of all the lanes that it holds with one query, in the order of
//! positions, sends it as one batch, waits for the receipts, and moves the cursors. One batch is in flight.
//! When nothing is to be read it waits to be woken by a commit of this process, or looks again after a
//! while. There is no NOTIFY: in the hot transaction it costs more than it gives.

mod backoff;
mod batch;
mod deliver;
pub(crate) mod horizon;
mod link;
mod settle;

use std::time::Duration;

use phidia_domain::id::{EventId, Id as _};
use phidia_runtime::{database::Database, failure::Failure, ids::Ids, peer::Peer, service::Worker};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    lane::{LANES, Leases},
    sink,
    store::{after, micros},
    write::Outbox,
};
use backoff::Backoff;
use horizon::Horizon;
use link::Link;

/// How long a cursor that moved may stay in memory only. It spares a transaction per batch; what is delivered
/// again after a crash is known to the inbox.
const SAVE_AFTER: Duration = Duration::from_millis(200);

/// How long to wait for transactions that are about to end.
const SOON: Duration = Duration::from_millis(2);

/// One subscription: who is told what this outbox holds.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The service that is told. Never rename it: its cursors are stored under this name.
    pub subscriber: &'static str,
    /// The way to it.
    pub peer: Peer,
}

/// How a relay works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayConfig {
    /// The most events in a batch, 256 at most.
    pub batch: u64,
    /// How often it looks for events of other processes.
    pub poll: Duration,
    /// How long a lease holds. A relay that dies without releasing its lanes delays its successor by this.
    pub lease: Duration,
    /// How long an answer may take.
    pub answer: Duration,
    /// Bounds of the back-off: it doubles from the first to the second, with jitter.
    pub backoff: (Duration, Duration),
    /// The most lanes that this relay takes.
    pub lanes: usize,
    /// The name under which it holds lanes: at its start it takes over what the relay of that name before it
    /// held. Empty: a name of its own. Two of one name at a time are safe (the fence holds): the later one
    /// takes the lanes of the earlier one, once.
    pub replica: String,
}

impl RelayConfig {
    /// What suits the store: the file of a process, or the database of replicas.
    pub fn of(db: &Database) -> Self {
        let suited = if db.is_shared() { Self::cluster() } else { Self::embedded() };
        Self { replica: db.replica().to_owned(), ..suited }
    }

    /// For a process that has its outbox to itself.
    pub fn embedded() -> Self {
        Self {
            batch: 256,
            poll: Duration::from_secs(1),
            lease: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            backoff: (Duration::from_millis(50), Duration::from_secs(10)),
            lanes: usize::from(LANES.unsigned_abs()),
            replica: String::new(),
        }
    }

    /// For replicas that share an outbox: what another one wrote is seen soon, and a dead one is followed soon.
    pub fn cluster() -> Self {
        Self {
            poll: Duration::from_millis(50),
            lease: Duration::from_millis(1500),
            answer: Duration::from_secs(10),
            backoff: (Duration::from_millis(20), Duration::from_millis(500)),
            ..Self::embedded()
        }
    }
}

/// Relays `outbox` to one subscriber, until it is stopped: then its lanes are free at once.
pub fn relay(outbox: Outbox, subscription: Subscription, config: RelayConfig) -> Worker {
    Worker::new(subscription.subscriber, move |stop| Relay::new(outbox, subscription, config).run(stop))
}

/// What came of one step.
enum Step {
    /// Something was handed over, and there may be more.
    More,
    /// What there is can be read in a moment.
    Soon,
    /// There is nothing to hand over.
    Idle,
    /// The sink can't now.
    Again,
}

struct Relay {
    outbox: Outbox,
    subscription: Subscription,
    config: RelayConfig,
    leases: Leases,
    link: Option<Link>,
    woken: watch::Receiver<u64>,
    /// Tells up to which wake nothing is left.
    idle: watch::Sender<Option<u64>>,
    horizon: Horizon,
    backoff: Backoff,
    replay_backoff: Backoff,
    seeded: bool,
    /// When leases are to be looked after, and when parked events; microseconds of real time.
    keep_at: i64,
    replay_at: i64,
    /// When cursors that moved in memory only are to be stored; microseconds of real time.
    unsaved: Option<i64>,
}

impl Relay {
    fn new(outbox: Outbox, subscription: Subscription, config: RelayConfig) -> Self {
        // Unlike any other relay's, also of this process and of a played day: not from the outbox's ids.
        let own: EventId = Ids::random().mint(outbox.clock().now());
        let seed = own.uuid().as_u64_pair().1;
        let named = config.replica.clone();
        let holder = if named.is_empty() { own.uuid().simple().to_string() } else { named };
        Self {
            woken: outbox.woken(),
            idle: outbox.rest().relay(),
            leases: Leases::new(outbox.clone(), subscription.subscriber, holder, config.lease),
            backoff: Backoff::new(config.backoff, seed),
            replay_backoff: Backoff::new(config.backoff, seed.wrapping_add(1)),
            outbox,
            subscription,
            config,
            horizon: Horizon::default(),
            link: None,
            seeded: false,
            keep_at: i64::MIN,
            replay_at: i64::MIN,
            unsaved: None,
        }
    }

    async fn run(mut self, stop: CancellationToken) {
        let mut well = true;
        while !stop.is_cancelled() {
            let woken = *self.woken.borrow_and_update();
            let step = tokio::select! {
                // A batch whose answer is no longer waited for comes again, and the inbox knows it.
                () = stop.cancelled() => break,
                step = tokio::time::timeout(self.config.answer * 6, self.step()) => {
                    step.unwrap_or_else(|_| Err(Failure::broken("the store does not answer")))
                }
            };
            let pause = match step {
                Ok(Step::More) => {
                    self.backoff.reset();
                    well = true;
                    continue;
                }
                Ok(Step::Soon) => Some(SOON),
                Ok(Step::Idle) => {
                    self.backoff.reset();
                    well = true;
                    if self.holds_enough() {
                        self.idle.send_replace(Some(woken));
                    }
                    None
                }
                Ok(Step::Again) => Some(self.backoff.next()),
                Err(failure) => {
                    // Once per trouble, not once per attempt.
                    if std::mem::take(&mut well) {
                        tracing::warn!(subscriber = self.subscription.subscriber, %failure, "hand-over interrupted");
                    } else {
                        tracing::debug!(subscriber = self.subscription.subscriber, %failure, "still interrupted");
                    }
                    self.link = None;
                    // A lane may have been lost: look before anything else is read. What was not stored
                    // comes again.
                    self.keep_at = i64::MIN;
                    self.unsaved = None;
                    Some(self.backoff.next())
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause.unwrap_or_else(|| self.idle_pause())) => {}
                // The outbox lives as long as this relay: this does not fail.
                _ = self.woken.changed(), if pause.is_none() => {}
            }
        }
        self.link = None;
        if let Err(failure) = self.save(true).await {
            tracing::debug!(subscriber = self.subscription.subscriber, %failure, "what was handed over last comes again");
        }
        if let Err(failure) = self.leases.release().await {
            tracing::debug!(subscriber = self.subscription.subscriber, %failure, "lanes are held until their leases run out");
        }
    }

    async fn step(&mut self) -> Result<Step, Failure> {
        self.save(false).await?;
        self.keep().await?;
        if self.leases.held().is_empty() {
            return Ok(Step::Idle);
        }
        self.replay().await?;
        let below = self.horizon.readable_below(self.outbox.database()).await?;
        let batch = batch::unread(
            self.outbox.database(),
            self.subscription.subscriber,
            self.leases.held(),
            below,
            self.config.batch.clamp(1, sink::LONGEST_BATCH),
        )
        .await?;
        let step = match batch {
            Some(batch) => self.hand_over(batch).await?,
            None => Step::Idle,
        };
        Ok(match step {
            // What cannot be read yet wakes nobody a second time.
            Step::Idle if self.horizon.is_waiting() => Step::Soon,
            step => step,
        })
    }

    /// Looks after the leases when it is time to.
    async fn keep(&mut self) -> Result<(), Failure> {
        let now = self.outbox.clock().now();
        if micros(now) < self.keep_at {
            return Ok(());
        }
        // The cursors are read with the leases.
        self.save(true).await?;
        if !self.seeded {
            self.leases.seed().await?;
        }
        self.leases.keep(self.config.lanes, !self.seeded).await?;
        self.seeded = true;
        let pause = self.config.lease / 3;
        self.keep_at = after(now, if self.holds_enough() { pause } else { pause.min(self.config.poll) });
        Ok(())
    }

    /// How long to wait for a wake.
    fn idle_pause(&self) -> Duration {
        if self.unsaved.is_some() { self.config.poll.min(SAVE_AFTER) } else { self.config.poll }
    }

    fn holds_enough(&self) -> bool {
        self.leases.held().len() >= self.config.lanes.min(usize::from(LANES.unsigned_abs()))
    }
}
