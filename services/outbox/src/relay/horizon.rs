//! How far an outbox may be read.

use phidia_runtime::{database::Database, failure::Failure};
use sea_orm::{ConnectionTrait as _, Statement};

/// The position below which everything that will ever be there is there: a relay that reads only below it
/// never moves a cursor past an event that is yet to be committed.
///
/// **SQLite**: one writer gives positions in the order of commits, so everything that can be read is safe.
///
/// **PostgreSQL**: serial positions commit out of order.
///
/// 1. Read the serial's last value, P; then, in a later statement, draw a transaction id of our own, X.
///    Whoever drew a position up to P has a transaction id below X, because the upsert of the sequence gave it
///    one before the position was drawn ([`crate::append`]).
/// 2. Once `pg_snapshot_xmin` has reached X, all of them have ended: everything up to P is committed or will
///    never be. Then the next P.
///
/// An id is drawn only where there are new positions, so that an idle outbox uses none up. A transaction that
/// stays open anywhere in the cluster holds this up, and the limits in `runtime/src/database/postgres.rs` bound
/// that. Per application positions grow with sequences, so the order of positions is the one to deliver in.
#[derive(Debug, Default)]
pub(crate) struct Horizon {
    /// All up to here is settled.
    settled: i64,
    /// All up to this position is settled when no transaction below this id runs any more.
    mark: Option<(i64, i64)>,
}

impl Horizon {
    /// The first position that must not be read yet.
    pub(crate) async fn readable_below(&mut self, db: &Database) -> Result<i64, Failure> {
        if !db.is_shared() {
            return Ok(i64::MAX);
        }
        let (oldest, last) = pair(db, OLDEST_AND_LAST).await?;
        self.settle(oldest);
        // Also when a mark was settled just now: what was written since it was made woke us before this.
        if self.mark.is_none() && last > self.settled {
            let (oldest, drawn) = pair(db, OLDEST_AND_DRAWN).await?;
            self.mark = Some((last, drawn));
            self.settle(oldest);
        }
        Ok(self.settled.saturating_add(1))
    }

    fn settle(&mut self, oldest: i64) {
        if let Some((last, _)) = self.mark.take_if(|(_, drawn)| oldest >= *drawn) {
            self.settled = last;
        }
    }

    /// Whether transactions have to end before more can be read: that takes milliseconds.
    pub(crate) fn is_waiting(&self) -> bool {
        self.mark.is_some()
    }
}

/// The last position that PostgreSQL gave, whatever came of it.
pub(crate) async fn last_given(db: &Database) -> Result<i64, Failure> {
    Ok(pair(db, OLDEST_AND_LAST).await?.1)
}

/// A sequence of which nothing was drawn has its start as last value.
const OLDEST_AND_LAST: &str = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest, \
     CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS other FROM outbox_events_position_seq";
/// The snapshot is older than the id that is drawn: nothing that it calls ended is running.
const OLDEST_AND_DRAWN: &str = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest, \
     pg_current_xact_id()::text::bigint AS other";

async fn pair(db: &Database, sql: &str) -> Result<(i64, i64), Failure> {
    let row = db.read().query_one_raw(Statement::from_string(db.backend(), sql)).await?;
    let row = row.ok_or_else(|| Failure::broken("a query for numbers gave none"))?;
    Ok((row.try_get("", "oldest")?, row.try_get("", "other")?))
}
