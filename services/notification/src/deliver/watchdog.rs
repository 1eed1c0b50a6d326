//! Looks for what was lost, on purpose: nothing should be, and something always is.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::notice::Channel;
use phidia_outbox::Outbox;
use phidia_runtime::{
    clock::{BusinessClock, RealClock},
    failure::Failure,
    metrics::{Counter, Gauge},
};
use sea_orm::{DatabaseConnection, DatabaseTransaction};
use tokio_util::sync::CancellationToken;

use super::{Otherwise, Wake, again, receipt};
use crate::{
    digest::Digests,
    store::{
        Message, attempts, delivery, digest,
        lost::{self, Orphan},
        outstanding, receipts,
    },
};

static FOUND: Counter = Counter::new(
    "phidia.notice.found",
    "{message}",
    "Messages that were lost and found, by what was missing.",
);
static WAITING: Gauge =
    Gauge::new("phidia.notice.waiting", "{message}", "Messages that are not told yet, by channel and state.");
static OLDEST: Gauge = Gauge::new(
    "phidia.notice.oldest_age",
    "s",
    "Age of the oldest fact that is not told yet, by channel and state.",
);

/// At most so many of a kind are mended in one transaction.
const AT_ONCE: u64 = 200;
/// What waits for a letter of the day and is due so long has nobody who writes it.
const OVERDUE: SignedDuration = SignedDuration::from_mins(10);

/// Who looks for what was lost.
#[derive(Debug)]
pub(crate) struct Watchdog {
    pub(crate) outbox: Outbox,
    pub(crate) clock: RealClock,
    pub(crate) business: BusinessClock,
    pub(crate) digests: Digests,
    pub(crate) wake: Wake,
    pub(crate) otherwise: Arc<Otherwise>,
    /// How often it looks.
    pub(crate) period: Duration,
    /// So long a provider that sends receipts may be silent.
    pub(crate) receipt_wait: SignedDuration,
    /// So long attempts and receipts are kept.
    pub(crate) keep: SignedDuration,
}

impl Watchdog {
    /// Looks until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        loop {
            match self.look().await {
                Ok(0) => {}
                Ok(found) => {
                    tracing::warn!(found, "messages were lost, and are found");
                    self.wake.all();
                }
                Err(error) => tracing::warn!(%error, "what was lost can't be looked for"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(self.period) => {}
            }
        }
    }

    /// Mends what it finds; answers how many messages were lost.
    async fn look(&self) -> Result<u64, Failure> {
        let now = self.clock.now();
        let before = now.saturating_sub(self.receipt_wait).unwrap_or(now);
        let missing = Missing::find(self.outbox.database().read(), before).await?;
        let mut found = 0;
        if !missing.is_empty() {
            let otherwise = Arc::clone(&self.otherwise);
            let mended = self
                .outbox
                .write(move |tx, _| Box::pin(async move { missing.mend(tx, &otherwise, before, now).await }));
            for (many, missing) in mended.await? {
                if many > 0 {
                    FOUND.add(many, &[("missing", missing)]);
                }
                found += many;
            }
        }
        found += self.write_overdue(now).await?;
        self.forget().await?;
        self.measure().await?;
        Ok(found)
    }

    /// Writes letters of the day that nobody has written; answers how many things they were to tell.
    async fn write_overdue(&self, now: Timestamp) -> Result<u64, Failure> {
        let before = now.saturating_sub(OVERDUE).unwrap_or(now);
        let overdue = digest::count(self.outbox.database().read(), Some(before)).await?;
        if overdue > 0 {
            FOUND.add(overdue, &[("missing", "letter")]);
            self.digests.write_due().await?;
        }
        Ok(overdue)
    }

    /// Forgets attempts and receipts that are old enough.
    async fn forget(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let oldest = now.saturating_sub(self.keep).unwrap_or(now);
        let conn = self.outbox.database().read();
        if attempts::are_there_before(conn, oldest).await?
            || receipts::are_there_before(conn, oldest).await?
            || digest::are_there_before(conn, oldest).await?
        {
            let forgotten = self.outbox.write(move |tx, _| {
                Box::pin(async move {
                    attempts::forget(tx, oldest).await?;
                    receipts::forget(tx, oldest).await?;
                    digest::forget(tx, oldest).await
                })
            });
            forgotten.await?;
        }
        Ok(())
    }

    async fn measure(&self) -> Result<(), Failure> {
        let now = self.business.now();
        let piles = outstanding::piles(self.outbox.database().read()).await?;
        // What is gone is shown as gone.
        for channel in [Channel::Email, Channel::Sms, Channel::Zalo] {
            for state in outstanding::NOT_TOLD {
                let of = || piles.iter().filter(|pile| pile.channel == channel && pile.state == state);
                let labels = [("channel", channel.as_str()), ("state", state.as_str())];
                let many = u32::try_from(of().map(|pile| pile.messages).sum::<u64>()).unwrap_or(u32::MAX);
                WAITING.set(f64::from(many), &labels);
                let oldest = of().map(|pile| pile.oldest).min();
                let age = oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64());
                OLDEST.set(age.max(0.0), &labels);
            }
        }
        Ok(())
    }
}

/// What was lost.
struct Missing {
    /// To be sent, and nobody would.
    unsent: Vec<Message>,
    /// Of which something was said that does not count yet.
    unread: Vec<Message>,
    /// Of which nothing was said for too long.
    unheard: Vec<Message>,
    /// To be sent, and not there.
    orphans: Vec<Orphan>,
}

impl Missing {
    async fn find(conn: &DatabaseConnection, before: Timestamp) -> Result<Self, Failure> {
        Ok(Self {
            unsent: lost::unsent(conn, AT_ONCE).await?,
            unread: lost::unread(conn, AT_ONCE).await?,
            unheard: lost::unheard(conn, before, AT_ONCE).await?,
            orphans: lost::orphans(conn, AT_ONCE).await?,
        })
    }

    fn is_empty(&self) -> bool {
        self.unsent.is_empty() && self.unread.is_empty() && self.unheard.is_empty() && self.orphans.is_empty()
    }

    /// Mends it: how many there were by what was missing. Each is looked at again, because it may be mended by now.
    async fn mend(
        self,
        tx: &DatabaseTransaction,
        otherwise: &Otherwise,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<[(u64, &'static str); 4], Failure> {
        let (mut requeued, mut counted, mut given_up, mut dropped) = (0_u64, 0_u64, 0_u64, 0_u64);
        for about in self.unsent {
            delivery::hold(tx, &about.province, about.id).await?;
            let held = delivery::hold_message(tx, &about.province, about.id).await?;
            if let Some(message) = held.filter(|message| message.state.is_open()) {
                requeued += u64::from(again::requeue(tx, &message, now).await?);
            }
        }
        for about in self.unread {
            let held = delivery::hold_message(tx, &about.province, about.id).await?;
            let Some(mut message) = held else { continue };
            if receipt::count(tx, &mut message).await? {
                receipt::keep(tx, &message, otherwise, now).await?;
                counted += 1;
            }
        }
        for about in self.unheard {
            given_up += u64::from(receipt::give_up(tx, &about, before, now).await?);
        }
        for Orphan { province, message } in self.orphans {
            delivery::drop_delivery(tx, &province, message).await?;
            dropped += 1;
        }
        Ok([(requeued, "delivery"), (counted, "receipt"), (given_up, "answer"), (dropped, "message")])
    }
}
