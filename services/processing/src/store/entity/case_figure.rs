//! `case_figures`: one narrow row per case, with what reports count and group by, written in the transaction that changes the case. A
//! report reads this table alone. Instants are microseconds since 1970: they are compared a dozen times per row.

use phidia_domain::report;
use sea_orm::entity::prelude::*;

use super::case::{Channel, Rating, State};

/// Stands for the end of what runs, so that one index finds whatever had not ended by an instant.
pub(crate) const NEVER: i64 = i64::MAX;

/// What reports count of a case.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_figures")]
pub(crate) struct Model {
    /// `case_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) case_id: Uuid,
    /// Code of the province.
    pub(crate) province: String,
    /// Code of the procedure.
    pub(crate) procedure_code: String,
    /// Field of the procedure, as pinned.
    pub(crate) field: String,
    /// Unit that received the application.
    pub(crate) received_at: Uuid,
    /// Unit of the step with the most effort of those that the case has come to; none: it has come to none yet.
    pub(crate) worked_at: Option<Uuid>,
    /// That step.
    pub(crate) worked_step: Option<i64>,
    /// Its effort in working minutes.
    pub(crate) worked_effort: Option<i64>,
    /// The officer who has that step in hand, or did it.
    pub(crate) officer: Option<Uuid>,
    /// When it was accepted.
    pub(crate) submitted_at: i64,
    /// The promised instant, if any.
    pub(crate) due_at: Option<i64>,
    /// When it ended, or [`NEVER`].
    pub(crate) ended_at: i64,
    /// How it stands.
    pub(crate) state: State,
    /// Whether it ended in time; none: it runs.
    pub(crate) timeliness: Option<Timeliness>,
    /// Working minutes that it took; none: it runs.
    pub(crate) minutes: Option<i64>,
    /// Working minutes that the statutory time gave; none: it runs, or nothing was promised.
    pub(crate) allowed_minutes: Option<i64>,
    /// Since when it waits for its citizen, or last did.
    pub(crate) waits_from: Option<i64>,
    /// Until when it did; none: it waits, or never did.
    pub(crate) waits_to: Option<i64>,
    /// How often a supplement was asked for.
    pub(crate) supplements: i64,
    /// How it came in; none: nobody has told.
    pub(crate) channel: Option<Channel>,
    /// Whether all its papers were there as digital files; none: nobody has told.
    pub(crate) digitised: Option<bool>,
    /// Whether its result was issued as a file.
    pub(crate) issued: bool,
    /// What whoever has the receipt thinks of how it ended; none: they have not said, or it runs.
    pub(crate) rating: Option<Rating>,
    /// Whether all that was paid for it was paid online; none: nothing was paid, or nobody has told how.
    pub(crate) paid_online: Option<bool>,
}

/// [`report::Timeliness`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum Timeliness {
    Early,
    OnTime,
    Late,
    Undated,
}

impl From<report::Timeliness> for Timeliness {
    fn from(timeliness: report::Timeliness) -> Self {
        match timeliness {
            report::Timeliness::Early => Self::Early,
            report::Timeliness::OnTime => Self::OnTime,
            report::Timeliness::Late => Self::Late,
            report::Timeliness::Undated => Self::Undated,
        }
    }
}

/// None: cases are found by id.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
