//! `assignment`: decisions, and what they add to the board.

use sea_orm::entity::prelude::*;

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignment")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) province: String,
    pub(crate) application: Uuid,
    pub(crate) step: i32,
    pub(crate) attempt: i32,
    pub(crate) unit: Uuid,
    /// Name of the ground.
    pub(crate) ground: String,
    pub(crate) predicted_finish_at: Option<DateTimeUtc>,
    pub(crate) decided_at: DateTimeUtc,
    pub(crate) decided_in_micros: i64,
    /// The explanation as JSON; none while a kept step is not counted in yet.
    pub(crate) explanation: Option<String>,
    /// The load as JSON; with the explanation.
    pub(crate) load: Option<String>,
    pub(crate) epoch: Option<i64>,
    pub(crate) board_sequence: Option<i64>,
    /// Whether the load counts. The board has to add up to the rows for which it does.
    pub(crate) open: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
