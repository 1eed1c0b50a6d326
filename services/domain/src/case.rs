//! The state machine of a case: opened, worked on step by step, finished. A write gives the fence that it
//! saw; an old fence is refused, so that of two officers only one acts.
//!
//! ```text
//!                 queued              started             ended: the next step, or an earlier one again
//!   AwaitingUnit --------> Queued --------------> InProgress ---------> AwaitingUnit (handed to routing)
//!                           ^ | moved by routing,     |  |  `---------> Queued       (kept at the unit)
//!                           |-' or returned           |  | ended: the last step, or refused
//!                   resumed |         paused          |  `------------> Granted | Refused
//!                           |--- AwaitingSupplement <-|    (the citizen; the clock stands still)
//!                           |--- AwaitingPayment    <-|    (the citizen; the clock stands still)
//!                           `--- Referred           <-'    (another office; the clock runs on)
//!
//!   any of these six: stopped by the citizen -> Withdrawn; AwaitingSupplement for too long -> Lapsed
//!   Granted | Refused: opened again by a decision -> AwaitingUnit | Queued
//! ```
//!
//! Steps that go on together go this way each on its own, until the last of them is done ([`Standing`]).

mod allowed;
mod appointment;
mod awaited;
mod correction;
mod course;
mod held;
mod lease;
mod next;
mod payment;
mod promised;
pub mod referral;
mod reopening;
pub mod replan;
mod result;
mod standing;
mod supplement;
mod trail;
mod transfer;
mod warning;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use appointment::{Apology, Clocks, Postponement, Postponer, Postponing, most_minutes};
pub use awaited::{Asked, Awaited};
pub use correction::{Last, Reached, SentBack, reached};
pub use course::{Course, Ready};
pub use held::{Claim, Completion, Held, Return, Stage, Verdict};
pub use lease::{Lease, holds_until};
pub use next::{TURNS_BEFORE, Taken, Turn, Waiting, next};
pub use payment::{MOST_DONG, Payment, paid_online};
pub use promised::{Grounds, Promised, Standstill};
pub use referral::{Referral, ReferralEnd, ReferralKind};
pub use reopening::{Closed, Ending, Reopened, Reopening, Reversal};
pub use result::{
    FileFacts, HandOverWay, HandedOver, Issued, MOST_RESULT_BYTES, MOST_SIGNATURE_BYTES, Once,
    SignatureFormat, Signed, check_file, check_receiver, check_signature, hand_over, issue, not_issued, sign,
};
pub use standing::{Arrival, Branch, Standing};
pub use supplement::{Asking, MOST_REASONS, Supplement};
pub use trail::{HandOver, Happening, Party, Passage, Purpose, hand_overs, put_in_order};
pub use transfer::{Transfer, Transferred};
pub use warning::{Warning, Warnings, whole_minutes};

/// How a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Between two steps: the next one waits for its unit.
    AwaitingUnit,
    /// A work item lies in a unit's worklist.
    Queued,
    /// An officer is at work.
    InProgress,
    /// Finished with a grant.
    Granted,
    /// Finished with a refusal.
    Refused,
    /// The citizen is to supplement the dossier.
    AwaitingSupplement,
    /// Ended by the citizen, without a decision.
    Withdrawn,
    /// Ended without a decision: the citizen did not supplement the dossier in time.
    Lapsed,
    /// The citizen is to pay something.
    AwaitingPayment,
    /// Another office is to answer something.
    Referred,
}

/// Whom a case waits for while its step is laid down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For the citizen's supplement.
    Supplement,
    /// For the citizen's payment.
    Payment,
    /// For another office.
    Referral,
}

impl Wait {
    /// Whether it is the citizen who is waited for: then the legal clock stands still.
    pub fn is_for_citizen(self) -> bool {
        matches!(self, Self::Supplement | Self::Payment)
    }

    fn state(self) -> State {
        match self {
            Self::Supplement => State::AwaitingSupplement,
            Self::Payment => State::AwaitingPayment,
            Self::Referral => State::Referred,
        }
    }
}

/// Why a case ends without a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopGround {
    /// The citizen has withdrawn the application: allowed while there is no decision (Circular 03/2025/TT-VPCP, art. 7).
    Withdrawn,
    /// They did not supplement it in time.
    Lapsed,
}

impl State {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingUnit => "awaiting_unit",
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::AwaitingSupplement => "awaiting_supplement",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Referred => "referred",
        }
    }

    /// Whether nothing more will come, unless it is opened again by a decision.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Granted | Self::Refused) || self.is_stopped()
    }

    /// Whether the citizen is waited for.
    pub fn waits_for_citizen(self) -> bool {
        matches!(self, Self::AwaitingSupplement | Self::AwaitingPayment)
    }

    /// Whether it has ended without a decision.
    pub fn is_stopped(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Lapsed)
    }
}

/// What an officer decides at the end of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Go on; at the last step: granted.
    Approved,
    /// Refused with a reason; the case ends.
    Refused,
}

/// The order of a worklist: the promised instant first, what has no promise last, then who came first.
pub fn urgency(due_at: Option<Timestamp>, submitted_at: Timestamp) -> impl Ord {
    (due_at.is_none(), due_at, submitted_at)
}

#[cfg(test)]
mod tests;
