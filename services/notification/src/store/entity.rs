//! Rows, one file per table.

pub(crate) mod attempt;
pub(crate) mod deed;
pub(crate) mod delivery;
pub(crate) mod digest_item;
pub(crate) mod feed_early;
pub(crate) mod feed_epoch;
pub(crate) mod feed_subject;
pub(crate) mod message;
pub(crate) mod person_key;
pub(crate) mod preference;
pub(crate) mod provider;
pub(crate) mod receipt;
pub(crate) mod recipient;
pub(crate) mod template_set;
pub(crate) mod webhook_delivery;
pub(crate) mod webhook_held;
pub(crate) mod webhook_lease;
pub(crate) mod webhook_secret;
pub(crate) mod webhook_subscription;
