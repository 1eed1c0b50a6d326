//! `feedback_entry`: what has happened to feedback, line by line.

use sea_orm::entity::prelude::*;

/// A line.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feedback_entry")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `fbk_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) feedback: Uuid,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// When.
    pub(crate) at: DateTimeUtc,
    /// What.
    pub(crate) act: String,
    /// Unit that did it, or to which it was passed.
    pub(crate) unit: Option<Uuid>,
    /// Officer who did it.
    pub(crate) officer: Option<Uuid>,
    /// What was written with it, sealed under the author's key.
    pub(crate) words: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
