//! What is stored: rows and migrations. Instants are microseconds since 1970 in a `bigint`: they are
//! compared in statements, and both stores compare integers alike.

#[allow(unreachable_pub, reason = "the derives make public items")]
pub(crate) mod entity;
pub mod migration;

use jiff::{SignedDuration, Timestamp};

/// An instant as it is stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A stored instant.
pub(crate) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The stored form of the instant `span` after `at`.
pub(crate) fn after(at: Timestamp, span: std::time::Duration) -> i64 {
    let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    micros(at.saturating_add(span).unwrap_or(Timestamp::MAX))
}

/// The stored form of the instant `span` before `at`.
pub(crate) fn before(at: Timestamp, span: std::time::Duration) -> i64 {
    let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    micros(at.saturating_sub(span).unwrap_or(Timestamp::MIN))
}
