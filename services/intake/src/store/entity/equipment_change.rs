//! `equipment_change`: what was changed of a piece of equipment.

use sea_orm::entity::prelude::*;

/// A change.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "equipment_change")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `eqp_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) equipment: Uuid,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// Business time.
    pub(crate) at: DateTimeUtc,
    /// `role/name`.
    pub(crate) actor: String,
    /// What was said of it.
    pub(crate) note: String,
    /// The piece afterwards.
    pub(crate) body: Json,
}

impl ActiveModelBehavior for ActiveModel {}
