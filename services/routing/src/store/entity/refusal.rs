//! `refusal`: decisions that found no unit. Rows are added and never changed.

use sea_orm::entity::prelude::*;

/// A decision that found no unit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refusal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) province: String,
    pub(crate) application: Uuid,
    pub(crate) step: i32,
    pub(crate) attempt: i32,
    /// Why, `UPPER_SNAKE_CASE`.
    pub(crate) reason: String,
    pub(crate) decided_at: DateTimeUtc,
    pub(crate) province_version: i64,
    pub(crate) registry_revision: i64,
    /// What the policy found, as JSON; none where it could not be asked.
    pub(crate) finding: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
