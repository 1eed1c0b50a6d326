//! `plan_changes`: what has happened to the tasks of the reform plan, one row each, written with the change itself and never changed.

use phidia_domain::plan;
use sea_orm::entity::prelude::*;

use super::plan_task::State;

/// Something that has happened to a task, and how it was after that.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_changes")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Code of the task.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) code: String,
    /// 1-based and without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i64,
    /// Business time.
    pub(crate) at: DateTimeUtc,
    /// Whose doing it was.
    pub(crate) actor: String,
    /// What has happened.
    pub(crate) kind: Kind,
    /// How far it had come then.
    pub(crate) state: State,
    /// Who was to do it.
    pub(crate) owner: String,
    /// Its last local day.
    pub(crate) due: String,
    /// What was said.
    pub(crate) note: String,
}

/// [`plan::ChangeKind`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum Kind {
    Added,
    Amended,
    Set,
}

impl From<plan::ChangeKind> for Kind {
    fn from(kind: plan::ChangeKind) -> Self {
        match kind {
            plan::ChangeKind::Added => Self::Added,
            plan::ChangeKind::Amended => Self::Amended,
            plan::ChangeKind::Set => Self::Set,
        }
    }
}

impl From<Kind> for plan::ChangeKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Added => Self::Added,
            Kind::Amended => Self::Amended,
            Kind::Set => Self::Set,
        }
    }
}

/// None: changes are found by code.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
