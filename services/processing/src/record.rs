//! What processing keeps of a case: the case itself with all that is pinned on its day, and its work items.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    calendar::LegalClock,
    case::{Held, Standing, Supplement},
    id::{ApplicationId, CaseId, UnitId},
    officer::Officer,
    procedure::{CompetenceKey, Procedure, Step, Text},
    province::Province,
    report::Measured,
    work_item::WorkItem,
};
use phidia_runtime::failure::Failure;

/// A case. It is prepared when its application is submitted, and opened when its first step reaches a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaseRecord {
    pub(crate) id: CaseId,
    pub(crate) province: String,
    pub(crate) application: ApplicationId,
    pub(crate) dossier_code: String,
    pub(crate) procedure_code: String,
    pub(crate) province_version: i64,
    pub(crate) received_at: UnitId,
    pub(crate) return_at: UnitId,
    pub(crate) places: BTreeMap<CompetenceKey, UnitId>,
    /// Units that must not take any of its steps.
    pub(crate) conflicts: BTreeSet<UnitId>,
    pub(crate) submitted_at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) standing: Standing,
    pub(crate) opened_at: Option<Timestamp>,
    pub(crate) finished: Option<Finished>,
    /// What the citizen was asked to supplement.
    pub(crate) supplement: Option<Supplement>,
    /// W3C trace context of its submission, which the traces of later steps point to; empty: none.
    pub(crate) traceparent: String,
}

/// How a case was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) at: Timestamp,
    pub(crate) on_time: bool,
}

/// The same, with what reports reckon of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) finished: Finished,
    pub(crate) measured: Measured,
}

/// A work item with what a worklist shows of its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) case: CaseId,
    pub(crate) province: String,
    pub(crate) dossier_code: String,
    pub(crate) procedure_code: String,
    pub(crate) province_version: i64,
    pub(crate) held: Held,
    pub(crate) effort_minutes: u32,
    pub(crate) queued_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) submitted_at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
}

impl CaseRecord {
    /// How it ends, measured by the legal clock of the version that it is pinned to.
    pub(crate) fn ends(&self, clock: &LegalClock, finished: Finished) -> Ended {
        let waits = self.supplement.map(Supplement::wait);
        let Finished { at, on_time } = finished;
        let measured = Measured::of(clock, self.submitted_at, self.due_at, waits.as_slice(), at, on_time);
        Ended { finished, measured }
    }

    /// A work item of this case that has just reached `unit`.
    pub(crate) fn queue(
        &self,
        work_item: WorkItem,
        unit: UnitId,
        procedure: &Procedure,
        step: &Step,
        now: Timestamp,
    ) -> Item {
        Item {
            case: self.id,
            province: self.province.clone(),
            dossier_code: self.dossier_code.clone(),
            procedure_code: self.procedure_code.clone(),
            province_version: self.province_version,
            held: Held::queued(work_item, unit, &procedure.field.vi, step.level),
            effort_minutes: step.effort_minutes,
            queued_at: now,
            started_at: None,
            completed_at: None,
            submitted_at: self.submitted_at,
            due_at: self.due_at,
        }
    }
}

impl Item {
    /// The refusal of an old fence, with the staff code of whoever holds the item: rules know officers by their
    /// ids alone, and colleagues do not.
    pub(crate) fn naming_holder(&self, refusal: Rejection, today: &Province) -> Rejection {
        let holder = self.held.holder.and_then(|holder| today.officers.get(&holder));
        match holder.filter(|_| refusal.reason == "OLD_FENCE") {
            Some(Officer { code, .. }) => Rejection {
                message: format!("officer {code} holds this work item; look at the worklist again"),
                ..refusal.with("holder_code", code)
            },
            None => refusal,
        }
    }
}

/// The name of a unit, as the first of these provinces has it that knows it.
pub(crate) fn unit_name<'p>(
    unit: UnitId,
    provinces: impl IntoIterator<Item = &'p Province>,
) -> Option<&'p Text> {
    provinces.into_iter().find_map(|province| province.units.get(&unit)).map(|unit| &unit.name)
}

/// The step of a procedure that was accepted at this instant; none: on that day it had no such step.
pub(crate) fn step<'p>(
    province: &Province,
    procedure: &'p Procedure,
    number: u32,
    submitted_at: Timestamp,
) -> Option<&'p Step> {
    procedure.step_on(number, province.clock.local_date(submitted_at))
}

/// The procedure of a record, in the version that it is pinned to. That it exists there was checked when the
/// case was prepared.
pub(crate) fn pinned<'p>(province: &'p Province, procedure_code: &str) -> Result<&'p Procedure, Failure> {
    province.procedures.get(procedure_code).ok_or_else(|| {
        Failure::broken(format!(
            "procedure {procedure_code} is missing from the version that a case is pinned to"
        ))
    })
}
