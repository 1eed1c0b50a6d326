//! `catalogue_difference`: what the national database says otherwise than the province.

use sea_orm::entity::prelude::*;

/// A difference. It is resolved where it has a resolution.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "catalogue_difference")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Code of the procedure.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) procedure_code: String,
    /// What of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) attribute: String,
    /// What the province says.
    #[sea_orm(column_type = "Text")]
    pub(crate) ours: String,
    /// What the national database says.
    #[sea_orm(column_type = "Text")]
    pub(crate) theirs: String,
    /// When it was found as it is.
    pub(crate) found_at: DateTimeUtc,
    /// When a comparison found it no more.
    pub(crate) gone_at: Option<DateTimeUtc>,
    /// `ours`, `theirs` or `accepted`.
    pub(crate) resolution: Option<String>,
    /// By whom: `role/name`.
    pub(crate) resolved_by: Option<String>,
    /// Why.
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) reason: Option<String>,
    /// When.
    pub(crate) resolved_at: Option<DateTimeUtc>,
    /// How often it was open again.
    pub(crate) reopened: i32,
}

impl ActiveModelBehavior for ActiveModel {}
