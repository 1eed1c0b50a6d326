//! `faq_version`: what an entry said before, and what it says.

use sea_orm::entity::prelude::*;

/// A version of an entry.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "faq_version")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Of the entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    /// In both languages.
    pub(crate) question: Json,
    /// In both languages.
    pub(crate) answer: Json,
    /// It held no longer.
    pub(crate) retired: bool,
    /// Who wrote it.
    pub(crate) actor: String,
    /// When.
    pub(crate) at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
