//! `reception_day`: the days on which a unit receives citizens.

use sea_orm::entity::prelude::*;

/// A day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reception_day")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// The unit.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: Uuid,
    /// The local day, `YYYY-MM-DD`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) date: String,
    /// Its hours.
    pub(crate) hours: Json,
    /// Who receives, by office.
    pub(crate) host: String,
    /// Why it was cancelled; none: it was not.
    pub(crate) cancelled_for: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
