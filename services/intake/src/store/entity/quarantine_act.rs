//! `quarantine_act`: what was done with attachments in which the scanner found something.

use sea_orm::entity::prelude::*;

/// One act.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantine_act")]
pub(crate) struct Model {
    /// Its number.
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    /// Code of the province.
    pub(crate) province: String,
    /// `att_…`; it may be deleted by now.
    pub(crate) attachment: Uuid,
    /// `obj_…`.
    pub(crate) content: Uuid,
    /// The application that it was attached to, if any.
    pub(crate) application: Option<Uuid>,
    /// `released` or `discarded`.
    pub(crate) act: String,
    /// What the scanner had found.
    pub(crate) found: Option<String>,
    /// Why it was done.
    pub(crate) reason: String,
    /// Who (`role/name`).
    pub(crate) actor: String,
    /// Business time.
    pub(crate) at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
