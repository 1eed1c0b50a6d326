//! The course of a case through its steps, and which of them may go on where they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use super::{Last, Reached, Standing};
use crate::{
    id::{ApplicationId, UnitId},
    procedure::{CompetenceKey, Papers, Procedure, Process, Scope, Step},
    province::Province,
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};

/// The course of a case: its procedure and where its steps may be done.
#[derive(Clone, Copy)]
pub struct Course<'p> {
    /// The province as pinned on the day of the case: law, units and scopes.
    pub province: &'p Province,
    /// The province as it is today: who works where.
    pub today: &'p Province,
    /// The procedure of the pinned version.
    pub procedure: &'p Procedure,
    /// The day on which the application was accepted: it keeps the law of that day.
    pub accepted_on: Date,
    /// Where the application was received.
    pub received_at: UnitId,
    /// Units by competence key.
    pub places: &'p BTreeMap<CompetenceKey, UnitId>,
    /// Units that must not take any step: they have a conflict of interest.
    pub conflicts: &'p BTreeSet<UnitId>,
    /// The promised instant.
    pub due_at: Option<Timestamp>,
    /// How far its steps have come.
    pub reached: &'p Reached,
}

/// A step that is ready to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Its work item: the first attempt of a round.
    pub work_item: WorkItem,
    /// The unit where it goes on at once; none: routing finds one.
    pub unit: Option<UnitId>,
}

impl<'p> Course<'p> {
    /// The step with this number, as it is for this case.
    pub fn step(&self, number: u32) -> Option<&'p Step> {
        self.procedure.step_on(number, self.accepted_on)
    }

    /// That the case has come to a step.
    ///
    /// # Errors
    /// `UNKNOWN_STEP`; `STEP_SKIPPED` for one that it has passed by.
    fn check_reached(&self, number: u32) -> Result<(), Rejection> {
        let refused = |reason, message| Err(Rejection::new(Kind::Precondition, reason, message));
        if self.step(number).is_none() {
            return refused("UNKNOWN_STEP", "the procedure has no such step");
        }
        if !self.reached.contains_key(&number) {
            let message = "the case has passed this step by: there is nothing there to be corrected";
            return refused("STEP_SKIPPED", message);
        }
        Ok(())
    }

    /// The process that it goes through.
    pub fn process(&self) -> Process<'p> {
        self.procedure.process_on(self.accepted_on)
    }

    /// The steps that are ready when the case comes to one from a step that was done at `unit`: it, and those that go on together
    /// with it. Each goes on there, where it may.
    pub fn comes_to(&self, application: ApplicationId, number: u32, unit: UnitId) -> Vec<Ready> {
        self.ready(application, number, |step| Some(unit).filter(|unit| self.may_stay(step, *unit)))
    }

    /// The steps that are ready when the case comes back to one that is to be done again: it, and of those that go on together with it
    /// what is not done. Each goes to the unit that had it, where that still may do it.
    ///
    /// # Errors
    /// `UNKNOWN_STEP`; `STEP_SKIPPED` for one that the case has passed by.
    pub(super) fn comes_back_to(
        &self,
        application: ApplicationId,
        number: u32,
        standing: &Standing,
    ) -> Result<Vec<Ready>, Rejection> {
        self.check_reached(number)?;
        let had = |step: &Step| self.reached.get(&step.number).map(|last| last.unit);
        let mut ready =
            self.ready(application, number, |step| had(step).filter(|unit| self.may_stay(step, *unit)));
        // What was to be done once more is not done, though it was before.
        let left = |step: u32| standing.branches.iter().any(|branch| branch.step == step);
        let done = |step: u32| self.reached.get(&step).is_some_and(|last| last.is_approved && !left(step));
        ready.retain(|ready| ready.work_item.step == number || !done(ready.work_item.step));
        Ok(ready)
    }

    /// The steps of a stage, all in a round that none of them had before: also one that no unit was ever found for.
    fn ready(
        &self,
        application: ApplicationId,
        number: u32,
        unit: impl Fn(&Step) -> Option<UnitId>,
    ) -> Vec<Ready> {
        let process = self.process();
        let stage: Vec<_> = process.stage(number).collect();
        let reached = stage.iter().filter_map(|step| self.reached.get(&step.number));
        let round = reached.map(|Last { work_item, .. }| work_item.round() + 1).max().unwrap_or_default();
        let ready = stage.into_iter().map(|step| Ready {
            work_item: WorkItem::of_round(application, step.number, round),
            unit: unit(step),
        });
        ready.collect()
    }

    /// Whether `step` may lawfully and practically be done at `unit`: within its scope, by somebody there.
    /// A step whose authority is not known goes to routing, and there to the dispatch queue.
    pub fn may_stay(&self, step: &Step, unit: UnitId) -> bool {
        let Ok(home) = self.province.home(step, self.received_at, self.places) else { return false };
        let in_scope = match step.scope {
            Scope::Home => unit == home,
            Scope::Cluster => unit == home || self.share_a_cluster(unit, home),
            Scope::Listed => unit == home || self.province.listed(step).any(|listed| listed == unit),
            Scope::Province => true,
        };
        let papers_there =
            self.procedure.papers(step) != Papers::Originals || [home, self.received_at].contains(&unit);
        in_scope
            && papers_there
            && self.today.heirs(self.conflicts, self.province).all(|conflicted| conflicted != unit)
            && self
                .today
                .officers_of(unit)
                .any(|officer| officer.is_competent(&self.procedure.field.vi, step.level))
    }

    /// Provincial units have no cluster, so they share none.
    fn share_a_cluster(&self, one: UnitId, other: UnitId) -> bool {
        let cluster = |unit| self.province.units.get(&unit).map(|unit| unit.cluster.as_str());
        cluster(one).is_some_and(|name| !name.is_empty() && cluster(other) == Some(name))
    }
}
