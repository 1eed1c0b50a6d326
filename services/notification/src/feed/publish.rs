//! What the public feed says of a fact. Field by field, so that what is added to a fact is told to nobody before it is named here.

use phidia_domain::feed::Kind;
use phidia_proto::{
    convert,
    events::v1::{
        AssignmentGround, CasePaused, Channel, DeadlineStage, HandOverWay, PaymentWay, Rating, StepOutcome,
        StopGround, WaitedFor, case_paused::WaitsFor, event::Fact,
    },
    notification::v1::{AskedOffice, EventData},
    types::v1::WorkItem,
};

/// Whether a fact is told to other systems.
pub(crate) fn is_public(fact: &Fact) -> bool {
    match fact {
        Fact::ApplicationSubmitted(_)
        | Fact::WorkAssigned(_)
        | Fact::WorkMoved(_)
        | Fact::CaseOpened(_)
        | Fact::StepStarted(_)
        | Fact::StepCompleted(_)
        | Fact::CaseCompleted(_)
        | Fact::SupplementRequested(_)
        | Fact::SupplementReceived(_)
        | Fact::CaseResumed(_)
        | Fact::CaseStopped(_)
        | Fact::CasePaused(_)
        | Fact::PaymentReceived(_)
        | Fact::ReferralEnded(_)
        | Fact::DeadlineNear(_)
        | Fact::AppointmentPostponed(_)
        | Fact::ResultIssued(_)
        | Fact::ResultHandedOver(_)
        | Fact::DeadlineReplanned(_)
        | Fact::CaseReopened(_)
        | Fact::ApplicationRated(_) => true,
        // How work is shared out, and how a person is reached, is our own affair.
        Fact::WorkUnassignable(_)
        | Fact::StepReady(_)
        | Fact::StepReturned(_)
        | Fact::StopRequested(_)
        | Fact::ContactCorrected(_)
        | Fact::PreferencesStated(_)
        | Fact::Published(_) => false,
    }
}

/// What is said of a fact; none: it is not public, or says nothing that is known here.
pub(super) fn of(fact: &Fact) -> Option<(Kind, EventData)> {
    let none = EventData::default;
    Some(match fact {
        Fact::ApplicationSubmitted(fact) => (
            Kind::Accepted,
            EventData {
                dossier_code: fact.dossier_code.clone(),
                procedure_name: fact.procedure_name.clone(),
                channel: channel(fact.channel()).to_owned(),
                received_at_unit_id: fact.received_at_unit_id.clone(),
                return_at_unit_id: fact.return_at_unit_id.clone(),
                due_at: fact.due_at,
                ..none()
            },
        ),
        Fact::WorkAssigned(fact) => (
            Kind::Assigned,
            EventData {
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone(),
                ground: ground(fact.ground()).to_owned(),
                ..at(fact.work_item.as_ref())
            },
        ),
        Fact::WorkMoved(fact) => (
            Kind::Moved,
            EventData {
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone(),
                from_unit_id: fact.from_unit_id.clone(),
                from_unit_name: fact.from_unit_name.clone(),
                ground: ground(fact.ground()).to_owned(),
                ..at(fact.work_item.as_ref())
            },
        ),
        Fact::CaseOpened(fact) => (
            Kind::Opened,
            EventData {
                case_id: fact.case_id.clone(),
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone(),
                ..none()
            },
        ),
        Fact::StepStarted(fact) => (
            Kind::Started,
            EventData {
                case_id: fact.case_id.clone(),
                unit_id: fact.unit_id.clone(),
                ..at(fact.work_item.as_ref())
            },
        ),
        Fact::StepCompleted(fact) => (
            Kind::StepCompleted,
            EventData {
                case_id: fact.case_id.clone(),
                unit_id: fact.unit_id.clone(),
                outcome: outcome(fact.outcome()).to_owned(),
                ..at(fact.work_item.as_ref())
            },
        ),
        Fact::CaseCompleted(fact) => (
            Kind::Completed,
            EventData {
                case_id: fact.case_id.clone(),
                outcome: outcome(fact.outcome()).to_owned(),
                on_time: Some(fact.on_time),
                ..none()
            },
        ),
        Fact::SupplementRequested(fact) => (
            Kind::SupplementRequested,
            EventData {
                case_id: fact.case_id.clone(),
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone(),
                until: fact.until,
                ..at(fact.work_item.as_ref())
            },
        ),
        Fact::SupplementReceived(_) => (Kind::Supplemented, none()),
        Fact::CaseResumed(fact) => (
            Kind::Resumed,
            EventData {
                case_id: fact.case_id.clone(),
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone(),
                due_at: fact.due_at,
                appointment_at: fact.appointment_at,
                waited_for: waited_for(fact.waited_for()).to_owned(),
                ..at(fact.work_item.as_ref())
            },
        ),
        Fact::CaseStopped(fact) => {
            let kind = match fact.ground() {
                StopGround::Withdrawn => Kind::Withdrawn,
                StopGround::Lapsed => Kind::Lapsed,
                StopGround::Unspecified => return None,
            };
            (kind, EventData { case_id: fact.case_id.clone(), on_time: Some(fact.on_time), ..none() })
        }
        Fact::CasePaused(fact) => paused(fact)?,
        Fact::PaymentReceived(fact) => (
            Kind::Paid,
            EventData {
                amount_dong: Some(fact.amount_dong),
                way: payment_way(fact.way()).to_owned(),
                ..none()
            },
        ),
        Fact::ReferralEnded(fact) => (
            Kind::Answered,
            EventData {
                case_id: fact.case_id.clone(),
                referral_id: fact.referral_id.clone(),
                answered: Some(fact.answered),
                unit_id: fact.to_unit_id.clone(),
                unit_name: fact.to_unit_name.clone(),
                from_unit_id: fact.from_unit_id.clone(),
                from_unit_name: fact.from_unit_name.clone(),
                ..none()
            },
        ),
        Fact::DeadlineNear(fact) => (
            Kind::DeadlineNear,
            EventData {
                case_id: fact.case_id.clone(),
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone(),
                stage: stage(fact.stage()).to_owned(),
                due_at: fact.due_at,
                minutes_left: Some(fact.minutes_left),
                ..at(fact.work_item.as_ref())
            },
        ),
        Fact::AppointmentPostponed(fact) => (
            Kind::Postponed,
            EventData {
                case_id: fact.case_id.clone(),
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone(),
                due_at: fact.due_at,
                appointment_at: fact.appointment_at,
                ..none()
            },
        ),
        Fact::ResultIssued(fact) => (
            Kind::ResultIssued,
            EventData {
                case_id: fact.case_id.clone(),
                sha256: fact.sha256.clone(),
                media_type: fact.media_type.clone(),
                size_bytes: Some(fact.size_bytes),
                return_at_unit_id: fact.return_at_unit_id.clone(),
                ..none()
            },
        ),
        Fact::ResultHandedOver(fact) => (
            Kind::ResultHandedOver,
            EventData {
                case_id: fact.case_id.clone(),
                way: hand_over_way(fact.way()).to_owned(),
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone(),
                ..none()
            },
        ),
        Fact::DeadlineReplanned(fact) => (
            Kind::Replanned,
            EventData {
                case_id: fact.case_id.clone(),
                previous_due_at: fact.previous_due_at,
                due_at: fact.due_at,
                appointment_at: fact.appointment_at,
                ..none()
            },
        ),
        Fact::CaseReopened(fact) => (
            Kind::Reopened,
            EventData {
                case_id: fact.case_id.clone(),
                unit_id: fact.unit_id.clone(),
                unit_name: fact.unit_name.clone().filter(|_| !fact.unit_id.is_empty()),
                due_at: fact.due_at,
                result_withdrawn: Some(fact.result_withdrawn),
                ..at(fact.work_item.as_ref())
            },
        ),
        Fact::ApplicationRated(fact) => {
            (Kind::Rated, EventData { rating: rating(fact.rating()).to_owned(), ..none() })
        }
        Fact::WorkUnassignable(_)
        | Fact::StepReady(_)
        | Fact::StepReturned(_)
        | Fact::StopRequested(_)
        | Fact::ContactCorrected(_)
        | Fact::PreferencesStated(_)
        | Fact::Published(_) => return None,
    })
}

/// The units that an event names as having to do with the application.
pub(super) fn units(data: &EventData) -> Vec<&str> {
    let named = [&data.received_at_unit_id, &data.unit_id, &data.from_unit_id];
    let asked = data.asked.iter().map(|asked| &asked.unit_id);
    named.into_iter().chain(asked).filter(|id| !id.is_empty()).map(String::as_str).collect()
}

fn at(item: Option<&WorkItem>) -> EventData {
    let of = |number: fn(&WorkItem) -> u32| item.map(number).unwrap_or_default();
    EventData { step: of(|item| item.step), attempt: of(|item| item.attempt), ..EventData::default() }
}

fn paused(fact: &CasePaused) -> Option<(Kind, EventData)> {
    let data = EventData {
        case_id: fact.case_id.clone(),
        unit_id: fact.unit_id.clone(),
        unit_name: fact.unit_name.clone(),
        ..at(fact.work_item.as_ref())
    };
    Some(match fact.waits_for.as_ref()? {
        WaitsFor::Payment(due) => {
            (Kind::PaymentRequested, EventData { amount_dong: Some(due.amount_dong), ..data })
        }
        WaitsFor::Referrals(asked) => {
            let asked = asked.referrals.iter().map(|made| AskedOffice {
                referral_id: made.referral_id.clone(),
                unit_id: made.unit_id.clone(),
                unit_name: made.unit_name.clone(),
                due_at: made.due_at,
            });
            (Kind::Referred, EventData { asked: asked.collect(), ..data })
        }
    })
}

fn channel(channel: Channel) -> &'static str {
    match convert::channel(channel.into()) {
        Some(phidia_domain::application::Channel::Direct) => "direct",
        Some(phidia_domain::application::Channel::Online) => "online",
        Some(phidia_domain::application::Channel::Post) => "post",
        None => "",
    }
}

fn ground(ground: AssignmentGround) -> &'static str {
    match ground {
        AssignmentGround::Unspecified => "",
        AssignmentGround::Home => "home",
        AssignmentGround::Bound => "bound",
        AssignmentGround::Need => "need",
        AssignmentGround::Gain => "gain",
        AssignmentGround::Kept => "kept",
        AssignmentGround::Rescued => "rescued",
        AssignmentGround::Overridden => "overridden",
    }
}

fn outcome(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Unspecified => "",
        StepOutcome::Approved => "approved",
        StepOutcome::Refused => "refused",
        StepOutcome::SentBack => "sent_back",
    }
}

fn waited_for(waited_for: WaitedFor) -> &'static str {
    match waited_for {
        WaitedFor::Unspecified => "supplement",
        WaitedFor::Payment => "payment",
        WaitedFor::Offices => "offices",
    }
}

fn payment_way(way: PaymentWay) -> &'static str {
    match way {
        PaymentWay::Unspecified => "",
        PaymentWay::Cash => "cash",
        PaymentWay::Transfer => "transfer",
        PaymentWay::Online => "online",
    }
}

fn hand_over_way(way: HandOverWay) -> &'static str {
    match way {
        HandOverWay::Unspecified => "",
        HandOverWay::InPerson => "in_person",
        HandOverWay::Authorised => "authorised",
        HandOverWay::Post => "post",
        HandOverWay::Electronic => "electronic",
    }
}

fn stage(stage: DeadlineStage) -> &'static str {
    match stage {
        DeadlineStage::Unspecified => "",
        DeadlineStage::Officer => "officer",
        DeadlineStage::Supervisor => "supervisor",
        DeadlineStage::Rescue => "rescue",
    }
}

fn rating(rating: Rating) -> &'static str {
    match rating {
        Rating::Unspecified => "",
        Rating::Satisfied => "satisfied",
        Rating::Neither => "neither",
        Rating::Dissatisfied => "dissatisfied",
    }
}
