//! `replannings`: what a decision on days off has promised for a case, one row for each version whose clock it followed by that.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "replannings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    /// The version whose clock it follows by it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i64,
    /// The decision, as the operator named it.
    pub(crate) decision: String,
    /// What was promised before.
    pub(crate) previous_due_at: DateTimeUtc,
    /// The new appointment beside it, if any.
    pub(crate) previous_appointment_at: Option<DateTimeUtc>,
    /// What was promised from then on.
    pub(crate) due_at: DateTimeUtc,
    /// And the new appointment.
    pub(crate) appointment_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
