//! `unlinked`: decisions that have no place in the log yet. They come with their decision, and go when they are linked.

use sea_orm::entity::prelude::*;

/// A decision that waits for its place.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unlinked")]
pub(crate) struct Model {
    /// Grows with every row and is never used again.
    #[sea_orm(primary_key)]
    pub(crate) number: i64,
    pub(crate) province: String,
    pub(crate) decision: Uuid,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
