//! `ticket_day`: what was counted of a day in a hall, for good.

use sea_orm::entity::prelude::*;

/// A day that is over.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket_day")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Local day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) day: String,
    /// Of the hall.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: Uuid,
    /// Of the hall.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) point: String,
    /// Hour, kind and tally of each.
    pub(crate) tallies: Json,
}

impl ActiveModelBehavior for ActiveModel {}
