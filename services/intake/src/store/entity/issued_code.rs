//! `issued_code`: which application bears a reserved number. Its key keeps two from bearing the same.

use sea_orm::entity::prelude::*;

/// A reserved number that is borne.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issued_code")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `rng_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) range: Uuid,
    /// The number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// `app_…`.
    pub(crate) application: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
