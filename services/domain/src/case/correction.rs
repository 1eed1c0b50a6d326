//! A step is sent back: whoever signs finds a mistake, and an earlier step is done again. It goes to the unit that did it
//! before, where that may still do it; otherwise routing finds one. What was done stays on record, with the reason.

use std::collections::BTreeMap;

use super::{Course, Held, Stage};
use crate::{
    application::check_text,
    id::{OfficerId, UnitId},
    rejection::Rejection,
    work_item::WorkItem,
};

/// How far the steps of a case have come: of each that was ever routed, the last attempt, and where it was.
pub type Reached = BTreeMap<u32, (WorkItem, UnitId)>;

/// What follows when a step is sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentBack {
    /// The earlier step is to be done again.
    Now {
        /// Its work item: the first of a new round of attempts.
        next: WorkItem,
        /// The unit that did it before and may do it again; none: routing finds one.
        unit: Option<UnitId>,
    },
    /// It was sent back so before; nothing changes.
    Before,
}

/// The last attempt at each step, of all work items of a case.
pub fn reached<'h>(all: impl IntoIterator<Item = &'h Held>) -> Reached {
    let mut reached = Reached::new();
    for held in all {
        let last = reached.entry(held.work_item.step).or_insert((held.work_item, held.unit));
        // Of what gave way to a later attempt, that one counts.
        if held.work_item.attempt >= last.0.attempt {
            *last = (held.work_item, held.unit);
        }
    }
    reached
}

impl Held {
    /// The holder sends the case back to an earlier step. Asked again with the same fence, nothing changes.
    ///
    /// # Errors
    /// Violations of `reason` and `to_step`; `STEP_PAUSED`, `CASE_STOPPED`, `STEP_DONE`; `OLD_FENCE` with the present holder, if any;
    /// `STEP_SKIPPED` for one that the case has passed by.
    pub fn send_back(
        &self,
        officer: OfficerId,
        fence: u64,
        to_step: u32,
        reason: &str,
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
        let (step, unit) = course.step_reached(to_step)?;
        Ok(SentBack::Now {
            next: course.next(self.work_item.application, to_step),
            unit: Some(unit).filter(|unit| course.may_stay(step, *unit)),
        })
    }
}
