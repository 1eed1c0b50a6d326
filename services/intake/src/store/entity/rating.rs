//! `rating`: what was said of an end of an application, by whoever had its receipt.

use sea_orm::entity::prelude::*;

/// A rating. It is of the present end unless the case was opened again since.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rating")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `app_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    /// From 1: the first rating of this application, the second, …
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// Unit that received the application.
    pub(crate) received_at_unit: Uuid,
    /// Which.
    pub(crate) rating: String,
    /// What was said with it, sealed under the applicant's key; none: nothing.
    pub(crate) comment: Option<Vec<u8>>,
    /// When it was said.
    pub(crate) rated_at: DateTimeUtc,
    /// Of which end: that of this instant.
    pub(crate) ended_at: DateTimeUtc,
    /// When the case was opened again after that.
    pub(crate) reopened_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
