//! A step is sent back: whoever signs finds a mistake, and an earlier step is done again. It goes to the unit that did it
//! before, where that may still do it; otherwise routing finds one. What was done stays on record, with the reason. Steps that go on
//! together are all done first: nobody's work is taken from their hands for another's mistake.

use std::collections::BTreeMap;

use super::{Course, Held, Outcome, Ready, Stage, Standing};
use crate::{
    application::check_text,
    id::{OfficerId, UnitId},
    rejection::Rejection,
    work_item::WorkItem,
};

/// How far the steps of a case have come: of each that was ever at a unit, the last attempt.
pub type Reached = BTreeMap<u32, Last>;

/// The last attempt at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    /// The attempt.
    pub work_item: WorkItem,
    /// Where it was.
    pub unit: UnitId,
    /// Whether it was done with a grant.
    pub is_approved: bool,
}

/// What follows when a step is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentBack {
    /// The earlier step is to be done again.
    Now {
        /// What is ready: the step, at the unit that did it before where that may do it again, and of those that go on together
        /// with it what is not done.
        next: Vec<Ready>,
    },
    /// It was sent back so before; nothing changes.
    Before,
}

/// The last attempt at each step, of all work items of a case.
pub fn reached<'h>(all: impl IntoIterator<Item = &'h Held>) -> Reached {
    let mut reached = Reached::new();
    for held in all {
        let is_approved = held.outcome() == Some(Outcome::Approved);
        let this = Last { work_item: held.work_item, unit: held.unit, is_approved };
        let last = reached.entry(held.work_item.step).or_insert(this);
        // Of what gave way to a later attempt, that one counts.
        if held.work_item.attempt >= last.work_item.attempt {
            *last = this;
        }
    }
    reached
}

impl Held {
    /// The holder sends the case back to an earlier step. Asked again with the same fence, nothing changes.
    ///
    /// # Errors
    /// Violations of `reason` and `to_step`; `STEP_PAUSED`, `CASE_STOPPED`, `STEP_DONE`; `OLD_FENCE` with the present holder, if any;
    /// `STEPS_TOGETHER` with the others, while they are to be done; `STEP_SKIPPED` for one that the case has passed by.
    pub fn send_back(
        &self,
        officer: OfficerId,
        fence: u64,
        to_step: u32,
        reason: &str,
        standing: &Standing,
        course: &Course<'_>,
    ) -> Result<SentBack, Rejection> {
        check_text("reason", reason, 1, 2000)?;
        if !(1..self.work_item.step).contains(&to_step) {
            let expected = match self.work_item.step {
                1 => "an earlier step: the first has none".to_owned(),
                step => format!("an earlier step: 1 to {}", step - 1),
            };
            return Err(Rejection::invalid("OUT_OF_RANGE", "to_step", expected));
        }
        if self.stage == Stage::SentBack && self.holder == Some(officer) && self.fence == fence {
            return Ok(SentBack::Before);
        }
        self.check_in_hand(officer, fence)?;
        let others: Vec<_> =
            standing.beside(self.work_item.step).map(|branch| branch.step.to_string()).collect();
        if !others.is_empty() {
            let message = format!(
                "what goes on together with this step is done first, before it is sent back: step {}",
                others.join(" and ")
            );
            let refusal = self.refuses("STEPS_TOGETHER", message);
            return Err(refusal.with("steps", others.join(",")));
        }
        Ok(SentBack::Now { next: course.comes_back_to(self.work_item.application, to_step, standing)? })
    }
}
