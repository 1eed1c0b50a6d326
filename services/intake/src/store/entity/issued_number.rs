//! `issued_number`: the last number of each series and day.

use sea_orm::entity::prelude::*;

/// The last number given.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issued_number")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `PA-37`, `TCD-13285`, …
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) series: String,
    /// The local day, `YYYY-MM-DD`; empty: the series goes on from day to day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) day: String,
    /// The last number given.
    pub(crate) last: i32,
}

impl ActiveModelBehavior for ActiveModel {}
