//! `epoch`: which epoch of a province's board holds. Raised here before the board cuts over to it.

use sea_orm::entity::prelude::*;

/// The epoch of a province.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "epoch")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    pub(crate) epoch: i64,
    /// The highest sequence that was known when it began.
    pub(crate) sequence: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
