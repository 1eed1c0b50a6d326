//! `decision`: the log of decisions, a chain of hashes per province. Rows are added and never changed.

use sea_orm::entity::prelude::*;

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// From 1, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) position: i64,
    /// The assignment, or the refusal.
    #[sea_orm(column_name = "assignment")]
    pub(crate) decision: Uuid,
    /// SHA-256 over the link before, this row and its decision.
    pub(crate) hash: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
