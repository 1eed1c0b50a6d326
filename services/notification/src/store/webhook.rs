//! Subscriptions to the feed. Who sends to them holds the lease; whatever they write is written under its fence.

mod lease;
mod log;
mod subscriptions;

pub(crate) use lease::{Lease, Saved, changes, fenced, hold, let_go, position, release, renew, take};
pub(crate) use log::{Delivery, add_deliveries, deliveries, prune_deliveries, sent_behind};
pub(crate) use subscriptions::{
    Backlog, Change, add, all, backlogs, by_key, change, delete, disable, failing, find, first_held, held,
    is_any_active, is_at, list, revisions, secrets, set_cursor, set_secrets, totals,
};
