//! The course of a case through its steps, and which of them may go on where they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use super::Reached;
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

impl<'p> Course<'p> {
    /// The step with this number, as it is for this case.
    pub fn step(&self, number: u32) -> Option<&'p Step> {
        self.procedure.step_on(number, self.accepted_on)
    }

    /// A step that the case has come to, and the unit where it was the last time.
    ///
    /// # Errors
    /// `UNKNOWN_STEP`; `STEP_SKIPPED` for one that it has passed by.
    pub(super) fn step_reached(&self, number: u32) -> Result<(&'p Step, UnitId), Rejection> {
        let refused = |reason, message: &str| Rejection::new(Kind::Precondition, reason, message);
        let step = self.step(number);
        let step = step.ok_or_else(|| refused("UNKNOWN_STEP", "the procedure has no such step"))?;
        let Some((_, unit)) = self.reached.get(&number) else {
            let message = "the case has passed this step by: there is nothing there to be corrected";
            return Err(refused("STEP_SKIPPED", message));
        };
        Ok((step, *unit))
    }

    /// The process that it goes through.
    pub fn process(&self) -> Process<'p> {
        self.procedure.process_on(self.accepted_on)
    }

    /// The work item with which a step begins: the first, or, of one that was done before, the first of the next round.
    pub fn next(&self, application: ApplicationId, number: u32) -> WorkItem {
        let before = self.reached.get(&number);
        before.map_or(WorkItem::first(application, number), |(last, _)| last.next_round())
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
