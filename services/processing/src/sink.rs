//! What other services tell processing. Intake and routing are two sources, so that either of their facts
//! about an application may come first.

use async_trait::async_trait;
use phidia_outbox::{EventSink, Facts};
use phidia_proto::events::v1::{Event, event::Fact};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::Processing;

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
            | Fact::StopRequested(_) => true,
            // A case is not touched while routing looks for a unit; the others are our own.
            Fact::WorkUnassignable(_)
            | Fact::WorkMoved(_)
            | Fact::CaseOpened(_)
            | Fact::StepStarted(_)
            | Fact::StepCompleted(_)
            | Fact::StepReady(_)
            | Fact::SupplementRequested(_)
            | Fact::CaseResumed(_)
            | Fact::CaseStopped(_)
            | Fact::StepReturned(_)
            | Fact::CaseCompleted(_) => false,
        }
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event, facts: &mut Facts) -> Result<(), Failure> {
        let Self(processing) = self;
        let now = processing.business.now();
        match &event.fact {
            Some(Fact::ApplicationSubmitted(fact)) => processing.prepare_case(tx, event, fact, now).await,
            Some(Fact::WorkAssigned(fact)) => processing.receive_work(tx, event, fact, facts, now).await,
            Some(Fact::SupplementReceived(fact)) => processing.resume_case(tx, event, fact, facts, now).await,
            Some(Fact::StopRequested(fact)) => processing.stop_case(tx, event, fact, facts, now).await,
            Some(_) | None => Ok(()),
        }
    }
}
