//! `hand_overs`: what has happened to work items, one row each, written with the change itself and never changed: form 06 of
//! Circular 03/2025/TT-VPCP is drawn from it.

use phidia_domain::case;
use sea_orm::entity::prelude::*;

/// Something that happened to a work item. Under one fence each thing happens once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hand_overs")]
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
    /// The fence of the work item from then on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) fence: i64,
    /// What happened.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) happening: Happening,
    /// Business time.
    pub(crate) at: DateTimeUtc,
    /// The unit whose worklist it was in.
    pub(crate) unit: Uuid,
    /// Who had it then, or has it since.
    pub(crate) officer: Option<Uuid>,
    /// Who brought it about, as the events that tell of it name them; none: it is older than that was kept.
    pub(crate) actor: Option<String>,
}

/// [`case::Happening`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum Happening {
    Reached,
    TakenUp,
    Returned,
    Paused,
    Resumed,
    Done,
    Superseded,
    Stopped,
    Charged,
    Referred,
    SentBack,
    Reopened,
}

impl From<case::Happening> for Happening {
    fn from(happening: case::Happening) -> Self {
        match happening {
            case::Happening::Reached => Self::Reached,
            case::Happening::TakenUp => Self::TakenUp,
            case::Happening::Returned => Self::Returned,
            case::Happening::Paused => Self::Paused,
            case::Happening::Resumed => Self::Resumed,
            case::Happening::Done => Self::Done,
            case::Happening::Superseded => Self::Superseded,
            case::Happening::Stopped => Self::Stopped,
            case::Happening::Charged => Self::Charged,
            case::Happening::Referred => Self::Referred,
            case::Happening::SentBack => Self::SentBack,
            case::Happening::Reopened => Self::Reopened,
        }
    }
}

impl From<Happening> for case::Happening {
    fn from(happening: Happening) -> Self {
        match happening {
            Happening::Reached => Self::Reached,
            Happening::TakenUp => Self::TakenUp,
            Happening::Returned => Self::Returned,
            Happening::Paused => Self::Paused,
            Happening::Resumed => Self::Resumed,
            Happening::Done => Self::Done,
            Happening::Superseded => Self::Superseded,
            Happening::Stopped => Self::Stopped,
            Happening::Charged => Self::Charged,
            Happening::Referred => Self::Referred,
            Happening::SentBack => Self::SentBack,
            Happening::Reopened => Self::Reopened,
        }
    }
}

/// None: they are found by application.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
