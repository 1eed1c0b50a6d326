//! One application of a run, and what the policy is asked for its steps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Rejection,
    case::{Course, Reached},
    id::{ApplicationId, UnitId},
    procedure::CompetenceKey,
    route::{Plan, Refused, Request},
    work_item::WorkItem,
};

use super::{effort::planned, world::World};
use crate::request::request;

/// What speaks against a unit by law or for want of somebody able: then processing does not keep a step there.
const NEVER_KEPT: [Refused; 5] = [
    Refused::OutOfScope,
    Refused::Conflicted,
    Refused::OriginalsElsewhere,
    Refused::NotCompetent,
    Refused::HomeUnknown,
];

/// An application that will be handed in.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) id: ApplicationId,
    /// When.
    pub(crate) at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
    /// What its steps really take, in minutes of one officer; as many as are done.
    pub(crate) minutes: Vec<u32>,
    pub(crate) steps: Steps,
}

/// What its steps are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Steps {
    /// Those of a procedure, along the usual way.
    OfProcedure {
        code: String,
        /// The local day of acceptance: it keeps the law of that day.
        day: Date,
        received_at: UnitId,
        places: BTreeMap<CompetenceKey, UnitId>,
    },
    /// Those that were decided on, in their order.
    Logged(Vec<Decided>),
}

/// A decision of the log, as far as it is played again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decided {
    pub(crate) at: Timestamp,
    /// What was asked of the policy.
    pub(crate) request: Request,
    /// Epoch of the board: near ties are drawn with it.
    pub(crate) epoch: i64,
    /// The unit that was chosen.
    pub(crate) chosen: UnitId,
}

impl Application {
    /// What the policy is asked for its `step`th step, from 0, after the unit that did the one before; none where
    /// it cannot be asked.
    pub(crate) fn ask(
        &self,
        world: &World,
        step: usize,
        previous: Option<UnitId>,
    ) -> Result<Option<Request>, Rejection> {
        match &self.steps {
            Steps::OfProcedure { code, day, received_at, places } => {
                let province = &world.province;
                let procedure = province.procedure_on(code, *day)?;
                let Some(step) = procedure.process_on(*day).usual_way().nth(step) else { return Ok(None) };
                let Ok(home) = province.home(step, *received_at, places) else { return Ok(None) };
                let work_item = WorkItem::first(self.id, step.number);
                let mut request = request(procedure, step, work_item, home, *received_at);
                request.listed = province.listed(step).collect();
                request.effort_minutes = planned(step, world.effort_share);
                request.previous = previous;
                request.due_at = self.due_at;
                Ok(Some(request))
            }
            Steps::Logged(decided) => Ok(decided.get(step).map(|decided| Request {
                previous: previous.or(decided.request.previous),
                ..decided.request.clone()
            })),
        }
    }

    /// Whether processing keeps its `step`th step at the unit that did the one before, for which `kept` was
    /// reckoned.
    pub(crate) fn may_stay(
        &self,
        world: &World,
        step: usize,
        kept: &Plan,
        unit: UnitId,
    ) -> Result<bool, Rejection> {
        match &self.steps {
            Steps::OfProcedure { code, day, received_at, places } => {
                let procedure = world.province.procedure_on(code, *day)?;
                let course = Course {
                    province: &world.province,
                    today: &world.province,
                    procedure,
                    accepted_on: *day,
                    received_at: *received_at,
                    places,
                    conflicts: &BTreeSet::new(),
                    due_at: self.due_at,
                    reached: &Reached::new(),
                };
                let step = procedure.process_on(*day).usual_way().nth(step);
                Ok(step.is_some_and(|step| course.may_stay(step, unit)))
            }
            // The log does not know the procedure; the policy tells the same of what was asked.
            Steps::Logged(_) => {
                Ok(!NEVER_KEPT.iter().any(|refused| kept.explanation.filtered.contains_key(refused)))
            }
        }
    }

    /// The epoch of the board on which a step is decided.
    pub(crate) fn epoch(&self, step: usize) -> i64 {
        match &self.steps {
            Steps::OfProcedure { .. } => 0,
            Steps::Logged(decided) => decided.get(step).map_or(0, |decided| decided.epoch),
        }
    }

    /// The unit that was really chosen for its first step; none where it is made up.
    pub(crate) fn really_at(&self) -> Option<UnitId> {
        match &self.steps {
            Steps::OfProcedure { .. } => None,
            Steps::Logged(decided) => decided.first().map(|decided| decided.chosen),
        }
    }
}
