//! A message: one fact, one person or unit, one channel. Nothing in it is personal.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    /// With province, template, addressee and channel unique: a fact is told once to everybody whom it concerns.
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
    /// Who is told: `applicant`, `proxy`, `unit:ctr_…`, …; empty: a version from before wrote it.
    pub(crate) addressee: String,
    /// Whom it was given to last.
    pub(crate) provider: Option<String>,
    /// What that one calls it.
    pub(crate) provider_ref: Option<String>,
    /// Business time from which on it is not sent any more.
    pub(crate) expires_at: Option<DateTimeUtc>,
    /// Real time since which nothing more happens by itself.
    pub(crate) settled_at: Option<DateTimeUtc>,
    /// How often somebody had it told once more: each is another message to a provider.
    pub(crate) resends: i32,
    /// Number in its mailbox of what is kept to be read: 0 of before there were any; none: nobody has watched the mailbox since.
    pub(crate) place: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
