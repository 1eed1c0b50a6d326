//! A work item in a worklist: who may take it up, and what follows when its step ends.

use jiff::Timestamp;

use super::{Asking, Course, Outcome, Ready, Standing, State, Supplement, supplement::check_reasons};
use crate::{
    application::check_text,
    id::{OfficerId, UnitId},
    officer::{Level, Officer},
    procedure::Step,
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
    /// Until when their claim holds without a sign of life; none: that was not reckoned, or nobody has it.
    pub held_until: Option<Timestamp>,
    /// How it stands.
    pub stage: Stage,
    /// The step that follows, once it is done with a grant, and all that go on together with it are; 0: the case ended. None: that
    /// was not kept.
    pub next_step: Option<u32>,
}

/// How an officer ends a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// What came of it.
    pub outcome: Outcome,
    /// Why it is refused; empty where it is not.
    pub refusal_reason: &'a str,
    /// Which of the steps that may follow does; 0: the usual one.
    pub next_step: u32,
}

/// How a work item stands in its worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Something is left to do.
    Open,
    /// It is laid down until the citizen, or another office, has done their part.
    Paused,
    /// It is done, and this came of it.
    Done(Outcome),
    /// A later attempt has taken its place.
    Superseded,
    /// Its case was stopped before it was done.
    Stopped,
    /// An earlier step is to be corrected first; this one comes again.
    SentBack,
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

/// What follows when a work item is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// Nobody has it from now on, under this fence.
    Free {
        /// The new fence.
        fence: u64,
    },
    /// It was given back so before, and nobody has taken it up since; nothing changes.
    Before,
}

/// What follows from the end of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It was ended so before; nothing changes.
    AlreadyDone,
    /// Nothing, until those that go on together with it are done, too.
    Awaits {
        /// The step that follows then.
        next: u32,
    },
    /// The case goes on.
    Onward {
        /// With this step, or with these together; what may stay stays at the same unit.
        next: Vec<Ready>,
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
        let (holder, held_until, stage, next_step) = (None, None, Stage::Open, None);
        Self { work_item, unit, field, level, fence: 0, holder, held_until, stage, next_step }
    }

    /// Whether it is beyond routing's reach: somebody has taken it up, or its case was stopped.
    pub fn is_begun(&self) -> bool {
        self.holder.is_some() || matches!(self.stage, Stage::Done(_) | Stage::Stopped | Stage::SentBack)
    }

    /// What came of it, once it is done.
    pub fn outcome(&self) -> Option<Outcome> {
        match self.stage {
            Stage::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// That nobody can be at work on it at present.
    ///
    /// # Errors
    /// `STEP_PAUSED`, `CASE_STOPPED`.
    pub(super) fn check_workable(&self) -> Result<(), Rejection> {
        let refused = |reason, message: &str| Err(self.refuses(reason, message));
        match self.stage {
            Stage::Paused => refused("STEP_PAUSED", "this step waits for the citizen, or for another office"),
            Stage::Stopped => refused("CASE_STOPPED", "the case has ended before this step was done"),
            Stage::SentBack => refused("STEP_DONE", "this step was sent back to an earlier one"),
            Stage::Open | Stage::Done(_) | Stage::Superseded => Ok(()),
        }
    }

    /// An officer takes the work item up.
    ///
    /// # Errors
    /// `OTHER_UNIT`, `STEP_DONE`, `STEP_PAUSED`, `CASE_STOPPED`, `NOT_COMPETENT`; `OLD_FENCE` with the present holder,
    /// if any.
    pub fn claim(&self, officer: &Officer, expected_fence: u64) -> Result<Claim, Rejection> {
        if officer.unit != self.unit {
            return Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "this work item lies at another unit"));
        }
        if self.outcome().is_some() {
            return Err(self.refuses("STEP_DONE", "this step is done already"));
        }
        self.check_workable()?;
        if self.holder == Some(officer.id) {
            return Ok(Claim::AlreadyHeld);
        }
        if !officer.is_competent(&self.field, self.level) {
            let needed = format!("this step needs level {} in {}", self.level, self.field);
            let refusal = Rejection::new(Kind::Precondition, "NOT_COMPETENT", needed);
            return Err(refusal.with("field", &self.field).with("level", self.level));
        }
        if self.holder.is_some() || self.stage == Stage::Superseded || self.fence != expected_fence {
            return Err(self.conflict());
        }
        Ok(Claim::Taken { fence: self.fence + 1 })
    }

    /// It is given back: by its holder, or, without one being named, by a supervisor. Asked again with the same fence, nothing
    /// changes, until somebody takes it up.
    ///
    /// # Errors
    /// `STEP_DONE`, `STEP_PAUSED`, `CASE_STOPPED`; `NOT_HELD`; `OLD_FENCE` with the present holder, if any.
    pub fn give_back(&self, holder: Option<OfficerId>, fence: u64) -> Result<Return, Rejection> {
        if self.outcome().is_some() {
            return Err(self.refuses("STEP_DONE", "this step is done already"));
        }
        self.check_workable()?;
        if self.stage == Stage::Superseded {
            return Err(self.conflict());
        }
        match self.holder {
            None if fence > 0 && self.fence == fence + 1 => Ok(Return::Before),
            None => Err(self.refuses("NOT_HELD", "nobody holds this work item")),
            Some(by) if self.fence != fence || holder.is_some_and(|holder| holder != by) => {
                Err(self.conflict())
            }
            Some(_) => Ok(Return::Free { fence: self.fence + 1 }),
        }
    }

    /// A supervisor gives it to an officer of the unit, whoever holds it.
    ///
    /// # Errors
    /// `OTHER_UNIT`, `STEP_DONE`, `STEP_PAUSED`, `CASE_STOPPED`, `NOT_COMPETENT`; `OLD_FENCE` with the present holder,
    /// if any.
    pub fn hand_over(&self, to: &Officer, expected_fence: u64) -> Result<Claim, Rejection> {
        if to.unit != self.unit {
            let message = "this work item lies at another unit than the officer's";
            return Err(Rejection::new(Kind::Precondition, "OTHER_UNIT", message));
        }
        // As if nobody had it: they may take up what nobody holds under that fence.
        let free = Self { holder: self.holder.filter(|holder| *holder == to.id), ..self.clone() };
        free.claim(to, expected_fence).map_err(|refusal| match refusal.reason.as_str() {
            "OLD_FENCE" => self.conflict(),
            _ => refusal,
        })
    }

    /// The holder ends the step. Asked again with the same fence and verdict, nothing changes.
    ///
    /// # Errors
    /// A violation of `refusal_reason` or `next_step`; `STEP_PAUSED`, `CASE_STOPPED`; `OLD_FENCE` with the present holder, if any;
    /// `STEP_DONE` when it was ended otherwise; `NEXT_STEP_NOT_ALLOWED` with what is; `CITIZEN_ASKED` for a refusal while the citizen
    /// is asked for something in a step that goes on together with this one.
    pub fn complete(
        &self,
        officer: OfficerId,
        fence: u64,
        verdict: Verdict<'_>,
        standing: &Standing,
        course: &Course<'_>,
        now: Timestamp,
    ) -> Result<Completion, Rejection> {
        verdict.check()?;
        self.check_workable()?;
        if self.holder != Some(officer) || self.fence != fence {
            return Err(self.conflict());
        }
        if let Some(done) = self.outcome() {
            let went_elsewhere = self.next_step.is_some_and(|next| ![0, next].contains(&verdict.next_step));
            return match done == verdict.outcome && !went_elsewhere {
                true => Ok(Completion::AlreadyDone),
                false => Err(self.refuses("STEP_DONE", "this step was ended otherwise")),
            };
        }
        let number = self.work_item.step;
        let next = match verdict.outcome {
            Outcome::Approved => self.follows(verdict.next_step, course)?,
            Outcome::Refused => {
                standing.check_citizen_is_free(number)?;
                None
            }
        };
        Ok(match next {
            None => Completion::Finished {
                state: if verdict.outcome == Outcome::Approved { State::Granted } else { State::Refused },
                on_time: course.due_at.is_none_or(|due_at| now <= due_at),
            },
            Some(next) if standing.beside(number).next().is_some() => {
                Completion::Awaits { next: next.number }
            }
            Some(next) => Completion::Onward {
                next: course.comes_to(self.work_item.application, next.number, self.unit),
            },
        })
    }

    /// The step that follows: the one that is wanted, or, for 0, the usual one; none: the case ends.
    fn follows<'p>(&self, wanted: u32, course: &Course<'p>) -> Result<Option<&'p Step>, Rejection> {
        let process = course.process();
        let allowed = process.step(self.work_item.step).map(|step| process.next(step)).unwrap_or_default();
        let number = match wanted {
            0 => allowed.first().copied(),
            wanted if allowed.contains(&wanted) => Some(wanted),
            _ => {
                let names: Vec<_> = allowed.iter().map(ToString::to_string).collect();
                let message = match names.as_slice() {
                    [] => "this step ends the case: none follows".to_owned(),
                    names => format!("of the steps, {} may follow this one", names.join(" or ")),
                };
                let refusal = Rejection::new(Kind::Precondition, "NEXT_STEP_NOT_ALLOWED", message);
                return Err(refusal.with("allowed", names.join(",")));
            }
        };
        Ok(number.and_then(|number| process.step(number)))
    }

    /// The holder lays the step down: the citizen is asked to supplement the dossier. Asked again with the same fence, nothing
    /// changes. `before`: what was asked for earlier in the life of the case.
    ///
    /// # Errors
    /// Violations of `reasons`; `STEP_PAUSED`, `CASE_STOPPED`, `STEP_DONE`; `OLD_FENCE` with the present holder, if any;
    /// `SUPPLEMENT_ASKED_BEFORE`.
    pub fn pause(
        &self,
        officer: OfficerId,
        fence: u64,
        reasons: &[String],
        before: Option<&Supplement>,
    ) -> Result<Asking, Rejection> {
        check_reasons(reasons)?;
        // Also where it has gone on since, or ended.
        if before.is_some_and(|asked| asked.is_by(self.work_item, officer, fence)) {
            return Ok(Asking::Before);
        }
        self.check_in_hand(officer, fence)?;
        match before {
            Some(_) => {
                let message =
                    "a supplement is asked for once, with all reasons (Decree 118/2025/NĐ-CP, art. 11)";
                Err(self.refuses("SUPPLEMENT_ASKED_BEFORE", message))
            }
            None => Ok(Asking::Now),
        }
    }

    /// That this officer is at work on it, under this fence.
    ///
    /// # Errors
    /// `STEP_PAUSED`, `CASE_STOPPED`, `STEP_DONE`; `OLD_FENCE` with the present holder, if any.
    pub(super) fn check_in_hand(&self, officer: OfficerId, fence: u64) -> Result<(), Rejection> {
        self.check_workable()?;
        if self.holder != Some(officer) || self.fence != fence {
            return Err(self.conflict());
        }
        match self.outcome() {
            Some(_) => Err(self.refuses("STEP_DONE", "this step is done already")),
            None => Ok(()),
        }
    }

    pub(super) fn conflict(&self) -> Rejection {
        let message = match self.holder {
            _ if self.stage == Stage::Superseded => {
                "this step was routed to another unit; look at the worklist again"
            }
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

impl Verdict<'_> {
    /// A refusal needs its reason; a grant has none, and one that is given is more likely a slip than a note. Nothing follows a
    /// refusal.
    fn check(self) -> Result<(), Rejection> {
        match self.outcome {
            Outcome::Refused => {
                check_text("refusal_reason", self.refusal_reason, 1, 2000)?;
                match self.next_step {
                    0 => Ok(()),
                    _ => {
                        let expected = "no step: a refusal ends the case";
                        Err(Rejection::invalid("NEXT_AFTER_REFUSAL", "next_step", expected))
                    }
                }
            }
            Outcome::Approved if self.refusal_reason.is_empty() => Ok(()),
            Outcome::Approved => Err(Rejection::invalid(
                "REASON_WITHOUT_REFUSAL",
                "refusal_reason",
                "only goes with a refusal",
            )),
        }
    }
}
