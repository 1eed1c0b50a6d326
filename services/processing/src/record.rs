//! What processing keeps of a case: the case itself with all that is pinned on its day, and its work items.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Rejection,
    application::{Channel, ReturnWay},
    calendar::LegalClock,
    case::{
        Course, Grounds, HandedOver, Held, Issued, Payment, Postponement, Reached, Referral, Reopening,
        Standing, Standstill, Supplement, Warning,
    },
    deadline::{Promise, corridor_promise},
    id::{ApplicationId, CaseId, OfficerId, PersonId, ReferralId, UnitId},
    officer::Officer,
    plan::{self, ChangeKind},
    procedure::{CompetenceKey, Procedure, Process, Step, Text},
    province::Province,
    report::Measured,
    work_item::WorkItem,
};
use phidia_runtime::{failure::Failure, seal::Sealed};

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
    /// The date of its green corridor, which comes before that one.
    pub(crate) corridor_due_at: Option<Timestamp>,
    pub(crate) standing: Standing,
    pub(crate) opened_at: Option<Timestamp>,
    pub(crate) finished: Option<Finished>,
    /// What the citizen was asked to supplement.
    pub(crate) supplement: Option<Supplement>,
    /// What they were asked to pay, oldest first.
    pub(crate) payments: Vec<Payment>,
    /// Before that there is nothing to say of its being late soon; none: nor ever.
    pub(crate) warn_at: Option<Timestamp>,
    /// The last that was said of it.
    pub(crate) warned: Option<Warning>,
    /// The new appointment that the citizen was given.
    pub(crate) postponement: Option<Postponement>,
    /// Version whose legal clock it follows since its deadline was re-planned, or it was opened again; none: the one that it is
    /// pinned to.
    pub(crate) follows: Option<i64>,
    /// That it was opened again, oldest first.
    pub(crate) reopenings: Vec<Reopening>,
    /// Whose it is: under their key its result rests. None: it was prepared before the keys were kept.
    pub(crate) person: Option<PersonId>,
    /// How it came in; none: it was prepared before that was told.
    pub(crate) channel: Option<Channel>,
    /// Whether all its papers were there as digital files when it was accepted; none: it was prepared before that was told.
    pub(crate) digitised: Option<bool>,
    /// How the citizen wants the result.
    pub(crate) result_by: ReturnWay,
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

/// What became of the result of a case. What is sealed opens with the person's key only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResultRecord {
    pub(crate) person: PersonId,
    pub(crate) issued: Option<Issued>,
    pub(crate) handed_over: Option<HandedOver>,
    pub(crate) file_name: Option<Vec<u8>>,
    pub(crate) signer: Option<Vec<u8>>,
    pub(crate) receiver: Option<Vec<u8>>,
}

impl ResultRecord {
    /// Of whom nothing is kept yet.
    pub(crate) fn of(person: PersonId) -> Self {
        Self { person, issued: None, handed_over: None, file_name: None, signer: None, receiver: None }
    }
}

/// A work item with what a worklist shows of its case.
#[derive(Clone, Debug)]
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
    /// The date of the green corridor, which comes before that one.
    pub(crate) corridor_due_at: Option<Timestamp>,
    /// Why it was sent back.
    pub(crate) correction: Option<Correction>,
}

/// Why a step was sent back, or a case opened again, sealed under a key of its own.
#[derive(Clone, Debug)]
pub(crate) struct Correction {
    /// Wrapped under the master key.
    pub(crate) wrapped_key: Vec<u8>,
    pub(crate) reason: Sealed<String>,
}

/// A question to another office with what a list shows of its case. What it says is sealed.
#[derive(Clone, Debug)]
pub(crate) struct ReferralRecord {
    pub(crate) referral: Referral,
    pub(crate) province: String,
    pub(crate) dossier_code: String,
    pub(crate) procedure_code: String,
    pub(crate) province_version: i64,
    /// The key of this question and its answer, wrapped under the master key.
    pub(crate) wrapped_key: Vec<u8>,
    pub(crate) question: Sealed<String>,
    pub(crate) answer: Option<Sealed<String>>,
}

impl ReferralRecord {
    /// What a part of it is sealed in.
    pub(crate) fn context(id: ReferralId, part: &str) -> String {
        format!("processing.referral/{id}/{part}")
    }
}

/// A task of the reform plan as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanRecord {
    pub(crate) province: String,
    /// Its place in the file that had it last.
    pub(crate) position: u32,
    pub(crate) task: plan::Task,
    pub(crate) state: plan::State,
    /// What was said of it last; empty: nothing.
    pub(crate) note: String,
    /// How many changes of it there are, and when and by whom the last one was.
    pub(crate) changes: u32,
    pub(crate) changed_at: Timestamp,
    pub(crate) changed_by: String,
}

impl PlanRecord {
    /// One change further.
    pub(crate) fn changed(self, now: Timestamp, actor: &str) -> Self {
        Self { changes: self.changes + 1, changed_at: now, changed_by: actor.to_owned(), ..self }
    }
}

/// Something that has happened to a task of the reform plan, and how it was after that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanChange {
    pub(crate) number: u32,
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    pub(crate) kind: ChangeKind,
    pub(crate) state: plan::State,
    pub(crate) owner: String,
    pub(crate) due: Date,
    /// What was said; empty: nothing.
    pub(crate) note: String,
}

impl CaseRecord {
    /// The times at which the legal clock stood still since its time counts, in order, and the one at which it does.
    pub(crate) fn standstills(&self) -> Vec<Standstill> {
        let counts_from = self.counts_from();
        self.all_standstills().into_iter().filter(|standstill| standstill.from >= counts_from).collect()
    }

    fn all_standstills(&self) -> Vec<Standstill> {
        let supplement = self.supplement.iter().map(Standstill::from);
        let mut all: Vec<_> = supplement.chain(self.payments.iter().map(Standstill::from)).collect();
        all.sort_by_key(|standstill| standstill.from);
        all
    }

    /// Since when its statutory time counts: since it was accepted, or last opened again.
    pub(crate) fn counts_from(&self) -> Timestamp {
        self.reopenings.last().map_or(self.submitted_at, |reopening| reopening.at)
    }

    /// Since when the legal clock stands still; none: it runs.
    pub(crate) fn stands_still_since(&self) -> Option<Timestamp> {
        let open = self.standstills().into_iter().find(|standstill| standstill.over.is_none());
        open.map(|standstill| standstill.from)
    }

    /// The version whose legal clock it follows.
    pub(crate) fn clock_version(&self) -> i64 {
        self.follows.unwrap_or(self.province_version)
    }

    /// What its promise rests on, beside the clock that it follows. `standstills`: its own.
    pub(crate) fn grounds<'a>(&'a self, procedure: &Procedure, standstills: &'a [Standstill]) -> Grounds<'a> {
        Grounds {
            limit: procedure.limit,
            // A case of before corridors had dates has none.
            corridor: procedure.corridor.filter(|_| self.corridor_due_at.is_some()),
            received_at: self.submitted_at,
            reopening: self.reopenings.last(),
            standstills,
            postponement: self.postponement.as_ref(),
        }
    }

    /// How it ends, measured by the legal clock of the version that it is pinned to. While it was closed, nobody worked on it.
    pub(crate) fn ends(&self, clock: &LegalClock, finished: Finished) -> Ended {
        let closed = self.reopenings.iter().map(|reopening| reopening.closed().into());
        let waits: Vec<_> = self.all_standstills().iter().map(Standstill::wait).chain(closed).collect();
        let Finished { at, on_time } = finished;
        let measured = Measured::of(clock, self.submitted_at, self.due_at, &waits, at, on_time);
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
            corridor_due_at: self.corridor_due_at,
            correction: None,
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

/// The staff code of an officer, by which colleagues know them, as the first of these provinces has it that knows them; empty: none does.
pub(crate) fn officer_code<'p>(
    officer: OfficerId,
    provinces: impl IntoIterator<Item = &'p Province>,
) -> String {
    let known = provinces.into_iter().find_map(|province| province.officers.get(&officer));
    known.map(|officer| officer.code.clone()).unwrap_or_default()
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

/// The process of a procedure that was accepted at this instant.
pub(crate) fn process<'p>(
    province: &Province,
    procedure: &'p Procedure,
    submitted_at: Timestamp,
) -> Process<'p> {
    procedure.process_on(province.clock.local_date(submitted_at))
}

/// What the green corridor of a procedure promises for what was accepted at this instant; none: it has none, or none that would be
/// shorter than the statutory time.
pub(crate) fn corridor(
    province: &Province,
    procedure: &Procedure,
    submitted_at: Timestamp,
) -> Result<Option<Promise>, Rejection> {
    let promise = |corridor| corridor_promise(&province.clock, corridor, procedure.limit, submitted_at);
    procedure.corridor.map_or(Ok(None), promise)
}

/// The course of a case. `reached`: how far its steps have come.
pub(crate) fn course<'p>(
    case: &'p CaseRecord,
    pinned: &'p Province,
    today: &'p Province,
    reached: &'p Reached,
) -> Result<Course<'p>, Failure> {
    Ok(Course {
        province: pinned,
        today,
        procedure: self::pinned(pinned, &case.procedure_code, case.submitted_at)?,
        accepted_on: pinned.clock.local_date(case.submitted_at),
        received_at: case.received_at,
        places: &case.places,
        conflicts: &case.conflicts,
        due_at: case.due_at,
        reached,
    })
}

/// The procedure of a record, in the version that it is pinned to and as it was on its day. That it exists there was checked when the
/// case was prepared.
pub(crate) fn pinned<'p>(
    province: &'p Province,
    procedure_code: &str,
    submitted_at: Timestamp,
) -> Result<&'p Procedure, Failure> {
    let day = province.clock.local_date(submitted_at);
    province.procedures.on(procedure_code, day).ok_or_else(|| {
        Failure::broken(format!(
            "procedure {procedure_code} is missing from the version that a case is pinned to"
        ))
    })
}
