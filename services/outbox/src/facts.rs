//! Facts that a transaction wants to tell, before they have their envelopes.

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, EventId};
use phidia_proto::events::v1::{Event, event::Fact};
use phidia_runtime::ids::Ids;

/// A fact to be told, before it has its envelope.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Code of the province; empty while an event is applied: that event's.
    pub province: String,
    /// The application that it is about.
    pub application: ApplicationId,
    /// Business time at which it came true.
    pub occurred_at: Timestamp,
    /// Who brought it about: [`phidia_domain::caller::Caller::actor`].
    pub actor: String,
    /// The event that led to it. `None` while an event is applied: that event.
    pub cause: Option<EventId>,
    /// W3C trace context; empty while an event is applied: that event's.
    pub traceparent: String,
    /// The fact.
    pub fact: Fact,
}

/// The facts that one transaction tells, in their order. They are written when the work has succeeded,
/// with two statements however many they are.
#[derive(Debug)]
pub struct Facts {
    source: &'static str,
    ids: Ids,
    told: Vec<(EventId, NewEvent)>,
    cause: Option<Cause>,
}

/// What facts inherit from the event that brings them about.
#[derive(Clone, Debug)]
struct Cause {
    id: EventId,
    province: String,
    traceparent: String,
}

impl Facts {
    pub(crate) fn new(source: &'static str, ids: Ids) -> Self {
        Self { source, ids, told: Vec::new(), cause: None }
    }

    /// The service that tells them.
    pub(crate) fn source(&self) -> &'static str {
        self.source
    }

    /// Tells a fact. While an event is applied, its id, province and trace are filled in where `event`
    /// leaves them out. The id stands from here on; the sequence is given with the commit.
    pub fn tell(&mut self, mut event: NewEvent) -> EventId {
        if let Some(cause) = &self.cause {
            event.cause.get_or_insert(cause.id);
            if event.province.is_empty() {
                event.province.clone_from(&cause.province);
            }
            if event.traceparent.is_empty() {
                event.traceparent.clone_from(&cause.traceparent);
            }
        }
        let id = self.ids.mint(event.occurred_at);
        self.told.push((id, event));
        id
    }

    /// From here on facts are brought about by this event.
    pub(crate) fn because_of(&mut self, id: EventId, event: &Event) {
        self.cause =
            Some(Cause { id, province: event.province.clone(), traceparent: event.traceparent.clone() });
    }

    pub(crate) fn len(&self) -> usize {
        self.told.len()
    }

    /// Forgets what was told after there were `len` facts: the work that told it was rolled back.
    pub(crate) fn forget_after(&mut self, len: usize) {
        self.told.truncate(len);
    }

    pub(crate) fn into_told(self) -> Vec<(EventId, NewEvent)> {
        self.told
    }
}

/// The name of a kind of fact: the field's name in the contract.
pub fn kind(fact: &Fact) -> &'static str {
    match fact {
        Fact::ApplicationSubmitted(_) => "application_submitted",
        Fact::WorkAssigned(_) => "work_assigned",
        Fact::WorkUnassignable(_) => "work_unassignable",
        Fact::WorkMoved(_) => "work_moved",
        Fact::CaseOpened(_) => "case_opened",
        Fact::StepStarted(_) => "step_started",
        Fact::StepCompleted(_) => "step_completed",
        Fact::StepReady(_) => "step_ready",
        Fact::CaseCompleted(_) => "case_completed",
        Fact::SupplementRequested(_) => "supplement_requested",
        Fact::SupplementReceived(_) => "supplement_received",
        Fact::CaseResumed(_) => "case_resumed",
        Fact::StopRequested(_) => "stop_requested",
        Fact::CaseStopped(_) => "case_stopped",
        Fact::StepReturned(_) => "step_returned",
        Fact::CasePaused(_) => "case_paused",
        Fact::PaymentReceived(_) => "payment_received",
        Fact::ReferralEnded(_) => "referral_ended",
        Fact::DeadlineNear(_) => "deadline_near",
        Fact::AppointmentPostponed(_) => "appointment_postponed",
        Fact::ResultIssued(_) => "result_issued",
        Fact::ResultHandedOver(_) => "result_handed_over",
        Fact::DeadlineReplanned(_) => "deadline_replanned",
        Fact::CaseReopened(_) => "case_reopened",
        Fact::ApplicationRated(_) => "application_rated",
        Fact::ContactCorrected(_) => "contact_corrected",
        Fact::PreferencesStated(_) => "preferences_stated",
        Fact::Published(_) => "published",
    }
}
