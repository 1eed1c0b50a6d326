//! `application`: what the later steps of an application have to know.

use sea_orm::entity::prelude::*;

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    pub(crate) procedure_code: String,
    pub(crate) province_version: i64,
    pub(crate) received_at: Uuid,
    /// Commune codes by competence key, as JSON: resolved against the pinned version when a step needs them.
    pub(crate) places: String,
    /// Ids of the units with a conflict of interest, as JSON.
    pub(crate) conflicts: String,
    pub(crate) submitted_at: DateTimeUtc,
    pub(crate) due_at: Option<DateTimeUtc>,
    /// Its case is completed: routing no longer holds it.
    pub(crate) completed: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
