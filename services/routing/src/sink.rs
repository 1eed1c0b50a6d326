//! What other services tell routing. Everything goes to the store and onto the agenda; the board is not
//! touched in here, and nothing is decided: a sink must not wait for anything but the store.
//!
//! Intake and processing are two sources, so that facts of either may come first. One that needs a row that
//! is still on its way comes again later.

use std::sync::{Arc, atomic::Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    case::Outcome,
    id::{ApplicationId, EventId, UnitId},
    route::Ground,
    work_item::WorkItem,
};
use phidia_outbox::{EventSink, Facts};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, CaseCompleted, CaseReopened, CaseResumed, CaseStopped, DeadlineNear,
        DeadlineReplanned, Event, StepReady, case_paused::WaitsFor, event::Fact,
    },
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Routing,
    store::{agenda, applicant, application, assignment, hint, item, moves},
    work::{
        AWAITING_PAYMENT, AWAITING_SUPPLEMENT, Action, Application, Assignment, BEGUN_EARLIER, Origin,
        REFERRED, State, waits,
    },
};

/// Takes events in.
#[derive(Debug)]
pub(crate) struct Sink(pub(crate) Arc<Routing>);

#[async_trait]
impl EventSink for Sink {
    fn concerns(&self, fact: &Fact) -> bool {
        match fact {
            Fact::ApplicationSubmitted(_)
            | Fact::StepReady(_)
            | Fact::StepStarted(_)
            | Fact::StepReturned(_)
            | Fact::StepCompleted(_)
            | Fact::SupplementRequested(_)
            | Fact::CasePaused(_)
            | Fact::CaseResumed(_)
            | Fact::DeadlineReplanned(_)
            | Fact::CaseStopped(_)
            | Fact::CaseCompleted(_)
            | Fact::CaseReopened(_) => true,
            // Whoever rescues nothing takes no hints.
            Fact::DeadlineNear(_) => self.0.rescues,
            // Nothing follows from a case that is opened, nor from what processing has not answered, nor from an appointment that
            // leaves the due date as it is, nor from what becomes of a result; the others are our own.
            Fact::CaseOpened(_)
            | Fact::AppointmentPostponed(_)
            | Fact::ResultIssued(_)
            | Fact::ResultHandedOver(_)
            | Fact::SupplementReceived(_)
            | Fact::PaymentReceived(_)
            | Fact::ApplicationRated(_)
            | Fact::ContactCorrected(_)
            | Fact::PreferencesStated(_)
            | Fact::Published(_)
            | Fact::ReferralEnded(_)
            | Fact::StopRequested(_)
            | Fact::WorkAssigned(_)
            | Fact::WorkUnassignable(_)
            | Fact::WorkMoved(_) => false,
        }
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event, _: &mut Facts) -> Result<(), Failure> {
        let told = Told {
            routing: &self.0,
            tx,
            province: &event.province,
            application: convert::id(&event.application_id, "application_id")?,
            at: convert::timestamp(convert::required(event.occurred_at, "occurred_at")?, "occurred_at")?,
            origin: Origin {
                event: Some(convert::id::<EventId>(&event.id, "id")?),
                traceparent: event.traceparent.clone(),
            },
        };
        match &event.fact {
            Some(Fact::ApplicationSubmitted(fact)) => told.submitted(fact).await,
            Some(Fact::StepReady(fact)) => told.ready(fact).await,
            Some(Fact::StepStarted(fact)) => told.started(told.work_item(&fact.work_item)?).await,
            Some(Fact::StepReturned(fact)) => {
                told.returned(told.work_item(&fact.work_item)?, fact.fence).await
            }
            Some(Fact::StepCompleted(fact)) => told.completed(told.work_item(&fact.work_item)?).await,
            Some(Fact::SupplementRequested(fact)) => {
                told.paused(told.work_item(&fact.work_item)?, AWAITING_SUPPLEMENT).await
            }
            Some(Fact::CasePaused(fact)) => {
                let reason = match &fact.waits_for {
                    Some(WaitsFor::Payment(_)) => AWAITING_PAYMENT,
                    Some(WaitsFor::Referrals(_)) | None => REFERRED,
                };
                told.paused(told.work_item(&fact.work_item)?, reason).await
            }
            Some(Fact::CaseResumed(fact)) => told.resumed(fact).await,
            Some(Fact::DeadlineReplanned(fact)) => told.replanned(fact).await,
            Some(Fact::CaseStopped(fact)) => told.stopped(fact).await,
            Some(Fact::CaseCompleted(fact)) => told.decided(fact).await,
            Some(Fact::CaseReopened(fact)) => told.reopened(fact).await,
            Some(Fact::DeadlineNear(fact)) => told.near(fact).await,
            Some(_) | None => Ok(()),
        }
    }

    fn applied(&self) {
        self.0.wake.notify_one();
        if self.0.hinted.swap(false, Ordering::Relaxed) {
            self.0.hint.notify_one();
        }
    }
}

/// One event within its transaction.
struct Told<'t> {
    routing: &'t Routing,
    tx: &'t DatabaseTransaction,
    province: &'t str,
    application: ApplicationId,
    at: Timestamp,
    origin: Origin,
}

impl Told<'_> {
    /// A new application: its first step waits.
    async fn submitted(&self, fact: &ApplicationSubmitted) -> Result<(), Failure> {
        let submitted_at = convert::required(fact.submitted_at, "submitted_at")?;
        let due_at = fact.due_at.map(|at| convert::timestamp(at, "due_at")).transpose()?;
        let accepted = Application {
            procedure_code: fact.procedure_code.clone(),
            province_version: fact.province_version,
            received_at: convert::id(&fact.received_at_unit_id, "received_at_unit_id")?,
            places: convert::places(fact.places.clone(), "places")?,
            conflicts: convert::units(&fact.conflicted_unit_ids, "conflicted_unit_ids")?,
            submitted_at: convert::timestamp(submitted_at, "submitted_at")?,
            due_at,
            earlier: None,
        };
        let pseudonym = convert::optional_pseudonym(&fact.applicant_pseudonym, "applicant_pseudonym")?;
        if application::add(self.tx, self.province, self.application, &accepted).await? {
            if let Some(pseudonym) = pseudonym {
                let at = accepted.submitted_at;
                applicant::add(self.tx, self.province, self.application, pseudonym, at).await?;
            }
            self.wait(WorkItem::first(self.application, 1), None).await?;
        }
        Ok(())
    }

    /// The next step: routing finds its unit, or counts in that it goes on where it is.
    async fn ready(&self, fact: &StepReady) -> Result<(), Failure> {
        let work_item = self.work_item(&fact.work_item)?;
        let unit: UnitId = convert::id(&fact.previous_unit_id, "previous_unit_id")?;
        if !application::is_known(self.tx, self.province, self.application).await? {
            return Err(not_yet("the application is not here yet"));
        }
        if fact.kept { self.keep(work_item, unit).await } else { self.wait(work_item, Some(unit)).await }
    }

    async fn wait(&self, work_item: WorkItem, previous: Option<UnitId>) -> Result<(), Failure> {
        let origin = self.origin.clone();
        let state = State::Waiting;
        if item::add(self.tx, self.province, work_item, state, previous, self.at, origin).await? {
            agenda::add(self.tx, self.province, work_item, Action::Decide).await?;
        }
        Ok(())
    }

    /// The decision is written at once, so that the step may be begun and done whenever; why it stays and
    /// what it adds follow when its turn on the agenda comes.
    async fn keep(&self, work_item: WorkItem, unit: UnitId) -> Result<(), Failure> {
        let origin = self.origin.clone();
        let state = State::Assigned;
        if !item::add(self.tx, self.province, work_item, state, Some(unit), self.at, origin).await? {
            return Ok(());
        }
        let kept = Assignment {
            id: self.routing.ids.mint(self.at),
            work_item,
            unit,
            ground: Ground::Kept,
            decided_at: self.at,
            decided_in_micros: 0,
            open: true,
            counted: None,
        };
        assignment::add(self.tx, vec![assignment::row(self.province, &kept)?]).await?;
        agenda::add(self.tx, self.province, work_item, Action::Place).await
    }

    /// An officer has taken it up: it cannot be released any more.
    async fn started(&self, work_item: WorkItem) -> Result<(), Failure> {
        if item::begin(self.tx, self.province, work_item).await? {
            return Ok(());
        }
        match item::find(self.tx, self.province, work_item).await?.map(|item| item.state) {
            Some(State::Released) => self.take_up_again(work_item).await.map(drop),
            Some(State::Done | State::Assigned) => Ok(()),
            Some(State::Waiting | State::Unassignable) | None => {
                Err(not_yet("the work item is not assigned yet"))
            }
        }
    }

    /// Nobody holds it any more: it may be moved again, by whoever knows its fence.
    async fn returned(&self, work_item: WorkItem, fence: u64) -> Result<(), Failure> {
        if item::lay_down(self.tx, self.province, work_item, fence).await? {
            return Ok(());
        }
        match item::find(self.tx, self.province, work_item).await?.map(|item| item.state) {
            // Its case was stopped.
            Some(State::Done | State::Released) => Ok(()),
            _ => Err(not_yet("the work item is not assigned yet")),
        }
    }

    /// An officer was quicker than the news that the work item was released. Processing is the authority on
    /// started work: this attempt stands, and later ones are taken back. False where processing itself has given it to another
    /// unit since: that is news of before.
    async fn take_up_again(&self, work_item: WorkItem) -> Result<bool, Failure> {
        let Self { tx, province, .. } = *self;
        if moves::has_left(tx, province, work_item).await? {
            return Ok(false);
        }
        if let Some(own) = item::find(tx, province, work_item).await? {
            item::turn(tx, &[own.arrived], &[State::Released], State::Assigned, Some("")).await?;
        }
        let others = |other: WorkItem| other.step == work_item.step && other != work_item;
        self.take_back(BEGUN_EARLIER, others).await?;
        // Nor has a later one that was taken back before ever come to processing.
        let later = item::of_step(tx, province, work_item.application, work_item.step).await?;
        let later: Vec<_> =
            later.iter().filter(|item| item.work_item > work_item).map(|item| item.arrived).collect();
        item::turn(tx, &later, &[State::Released], State::Released, Some(BEGUN_EARLIER)).await?;
        item::begin(tx, province, work_item).await?;
        assignment::set_open(tx, province, work_item, true).await?;
        tracing::info!(%work_item, "begun before its release was known; it stays");
        agenda::add(tx, province, work_item, Action::Place).await?;
        Ok(true)
    }

    /// A step is done: its load is given back.
    async fn completed(&self, work_item: WorkItem) -> Result<(), Failure> {
        if !item::finish(self.tx, self.province, work_item).await? {
            match item::find(self.tx, self.province, work_item).await?.map(|item| item.state) {
                Some(State::Done) => return Ok(()),
                Some(State::Released) if self.take_up_again(work_item).await? => {}
                // Its load went when it was moved.
                Some(State::Released) => return Ok(()),
                Some(State::Waiting | State::Unassignable | State::Assigned) | None => {
                    return Err(not_yet("the work item is not assigned yet"));
                }
            }
            item::finish(self.tx, self.province, work_item).await?;
        }
        assignment::set_open(self.tx, self.province, work_item, false).await?;
        agenda::add(self.tx, self.province, work_item, Action::Release).await
    }

    /// It waits for its citizen, or for other offices: until it goes on, nobody has to do anything.
    async fn paused(&self, work_item: WorkItem, reason: &str) -> Result<(), Failure> {
        self.completed(work_item).await?;
        if let Some(item) = item::find(self.tx, self.province, work_item).await? {
            let (from, to) = (&[State::Done], State::Done);
            item::turn(self.tx, &[item.arrived], from, to, Some(reason)).await?;
        }
        Ok(())
    }

    /// It goes on where it was, and the load that was given back counts again: by the day on which it was due at first, which
    /// is never too late.
    async fn resumed(&self, fact: &CaseResumed) -> Result<(), Failure> {
        let work_item = self.work_item(&fact.work_item)?;
        if let Some(due_at) = fact.due_at {
            let due_at = convert::timestamp(due_at, "case_resumed.due_at")?;
            application::promise(self.tx, self.province, self.application, due_at).await?;
        }
        let Some(item) = item::find(self.tx, self.province, work_item).await? else {
            return Err(not_yet("the work item is not here yet"));
        };
        if item::turn(self.tx, &[item.arrived], &[State::Done], State::Assigned, Some("")).await? > 0 {
            item::lay_down(self.tx, self.province, work_item, fact.fence).await?;
            assignment::set_open(self.tx, self.province, work_item, true).await?;
            agenda::add(self.tx, self.province, work_item, Action::Place).await?;
        }
        Ok(())
    }

    /// Another date is promised: what is still to be decided is decided by that. What counts on the board keeps the day on which it
    /// was due at first.
    async fn replanned(&self, fact: &DeadlineReplanned) -> Result<(), Failure> {
        if !application::is_known(self.tx, self.province, self.application).await? {
            return Err(not_yet("the application is not here yet"));
        }
        let due_at = convert::required(fact.due_at, "deadline_replanned.due_at")?;
        let due_at = convert::timestamp(due_at, "deadline_replanned.due_at")?;
        application::promise(self.tx, self.province, self.application, due_at).await
    }

    /// It has ended without a decision, wherever it was: routing gives up what it still has of it.
    async fn stopped(&self, fact: &CaseStopped) -> Result<(), Failure> {
        if fact.work_item.is_some() {
            let left = item::find(self.tx, self.province, self.work_item(&fact.work_item)?).await?;
            if left.is_none_or(|left| matches!(left.state, State::Waiting | State::Unassignable)) {
                return Err(not_yet("the work item is not assigned yet"));
            }
        }
        // First: it proves that the application is here, and with it all that is to be taken back.
        self.closed().await?;
        self.give_up("CASE_STOPPED").await
    }

    /// It is decided. Where it was refused, what went on together with the step that was is given up.
    async fn decided(&self, fact: &CaseCompleted) -> Result<(), Failure> {
        self.closed().await?;
        match convert::outcome(fact.outcome, "case_completed.outcome")? {
            Outcome::Approved => Ok(()),
            Outcome::Refused => self.give_up("CASE_REFUSED").await,
        }
    }

    /// Nothing more will be done of it: what is waited for or assigned is taken back, and what waited for its citizen or for other
    /// offices is not done, and will not be. What is on a move comes there first, where processing has moved it, or is refused.
    async fn give_up(&self, reason: &str) -> Result<(), Failure> {
        if moves::is_any_open(self.tx, self.province, self.application).await? {
            return Err(not_yet("a work item of it is on a move"));
        }
        self.take_back(reason, |_| true).await?;
        let all = item::of_applications(self.tx, self.province, [self.application]).await?;
        let waiting = all.iter().filter(|item| item.state == State::Done && waits(&item.reason));
        let waiting: Vec<_> = waiting.map(|item| item.arrived).collect();
        item::turn(self.tx, &waiting, &[State::Done], State::Released, Some(reason)).await?;
        Ok(())
    }

    /// Takes back those work items of the application that are waited for or assigned. Whoever takes one of them back meanwhile
    /// makes another one, which is seen only once theirs is committed: so it is looked again until none is left.
    async fn take_back(&self, reason: &str, which: impl Fn(WorkItem) -> bool) -> Result<(), Failure> {
        const LIVE: [State; 3] = [State::Waiting, State::Unassignable, State::Assigned];
        let Self { tx, province, .. } = *self;
        loop {
            let all = item::of_applications(tx, province, [self.application]).await?;
            let live: Vec<_> =
                all.iter().filter(|item| LIVE.contains(&item.state) && which(item.work_item)).collect();
            if live.is_empty() {
                return Ok(());
            }
            for item in live {
                let turned = item::turn(tx, &[item.arrived], &LIVE, State::Released, Some(reason)).await?;
                if turned > 0 && assignment::set_open(tx, province, item.work_item, false).await? {
                    agenda::add(tx, province, item.work_item, Action::Release).await?;
                }
            }
        }
    }

    /// It will soon be late. What nobody holds is looked at at once, whichever the stage: the sooner, the more units would be on
    /// time. That is all that follows: whether it goes anywhere is the rescue's to say. What somebody holds stays.
    async fn near(&self, fact: &DeadlineNear) -> Result<(), Failure> {
        let work_item = self.work_item(&fact.work_item)?;
        if fact.officer_id.is_empty() && !fact.waits_for_offices && !fact.overdue {
            hint::add(self.tx, self.province, work_item).await?;
            self.routing.hinted.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The case is completed: routing no longer holds the application.
    async fn closed(&self) -> Result<(), Failure> {
        if application::complete(self.tx, self.province, self.application).await? {
            return Ok(());
        }
        Err(not_yet("the application is not here yet"))
    }

    /// A case that was completed is open again: routing holds the application again, by what is promised from now on. The step that is
    /// to be done follows as one that is ready.
    async fn reopened(&self, fact: &CaseReopened) -> Result<(), Failure> {
        let due_at = fact.due_at.map(|at| convert::timestamp(at, "case_reopened.due_at")).transpose()?;
        if application::reopen(self.tx, self.province, self.application, due_at).await? {
            return Ok(());
        }
        Err(not_yet("the application is not here yet"))
    }

    fn work_item(&self, wire: &Option<phidia_proto::types::v1::WorkItem>) -> Result<WorkItem, Failure> {
        Ok(convert::work_item(wire.clone(), "work_item")?)
    }
}

/// It comes again, once what it needs has come from the other source.
fn not_yet(message: &str) -> Failure {
    Rejection::new(Kind::Unavailable, "NOT_HERE_YET", message).into()
}
