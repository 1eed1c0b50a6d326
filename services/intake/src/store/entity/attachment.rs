//! `attachment`: files that were announced, and what became of them.

use sea_orm::entity::prelude::*;

/// An attachment. Its id carries the millisecond at which it was announced.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `att_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Who uploads it (`role/name`).
    pub(crate) owner: String,
    /// What it claims to be, and is once it is whole.
    pub(crate) file_type: String,
    /// How long it is.
    pub(crate) size: i64,
    /// How much of it is stored.
    pub(crate) stored: i64,
    /// How often it was begun again.
    pub(crate) round: i32,
    /// Its key, wrapped under the installation's master key.
    pub(crate) wrapped_key: Vec<u8>,
    /// Its name and its SHA-256, sealed under that key.
    pub(crate) details: Vec<u8>,
    /// What is in it, `obj_…`; none: it is not whole.
    pub(crate) content: Option<Uuid>,
    /// The application that it is attached to, if any.
    pub(crate) application: Option<Uuid>,
    /// Business time at which it was announced.
    pub(crate) begun_at: DateTimeUtc,
    /// Business time at which it was attached.
    pub(crate) attached_at: Option<DateTimeUtc>,
    /// Business time until which a draft wants it; none: none does.
    pub(crate) wanted_until: Option<DateTimeUtc>,
    /// Which of those that were attached together.
    pub(crate) place: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}
