//! `closed_day`: the days that are closed, each with the root of its tree.

use sea_orm::entity::prelude::*;

/// A closed day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "closed_day")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `YYYY-MM-DD`, by the clock of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) day: String,
    /// As it was signed.
    pub(crate) signed: String,
    /// The sums of the centres then.
    pub(crate) sums: Json,
    /// Business time.
    pub(crate) closed_at: DateTimeUtc,
    /// Whether all that are in its tree had ended, and none was missing, when they were counted last.
    pub(crate) is_settled: bool,
    /// Business time at which they were counted last; none: they were not.
    pub(crate) counted_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
