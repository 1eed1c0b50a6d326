//! What other services tell processing. Intake and routing are two sources, so that either of their facts
//! about an application may come first.

use std::fmt::Display;

use async_trait::async_trait;
use jiff::Timestamp;
use phidia_domain::{Kind, Rejection, id::ApplicationId};
use phidia_outbox::{EventSink, Facts, NewEvent};
use phidia_proto::{
    convert,
    events::v1::{Event, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{Processing, record::CaseRecord, store};

/// Takes events in.
#[derive(Debug)]
pub(crate) struct Sink(pub(crate) Processing);

#[async_trait]
impl EventSink for Sink {
    fn concerns(&self, fact: &Fact) -> bool {
        match fact {
            Fact::ApplicationSubmitted(_)
            | Fact::WorkAssigned(_)
            | Fact::SupplementReceived(_)
            | Fact::PaymentReceived(_)
            | Fact::ApplicationRated(_)
            | Fact::StopRequested(_) => true,
            // A case is not touched while routing looks for a unit, and how an applicant is reached is not its affair; the others are our
            // own.
            Fact::WorkUnassignable(_)
            | Fact::WorkMoved(_)
            | Fact::ContactCorrected(_)
            | Fact::PreferencesStated(_)
            | Fact::Published(_)
            | Fact::CaseOpened(_)
            | Fact::StepStarted(_)
            | Fact::StepCompleted(_)
            | Fact::StepReady(_)
            | Fact::SupplementRequested(_)
            | Fact::CaseResumed(_)
            | Fact::CaseStopped(_)
            | Fact::StepReturned(_)
            | Fact::CasePaused(_)
            | Fact::ReferralEnded(_)
            | Fact::DeadlineNear(_)
            | Fact::AppointmentPostponed(_)
            | Fact::ResultIssued(_)
            | Fact::ResultHandedOver(_)
            | Fact::DeadlineReplanned(_)
            | Fact::CaseReopened(_)
            | Fact::CaseCompleted(_) => false,
        }
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event, facts: &mut Facts) -> Result<(), Failure> {
        let Self(processing) = self;
        let now = processing.business.now();
        match &event.fact {
            Some(Fact::ApplicationSubmitted(fact)) => processing.prepare_case(tx, event, fact, now).await,
            Some(Fact::WorkAssigned(fact)) => processing.receive_work(tx, event, fact, facts, now).await,
            Some(Fact::SupplementReceived(fact)) => {
                processing.resume_supplemented(tx, event, fact, facts, now).await
            }
            Some(Fact::PaymentReceived(fact)) => processing.resume_paid(tx, event, fact, facts, now).await,
            Some(Fact::ApplicationRated(fact)) => processing.note_rating(tx, event, fact).await,
            Some(Fact::StopRequested(fact)) => processing.stop_case(tx, event, fact, facts, now).await,
            Some(_) | None => Ok(()),
        }
    }
}

impl Processing {
    /// The case that an event is about.
    ///
    /// # Errors
    /// `UNAVAILABLE` while its application has not come here from intake.
    pub(crate) async fn case_of(
        &self,
        tx: &DatabaseTransaction,
        event: &Event,
    ) -> Result<CaseRecord, Failure> {
        let application = convert::id::<ApplicationId>(&event.application_id, "application_id")?;
        let case = store::find_case_of(tx, &event.province, application).await?;
        Ok(case.ok_or_else(not_here)?)
    }
}

/// Intake's fact about the application is still on its way: this one comes again.
pub(crate) fn not_here() -> Rejection {
    Rejection::new(Kind::Unavailable, "APPLICATION_NOT_HERE", "its application has not come here yet")
}

/// What follows from an event, told in its sender's name.
pub(crate) fn follows(event: &Event, case: &CaseRecord, now: Timestamp, fact: Fact) -> NewEvent {
    NewEvent {
        province: case.province.clone(),
        application: case.application,
        occurred_at: now,
        actor: event.actor.clone(),
        cause: None,
        traceparent: event.traceparent.clone(),
        fact,
    }
}

/// An officer was at it between our reading and our writing: it comes again.
pub(crate) fn changed_meanwhile(what: impl Display) -> Rejection {
    Rejection::new(Kind::Unavailable, "CHANGED_MEANWHILE", format!("{what} changed meanwhile"))
}
