//! `hall`: one place of reception of a centre. Whoever changes anything in it holds its row.

use sea_orm::entity::prelude::*;

/// A hall.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hall")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `ctr_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: Uuid,
    /// Reception point; empty: the main one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) point: String,
    /// Kinds of business and counters; none: nothing was set up.
    pub(crate) arrangement: Option<Json>,
    /// The local day that `course` is of.
    pub(crate) day: String,
    /// Open counters, calls and last numbers of that day.
    pub(crate) course: Json,
    /// How much was ever called: the place on the board.
    pub(crate) sequence: i64,
}

impl ActiveModelBehavior for ActiveModel {}
