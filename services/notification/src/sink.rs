//! The events that notification takes in: those that concern a citizen, and those by which a unit loses or gains a
//! case. All others it acknowledges.

use std::sync::Arc;

use phidia_domain::{Rejection, case::Outcome};
use phidia_outbox::{EventSink, Facts};
use phidia_proto::{
    convert,
    events::v1::{ApplicationSubmitted, DeadlineReplanned, Event, WorkMoved, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;
use tokio::sync::Notify;

use crate::{
    tell::{News, Submission, Teller, Told},
    tell_units::Moved,
};

/// Tells citizens and units what other services tell us.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) teller: Teller,
    /// Wakes the one who sends letters.
    pub(crate) wake: Arc<Notify>,
}

#[async_trait::async_trait]
impl EventSink for Sink {
    fn concerns(&self, fact: &Fact) -> bool {
        match fact {
            Fact::ApplicationSubmitted(_)
            | Fact::CaseOpened(_)
            | Fact::CaseCompleted(_)
            | Fact::SupplementRequested(_)
            | Fact::CaseResumed(_)
            | Fact::CaseStopped(_)
            | Fact::AppointmentPostponed(_)
            | Fact::ResultIssued(_)
            | Fact::ResultHandedOver(_)
            | Fact::DeadlineReplanned(_)
            | Fact::WorkMoved(_) => true,
            Fact::WorkAssigned(_)
            | Fact::WorkUnassignable(_)
            | Fact::StepStarted(_)
            | Fact::StepCompleted(_)
            | Fact::SupplementReceived(_)
            | Fact::StopRequested(_)
            | Fact::StepReturned(_)
            | Fact::StepReady(_) => false,
        }
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event, _: &mut Facts) -> Result<(), Failure> {
        if let Some(Fact::WorkMoved(fact)) = &event.fact {
            self.teller.tell_units(tx, told(event, moved(fact)?)?).await?;
        }
        match news(event)? {
            Some(news) => self.teller.tell(tx, told(event, news)?).await,
            None => Ok(()),
        }
    }

    fn applied(&self) {
        self.wake.notify_one();
    }
}

/// What an event tells a citizen, if anything.
fn news(event: &Event) -> Result<Option<News>, Rejection> {
    Ok(match &event.fact {
        Some(Fact::ApplicationSubmitted(fact)) => Some(News::Submitted(submission(fact)?)),
        Some(Fact::CaseOpened(fact)) => Some(News::Opened { unit: convert::text(fact.unit_name.clone()) }),
        // Where nobody had it, the citizen has not been told of anybody yet; CaseOpened will tell.
        Some(Fact::WorkMoved(fact)) if !fact.from_unit_id.is_empty() => Some(News::Moved {
            unit: convert::text(fact.unit_name.clone()),
            why: convert::text(fact.for_citizen.clone()),
        }),
        Some(Fact::SupplementRequested(fact)) => {
            let until = convert::required(fact.until, "supplement_requested.until")?;
            Some(News::SupplementRequested {
                unit: convert::text(fact.unit_name.clone()),
                reasons: fact.reasons.clone(),
                until: convert::timestamp(until, "supplement_requested.until")?,
            })
        }
        Some(Fact::CaseResumed(fact)) => Some(News::Resumed {
            unit: convert::text(fact.unit_name.clone()),
            due_at: fact.due_at.map(|at| convert::timestamp(at, "case_resumed.due_at")).transpose()?,
            appointment_at: (fact.appointment_at)
                .map(|at| convert::timestamp(at, "case_resumed.appointment_at"))
                .transpose()?,
        }),
        Some(Fact::AppointmentPostponed(fact)) => {
            let at = convert::required(fact.appointment_at, "appointment_postponed.appointment_at")?;
            Some(News::Postponed {
                unit: convert::text(fact.unit_name.clone()),
                reason: fact.reason.clone(),
                appointment_at: convert::timestamp(at, "appointment_postponed.appointment_at")?,
            })
        }
        Some(Fact::DeadlineReplanned(fact)) => Some(replanned(fact)?),
        Some(Fact::ResultIssued(fact)) => {
            Some(News::Issued { media_type: fact.media_type.clone(), sha256: fact.sha256.clone() })
        }
        Some(Fact::ResultHandedOver(fact)) => Some(News::HandedOver {
            way: convert::way(fact.way, "result_handed_over.way")?,
            unit: convert::text(fact.unit_name.clone()),
        }),
        Some(Fact::CaseStopped(fact)) => {
            Some(News::Stopped(convert::stop_ground(fact.ground, "case_stopped.ground")?))
        }
        Some(Fact::CaseCompleted(fact)) => Some(News::Completed {
            granted: convert::outcome(fact.outcome, "case_completed.outcome")? == Outcome::Approved,
            on_time: fact.on_time,
            refusal_reason: fact.refusal_reason.clone(),
        }),
        Some(_) | None => None,
    })
}

fn replanned(fact: &DeadlineReplanned) -> Result<News, Rejection> {
    let due_at = convert::required(fact.due_at, "deadline_replanned.due_at")?;
    let at = |at, field: &str| convert::timestamp(at, field);
    Ok(News::Replanned {
        before: (fact.previous_due_at.map(|before| at(before, "deadline_replanned.previous_due_at")))
            .transpose()?,
        due_at: at(due_at, "deadline_replanned.due_at")?,
        appointment_at: (fact.appointment_at.map(|told| at(told, "deadline_replanned.appointment_at")))
            .transpose()?,
        decision: fact.decision.clone(),
    })
}

fn submission(fact: &ApplicationSubmitted) -> Result<Submission, Rejection> {
    let contact = convert::required(fact.contact.clone(), "application_submitted.contact")?;
    Ok(Submission {
        person: convert::id(&contact.person_id, "application_submitted.contact.person_id")?,
        wrapped_key: contact.wrapped_key,
        contact: contact.sealed,
        language: convert::language(fact.language),
        dossier_code: fact.dossier_code.clone(),
        procedure: convert::text(fact.procedure_name.clone()),
        return_at: convert::text(fact.return_at_unit_name.clone()),
        due_at: fact.due_at.map(|at| convert::timestamp(at, "application_submitted.due_at")).transpose()?,
    })
}

fn moved(fact: &WorkMoved) -> Result<Moved, Rejection> {
    let from = convert::optional_unit(&fact.from_unit_id, "work_moved.from_unit_id")?;
    Ok(Moved {
        from: from.map(|unit| (unit, convert::text(fact.from_unit_name.clone()))),
        to: (convert::id(&fact.unit_id, "work_moved.unit_id")?, convert::text(fact.unit_name.clone())),
        why: convert::text(fact.why.clone()),
    })
}

fn told<N>(event: &Event, news: N) -> Result<Told<N>, Rejection> {
    Ok(Told {
        event: convert::id(&event.id, "id")?,
        province: event.province.clone(),
        application: convert::id(&event.application_id, "application_id")?,
        occurred_at: convert::timestamp(convert::required(event.occurred_at, "occurred_at")?, "occurred_at")?,
        recorded_at: convert::timestamp(convert::required(event.recorded_at, "recorded_at")?, "recorded_at")?,
        news,
    })
}
