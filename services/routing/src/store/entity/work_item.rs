//! `work_item`: what is to be assigned, in the order of arrival.

use sea_orm::entity::prelude::*;

use crate::work::State;

/// A work item.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_item")]
pub(crate) struct Model {
    /// Order of arrival.
    #[sea_orm(primary_key)]
    pub(crate) arrived: i64,
    pub(crate) province: String,
    pub(crate) application: Uuid,
    pub(crate) step: i32,
    pub(crate) attempt: i32,
    pub(crate) state: State,
    pub(crate) begun: bool,
    /// The fence under which it lies in its worklist.
    pub(crate) fence: i64,
    /// Why it cannot be assigned, or was released.
    pub(crate) reason: String,
    pub(crate) previous_unit: Option<Uuid>,
    /// Business time.
    pub(crate) waiting_since: DateTimeUtc,
    /// The event that brought it about.
    pub(crate) cause: Option<Uuid>,
    pub(crate) traceparent: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
