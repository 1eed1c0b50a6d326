//! `epoch`: which epoch of a province's board holds, raised here before the board cuts over to it; and how far
//! the history of the live facts has come. Decisions rest on both, and hold both by this one row.

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
    /// The last revision of the registry.
    pub(crate) registry_revision: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
