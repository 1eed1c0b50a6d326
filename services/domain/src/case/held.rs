//! A work item in a worklist: who may take it up, and what follows when its step ends.

use jiff::Timestamp;

use super::{Course, Outcome, State};
use crate::{
    application::check_text,
    id::{OfficerId, UnitId},
    officer::{Level, Officer},
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};

/// A work item in a worklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The work item.
    pub work_item: WorkItem,
    /// The unit it lies at.
    pub unit: UnitId,
    /// Field of the procedure.
    pub field: String,
    /// Level needed.
    pub level: Level,
    /// Grows each time the holder changes.
    pub fence: u64,
    /// Who is at work on it.
    pub holder: Option<OfficerId>,
    /// What came of it, once it is done.
    pub outcome: Option<Outcome>,
    /// Whether a later attempt has taken its place.
    pub superseded: bool,
}

/// What follows from a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The officer has it from now on, under this fence.
    Taken {
        /// The new fence.
        fence: u64,
    },
    /// The officer has it already; nothing changes.
    AlreadyHeld,
}

/// What follows from the end of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It was ended so before; nothing changes.
    AlreadyDone,
    /// The next step goes on at the same unit.
    Kept {
        /// Its work item.
        next: WorkItem,
    },
    /// The next step needs a unit: routing finds it.
    Handed {
        /// Its work item.
        next: WorkItem,
    },
    /// The case is finished.
    Finished {
        /// With a grant or a refusal.
        state: State,
        /// Whether it was finished no later than promised; true where nothing was promised.
        on_time: bool,
    },
}

impl Held {
    /// A work item that has just reached a unit.
    pub fn queued(work_item: WorkItem, unit: UnitId, field: &str, level: Level) -> Self {
        let field = field.to_owned();
        Self { work_item, unit, field, level, fence: 0, holder: None, outcome: None, superseded: false }
    }

    /// Whether somebody has taken it up.
    pub fn is_begun(&self) -> bool {
        self.holder.is_some() || self.outcome.is_some()
    }

    /// An officer takes the work item up.
    ///
    /// # Errors
    /// `OTHER_UNIT`, `STEP_DONE`, `NOT_COMPETENT`; `OLD_FENCE` with the present holder, if any.
    pub fn claim(&self, officer: &Officer, expected_fence: u64) -> Result<Claim, Rejection> {
        if officer.unit != self.unit {
            return Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "this work item lies at another unit"));
        }
        if self.outcome.is_some() {
            return Err(Rejection::new(Kind::Precondition, "STEP_DONE", "this step is done already"));
        }
        if self.holder == Some(officer.id) {
            return Ok(Claim::AlreadyHeld);
        }
        if !officer.is_competent(&self.field, self.level) {
            let needed = format!("this step needs level {} in {}", self.level, self.field);
            let refusal = Rejection::new(Kind::Precondition, "NOT_COMPETENT", needed);
            return Err(refusal.with("field", &self.field).with("level", self.level));
        }
        if self.holder.is_some() || self.superseded || self.fence != expected_fence {
            return Err(self.conflict());
        }
        Ok(Claim::Taken { fence: self.fence + 1 })
    }

    /// The holder ends the step. Asked again with the same fence and outcome, nothing changes.
    ///
    /// # Errors
    /// A violation of `refusal_reason`; `OLD_FENCE` with the present holder, if any; `STEP_DONE` when it was
    /// ended with the other outcome.
    pub fn complete(
        &self,
        officer: OfficerId,
        fence: u64,
        outcome: Outcome,
        refusal_reason: &str,
        course: &Course<'_>,
        now: Timestamp,
    ) -> Result<Completion, Rejection> {
        check_reason(outcome, refusal_reason)?;
        if self.holder != Some(officer) || self.fence != fence {
            return Err(self.conflict());
        }
        match self.outcome {
            Some(done) if done == outcome => return Ok(Completion::AlreadyDone),
            Some(_) => {
                return Err(Rejection::new(Kind::Precondition, "STEP_DONE", "this step was ended otherwise"));
            }
            None => {}
        }
        let next = match outcome {
            Outcome::Approved => course.step(self.work_item.step + 1),
            Outcome::Refused => None,
        };
        Ok(match next {
            None => Completion::Finished {
                state: if outcome == Outcome::Approved { State::Granted } else { State::Refused },
                on_time: course.due_at.is_none_or(|due_at| now <= due_at),
            },
            Some(step) => {
                let next = WorkItem::first(self.work_item.application, step.number);
                if course.may_stay(step, self.unit) {
                    Completion::Kept { next }
                } else {
                    Completion::Handed { next }
                }
            }
        })
    }

    pub(super) fn conflict(&self) -> Rejection {
        let message = match self.holder {
            _ if self.superseded => "this step was routed to another unit; look at the worklist again",
            Some(_) => "this work item has been taken up since you saw it",
            None => "this work item has changed since you saw it; look at the worklist again",
        };
        let conflict = Rejection::new(Kind::Conflict, "OLD_FENCE", message).with("fence", self.fence);
        match self.holder {
            Some(holder) => conflict.with("holder", holder),
            None => conflict,
        }
    }
}

/// A refusal needs its reason; a grant has none, and one that is given is more likely a slip than a note.
fn check_reason(outcome: Outcome, refusal_reason: &str) -> Result<(), Rejection> {
    match outcome {
        Outcome::Refused => check_text("refusal_reason", refusal_reason, 1, 2000),
        Outcome::Approved if refusal_reason.is_empty() => Ok(()),
        Outcome::Approved => {
            Err(Rejection::invalid("REASON_WITHOUT_REFUSAL", "refusal_reason", "only goes with a refusal"))
        }
    }
}
