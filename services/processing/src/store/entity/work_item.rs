//! `work_items`: one row per attempt at a step of a case. What a worklist shows and orders by is copied from
//! the case, where it never changes, so that a page is one query over one index.

use phidia_domain::case;
use sea_orm::entity::prelude::*;

/// A work item.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_items")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `app_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    /// 1-based number of the step.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) step: i64,
    /// 1-based attempt.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) attempt: i64,
    /// `case_…`.
    pub(crate) case_id: Uuid,
    /// Official dossier code.
    pub(crate) dossier_code: String,
    /// Code of the procedure.
    pub(crate) procedure_code: String,
    /// Version of the province's reference facts that the case is pinned to.
    pub(crate) province_version: i64,
    /// Field of the procedure.
    pub(crate) field: String,
    /// Level needed.
    pub(crate) level: i64,
    /// Effort in working minutes of one officer.
    pub(crate) effort_minutes: i64,
    /// The unit whose worklist it is in.
    pub(crate) unit: Uuid,
    /// Grows each time the holder changes.
    pub(crate) fence: i64,
    /// The officer who holds it, or who ended it.
    pub(crate) officer: Option<Uuid>,
    /// What came of it.
    pub(crate) outcome: Option<Outcome>,
    /// Whether a later attempt has taken its place.
    pub(crate) superseded: bool,
    /// Whether something is left to do. What is neither open nor done nor superseded is paused.
    pub(crate) open: bool,
    /// When it reached the unit.
    pub(crate) queued_at: DateTimeUtc,
    /// When it was taken up.
    pub(crate) started_at: Option<DateTimeUtc>,
    /// When it was done.
    pub(crate) completed_at: Option<DateTimeUtc>,
    /// When the application was accepted.
    pub(crate) submitted_at: DateTimeUtc,
    /// The promised instant, if any.
    pub(crate) due_at: Option<DateTimeUtc>,
    /// The date of the green corridor, if any.
    pub(crate) corridor_due_at: Option<DateTimeUtc>,
    /// The earlier of the two, or the end of time where nothing is promised: engines disagree on where NULLs come.
    pub(crate) urgent_by: DateTimeUtc,
    /// The key of the reason for which it was sent back, wrapped under the master key.
    pub(crate) correction_key: Option<Vec<u8>>,
    /// That reason, sealed.
    pub(crate) correction: Option<Vec<u8>>,
    /// Until when its officer has it without a sign of life; the end of time where nobody does. 1970: that was not reckoned yet.
    pub(crate) held_until: DateTimeUtc,
    /// The step that followed, once it is done; 0: the case ended. None also where a replica of the version before has ended it.
    pub(crate) next_step: Option<i64>,
}

/// [`case::Outcome`] in words, that the case was stopped before there was one, or that it was sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum Outcome {
    Approved,
    Refused,
    Stopped,
    SentBack,
}

impl From<case::Outcome> for Outcome {
    fn from(outcome: case::Outcome) -> Self {
        match outcome {
            case::Outcome::Approved => Self::Approved,
            case::Outcome::Refused => Self::Refused,
        }
    }
}

impl Model {
    /// How it stands.
    pub(crate) fn stage(&self) -> case::Stage {
        match self.outcome {
            Some(Outcome::Approved) => case::Stage::Done(case::Outcome::Approved),
            Some(Outcome::Refused) => case::Stage::Done(case::Outcome::Refused),
            Some(Outcome::Stopped) => case::Stage::Stopped,
            Some(Outcome::SentBack) => case::Stage::SentBack,
            None if self.superseded => case::Stage::Superseded,
            None if self.open => case::Stage::Open,
            None => case::Stage::Paused,
        }
    }
}

/// None: cases are found by id.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
