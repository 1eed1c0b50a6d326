//! `outbox_lanes`: per subscriber and lane the cursor, and the lease of the relay that may move it. They
//! are one row, so that a cursor cannot be moved but under the present fence.

use sea_orm::entity::prelude::*;

/// A lane of a subscriber.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_lanes")]
pub struct Model {
    /// The service that is told.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subscriber: String,
    /// 0 to 63.
    #[sea_orm(primary_key, auto_increment = false)]
    pub lane: i16,
    /// The cursor: every event of this lane up to this position is applied, or parked.
    pub position: i64,
    /// The relay that holds the lane; empty: nobody ever did.
    pub holder: String,
    /// Grows each time the lane changes hands.
    pub fence: i64,
    /// Real time until which it is held.
    pub leased_until: i64,
}

/// None.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
