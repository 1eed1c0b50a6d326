//! `dossier_number`: the running number of each unit's day.

use sea_orm::entity::prelude::*;

/// The last number given.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dossier_number")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// The receiving unit.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: Uuid,
    /// The local day, `YYYY-MM-DD`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) day: String,
    /// The last number given.
    pub(crate) last: i32,
}

impl ActiveModelBehavior for ActiveModel {}
