//! `moves`: work items on their way from one unit to another. A row is written before processing is asked, and stays.

use sea_orm::entity::prelude::*;

use crate::work::Way;

/// A move, under the attempt that it brings about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "moves")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) step: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) attempt: i32,
    /// The attempt that it takes the place of.
    pub(crate) from_attempt: i32,
    pub(crate) from_unit: Uuid,
    /// The fence that that one is believed to have with processing.
    pub(crate) expected_fence: i64,
    pub(crate) state: Way,
    /// Why it came to nothing; empty otherwise.
    pub(crate) refused_because: String,
    /// Id of its decision.
    pub(crate) assignment: Uuid,
    /// Unit that it goes to.
    pub(crate) unit: Uuid,
    /// Name of the ground.
    pub(crate) ground: String,
    /// Business time.
    pub(crate) decided_at: DateTimeUtc,
    pub(crate) decided_in_micros: i64,
    /// As JSON.
    pub(crate) explanation: String,
    /// As JSON.
    pub(crate) load: String,
    /// Of the reservation.
    pub(crate) epoch: i64,
    pub(crate) board_sequence: i64,
    pub(crate) traceparent: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
