//! What kind of fault a store's error is.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Whether the store cannot be reached, or went away in the midst: what was asked may have been done or not.
pub(crate) fn is_away(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        _ => driver(error).is_some_and(|error| match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            // https://www.postgresql.org/docs/15/errcodes-appendix.html: connection exceptions, shutting down,
            // starting up, ended because it was idle in a transaction, too many connections, now read-only.
            error => code(error).is_some_and(|code| {
                code.starts_with("08")
                    || ["57P01", "57P02", "57P03", "57P05", "25P03", "53300", "25006"].contains(&&*code)
            }),
        }),
    }
}

/// Whether the store gave way to others, and nothing was done: the same thing may succeed at once.
pub(crate) fn is_contended(error: &DbErr) -> bool {
    // PostgreSQL: not serialisable, deadlock, lock not available in time, cancelled by a time limit.
    // SQLite: busy (https://www.sqlite.org/rescode.html#busy).
    driver(error)
        .and_then(code)
        .is_some_and(|code| ["40001", "40P01", "55P03", "57014", "5"].contains(&&*code))
}

/// Whether PostgreSQL ended it so that others may go on: a lock that was not available in time, or a deadlock.
pub(super) fn is_locked_out(error: &DbErr) -> bool {
    driver(error).and_then(code).is_some_and(|code| ["55P03", "40P01"].contains(&&*code))
}

fn driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

fn code(error: &sqlx::Error) -> Option<std::borrow::Cow<'_, str>> {
    error.as_database_error()?.code()
}
