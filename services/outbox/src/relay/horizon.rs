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
pub(super) struct Horizon {
    /// All up to here is settled.
    settled: i64,
    /// All up to this position is settled when no transaction below this id runs any more.
    mark: Option<(i64, i64)>,
}

impl Horizon {
    /// The first position that must not be read yet.
    pub(super) async fn readable_below(&mut self, db: &Database) -> Result<i64, Failure> {
        if !db.is_shared() {
            return Ok(i64::MAX);
        }
        if self.mark.is_none() {
            let last = number(db, LAST_POSITION).await?;
            if last > self.settled {
                self.mark = Some((last, number(db, DRAW).await?));
            }
        }
        if let Some((last, drawn)) = self.mark
            && number(db, OLDEST_RUNNING).await? >= drawn
        {
            self.settled = last;
            self.mark = None;
        }
        Ok(self.settled.saturating_add(1))
    }

    /// Whether transactions have to end before more can be read: that takes milliseconds.
    pub(super) fn is_waiting(&self) -> bool {
        self.mark.is_some()
    }
}

/// A sequence of which nothing was drawn has its start as last value.
const LAST_POSITION: &str =
    "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS n FROM outbox_events_position_seq";
const DRAW: &str = "SELECT pg_current_xact_id()::text::bigint AS n";
const OLDEST_RUNNING: &str = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS n";

async fn number(db: &Database, sql: &str) -> Result<i64, Failure> {
    let row = db.read().query_one_raw(Statement::from_string(db.backend(), sql)).await?;
    let row = row.ok_or_else(|| Failure::broken("a query for a number gave none"))?;
    Ok(row.try_get("", "n")?)
}
