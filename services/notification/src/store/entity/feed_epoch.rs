//! Which feed this is. When a backup is brought back, positions are given again to other events: then an operator begins another feed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed_epoch")]
pub(crate) struct Model {
    /// 1: there is one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i16,
    pub(crate) epoch: Uuid,
    /// Real time; none: it is the first.
    pub(crate) begun_at: Option<DateTimeUtc>,
    /// `role/name`.
    pub(crate) begun_by: Option<String>,
    /// In their words.
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
