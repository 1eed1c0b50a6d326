//! `attachment_reading`: who was given which attachment.

use sea_orm::entity::prelude::*;

/// One download.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment_reading")]
pub(crate) struct Model {
    /// Its number.
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    /// Code of the province.
    pub(crate) province: String,
    /// `att_…`; it may be deleted by now.
    pub(crate) attachment: Uuid,
    /// The application that it was attached to, if any.
    pub(crate) application: Option<Uuid>,
    /// Who (`role/name`).
    pub(crate) actor: String,
    /// Whether by the codes of a receipt.
    pub(crate) by_receipt: bool,
    /// Business time.
    pub(crate) at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
