//! `cases`: one row per application, from the moment it was submitted, with all that is pinned on its day.

use phidia_domain::{application, case};
use sea_orm::entity::prelude::*;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cases")]
pub(crate) struct Model {
    /// `case_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Code of the province.
    pub(crate) province: String,
    /// `app_…`.
    pub(crate) application: Uuid,
    /// Official dossier code.
    pub(crate) dossier_code: String,
    /// Code of the procedure.
    pub(crate) procedure_code: String,
    /// Version of the province's reference facts that it is pinned to.
    pub(crate) province_version: i64,
    /// Unit that received the application.
    pub(crate) received_at: Uuid,
    /// Unit where the result is to be collected.
    pub(crate) return_at: Uuid,
    /// Units by competence key, as a JSON object.
    pub(crate) places: String,
    /// Units with a conflict of interest, as a JSON array.
    pub(crate) conflicts: String,
    /// Business time of acceptance at intake.
    pub(crate) submitted_at: DateTimeUtc,
    /// The promised instant, if any.
    pub(crate) due_at: Option<DateTimeUtc>,
    /// The date of its green corridor, if any.
    pub(crate) corridor_due_at: Option<DateTimeUtc>,
    /// How it stands.
    pub(crate) state: State,
    /// 1-based number of the step that it is at, the first of those that go on together.
    pub(crate) step: i64,
    /// Of steps that go on together, those that are to be done and how each stands, as a JSON array; none: one goes on alone.
    pub(crate) branches: Option<String>,
    /// When its first step reached a unit; none: routing still has it.
    pub(crate) opened_at: Option<DateTimeUtc>,
    /// When it was finished.
    pub(crate) completed_at: Option<DateTimeUtc>,
    /// Whether it was finished no later than promised.
    pub(crate) on_time: Option<bool>,
    /// W3C trace context of the submission; empty: none.
    pub(crate) traceparent: String,
    /// What the citizen was asked to supplement, as a JSON object.
    pub(crate) supplement: Option<String>,
    /// What they were asked to pay, as a JSON array; none: nothing.
    pub(crate) payments: Option<String>,
    /// When there may be something to say next of its being late soon: not before. 1970: that was not reckoned yet.
    pub(crate) warn_at: DateTimeUtc,
    /// The last that was said.
    pub(crate) warned: Option<Warned>,
    /// The new appointment that the citizen was given, as a JSON object.
    pub(crate) postponement: Option<String>,
    /// Version whose legal clock it follows since its deadline was re-planned.
    pub(crate) clock_version: Option<i64>,
    /// Whose it is, `per_…`: under their key its result rests. None: it was prepared before the keys were kept.
    pub(crate) person: Option<Uuid>,
    /// When its result was handed over.
    pub(crate) handed_over_at: Option<DateTimeUtc>,
    /// How it came in. None: it was prepared before that was told.
    pub(crate) channel: Option<Channel>,
    /// Whether all its papers were there as digital files. None: it was prepared before that was told.
    pub(crate) digitised: Option<bool>,
    /// How the citizen wants the result; none: it was prepared before that was told.
    pub(crate) result_by: Option<String>,
    /// That it was opened again, as a JSON array without anything personal; none: never.
    pub(crate) reopenings: Option<String>,
    /// What whoever has the receipt thinks of how it ended; none: they have not said, or it runs.
    pub(crate) rating: Option<Rating>,
}

/// [`application::Channel`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum Channel {
    Direct,
    Online,
    Post,
}

impl From<application::Channel> for Channel {
    fn from(channel: application::Channel) -> Self {
        match channel {
            application::Channel::Direct => Self::Direct,
            application::Channel::Online => Self::Online,
            application::Channel::Post => Self::Post,
        }
    }
}

impl From<Channel> for application::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Direct => Self::Direct,
            Channel::Online => Self::Online,
            Channel::Post => Self::Post,
        }
    }
}

/// [`application::Rating`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum Rating {
    Satisfied,
    Neither,
    Dissatisfied,
}

impl From<application::Rating> for Rating {
    fn from(rating: application::Rating) -> Self {
        match rating {
            application::Rating::Satisfied => Self::Satisfied,
            application::Rating::Neither => Self::Neither,
            application::Rating::Dissatisfied => Self::Dissatisfied,
        }
    }
}

impl From<Rating> for application::Rating {
    fn from(rating: Rating) -> Self {
        match rating {
            Rating::Satisfied => Self::Satisfied,
            Rating::Neither => Self::Neither,
            Rating::Dissatisfied => Self::Dissatisfied,
        }
    }
}

/// [`case::Warning`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum Warned {
    Officer,
    Supervisor,
    Rescue,
}

impl From<case::Warning> for Warned {
    fn from(warning: case::Warning) -> Self {
        match warning {
            case::Warning::Officer => Self::Officer,
            case::Warning::Supervisor => Self::Supervisor,
            case::Warning::Rescue => Self::Rescue,
        }
    }
}

impl From<Warned> for case::Warning {
    fn from(warned: Warned) -> Self {
        match warned {
            Warned::Officer => Self::Officer,
            Warned::Supervisor => Self::Supervisor,
            Warned::Rescue => Self::Rescue,
        }
    }
}

/// [`case::State`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum State {
    AwaitingUnit,
    Queued,
    InProgress,
    Granted,
    Refused,
    AwaitingSupplement,
    Withdrawn,
    Lapsed,
    AwaitingPayment,
    Referred,
}

impl From<case::State> for State {
    fn from(state: case::State) -> Self {
        match state {
            case::State::AwaitingUnit => Self::AwaitingUnit,
            case::State::Queued => Self::Queued,
            case::State::InProgress => Self::InProgress,
            case::State::Granted => Self::Granted,
            case::State::Refused => Self::Refused,
            case::State::AwaitingSupplement => Self::AwaitingSupplement,
            case::State::Withdrawn => Self::Withdrawn,
            case::State::Lapsed => Self::Lapsed,
            case::State::AwaitingPayment => Self::AwaitingPayment,
            case::State::Referred => Self::Referred,
        }
    }
}

impl From<State> for case::State {
    fn from(state: State) -> Self {
        match state {
            State::AwaitingUnit => Self::AwaitingUnit,
            State::Queued => Self::Queued,
            State::InProgress => Self::InProgress,
            State::Granted => Self::Granted,
            State::Refused => Self::Refused,
            State::AwaitingSupplement => Self::AwaitingSupplement,
            State::Withdrawn => Self::Withdrawn,
            State::Lapsed => Self::Lapsed,
            State::AwaitingPayment => Self::AwaitingPayment,
            State::Referred => Self::Referred,
        }
    }
}

/// None: work items are found by application.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
