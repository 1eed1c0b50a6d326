//! `day_standing`: how the applications in the tree of a day stood when they were counted last, for each unit that received some.

use sea_orm::entity::prelude::*;

/// Those of one unit.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "day_standing")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `YYYY-MM-DD`, that of the tree.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) day: String,
    /// `unt_…`, where they were received.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: Uuid,
    /// Receipts in the tree.
    pub(crate) accepted: i64,
    /// Not at their end.
    pub(crate) open: i64,
    /// Ended with a grant.
    pub(crate) finished: i64,
    /// Ended: withdrawn.
    pub(crate) withdrawn: i64,
    /// Ended with a refusal.
    pub(crate) refused: i64,
    /// Ended: not supplemented in time.
    pub(crate) lapsed: i64,
}

impl ActiveModelBehavior for ActiveModel {}
