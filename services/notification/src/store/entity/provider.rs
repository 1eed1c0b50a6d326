//! What all replicas share of a provider: what may be given to it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: String,
    /// Millionths of a message that are left of its budget.
    pub(crate) micros: i64,
    /// When they were counted; real time.
    pub(crate) counted_at: DateTimeUtc,
    /// Until when it wants nothing; real time.
    pub(crate) paused_until: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
