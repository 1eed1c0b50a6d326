//! What routing and processing tell, as far as a citizen sees it.

pub(crate) mod follow_dates;
pub(crate) mod follow_reopening;
mod follow_result;

use async_trait::async_trait;
use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    application::{Charge, Status, Wanted},
    case::{Outcome, StopGround},
    id::ApplicationId,
    work_item::WorkItem,
};
use phidia_outbox::{EventSink, Facts};
use phidia_proto::{
    convert,
    events::v1::{
        CaseCompleted, CaseOpened, Event, WaitedFor, WorkAssigned, case_paused::WaitsFor, event::Fact,
    },
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Intake,
    applications::words::{self, Words},
    record::{Ahead, Beside, Entry, Finish, Law, Progress, Why, WorkingUnit},
    store::{progress, reopening},
};

/// Moves applications on.
pub(crate) struct Sink(pub(crate) Intake);

#[async_trait]
impl EventSink for Sink {
    fn concerns(&self, fact: &Fact) -> bool {
        match fact {
            Fact::WorkAssigned(_)
            | Fact::WorkUnassignable(_)
            | Fact::CaseOpened(_)
            | Fact::StepStarted(_)
            | Fact::SupplementRequested(_)
            | Fact::CasePaused(_)
            | Fact::CaseResumed(_)
            | Fact::CaseStopped(_)
            | Fact::AppointmentPostponed(_)
            | Fact::ResultIssued(_)
            | Fact::ResultHandedOver(_)
            | Fact::DeadlineReplanned(_)
            | Fact::CaseReopened(_)
            | Fact::CaseCompleted(_) => true,
            // That a unit gave it to another, or will soon be late, concerns these; where it is, WorkAssigned tells.
            Fact::ApplicationSubmitted(_)
            | Fact::WorkMoved(_)
            | Fact::StepCompleted(_)
            | Fact::SupplementReceived(_)
            | Fact::PaymentReceived(_)
            | Fact::ApplicationRated(_)
            | Fact::ContactCorrected(_)
            | Fact::PreferencesStated(_)
            | Fact::Published(_)
            | Fact::ReferralEnded(_)
            | Fact::StopRequested(_)
            | Fact::StepReturned(_)
            | Fact::DeadlineNear(_)
            | Fact::StepReady(_) => false,
        }
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event, _: &mut Facts) -> Result<(), Failure> {
        follow_dates::follow(tx, event).await?;
        follow_result::follow(tx, event).await?;
        let id: ApplicationId = convert::id(&event.application_id, "application_id")?;
        if let Some(apology) = words::told(event)? {
            apology.keep(tx, &self.0.master_key, &event.province, id).await?;
        }
        let ahead = follow_reopening::follow(tx, event).await?;
        let changes: Vec<_> = match ahead.is_empty() {
            true => Change::of(event)?.into_iter().collect(),
            false => ahead.into_iter().map(Change::from).collect(),
        };
        for change in changes {
            self.0.follow(tx, &event.province, id, change).await?;
        }
        let at = convert::timestamp(convert::required(event.occurred_at, "occurred_at")?, "occurred_at")?;
        self.0.portal.follow(tx, &event.province, id, at).await
    }

    fn applied(&self) {
        self.0.watched.wake();
    }
}

impl Intake {
    /// Moves an application on.
    async fn follow(
        &self,
        tx: &DatabaseTransaction,
        province: &str,
        id: ApplicationId,
        mut change: Change,
    ) -> Result<(), Failure> {
        let (before, last, law) = progress::lock(tx, province, id)
            .await?
            .ok_or_else(|| Rejection::not_found("UNKNOWN_APPLICATION", "no application has this id"))?;
        if let Some(work_item) = change.work_item {
            match follow_reopening::place(tx, province, work_item, change.at).await? {
                Some(at) => change.at = at,
                None => return Ok(()),
            }
        }
        if let Some(step) = change.work_item.map(|work_item| work_item.step).or(change.laid_down) {
            change.together = self.together(&law, step).await?;
        }
        let after = before.after(&change);
        if after != before && before.says_nothing_of(&change) {
            return progress::save_units(tx, province, id, &after).await;
        }
        if after == before {
            return match change.ahead().filter(|_| before.is_decided()) {
                Some(ahead) => reopening::note_ahead(tx, province, id, ahead).await,
                None => Ok(()),
            };
        }
        // What is finished has no unit any more; it was finished where it was worked on last.
        let unit =
            after.working_unit.as_ref().or(before.working_unit.as_ref().filter(|_| after.finished.is_some()));
        let unit_name = unit.map(|unit| unit.name.clone());
        let entry =
            Entry { at: change.at, status: after.status, unit_name, why: change.why, reopened_by: None };
        progress::save(tx, province, id, &after, &entry, last + 1).await?;
        match change.words {
            Some(words) => words.keep(tx, &self.master_key, province, id).await,
            None => Ok(()),
        }
    }

    /// The steps that go on together with one, itself among them; none: it goes on alone.
    async fn together(&self, law: &Law, step: u32) -> Result<Vec<u32>, Failure> {
        let pinned = self.versions.at(law.province_version).await?;
        let day = pinned.value.clock.local_date(law.submitted_at);
        let Some(procedure) = pinned.value.procedures.on(&law.procedure_code, day) else {
            return Ok(Vec::new());
        };
        let process = procedure.process_on(day);
        let stage: Vec<_> = process.stage(step).map(|step| step.number).collect();
        Ok(if stage.len() > 1 { stage } else { Vec::new() })
    }
}

/// What a fact means to a citizen.
#[derive(Clone, Debug)]
struct Change {
    at: Timestamp,
    /// What routing tells of.
    work_item: Option<WorkItem>,
    /// The step that is laid down until other offices have answered.
    laid_down: Option<u32>,
    /// The steps that go on together with that one, itself among them; none: it goes on alone.
    together: Vec<u32>,
    status: Status,
    unit: Unit,
    why: Option<Why>,
    finish: Option<Finish>,
    /// Whether it goes on because the applicant has answered.
    answered: bool,
    /// The promised instant, where another one is promised.
    due_at: Option<Timestamp>,
    /// Until when it has to be supplemented, where that is asked for.
    supplement_until: Option<Timestamp>,
    /// What is to be paid, where that is asked for.
    payment: Option<Charge>,
    /// What an officer wrote to the applicant.
    words: Option<Words>,
}

/// Who works on an application after a fact.
#[derive(Clone, Debug)]
enum Unit {
    /// Whoever did before.
    AsBefore,
    /// Nobody.
    None,
    /// This unit.
    Found(WorkingUnit),
    /// This unit, unless one is known: the assignment of a later step may have come over the other stream.
    FoundUnlessKnown(WorkingUnit),
}

impl Change {
    fn to(at: Timestamp, status: Status, unit: Unit) -> Self {
        Self {
            at,
            work_item: None,
            laid_down: None,
            together: Vec::new(),
            status,
            unit,
            why: None,
            finish: None,
            answered: false,
            due_at: None,
            supplement_until: None,
            payment: None,
            words: None,
        }
    }

    /// What routing tells of a unit, or that there is none; none: it is something else.
    fn ahead(&self) -> Option<Ahead> {
        let unit = match (self.status, &self.unit) {
            (Status::Assigned, Unit::Found(unit)) => Some(unit.clone()),
            (Status::AwaitingDispatch, _) => None,
            _ => return None,
        };
        Some(Ahead { work_item: self.work_item, at: self.at, unit, why: self.why.clone() })
    }

    /// None for what does not concern a citizen.
    fn of(event: &Event) -> Result<Option<Self>, Rejection> {
        let at = convert::timestamp(convert::required(event.occurred_at, "occurred_at")?, "occurred_at")?;
        let fact = convert::required(event.fact.as_ref(), "fact")?;
        let is = |status, unit| Self::to(at, status, unit);
        let change = |status, unit| Some(is(status, unit));
        Ok(match fact {
            Fact::WorkAssigned(fact) => {
                let unit = Unit::Found(fact.try_into()?);
                let work_item = convert::work_item(fact.work_item.clone(), "work_assigned.work_item")?;
                Some(Self { work_item: Some(work_item), why: why(fact), ..is(Status::Assigned, unit) })
            }
            Fact::WorkUnassignable(fact) => {
                let work_item = convert::work_item(fact.work_item.clone(), "work_unassignable.work_item")?;
                Some(Self { work_item: Some(work_item), ..is(Status::AwaitingDispatch, Unit::None) })
            }
            Fact::CaseOpened(fact) => change(Status::InProcess, Unit::FoundUnlessKnown(fact.try_into()?)),
            // Where that is, the assignment of the step tells, and by what name.
            Fact::StepStarted(_) => change(Status::InProcess, Unit::AsBefore),
            Fact::SupplementRequested(fact) => {
                let until = convert::timestamp(convert::required(fact.until, "until")?, "until")?;
                let name = convert::text(fact.unit_name.clone());
                let unit =
                    WorkingUnit { id: convert::id(&fact.unit_id, "supplement_requested.unit_id")?, name };
                Some(Self {
                    supplement_until: Some(until),
                    words: Some(Words::Supplement(fact.reasons.clone())),
                    ..is(Status::AwaitingSupplement, Unit::Found(unit))
                })
            }
            Fact::CasePaused(fact) => {
                let name = convert::text(fact.unit_name.clone());
                let unit = WorkingUnit { id: convert::id(&fact.unit_id, "case_paused.unit_id")?, name };
                Some(match &fact.waits_for {
                    Some(WaitsFor::Payment(due)) => Self {
                        payment: Some(Charge { amount_dong: due.amount_dong, asked_at: at, paid: None }),
                        ..is(Status::AwaitingPayment, Unit::Found(unit))
                    },
                    Some(WaitsFor::Referrals(_)) | None => Self {
                        laid_down: fact.work_item.as_ref().map(|work_item| work_item.step),
                        ..is(Status::Referred, Unit::Found(unit))
                    },
                })
            }
            Fact::CaseResumed(fact) => {
                let name = convert::text(fact.unit_name.clone());
                let unit = WorkingUnit { id: convert::id(&fact.unit_id, "case_resumed.unit_id")?, name };
                Some(Self {
                    answered: fact.waited_for() != WaitedFor::Offices,
                    due_at: fact.due_at.map(|at| convert::timestamp(at, "due_at")).transpose()?,
                    ..is(Status::InProcess, Unit::Found(unit))
                })
            }
            Fact::CaseStopped(fact) => {
                let at = convert::timestamp(convert::required(fact.stopped_at, "stopped_at")?, "stopped_at")?;
                let status = match convert::stop_ground(fact.ground, "ground")? {
                    StopGround::Withdrawn => Status::Withdrawn,
                    StopGround::Lapsed => Status::Lapsed,
                };
                let finish = Some(Finish { at, on_time: fact.on_time });
                Some(Self { at, finish, ..is(status, Unit::None) })
            }
            Fact::CaseCompleted(fact) => {
                let (at, status) = completed(fact)?;
                let finish = Some(Finish { at, on_time: fact.on_time });
                let refused =
                    (status == Status::Refused).then(|| Words::Refusal(fact.refusal_reason.clone()));
                Some(Self { at, finish, words: refused, ..is(status, Unit::None) })
            }
            _ => None,
        })
    }
}

impl From<Ahead> for Change {
    fn from(Ahead { work_item, at, unit, why }: Ahead) -> Self {
        let found = match unit {
            Some(unit) => Self { why, ..Self::to(at, Status::Assigned, Unit::Found(unit)) },
            None => Self::to(at, Status::AwaitingDispatch, Unit::None),
        };
        Self { work_item, ..found }
    }
}

/// When it was finished, and how.
fn completed(fact: &CaseCompleted) -> Result<(Timestamp, Status), Rejection> {
    let at = convert::timestamp(convert::required(fact.completed_at, "completed_at")?, "completed_at")?;
    let status = match convert::outcome(fact.outcome, "outcome")? {
        Outcome::Approved => Status::Granted,
        Outcome::Refused => Status::Refused,
    };
    Ok((at, status))
}

impl Progress {
    /// Whether it was decided: it may be opened again.
    fn is_decided(&self) -> bool {
        matches!(self.status, Status::Granted | Status::Refused)
    }

    /// The units of steps that go on together, after a change.
    fn beside_after(&self, change: &Change) -> Vec<Beside> {
        let Some(WorkItem { step, .. }) = change.work_item else {
            return if change.status.is_final() { Vec::new() } else { self.beside.clone() };
        };
        let others = self.beside.iter().filter(|other| other.step != step);
        let others = others.filter(|other| change.together.contains(&other.step)).copied();
        let found = match &change.unit {
            Unit::Found(unit) if !change.together.is_empty() => Some(Beside { step, unit: unit.id }),
            _ => None,
        };
        others.chain(found).collect()
    }

    /// Whether a change is no news to its citizen, whatever it means to units.
    fn says_nothing_of(&self, change: &Change) -> bool {
        // What is laid down is with its unit: what routing says of units then is outrun.
        let outrun =
            self.status.is_paused() && matches!(change.status, Status::Assigned | Status::AwaitingDispatch);
        // They are asked until they have answered, whatever else is done in steps that go on together with that one.
        let asks = |status: Status| status.waits_for_applicant() || status.is_final();
        let asked = self.status.waits_for_applicant() && !change.answered && !asks(change.status);
        // Of these one may have no unit at present, or wait for other offices: it is in process all the same.
        let waits = matches!(change.status, Status::AwaitingDispatch | Status::Referred);
        outrun || asked || (waits && !change.together.is_empty())
    }

    /// How far it has come after a change; the same where that is nothing new.
    fn after(&self, change: &Change) -> Self {
        if self.status.is_final() {
            return self.clone();
        }
        let beside = self.beside_after(change);
        if self.says_nothing_of(change) {
            // Whoever had one of those, and has none any more, works on it no more.
            let is_left = |unit: &WorkingUnit| {
                let had = self.beside.iter().any(|other| other.unit == unit.id);
                !had || beside.iter().any(|other| other.unit == unit.id)
            };
            let working_unit = self.working_unit.clone().filter(is_left);
            return Self { working_unit, beside, ..self.clone() };
        }
        Self {
            beside,
            status: self.status.after(change.status),
            working_unit: match &change.unit {
                Unit::AsBefore => self.working_unit.clone(),
                Unit::None => None,
                Unit::Found(unit) => Some(unit.clone()),
                Unit::FoundUnlessKnown(unit) => Some(self.working_unit.as_ref().unwrap_or(unit).clone()),
            },
            finished: change.finish,
            due_at: change.due_at.or(self.due_at),
            supplement: match change.supplement_until {
                Some(until) => Some(Wanted { until, received_at: None }),
                None => self.supplement,
            },
            payments: self.payments.iter().cloned().chain(change.payment.clone()).collect(),
            stopping: self.stopping,
        }
    }
}

/// None from a routing that does not say it yet.
fn why(fact: &WorkAssigned) -> Option<Why> {
    let sentences = convert::text(Some(fact.for_citizen.clone()?));
    Some(Why { sentences, what_if: fact.what_if.clone().map(|what_if| convert::text(Some(what_if))) })
}

impl TryFrom<&WorkAssigned> for WorkingUnit {
    type Error = Rejection;

    fn try_from(fact: &WorkAssigned) -> Result<Self, Rejection> {
        let name = convert::text(fact.unit_name.clone());
        Ok(Self { id: convert::id(&fact.unit_id, "work_assigned.unit_id")?, name })
    }
}

impl TryFrom<&CaseOpened> for WorkingUnit {
    type Error = Rejection;

    fn try_from(fact: &CaseOpened) -> Result<Self, Rejection> {
        let name = convert::text(fact.unit_name.clone());
        Ok(Self { id: convert::id(&fact.unit_id, "case_opened.unit_id")?, name })
    }
}
