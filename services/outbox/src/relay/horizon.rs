//! How far an outbox may be read.

use phidia_runtime::{database::Database, failure::Failure};
use sea_orm::DbBackend;

/// The position below which everything that will ever be there is there: a relay that reads only below it
/// never moves a cursor past an event that is yet to be committed.
///
/// **SQLite**: one writer gives positions in the order of commits, so everything that can be read is safe.
///
/// **PostgreSQL**: serial positions commit out of order, and this is refused until it is done. The tables
/// need no change for it:
///
/// 1. read the serial's `last_value` (call it P); then, in a later statement, draw `pg_current_xact_id()`
///    (call it X). Whoever drew a position up to P has a transaction id below X, because the upsert of the
///    sequence gave it one before the position was drawn;
/// 2. once `pg_snapshot_xmin(pg_current_snapshot())` has reached X, all of them have ended: everything up
///    to P is committed or will never be. Read below P + 1, and begin again with the next P.
///
/// So the relay then keeps (P, X) between its steps. Per application positions grow with sequences
/// ([`crate::append`]), so that the order of positions is the order to deliver in on both.
///
/// # Errors
/// Broken on an engine for which it is not known.
pub(super) fn readable_below(db: &Database) -> Result<i64, Failure> {
    match db.backend() {
        DbBackend::Sqlite => Ok(i64::MAX),
        engine => {
            Err(Failure::broken(format!("no relay on {engine:?} yet: its positions commit out of order")))
        }
    }
}
