//! What is still to be handed to a provider: one row per message, gone with its last attempt. Beside the
//! messages, so that those that are never sent anywhere cost no index.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    /// Attempts begun so far: the fence of the replica that claimed it last.
    pub(crate) attempt: i32,
    /// Real time of the next attempt; while it is claimed: when the claim lapses.
    pub(crate) due_at: DateTimeUtc,
    /// The contact that it goes to, sealed under the person's key; none: where its recipient is reached by now.
    pub(crate) contact: Option<Vec<u8>>,
    pub(crate) channel: String,
    /// Whom the last attempt was made at.
    pub(crate) provider: Option<String>,
    /// Whether an attempt there had no clear end.
    pub(crate) may_be_heard: bool,
    /// When the attempt under way was begun; none: none is.
    pub(crate) began_at: Option<DateTimeUtc>,
    /// Attempts that patience does not count: those before somebody had it told again.
    pub(crate) base: i32,
    /// As that of the message: business time.
    pub(crate) expires_at: Option<DateTimeUtc>,
    /// Whether it waits for a decent hour.
    pub(crate) waits: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
