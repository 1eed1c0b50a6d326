//! What was sent to whom: a row for each attempt, without the body.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) delivery_id: i64,
    pub(crate) subscription_id: Uuid,
    /// Place of the event in the feed; 0: a ping.
    pub(crate) position: i64,
    pub(crate) run: i32,
    pub(crate) event_id: Uuid,
    /// None: a ping.
    pub(crate) application_id: Option<Uuid>,
    pub(crate) at: DateTimeUtc,
    pub(crate) took_ms: i32,
    /// `DELIVERED`, or a code.
    pub(crate) outcome: String,
    /// 0: there was no answer.
    pub(crate) status: i16,
    pub(crate) sha256: String,
    pub(crate) size: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
