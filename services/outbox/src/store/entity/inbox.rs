//! `inbox`: which events have had their effect here.

use sea_orm::entity::prelude::*;

/// An event that was applied.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    /// `evt_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// The service that told it.
    pub source: String,
    /// Real time at which it was applied.
    pub seen_at: i64,
}

/// None.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
