//! `turn`: whose turn it is to work the agenda off. One row per province's code, or none yet.

use sea_orm::entity::prelude::*;

/// The turn at a province's agenda.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "turn")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// The process.
    pub(crate) holder: Uuid,
    /// The name of its replica.
    pub(crate) replica: String,
    /// When others may take it; microseconds since 1970, real time.
    pub(crate) until: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
