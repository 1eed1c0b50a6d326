//! `agenda`: what the board does not know yet, in the order in which it arrived.

use sea_orm::entity::prelude::*;

use crate::work::Action;

/// An entry; it is deleted once the board knows.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agenda")]
pub(crate) struct Model {
    /// Grows with every entry and is never used again.
    #[sea_orm(primary_key)]
    pub(crate) position: i64,
    pub(crate) province: String,
    pub(crate) application: Uuid,
    pub(crate) step: i32,
    pub(crate) attempt: i32,
    pub(crate) action: Action,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
