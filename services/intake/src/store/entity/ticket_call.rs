//! `ticket_call`: what the board of a hall shows.

use sea_orm::entity::prelude::*;

/// One call.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket_call")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Of the hall.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: Uuid,
    /// Of the hall.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) point: String,
    /// From 1, without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    /// Local day.
    pub(crate) day: String,
    /// The number that was called.
    pub(crate) number: String,
    /// Letter of the kind.
    pub(crate) kind: String,
    /// To which counter.
    pub(crate) counter: i32,
    /// When.
    pub(crate) called_at: DateTimeUtc,
    /// Whether it was called before.
    pub(crate) again: bool,
}

impl ActiveModelBehavior for ActiveModel {}
