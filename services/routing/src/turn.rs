//! Whose turn it is to work the agenda off and to build the board. Several replicas at once would be correct
//! in what they write – unique keys and the epoch decide – and would waste each other's work.
//!
//! A turn is a lease in the store, by real time. Whoever sleeps past its own and wakes does no harm: what it
//! decides meets the unique keys, and the epoch in which it builds a board is over.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::id::{EventId, Id as _};
use phidia_runtime::{clock::RealClock, database::Database, failure::Failure, ids::Ids};
use uuid::Uuid;

use crate::{Routing, store::turn};

/// How long a replica that died keeps the others waiting.
const TERM: SignedDuration = SignedDuration::from_millis(1500);
/// How often it is taken or kept.
pub(crate) const KEEP_EVERY: Duration = Duration::from_millis(500);

/// This replica's turns.
#[derive(Debug)]
pub(crate) struct Turn {
    holder: Uuid,
    /// Until when it is ours; microseconds since 1970.
    until: AtomicI64,
}

impl Turn {
    pub(crate) fn new() -> Self {
        // Unlike any other replica's: not from the ids of a played day.
        let holder: EventId = Ids::random().mint(RealClock.now());
        Self { holder: holder.uuid(), until: AtomicI64::new(i64::MIN) }
    }

    /// Whether it is this replica's turn now.
    pub(crate) fn is_ours(&self) -> bool {
        micros(RealClock.now()) < self.until.load(Ordering::Relaxed)
    }

    /// Whether it is ours, and need not be looked after yet.
    fn is_fresh(&self) -> bool {
        let spare = TERM - SignedDuration::try_from(KEEP_EVERY).unwrap_or(TERM);
        let then = RealClock.now().saturating_add(spare).unwrap_or(Timestamp::MAX);
        micros(then) < self.until.load(Ordering::Relaxed)
    }

    /// Takes the turn, or keeps it; answers whether it is ours.
    async fn keep(&self, db: &Database, province: &str) -> Result<bool, Failure> {
        let now = RealClock.now();
        let until = micros(now.saturating_add(TERM).unwrap_or(Timestamp::MAX));
        let (holder, code) = (self.holder, province.to_owned());
        let ours = db
            .write(move |tx| Box::pin(async move { turn::take(tx, &code, holder, micros(now), until).await }))
            .await?;
        self.until.store(if ours { until } else { i64::MIN }, Ordering::Relaxed);
        Ok(ours)
    }

    /// Leaves it to the others at once.
    async fn leave(&self, db: &Database, province: &str) -> Result<(), Failure> {
        if !self.is_ours() {
            return Ok(());
        }
        self.until.store(i64::MIN, Ordering::Relaxed);
        let (holder, code) = (self.holder, province.to_owned());
        db.write(move |tx| Box::pin(async move { turn::take(tx, &code, holder, 0, 0).await })).await.map(drop)
    }
}

impl Routing {
    /// Whether it is this replica's turn; it is looked after in time. A store that belongs to one process
    /// knows no turns.
    pub(crate) async fn has_turn(&self) -> bool {
        if !self.db.is_shared() {
            return true;
        }
        let Ok(today) = self.versions.active().await else { return self.turn.is_ours() };
        if self.turn.is_fresh() {
            return true;
        }
        match self.turn.keep(&self.db, today.value.code()).await {
            Ok(ours) => ours,
            Err(failure) => {
                tracing::debug!(%failure, "whose turn it is is not known now");
                self.turn.is_ours()
            }
        }
    }

    /// Leaves it to the others at once.
    pub(crate) async fn leave_turn(&self) {
        let Ok(today) = self.versions.active().await else { return };
        if let Err(failure) = self.turn.leave(&self.db, today.value.code()).await {
            tracing::debug!(%failure, "the others wait until the turn runs out");
        }
    }
}

fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}
