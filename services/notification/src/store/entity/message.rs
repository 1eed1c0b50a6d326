//! A message: one fact, one person or unit, one channel. Nothing in it is personal.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    /// With province, channel and template unique: a fact is told once to everybody whom it concerns.
    pub(crate) event_id: Uuid,
    pub(crate) channel: String,
    pub(crate) application_id: Uuid,
    /// The unit that is told; none: the citizen is.
    pub(crate) unit_id: Option<Uuid>,
    pub(crate) template: String,
    pub(crate) template_version: i32,
    pub(crate) language: String,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) state: String,
    /// Business time of the fact.
    pub(crate) occurred_at: DateTimeUtc,
    /// Puts facts of one instant in the order in which they came true.
    pub(crate) stage: i16,
    /// Real time.
    pub(crate) sent_at: Option<DateTimeUtc>,
    pub(crate) attempts: i32,
    pub(crate) failure: String,
    /// What its templates were told; none: it stands with another message of the same fact, or comes from before it was kept.
    pub(crate) told_with: Option<Json>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
