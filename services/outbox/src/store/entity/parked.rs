//! `outbox_parked`: what a subscriber refused, and what waits behind it. The payload stays in
//! `outbox_events` under the same position.

use sea_orm::entity::prelude::*;

/// An event parked for a subscriber.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_parked")]
pub struct Model {
    /// The service that refused it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subscriber: String,
    /// The event's position.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// `evt_…`.
    pub event_id: Uuid,
    /// `app_…`.
    pub application: Uuid,
    /// The lane of the application.
    pub lane: i16,
    /// The event's sequence.
    pub sequence: i64,
    /// Name of the kind of fact.
    pub kind: String,
    /// `UPPER_SNAKE_CASE`.
    pub reason: String,
    /// Real time at which it was parked.
    pub parked_at: i64,
    /// It is to be delivered again.
    pub replay: bool,
}

/// None: joined to events by hand.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
