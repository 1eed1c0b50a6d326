//! `portal_dossier`: what the national portal knows of an application, or of what it brought and was not taken in.

use sea_orm::entity::prelude::*;

/// A dossier of the portal.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "portal_dossier")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// By which the portal knows it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) code: String,
    /// `app_…`; none: it was not taken in.
    pub(crate) application: Option<Uuid>,
    /// Whether the portal brought it.
    pub(crate) brought: bool,
    /// National code of the last message.
    pub(crate) last_code: i32,
    /// Number of the last message.
    pub(crate) last_number: i32,
}

impl ActiveModelBehavior for ActiveModel {}
