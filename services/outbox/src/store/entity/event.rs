//! `outbox_events`: what was told, until every subscriber has it.

use sea_orm::entity::prelude::*;

/// A told event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_events")]
pub struct Model {
    /// Grows with every event of this outbox and is never used again.
    #[sea_orm(primary_key)]
    pub position: i64,
    /// `evt_…`.
    pub event_id: Uuid,
    /// Code of the province.
    pub province: String,
    /// `app_…`.
    pub application: Uuid,
    /// The lane of the application.
    pub lane: i16,
    /// From 1, without gaps, per application.
    pub sequence: i64,
    /// Name of the kind of fact.
    pub kind: String,
    /// The encoded `phidia.events.v1.Event`.
    pub payload: Vec<u8>,
    /// Real time at which it was written.
    pub recorded_at: i64,
}

/// None: events are joined by hand.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
