//! `portal_arrival`: what the national portal brought, and what became of it. Nothing in it is personal.

use sea_orm::entity::prelude::*;

/// Something that was brought.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "portal_arrival")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// The portal's id of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) item: String,
    /// Its name.
    pub(crate) kind: String,
    /// The portal's code of the dossier.
    pub(crate) code: String,
    /// When it was seen first, in real time.
    pub(crate) seen_at: DateTimeUtc,
    /// Its name.
    pub(crate) state: String,
    /// How often it was tried.
    pub(crate) attempts: i32,
    /// Not before this again, in real time, where it failed.
    pub(crate) next_at: DateTimeUtc,
    /// What was wrong, as a reason.
    pub(crate) reason: Option<String>,
    /// What the portal was answered: sentences in Vietnamese.
    pub(crate) answer: Option<Json>,
    /// `app_…`.
    pub(crate) application: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
