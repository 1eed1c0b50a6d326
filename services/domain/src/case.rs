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

mod appointment;
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
mod supplement;
mod trail;
mod transfer;
mod warning;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::UnitId,
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};
pub use appointment::{Apology, Clocks, Postponement, Postponer, Postponing, most_minutes};
pub use correction::{Reached, SentBack, reached};
pub use course::Course;
pub use held::{Claim, Completion, Held, Return, Stage, Verdict};
pub use lease::{Lease, holds_until};
pub use next::{TURNS_BEFORE, Taken, Turn, Waiting, next};
pub use payment::{MOST_DONG, Payment};
pub use promised::{Grounds, Promised, Standstill};
pub use referral::{Referral, ReferralEnd, ReferralKind};
pub use reopening::{Closed, Ending, Reopened, Reopening, Reversal};
pub use result::{
    FileFacts, HandOverWay, HandedOver, Issued, MOST_RESULT_BYTES, MOST_SIGNATURE_BYTES, Once,
    SignatureFormat, Signed, check_file, check_receiver, check_signature, hand_over, issue, not_issued, sign,
};
pub use supplement::{Asking, MOST_REASONS, Supplement};
pub use trail::{HandOver, Happening, Party, Passage, Purpose, hand_overs};
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

    /// Whether it has ended without a decision.
    pub fn is_stopped(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Lapsed)
    }
}

/// Where a case stands: its state, and the step that it is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub state: State,
    /// 1-based number of the step that is to be done, or that ended it.
    pub step: u32,
}

impl Standing {
    /// A case that is prepared: its first step waits for its unit.
    pub const PREPARED: Self = Self { state: State::AwaitingUnit, step: 1 };

    /// What a work item that routing sends means to this case. `of_step` are all work items of the same
    /// step. What is known already, or outrun by a later attempt, changes nothing: routing also tells of
    /// steps that were kept at their unit, and by then they may be begun or done. Nor does a later attempt at
    /// a step that an officer has taken up: the older one stands, and routing takes the later one back as
    /// soon as it hears of that. `believed` is the fence that routing knew of the attempt before it: under another one somebody had
    /// it in hand meanwhile, and it stands; none: routing does not say. Nor does anything change for a case that was stopped: routing hears of that, too.
    ///
    /// # Errors
    /// `ASSIGNED_OTHERWISE` when the same attempt lies at another unit, `CASE_FINISHED`, and `STEP_NOT_DUE` for a step that the
    /// case has not come to.
    pub fn arrive(
        self,
        of_step: &[Held],
        item: WorkItem,
        unit: UnitId,
        believed: Option<u64>,
    ) -> Result<Arrival, Rejection> {
        let refused = |reason, message| Err(Rejection::new(Kind::Precondition, reason, message));
        if self.state.is_stopped() {
            return Ok(Arrival::Known);
        }
        if let Some(known) = of_step.iter().find(|held| held.work_item == item) {
            return match known.unit == unit {
                true => Ok(Arrival::Known),
                false => refused("ASSIGNED_OTHERWISE", "this attempt was assigned to another unit before"),
            };
        }
        if of_step.iter().any(|held| held.work_item.attempt > item.attempt) {
            return Ok(Arrival::Known);
        }
        // What was done in an earlier round is to be done again.
        let this_round = |held: &&Held| held.work_item.round() == item.round();
        let present = of_step.iter().filter(this_round).find(|held| held.stage != Stage::Superseded);
        if present.is_some_and(|held| held.is_begun() || believed.is_some_and(|fence| held.fence != fence)) {
            return Ok(Arrival::Known);
        }
        if self.state.is_final() {
            return refused("CASE_FINISHED", "the case is finished");
        }
        if item.step != self.step {
            return refused("STEP_NOT_DUE", "the case is at another step");
        }
        Ok(present.map_or(Arrival::New, |held| Arrival::Moved { from: held.work_item }))
    }

    /// A work item of its step has reached a unit, for the first time or moved there.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when an officer is at work.
    pub fn queued(self) -> Result<Self, Rejection> {
        self.moved(&[State::AwaitingUnit, State::Queued], State::Queued, self.step)
    }

    /// An officer has taken the work item up.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nothing is queued.
    pub fn started(self) -> Result<Self, Rejection> {
        self.moved(&[State::Queued], State::InProgress, self.step)
    }

    /// The step has ended.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nobody was at work.
    pub fn ended(self, completion: Completion) -> Result<Self, Rejection> {
        let (state, step) = match completion {
            Completion::AlreadyDone => return Ok(self),
            Completion::Kept { next } => (State::Queued, next.step),
            Completion::Handed { next } => (State::AwaitingUnit, next.step),
            Completion::Finished { state, .. } => (state, self.step),
        };
        self.moved(&[State::InProgress], state, step)
    }

    /// The step was sent back to an earlier one, which lies at a unit at once or waits for routing to find one.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nobody was at work.
    pub fn sent_back(self, next: WorkItem, at_unit: bool) -> Result<Self, Rejection> {
        let state = if at_unit { State::Queued } else { State::AwaitingUnit };
        self.moved(&[State::InProgress], state, next.step)
    }

    /// The officer has given the work item back.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nobody was at work.
    pub fn returned(self) -> Result<Self, Rejection> {
        self.moved(&[State::InProgress], State::Queued, self.step)
    }

    /// The step is laid down until somebody else has done their part.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nobody was at work.
    pub fn paused(self, wait: Wait) -> Result<Self, Rejection> {
        self.moved(&[State::InProgress], wait.state(), self.step)
    }

    /// They have; the step lies in the worklist again.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when it does not wait for them.
    pub fn resumed(self, wait: Wait) -> Result<Self, Rejection> {
        self.moved(&[wait.state()], State::Queued, self.step)
    }

    /// A case that was decided is opened again: the step lies at a unit at once or waits for routing to find one.
    ///
    /// # Errors
    /// Those of [`Self::check_reopens`].
    pub fn reopened(self, next: WorkItem, at_unit: bool) -> Result<Self, Rejection> {
        self.check_reopens()?;
        let state = if at_unit { State::Queued } else { State::AwaitingUnit };
        Ok(Self { state, step: next.step })
    }

    /// It ends without a decision.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when it is to lapse, and nothing is asked for.
    pub fn stopped(self, ground: StopGround) -> Result<Self, Rejection> {
        const OPEN: [State; 6] = [
            State::AwaitingUnit,
            State::Queued,
            State::InProgress,
            State::AwaitingSupplement,
            State::AwaitingPayment,
            State::Referred,
        ];
        match ground {
            StopGround::Withdrawn => self.moved(&OPEN, State::Withdrawn, self.step),
            StopGround::Lapsed => self.moved(&[State::AwaitingSupplement], State::Lapsed, self.step),
        }
    }

    fn moved(self, from: &[State], state: State, step: u32) -> Result<Self, Rejection> {
        if self.state.is_final() {
            return Err(Rejection::new(Kind::Precondition, "CASE_FINISHED", "the case is finished"));
        }
        if !from.contains(&self.state) {
            return Err(Rejection::new(Kind::Precondition, "CASE_ELSEWHERE", "the case stands otherwise"));
        }
        Ok(Self { state, step })
    }
}

/// What the arrival of a work item means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The first work item of its step: it enters the worklist.
    New,
    /// A later attempt at a step that nobody has begun: it takes the place of the earlier one.
    Moved {
        /// The work item that is superseded.
        from: WorkItem,
    },
    /// Nothing changes.
    Known,
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
