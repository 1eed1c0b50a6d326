//! Where a case stands: how, and at which step, or at which of those that go on together. Of these each has a state of its own, and
//! the case has the one that counts most: what waits for the citizen stops the clock for all; otherwise somebody is at work while
//! anybody is. What follows begins when the last of them is done.

use serde::{Deserialize, Serialize};

use super::{Completion, Held, Ready, Stage, State, StopGround, Wait};
use crate::{
    id::UnitId,
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub state: State,
    /// 1-based number of the step that is to be done, the first of those that go on together, or that ended it.
    pub step: u32,
    /// Of steps that go on together, those that are to be done; empty where one goes on alone. Of a case that was refused in one of
    /// them, those that were not done.
    pub branches: Vec<Branch>,
}

/// One of the steps that go on together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Its 1-based number.
    pub step: u32,
    /// The round of its attempts ([`WorkItem::round`]): what routing says of an earlier one is outrun.
    pub round: u32,
    /// How it stands.
    pub state: State,
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

/// The states of steps that go on together, the one first that counts most for the case.
const WEIGHT: [State; 6] = [
    State::AwaitingSupplement,
    State::AwaitingPayment,
    State::InProgress,
    State::Queued,
    State::Referred,
    State::AwaitingUnit,
];

impl Standing {
    /// A case that is prepared: its first step waits for its unit.
    pub const PREPARED: Self = Self::at(State::AwaitingUnit, 1);

    /// At one step that goes on alone.
    pub const fn at(state: State, step: u32) -> Self {
        Self { state, step, branches: Vec::new() }
    }

    /// At steps that go on together.
    fn together(branches: Vec<Branch>) -> Self {
        let counts = |branch: &&Branch| WEIGHT.iter().position(|state| *state == branch.state);
        let state = branches.iter().min_by_key(counts).map_or(State::AwaitingUnit, |branch| branch.state);
        let step = branches.iter().map(|branch| branch.step).min().unwrap_or_default();
        Self { state, step, branches }
    }

    /// At the steps that are ready.
    fn ready(steps: &[Ready]) -> Self {
        let branches = steps.iter().map(|ready| Branch {
            step: ready.work_item.step,
            round: ready.work_item.round(),
            state: if ready.unit.is_some() { State::Queued } else { State::AwaitingUnit },
        });
        match branches.collect::<Vec<_>>()[..] {
            [Branch { step, state, .. }] => Self::at(state, step),
            ref several => Self::together(several.to_vec()),
        }
    }

    /// How one of its steps stands; none: the case is not at it.
    pub fn of(&self, step: u32) -> Option<State> {
        match self.branches.as_slice() {
            [] => Some(self.state).filter(|_| self.step == step),
            branches => branches.iter().find(|branch| branch.step == step).map(|branch| branch.state),
        }
    }

    /// The steps that go on together with one and are to be done, without itself.
    pub fn beside(&self, step: u32) -> impl Iterator<Item = &Branch> {
        self.branches.iter().filter(move |branch| branch.step != step)
    }

    /// That the citizen is not asked for anything in a step that goes on together with this one.
    ///
    /// # Errors
    /// `CITIZEN_ASKED` with that `step`.
    pub fn check_citizen_is_free(&self, step: u32) -> Result<(), Rejection> {
        match self.beside(step).find(|branch| branch.state.waits_for_citizen()) {
            None => Ok(()),
            Some(asks) => {
                let message = format!(
                    "in step {}, which goes on together with this one, the citizen is asked for something: wait until \
                     they have answered",
                    asks.step
                );
                Err(self.state.refuses("CITIZEN_ASKED", message).with("step", asks.step))
            }
        }
    }

    /// What a work item that routing sends means to this case. `of_step` are all work items of the same
    /// step. What is known already, or outrun by a later attempt, changes nothing: routing also tells of
    /// steps that were kept at their unit, and by then they may be begun or done. Nor does a later attempt at
    /// a step that an officer has taken up: the older one stands, and routing takes the later one back as
    /// soon as it hears of that. `believed` is the fence that routing knew of the attempt before it: under another one somebody had
    /// it in hand meanwhile, and it stands; none: routing does not say. Nor does anything change for a case that was stopped, or
    /// refused in a step that goes on together with this one: routing hears of that, too. Where it `was_reopened` since, that may have
    /// been at an earlier step.
    ///
    /// # Errors
    /// `ASSIGNED_OTHERWISE` when the same attempt lies at another unit, `CASE_FINISHED`, and `STEP_NOT_DUE` for a step that the
    /// case has not come to.
    pub fn arrive(
        &self,
        of_step: &[Held],
        item: WorkItem,
        unit: UnitId,
        believed: Option<u64>,
        was_reopened: bool,
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
        let branch = self.branches.iter().find(|branch| branch.step == item.step);
        if branch.is_some_and(|branch| self.state.is_final() || item.round() < branch.round) {
            return Ok(Arrival::Known);
        }
        if self.state.is_final() {
            return refused("CASE_FINISHED", "the case is finished");
        }
        if self.of(item.step).is_none() {
            if was_reopened {
                return Ok(Arrival::Known);
            }
            return refused("STEP_NOT_DUE", "the case is at another step");
        }
        Ok(present.map_or(Arrival::New, |held| Arrival::Moved { from: held.work_item }))
    }

    /// A work item of a step has reached a unit, for the first time or moved there.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when an officer is at work.
    pub fn queued(&self, step: u32) -> Result<Self, Rejection> {
        self.moved(step, &[State::AwaitingUnit, State::Queued], State::Queued)
    }

    /// An officer has taken the work item up.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nothing is queued.
    pub fn started(&self, step: u32) -> Result<Self, Rejection> {
        self.moved(step, &[State::Queued], State::InProgress)
    }

    /// The step has ended.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nobody was at work.
    pub fn ended(&self, step: u32, completion: &Completion) -> Result<Self, Rejection> {
        if *completion == Completion::AlreadyDone {
            return Ok(self.clone());
        }
        self.check(step, &[State::InProgress])?;
        let others = self.beside(step).copied().collect();
        Ok(match completion {
            Completion::AlreadyDone | Completion::Awaits { .. } => Self::together(others),
            Completion::Onward { next } => Self::ready(next),
            Completion::Finished { state, .. } => Self { state: *state, step, branches: others },
        })
    }

    /// The step was sent back to an earlier one, which lies at a unit at once or waits for routing to find one.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nobody was at work.
    pub fn sent_back(&self, step: u32, next: &[Ready]) -> Result<Self, Rejection> {
        self.check(step, &[State::InProgress])?;
        Ok(Self::ready(next))
    }

    /// The officer has given the work item back.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nobody was at work.
    pub fn returned(&self, step: u32) -> Result<Self, Rejection> {
        self.moved(step, &[State::InProgress], State::Queued)
    }

    /// The step is laid down until somebody else has done their part.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when nobody was at work; `CITIZEN_ASKED`, for a citizen is asked for one thing at a time.
    pub fn paused(&self, step: u32, wait: Wait) -> Result<Self, Rejection> {
        let paused = self.moved(step, &[State::InProgress], wait.state())?;
        if wait.is_for_citizen() {
            self.check_citizen_is_free(step)?;
        }
        Ok(paused)
    }

    /// They have; the step lies in the worklist again.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when it does not wait for them.
    pub fn resumed(&self, step: u32, wait: Wait) -> Result<Self, Rejection> {
        self.moved(step, &[wait.state()], State::Queued)
    }

    /// A case that was decided is opened again: its steps lie at a unit at once or wait for routing to find one.
    ///
    /// # Errors
    /// Those of [`Self::check_reopens`].
    pub fn reopened(&self, next: &[Ready]) -> Result<Self, Rejection> {
        self.check_reopens()?;
        Ok(Self::ready(next))
    }

    /// It ends without a decision.
    ///
    /// # Errors
    /// `CASE_FINISHED`; `CASE_ELSEWHERE` when it is to lapse, and nothing is asked for.
    pub fn stopped(&self, ground: StopGround) -> Result<Self, Rejection> {
        if self.state.is_final() {
            return Err(self.finished());
        }
        match ground {
            StopGround::Withdrawn => Ok(Self::at(State::Withdrawn, self.step)),
            StopGround::Lapsed if self.state == State::AwaitingSupplement => {
                Ok(Self::at(State::Lapsed, self.step))
            }
            StopGround::Lapsed => Err(self.elsewhere()),
        }
    }

    fn moved(&self, step: u32, from: &[State], to: State) -> Result<Self, Rejection> {
        self.check(step, from)?;
        if self.branches.is_empty() {
            return Ok(Self::at(to, step));
        }
        let mut branches = self.branches.clone();
        branches.iter_mut().filter(|branch| branch.step == step).for_each(|branch| branch.state = to);
        Ok(Self::together(branches))
    }

    fn check(&self, step: u32, from: &[State]) -> Result<(), Rejection> {
        if self.state.is_final() {
            return Err(self.finished());
        }
        match self.of(step) {
            Some(state) if from.contains(&state) => Ok(()),
            _ => Err(self.elsewhere()),
        }
    }

    fn finished(&self) -> Rejection {
        self.state.refuses("CASE_FINISHED", "the case is finished")
    }

    fn elsewhere(&self) -> Rejection {
        self.state.refuses("CASE_ELSEWHERE", "the case stands otherwise")
    }
}
