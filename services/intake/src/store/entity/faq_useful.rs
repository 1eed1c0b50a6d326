//! `faq_useful`: who found an entry useful, on which day.

use sea_orm::entity::prelude::*;

/// A caller's day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "faq_useful")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Of the entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// Stands for the caller, on this day only.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) caller: Vec<u8>,
    /// The local day.
    pub(crate) day: String,
}

impl ActiveModelBehavior for ActiveModel {}
