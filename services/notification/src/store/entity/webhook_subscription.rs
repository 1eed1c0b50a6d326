//! Who is sent the feed, and how far.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_subscription")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subscription_id: Uuid,
    /// `role/name`.
    pub(crate) owner: String,
    /// Unique per owner: a repeated request subscribes once.
    pub(crate) idempotency_key: String,
    /// SHA-256 of what was asked for under that key.
    pub(crate) request_sha256: String,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) format: String,
    pub(crate) signature: String,
    pub(crate) filter: Json,
    pub(crate) state: String,
    pub(crate) state_reason: String,
    /// Since when every attempt has failed.
    pub(crate) failing_since: Option<DateTimeUtc>,
    /// All up to here was sent, or is held; none: all up to where the lease stands.
    pub(crate) cursor: Option<i64>,
    /// Grows with every replay: what the log says of an earlier run counts no more.
    pub(crate) run: i32,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) revision: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
