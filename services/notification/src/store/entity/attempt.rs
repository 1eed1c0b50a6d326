//! What one attempt to tell a message came to.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempt")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    /// From 1, over all that a message was ever tried.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    pub(crate) provider: String,
    /// Real time.
    pub(crate) began_at: DateTimeUtc,
    pub(crate) took_milliseconds: i32,
    /// `taken`, `lost`, or the name of a fault.
    pub(crate) outcome: String,
    /// `SMTP_451`, `HTTP_503`, …; nothing personal.
    pub(crate) code: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
