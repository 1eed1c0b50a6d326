//! `plan_tasks`: one row per task of the reform plan, as it is now.

use phidia_domain::plan;
use sea_orm::entity::prelude::*;

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_tasks")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Its code in the plan.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) code: String,
    /// Its place in the file that had it last.
    pub(crate) position: i64,
    /// The area in Vietnamese, by which it is known.
    pub(crate) area_vi: String,
    /// The area in English.
    pub(crate) area_en: String,
    /// What is to be done, in Vietnamese.
    pub(crate) what_vi: String,
    /// The same in English.
    pub(crate) what_en: String,
    /// Who is to do it.
    pub(crate) owner: String,
    /// The last local day of its time, `2026-12-31`.
    pub(crate) due: String,
    /// How far it has come.
    pub(crate) state: State,
    /// What was said of it last.
    pub(crate) note: String,
    /// How many changes of it there are.
    pub(crate) changes: i64,
    /// Business time of the last one.
    pub(crate) changed_at: DateTimeUtc,
    /// Whose it was.
    pub(crate) changed_by: String,
}

/// [`plan::State`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum State {
    NotBegun,
    UnderWay,
    Done,
    GivenUp,
}

impl From<plan::State> for State {
    fn from(state: plan::State) -> Self {
        match state {
            plan::State::NotBegun => Self::NotBegun,
            plan::State::UnderWay => Self::UnderWay,
            plan::State::Done => Self::Done,
            plan::State::GivenUp => Self::GivenUp,
        }
    }
}

impl From<State> for plan::State {
    fn from(state: State) -> Self {
        match state {
            State::NotBegun => Self::NotBegun,
            State::UnderWay => Self::UnderWay,
            State::Done => Self::Done,
            State::GivenUp => Self::GivenUp,
        }
    }
}

/// None: changes are found by code.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
