//! `workplace`: how many can work at once at a unit, as routing is to be told.

use sea_orm::entity::prelude::*;

/// What a unit's register allows.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workplace")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `ctr_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: Uuid,
    /// How many; none: no limit.
    pub(crate) places: Option<i32>,
    /// Grows with every change.
    pub(crate) revision: i64,
    /// Whether routing has it.
    pub(crate) told: bool,
}

impl ActiveModelBehavior for ActiveModel {}
