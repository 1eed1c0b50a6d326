//! `lent`: how much foreign work each unit took on each day.

use sea_orm::entity::prelude::*;

/// What one unit took on one day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lent")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: Uuid,
    /// Day of the decisions, as `route::lent_on` counts.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) day: i64,
    /// Working minutes of one officer.
    pub(crate) minutes: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
