//! Whose turn it is to work the agenda off and to build the board. Several replicas at once would be correct
//! in what they write – unique keys and the epoch decide – and would waste each other's work.
//!
//! A turn is a lease in the store, by real time. Whoever sleeps past its own and wakes does no harm: what it
//! decides meets the unique keys, the epoch in which it builds a board is over, and what it tells the board it asks
//! back about (`ask_back`). A process that begins takes
//! the turn of its predecessor, the one of the same name; then the same holds for that one, should it live.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::id::{EventId, Id as _};
use phidia_runtime::{clock::RealClock, database::Database, failure::Failure, ids::Ids};
use uuid::Uuid;

use crate::{
    Routing,
    store::turn::{self, Holder},
};

/// How long a replica that died keeps the others waiting.
const TERM: SignedDuration = SignedDuration::from_millis(1500);
/// How often it is taken or kept.
pub(crate) const KEEP_EVERY: Duration = Duration::from_millis(250);

/// This replica's turns.
#[derive(Debug)]
pub(crate) struct Turn {
    holder: Uuid,
    /// The name that its successor will have, too; empty: none will.
    replica: String,
    /// It has not asked yet.
    starts: AtomicBool,
    /// Until when it is ours; microseconds since 1970.
    until: AtomicI64,
}

impl Turn {
    /// No turn yet, for the replica of this name.
    pub(crate) fn new(replica: &str) -> Self {
        // Unlike any other process': not from the ids of a played day.
        let holder: EventId = Ids::random().mint(RealClock.now());
        Self {
            holder: holder.uuid(),
            replica: replica.to_owned(),
            starts: AtomicBool::new(!replica.is_empty()),
            until: AtomicI64::new(i64::MIN),
        }
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
        let (holder, code) = (self.holder(self.starts.load(Ordering::Relaxed)), province.to_owned());
        let ours = db
            .write(move |tx| Box::pin(async move { turn::take(tx, &code, holder, micros(now), until).await }))
            .await?;
        self.starts.store(false, Ordering::Relaxed);
        self.until.store(if ours { until } else { i64::MIN }, Ordering::Relaxed);
        Ok(ours)
    }

    /// Leaves it to the others at once.
    async fn leave(&self, db: &Database, province: &str) -> Result<(), Failure> {
        if !self.is_ours() {
            return Ok(());
        }
        self.until.store(i64::MIN, Ordering::Relaxed);
        let (holder, code) = (self.holder(false), province.to_owned());
        db.write(move |tx| Box::pin(async move { turn::take(tx, &code, holder, 0, 0).await })).await.map(drop)
    }

    fn holder(&self, start: bool) -> Holder {
        Holder { id: self.holder, replica: self.replica.clone(), start }
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

#[cfg(test)]
mod tests {
    use harness::postgres_server::PostgresServer;
    use phidia_runtime::database::DatabaseConfig;

    use super::*;
    use crate::store::migration::Migrator;

    #[tokio::test]
    async fn a_name_goes_on_with_its_turn_and_others_wait() {
        let url = PostgresServer::shared().new_database().into();
        let db = Database::open(&DatabaseConfig { url, ..DatabaseConfig::default() }).await.unwrap();
        db.migrate::<Migrator>().await.unwrap();
        let asks = async |turn: &Turn| turn.keep(&db, "37").await.unwrap();
        let (first, other, nobody) = (Turn::new("routing-0"), Turn::new("routing-1"), Turn::new(""));
        assert!(asks(&first).await && asks(&first).await);
        assert!(!asks(&other).await && !asks(&nobody).await && !asks(&Turn::new("")).await);
        // As if the first had died and been started again.
        let again = Turn::new("routing-0");
        assert!(asks(&again).await && again.is_ours());
        // But it lives: it lost its turn, and does not take it back.
        assert!(!asks(&first).await && !first.is_ours());
        assert!(asks(&again).await && !asks(&first).await);
        // Whoever does not begin any more waits like others do.
        again.leave(&db, "37").await.unwrap();
        assert!(asks(&other).await && !asks(&again).await);
    }
}
