//! Events as those who watch are told them: what has happened to which case, and nothing that anybody wrote about anybody.

use phidia_proto::{
    events::v1::{Event, case_paused::WaitsFor, event::Fact},
    processing::v1::{CaseEvent, CaseEventKind, WatchCasesResponse},
};

use crate::watch_cases::Told;

/// What a watcher is told.
pub(super) fn told(told: Told) -> WatchCasesResponse {
    let events = told.events.into_iter().filter_map(event).collect();
    WatchCasesResponse { resume_token: told.place.to_string(), events }
}

/// Field by field, so that what is added to a fact is told to nobody before it is named here.
fn event(event: Event) -> Option<CaseEvent> {
    let about = CaseEvent {
        event_id: event.id,
        occurred_at: event.occurred_at,
        application_id: event.application_id,
        ..CaseEvent::default()
    };
    let of = |kind: CaseEventKind, case_id, work_item, unit_id| CaseEvent {
        kind: kind.into(),
        case_id,
        work_item,
        unit_id,
        ..about
    };
    use CaseEventKind as Kind;
    Some(match event.fact? {
        Fact::CaseOpened(fact) => of(Kind::Opened, fact.case_id, None, fact.unit_id),
        Fact::StepStarted(fact) => of(Kind::Started, fact.case_id, fact.work_item, fact.unit_id),
        Fact::StepReturned(fact) => of(Kind::Returned, fact.case_id, fact.work_item, fact.unit_id),
        Fact::StepCompleted(fact) => CaseEvent {
            outcome: fact.outcome,
            ..of(Kind::StepCompleted, fact.case_id, fact.work_item, fact.unit_id)
        },
        Fact::StepReady(fact) => CaseEvent {
            kept: fact.kept,
            ..of(Kind::Ready, fact.case_id, fact.work_item, fact.previous_unit_id)
        },
        Fact::DeadlineNear(fact) => CaseEvent {
            stage: fact.stage,
            due_at: fact.due_at,
            ..of(Kind::Warned, fact.case_id, fact.work_item, fact.unit_id)
        },
        Fact::SupplementRequested(fact) => {
            of(Kind::SupplementRequested, fact.case_id, fact.work_item, fact.unit_id)
        }
        Fact::CasePaused(fact) => {
            let kind = match fact.waits_for {
                Some(WaitsFor::Payment(_)) => Kind::PaymentRequested,
                Some(WaitsFor::Referrals(_)) | None => Kind::Referred,
            };
            of(kind, fact.case_id, fact.work_item, fact.unit_id)
        }
        Fact::ReferralEnded(fact) => of(Kind::ReferralEnded, fact.case_id, None, fact.from_unit_id),
        Fact::CaseResumed(fact) => {
            CaseEvent { due_at: fact.due_at, ..of(Kind::Resumed, fact.case_id, fact.work_item, fact.unit_id) }
        }
        Fact::AppointmentPostponed(fact) => of(Kind::Postponed, fact.case_id, None, fact.unit_id),
        Fact::DeadlineReplanned(fact) => {
            CaseEvent { due_at: fact.due_at, ..of(Kind::Replanned, fact.case_id, None, String::new()) }
        }
        Fact::ResultIssued(fact) => of(Kind::ResultIssued, fact.case_id, None, fact.return_at_unit_id),
        Fact::ResultHandedOver(fact) => of(Kind::ResultHandedOver, fact.case_id, None, fact.unit_id),
        Fact::CaseStopped(fact) => CaseEvent {
            ground: fact.ground,
            on_time: Some(fact.on_time),
            ..of(Kind::Stopped, fact.case_id, fact.work_item, String::new())
        },
        Fact::CaseCompleted(fact) => CaseEvent {
            outcome: fact.outcome,
            on_time: Some(fact.on_time),
            ..of(Kind::Completed, fact.case_id, None, String::new())
        },
        Fact::CaseReopened(fact) => CaseEvent {
            due_at: fact.due_at,
            ..of(Kind::Reopened, fact.case_id, fact.work_item, fact.unit_id)
        },
        // Not ours: our outbox has none of them.
        Fact::ApplicationSubmitted(_)
        | Fact::WorkAssigned(_)
        | Fact::WorkUnassignable(_)
        | Fact::WorkMoved(_)
        | Fact::SupplementReceived(_)
        | Fact::PaymentReceived(_)
        | Fact::ApplicationRated(_)
        | Fact::ContactCorrected(_)
        | Fact::PreferencesStated(_)
        | Fact::Published(_)
        | Fact::StopRequested(_) => return None,
    })
}
