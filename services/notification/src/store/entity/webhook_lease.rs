//! Which replica sends to subscribers, and how far those are who have nothing outstanding.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_lease")]
pub(crate) struct Model {
    /// 1: there is one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i16,
    /// The replica's name.
    pub(crate) holder: String,
    /// Grows with every holder.
    pub(crate) fence: i64,
    /// Real time, microseconds since 1970.
    pub(crate) leased_until: i64,
    /// Subscriptions without a cursor have everything up to here.
    pub(crate) position: i64,
    /// Grows with every change of a subscription.
    pub(crate) changes: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
