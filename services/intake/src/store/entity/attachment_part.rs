//! `attachment_part`: what is stored of uploads that are not whole.

use sea_orm::entity::prelude::*;

/// A part.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment_part")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `att_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) attachment: Uuid,
    /// Which of its bytes is the first.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) start: i64,
    /// How many they are.
    pub(crate) size: i64,
    /// Where they are, `obj_…`, sealed under the attachment's key.
    pub(crate) object: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
