//! The services that a day is played on: how they are reached, how their business time is moved, and when
//! nothing is in flight between them.

use std::time::Duration;

use jiff::Timestamp;
use phidia_domain::caller::Role;
use phidia_proto::routing::v1::{ListWorkRequest, WorkState, routing_service_client::RoutingServiceClient};
use phidia_runtime::{clock::ManualClock, peer::Peer};

use crate::{conservation::Services, embedded::Embedded};

/// The services, as an operator reaches them.
pub(crate) struct House<'h> {
    pub(crate) intake: Peer,
    pub(crate) routing: Peer,
    pub(crate) processing: Peer,
    pub(crate) notification: Peer,
    form: Form<'h>,
}

enum Form<'h> {
    /// All in this process.
    Embedded(&'h Embedded, &'h ManualClock),
    /// In processes of their own.
    #[cfg(any(debug_assertions, feature = "rehearsal"))]
    Split(super::split::Split),
}

impl<'h> House<'h> {
    /// All services in this process.
    pub(crate) fn embedded(embedded: &'h Embedded, clock: &'h ManualClock) -> Self {
        let operator = embedded.peer(Role::Operator);
        Self {
            intake: operator.clone(),
            routing: operator.clone(),
            processing: operator.clone(),
            notification: operator,
            form: Form::Embedded(embedded, clock),
        }
    }

    /// Services in processes of their own: intake, routing, processing, notification.
    #[cfg(any(debug_assertions, feature = "rehearsal"))]
    pub(super) fn split(peers: [Peer; 4], split: super::split::Split) -> Self {
        let [intake, routing, processing, notification] = peers;
        Self { intake, routing, processing, notification, form: Form::Split(split) }
    }

    /// Moves business time.
    pub(crate) fn set(&self, now: Timestamp) -> anyhow::Result<()> {
        match &self.form {
            Form::Embedded(_, clock) => clock.set(now),
            #[cfg(any(debug_assertions, feature = "rehearsal"))]
            Form::Split(split) => split.set(now)?,
        }
        Ok(())
    }

    /// Has what is told in `acts` go out together: in one process, for processes of their own know no instants.
    pub(crate) async fn together<T>(&self, acts: impl Future<Output = T>) -> T {
        let _gathering = match &self.form {
            Form::Embedded(embedded, _) => Some(embedded.gather()),
            #[cfg(any(debug_assertions, feature = "rehearsal"))]
            Form::Split(_) => None,
        };
        acts.await
    }

    /// One look at whether nothing is in flight: every event is handed over, and nothing waits for a decision.
    /// A decision tells an event: only when both were seen at rest is everything at rest.
    pub(crate) async fn is_settled(&self) -> anyhow::Result<bool> {
        match &self.form {
            Form::Embedded(embedded, _) => {
                embedded.handed_over().await;
                Ok(!self.is_awaited().await? && embedded.is_at_rest())
            }
            #[cfg(any(debug_assertions, feature = "rehearsal"))]
            Form::Split(split) => {
                let told = split.told_at_rest().await?;
                Ok(told.is_some() && !self.is_awaited().await? && split.told_at_rest().await? == told)
            }
        }
    }

    /// Whether a work item waits for its unit.
    async fn is_awaited(&self) -> anyhow::Result<bool> {
        let request =
            ListWorkRequest { page_size: 1, page_token: String::new(), state: WorkState::Waiting.into() };
        let answer = RoutingServiceClient::new(self.routing.clone()).list_work(request).await?;
        Ok(!answer.into_inner().records.is_empty())
    }

    /// How long to wait between two looks at whether something is in flight.
    pub(crate) fn pause(&self) -> Duration {
        match &self.form {
            Form::Embedded(..) => Duration::from_micros(300),
            // A hop takes milliseconds, and every look takes time from those who are looked at.
            #[cfg(any(debug_assertions, feature = "rehearsal"))]
            Form::Split(_) => Duration::from_millis(4),
        }
    }

    /// The services that hold applications.
    pub(crate) fn holders(&self) -> Services {
        Services::at(match &self.form {
            Form::Embedded(..) => vec![self.intake.clone()],
            #[cfg(any(debug_assertions, feature = "rehearsal"))]
            Form::Split(_) => vec![self.intake.clone(), self.routing.clone(), self.processing.clone()],
        })
    }
}
