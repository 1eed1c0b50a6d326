//! `referrals`: one row per question to another office. What it says is sealed under a key of its own.

use phidia_domain::case;
use sea_orm::entity::prelude::*;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "referrals")]
pub(crate) struct Model {
    /// `ref_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Code of the province.
    pub(crate) province: String,
    /// `app_…`.
    pub(crate) application: Uuid,
    /// 1-based number of the step that waits for the answer.
    pub(crate) step: i64,
    /// 1-based attempt.
    pub(crate) attempt: i64,
    /// `case_…`.
    pub(crate) case_id: Uuid,
    /// Official dossier code.
    pub(crate) dossier_code: String,
    /// Code of the procedure.
    pub(crate) procedure_code: String,
    /// Version of the province's reference facts that the case is pinned to.
    pub(crate) province_version: i64,
    /// What is asked for.
    pub(crate) kind: Kind,
    /// Unit that asks.
    pub(crate) from_unit: Uuid,
    /// Unit that is asked.
    pub(crate) to_unit: Uuid,
    /// Officer who asks.
    pub(crate) officer: Uuid,
    /// The fence under which they held the work item.
    pub(crate) fence: i64,
    /// When it was asked.
    pub(crate) asked_at: DateTimeUtc,
    /// When the answer is due.
    pub(crate) due_at: DateTimeUtc,
    /// When the other office said that it has it.
    pub(crate) acknowledged_at: Option<DateTimeUtc>,
    /// How it has ended.
    pub(crate) outcome: Option<End>,
    /// When.
    pub(crate) ended_at: Option<DateTimeUtc>,
    /// The key of question and answer, wrapped under the master key.
    pub(crate) wrapped_key: Vec<u8>,
    /// Sealed.
    pub(crate) question: Vec<u8>,
    /// Sealed.
    pub(crate) answer: Option<Vec<u8>>,
}

/// [`case::ReferralKind`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum Kind {
    Verification,
    Agency,
}

/// [`case::ReferralEnd`] in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub(crate) enum End {
    Answered,
    Recalled,
    Moot,
}

impl From<case::ReferralKind> for Kind {
    fn from(kind: case::ReferralKind) -> Self {
        match kind {
            case::ReferralKind::Verification => Self::Verification,
            case::ReferralKind::Agency => Self::Agency,
        }
    }
}

impl From<Kind> for case::ReferralKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Verification => Self::Verification,
            Kind::Agency => Self::Agency,
        }
    }
}

impl From<case::ReferralEnd> for End {
    fn from(end: case::ReferralEnd) -> Self {
        match end {
            case::ReferralEnd::Answered => Self::Answered,
            case::ReferralEnd::Recalled => Self::Recalled,
            case::ReferralEnd::Moot => Self::Moot,
        }
    }
}

impl From<End> for case::ReferralEnd {
    fn from(end: End) -> Self {
        match end {
            End::Answered => Self::Answered,
            End::Recalled => Self::Recalled,
            End::Moot => Self::Moot,
        }
    }
}

/// None: cases are found by id.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
