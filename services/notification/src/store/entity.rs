//! Rows, one file per table.

pub(crate) mod delivery;
pub(crate) mod feed_early;
pub(crate) mod feed_epoch;
pub(crate) mod feed_subject;
pub(crate) mod message;
pub(crate) mod person_key;
pub(crate) mod preference;
pub(crate) mod recipient;
