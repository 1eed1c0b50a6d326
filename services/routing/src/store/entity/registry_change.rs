//! `registry_change`: the history of the live facts. Rows are added, never changed.

use sea_orm::entity::prelude::*;

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registry_change")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Without a gap, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) revision: i64,
    /// Business time.
    pub(crate) at: DateTimeUtc,
    pub(crate) actor: String,
    pub(crate) reason: String,
    /// The unit that it is about; of an officer, the one that they were at.
    pub(crate) unit: Uuid,
    pub(crate) officer: Option<Uuid>,
    /// What was changed, as JSON.
    pub(crate) change: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
