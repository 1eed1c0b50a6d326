//! A set of templates. Rows are never changed; of those that were brought in, the one with the highest number holds.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "template_set")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    /// SHA-256 of the files.
    pub(crate) digest: String,
    /// Content by name.
    pub(crate) files: Json,
    /// Whether it came with a binary.
    pub(crate) bundled: bool,
    /// Business time.
    pub(crate) imported_at: DateTimeUtc,
    pub(crate) imported_by: String,
    pub(crate) reason: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
