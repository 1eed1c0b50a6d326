//! `rescue_hint`: steps that are to be looked at before the next round of rescues.

use sea_orm::entity::prelude::*;

/// A step; its row is deleted once it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rescue_hint")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) step: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
