//! `policy`: the versions of the routing policy. The one with the highest number holds; rows are never changed.

use sea_orm::entity::prelude::*;

/// One version.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) name: String,
    /// As it was published, comments included.
    pub(crate) document: String,
    pub(crate) digest: String,
    pub(crate) published_at: DateTimeUtc,
    pub(crate) published_by: String,
    pub(crate) reason: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
