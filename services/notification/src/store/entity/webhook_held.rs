//! An application of which an event was refused by a subscriber: that one is tried again, and what follows it waits.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_held")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subscription_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application_id: Uuid,
    /// The first event that was not taken.
    pub(crate) position: i64,
    pub(crate) attempts: i32,
    /// When that was refused first.
    pub(crate) since: DateTimeUtc,
    pub(crate) next_at: DateTimeUtc,
    /// It was given up: only a replay tries it again.
    pub(crate) is_dead: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
