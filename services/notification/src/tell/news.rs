//! What came true, as a citizen is told it.

use jiff::Timestamp;
use phidia_domain::{
    application::Language,
    case::{HandOverWay, StopGround, Wait},
    notice::Fact,
    procedure::Text,
    work_item::WorkItem,
};

use super::{Submission, in_language};
use crate::render::Detail;

/// What came true.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// The application was accepted.
    Submitted(Submission),
    /// A unit works on it.
    Opened {
        /// The unit's name.
        unit: Text,
    },
    /// Another unit works on it than was told before.
    Moved {
        /// What it works on.
        work_item: WorkItem,
        /// The unit's name.
        unit: Text,
        /// Why, in two sentences.
        why: Text,
    },
    /// They are asked to supplement it.
    SupplementRequested {
        /// Name of the unit that asks.
        unit: Text,
        /// What is missing or wrong, in the officer's words.
        reasons: Vec<String>,
        /// Until when.
        until: Timestamp,
    },
    /// They are to pay something.
    PaymentRequested {
        /// Name of the unit that asks.
        unit: Text,
        /// In đồng.
        amount_dong: i64,
        /// In the officer's words.
        purpose: String,
    },
    /// Other offices are asked.
    Referred {
        /// Name of the unit that asks.
        unit: Text,
        /// Names of those that are asked.
        offices: Vec<Text>,
        /// When the last answer is due.
        answer_due: Timestamp,
    },
    /// Whoever it waited for has done their part, and it goes on.
    Resumed {
        /// Name of the unit that works on it.
        unit: Text,
        /// What is promised from now on.
        due_at: Option<Timestamp>,
        /// Whom it waited for.
        waited_for: Wait,
        /// The new appointment that they were given before, as it is from now on.
        appointment_at: Option<Timestamp>,
    },
    /// It will be later than promised.
    Postponed {
        /// Name of the unit that apologises.
        unit: Text,
        /// Why, in the officer's words.
        reason: String,
        /// The new appointment.
        appointment_at: Timestamp,
    },
    /// Another date is promised, by a decision on days off.
    Replanned {
        /// What was promised before.
        before: Option<Timestamp>,
        /// What is promised from now on.
        due_at: Timestamp,
        /// The new appointment that they were given before, as it is from now on.
        appointment_at: Option<Timestamp>,
        /// The decision.
        decision: String,
    },
    /// The result was issued as a file.
    Issued {
        /// Of the file.
        media_type: String,
        /// Of the file, in hexadecimal digits.
        sha256: String,
    },
    /// The result was handed over.
    HandedOver {
        /// How.
        way: HandOverWay,
        /// Name of the unit that did.
        unit: Text,
    },
    /// What was decided is opened again.
    Reopened {
        /// The decision.
        decision: String,
        /// Name of the unit that works on it; none: it is not found yet.
        unit: Option<Text>,
        /// What is promised from now on.
        due_at: Option<Timestamp>,
        /// Whether a result was withdrawn by it.
        withdrawn: bool,
        /// The last work item of each step that it had come to before.
        reached_before: Vec<WorkItem>,
    },
    /// They are reached elsewhere from now on.
    ContactCorrected {
        /// Sealed.
        contact: Vec<u8>,
    },
    /// It has ended without a decision.
    Stopped(StopGround),
    /// It is finished.
    Completed {
        /// With a grant, or with a refusal.
        granted: bool,
        /// No later than promised.
        on_time: bool,
        /// In the officer's words; empty when granted.
        refusal_reason: String,
    },
}

impl News {
    pub(super) fn offices(&self, language: Language) -> Vec<&str> {
        match self {
            Self::Referred { offices, .. } => {
                offices.iter().map(|office| in_language(office, language)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn fact(&self) -> Fact {
        match self {
            Self::Submitted(_) => Fact::Submitted,
            Self::Opened { .. } => Fact::CaseOpened,
            Self::Moved { .. } => Fact::Moved,
            Self::SupplementRequested { .. } => Fact::SupplementRequested,
            Self::PaymentRequested { .. } => Fact::PaymentRequested,
            Self::Referred { .. } => Fact::Referred,
            Self::Resumed { .. } => Fact::Resumed,
            Self::Postponed { .. } => Fact::Postponed,
            Self::Replanned { .. } => Fact::Replanned,
            Self::Issued { .. } => Fact::ResultIssued,
            Self::HandedOver { .. } => Fact::ResultHandedOver,
            Self::ContactCorrected { .. } => Fact::ContactCorrected,
            Self::Reopened { .. } => Fact::Reopened,
            Self::Stopped(ground) => Fact::Stopped(*ground),
            Self::Completed { granted, .. } => Fact::Completed { granted: *granted },
        }
    }

    /// What is promised from now on; none: what was before.
    pub(super) fn promised(&self) -> Option<Timestamp> {
        match self {
            Self::Resumed { due_at, .. } | Self::Reopened { due_at, .. } => *due_at,
            Self::Replanned { due_at, .. } => Some(*due_at),
            _ => None,
        }
    }

    /// By when it asks for something.
    pub(super) fn limit(&self) -> Option<Timestamp> {
        match self {
            Self::SupplementRequested { until, .. } => Some(*until),
            Self::Referred { answer_due, .. } => Some(*answer_due),
            _ => None,
        }
    }

    /// `offices`: the names of those that are asked, in this language.
    pub(super) fn detail<'a>(&'a self, language: Language, offices: &'a [&'a str]) -> Detail<'a> {
        match self {
            Self::Submitted(_) | Self::Stopped(_) | Self::ContactCorrected { .. } => Detail::None,
            Self::Opened { unit } => Detail::AtUnit { unit: in_language(unit, language) },
            Self::Resumed { unit, appointment_at, waited_for, .. } => Detail::Resumed {
                unit: in_language(unit, language),
                appointment_at: *appointment_at,
                waited_for: *waited_for,
            },
            Self::PaymentRequested { unit, amount_dong, purpose } => {
                Detail::Payment { unit: in_language(unit, language), amount_dong: *amount_dong, purpose }
            }
            Self::Referred { unit, answer_due, .. } => {
                Detail::Referred { unit: in_language(unit, language), offices, answer_due: *answer_due }
            }
            Self::Replanned { before, appointment_at, decision, .. } => {
                Detail::Replanned { before: *before, appointment_at: *appointment_at, decision }
            }
            Self::Issued { media_type, sha256 } => Detail::Issued { media_type, sha256 },
            Self::HandedOver { way, unit } => {
                Detail::HandedOver { way: *way, unit: in_language(unit, language) }
            }
            Self::Postponed { unit, reason, appointment_at } => Detail::Postponed {
                unit: in_language(unit, language),
                reason,
                appointment_at: *appointment_at,
            },
            Self::SupplementRequested { unit, reasons, until } => {
                Detail::Supplement { unit: in_language(unit, language), reasons, until: *until }
            }
            Self::Reopened { decision, unit, withdrawn, .. } => Detail::Reopened {
                decision,
                unit: unit.as_ref().map(|unit| in_language(unit, language)),
                withdrawn: *withdrawn,
            },
            Self::Moved { unit, why, .. } => {
                Detail::Moved { unit: in_language(unit, language), why: in_language(why, language) }
            }
            Self::Completed { on_time, refusal_reason, .. } => {
                Detail::Completed { on_time: *on_time, refusal_reason }
            }
        }
    }
}
