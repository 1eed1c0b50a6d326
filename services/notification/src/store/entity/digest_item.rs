//! What waits for a letter of the day, and what was told by one. Nothing in it is personal.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "digest_item")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// The message as it stands in the mailbox: a fact is in one letter only.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    /// Who reads the letter: `person:…` by what stands for them over all their applications, or `unit:ctr_…`.
    pub(crate) reader: String,
    /// Real time at which the letter is made.
    pub(crate) due_at: DateTimeUtc,
    /// As that of the message: business time.
    pub(crate) expires_at: Option<DateTimeUtc>,
    /// The letter; none: it is not made, or tells others only.
    pub(crate) digest_id: Option<Uuid>,
    /// Why no letter tells it; none: one does, or will.
    pub(crate) left_out: Option<String>,
    /// Real time since which it waits no more.
    pub(crate) settled_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
