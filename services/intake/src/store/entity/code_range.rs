//! `code_range`: dossier codes that were reserved together.

use sea_orm::entity::prelude::*;

/// A range of running numbers of a unit's day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code_range")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `rng_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// The unit.
    pub(crate) unit: Uuid,
    /// The local day of the codes, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// With what its codes begin.
    pub(crate) series: String,
    /// The first number.
    pub(crate) first: i32,
    /// The last number.
    pub(crate) last: i32,
    /// Who reserved them, `role/name`.
    pub(crate) reserved_by: String,
    /// When.
    pub(crate) reserved_at: DateTimeUtc,
    /// When what was not used was given back; none: it was not.
    pub(crate) closed_at: Option<DateTimeUtc>,
    /// What was not used by then: first and last numbers of spans.
    pub(crate) void: Option<Json>,
}

impl ActiveModelBehavior for ActiveModel {}
