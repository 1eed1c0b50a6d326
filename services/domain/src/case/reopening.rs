//! A case that was decided is opened again by a decision: a complaint was upheld, or a mistake was found in what was issued. It goes on
//! at a step that the decision names, in a new round of attempts, as one that was sent back; what was done, decided and issued
//! before stays on record.
//!
//! What the law says of the date of such a case no source says that we know. Our choice: the statutory time runs again, all of it,
//! from the decision to open it, by the legal clock that holds on that day; whether the first decision was on time stays on
//! record with the date that was promised for it. One that was withdrawn, or lapsed, was never decided: there is nothing to put right,
//! and it is handed in anew.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Course, Ready, Standing, State};
use crate::{
    application::check_text,
    id::{ApplicationId, UnitId},
    rejection::{Kind, Rejection},
    report::Wait,
};

/// The longest name of a decision, in characters.
const LONGEST_DECISION: usize = 300;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 2_000;

/// A case was opened again. Nothing in it is personal: why, rests elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopening {
    /// The decision by which it was.
    pub decision: String,
    /// Whose command it was: `role/name`.
    pub actor: String,
    /// When: from then on its statutory time counts.
    pub at: Timestamp,
    /// The step that it went on with.
    pub step: u32,
    /// How it had ended.
    pub before: Ending,
}

/// How a case had ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Granted, or refused.
    pub state: State,
    /// The step that ended it.
    pub step: u32,
    /// When.
    pub at: Timestamp,
    /// Whether no later than promised.
    pub on_time: bool,
    /// What was promised; none: nothing.
    pub due_at: Option<Timestamp>,
    /// The unit that decided.
    pub unit: Option<UnitId>,
}

/// The time in which a case was closed, from its end until it was opened again: nobody's working time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When it had ended.
    pub from: Timestamp,
    /// When it was opened again.
    pub to: Timestamp,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Reversal<'a> {
    /// The decision: its number and what names it.
    pub decision: &'a str,
    /// Why, for whoever does it again.
    pub reason: &'a str,
    /// The step that is to be done again; none: the one that ended the case.
    pub to_step: Option<u32>,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reopened {
    /// It is opened again.
    Now {
        /// The step that is to be done again.
        step: u32,
        /// What is ready: that step, at the unit that did it before where that may do it again, and of those that go on together
        /// with it what is not done.
        next: Vec<Ready>,
    },
    /// It was, by this very decision; nothing changes.
    Before,
}

impl Reopening {
    /// The time in which it was closed.
    pub fn closed(&self) -> Closed {
        Closed { from: self.before.at, to: self.at }
    }
}

impl From<Closed> for Wait {
    fn from(closed: Closed) -> Self {
        Self { from: closed.from, to: Some(closed.to) }
    }
}

impl Standing {
    /// That it was decided, and may be opened again.
    ///
    /// # Errors
    /// `CASE_STOPPED`; `CASE_OPEN` with the `state` in which it is.
    pub fn check_reopens(&self) -> Result<(), Rejection> {
        match self.state {
            State::Granted | State::Refused => Ok(()),
            state if state.is_stopped() => {
                let message = "the case has ended without a decision; it is handed in anew";
                Err(state.refuses("CASE_STOPPED", message))
            }
            state => {
                let message = "the case is open: there is nothing to open again";
                Err(state.refuses("CASE_OPEN", message))
            }
        }
    }
}

impl Reversal<'_> {
    /// Judges what is asked for. One decision opens a case once: asked again, nothing changes, also where it has ended since.
    ///
    /// # Errors
    /// Violations of `decision`, `reason` and `to_step`; `REOPENED_BEFORE`, where the decision sent it to another step;
    /// `STEP_SKIPPED` for one that the case has passed by; those of [`Standing::check_reopens`].
    pub fn judge(
        &self,
        application: ApplicationId,
        standing: &Standing,
        before: &[Reopening],
        course: &Course<'_>,
    ) -> Result<Reopened, Rejection> {
        check_text("decision", self.decision, 1, LONGEST_DECISION)?;
        check_text("reason", self.reason, 1, LONGEST_REASON)?;
        if let Some(same) = before.iter().find(|reopening| reopening.decision == self.decision) {
            if self.to_step.unwrap_or(same.before.step) == same.step {
                return Ok(Reopened::Before);
            }
            let message = "by this decision it was opened again at another step";
            let refusal = Rejection::new(Kind::Precondition, "REOPENED_BEFORE", message);
            return Err(refusal.with("step", same.step));
        }
        standing.check_reopens()?;
        let number = self.to_step.unwrap_or(standing.step);
        // What went on together with the step that ended it may have been done before it.
        let process = course.process();
        let stage = process.stage(standing.step).map(|step| step.number);
        let last = stage.filter(|step| course.reached.contains_key(step)).max();
        let last = last.map_or(standing.step, |last| last.max(standing.step));
        if !(1..=last).contains(&number) {
            let expected = format!("a step that was done: 1 to {last}");
            return Err(Rejection::invalid("OUT_OF_RANGE", "to_step", expected));
        }
        Ok(Reopened::Now { step: number, next: course.comes_back_to(application, number, standing)? })
    }
}
