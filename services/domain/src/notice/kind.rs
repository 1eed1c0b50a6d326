//! What is told, and of which fact.

use serde::{Deserialize, Serialize};

use crate::case::StopGround;

/// What a citizen or a unit may be told. One message per fact, addressee and channel: no more, no less. Their order
/// is the order in which they come true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The application was accepted; the receipt's codes and the promised instant.
    ApplicationAccepted,
    /// A unit works on it.
    CaseOpened,
    /// Another unit works on it than was told before, and why.
    CaseMoved,
    /// To a unit: it no longer has a work item, and why.
    WorkLost,
    /// To a unit: it has a work item that another one had, or that was sent to it by hand, and why.
    WorkGained,
    /// To whoever works on it at a unit: it will soon be late.
    DeadlineNear,
    /// To the supervisor of a unit: it will soon be late, or is.
    DeadlineEscalated,
    /// The applicant is asked to supplement the dossier, with all reasons.
    SupplementRequested,
    /// The applicant is to pay something.
    PaymentRequested,
    /// Other offices are asked.
    CaseReferred,
    /// To a unit: another one asks it something.
    ReferralAsked,
    /// To a unit: its question is answered, or one that it was asked is taken back.
    ReferralEnded,
    /// Whoever it waited for has done their part; the case goes on, with the promised instant from now on.
    CaseResumed,
    /// The result will be later than promised: an apology, the reason, and the new appointment.
    AppointmentPostponed,
    /// Another date is promised, by a decision on days off.
    DeadlineReplanned,
    /// The result can be collected.
    ResultReady,
    /// The application was refused, with the reason.
    ApplicationRefused,
    /// It has ended without a decision: they have withdrawn it.
    ApplicationWithdrawn,
    /// It has ended without a decision: they have not supplemented it in time.
    ApplicationLapsed,
    /// The result was issued as a file, and where it is to be collected.
    ResultIssued,
    /// The result was handed over.
    ResultHandedOver,
    /// Where they are reached was changed; told to where they were reached before.
    ContactCorrected,
    /// What was decided is opened again by a decision: another date, and what was issued is withdrawn.
    CaseReopened,
    /// To those who run the installation: another system is sent nothing more.
    SubscriptionDisabled,
    /// The letter of the day: how much of what is not urgent there is; what it is, is added when the letter is sent.
    Digest,
    /// The same to a unit.
    OfficeDigest,
}

/// The facts of the system as far as they may concern a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// intake accepted it.
    Submitted,
    /// processing opened its case.
    CaseOpened,
    /// routing gave it to another unit before anybody there had begun.
    Moved,
    /// processing asks for a supplement.
    SupplementRequested,
    /// processing asks for a payment.
    PaymentRequested,
    /// processing asks other offices.
    Referred,
    /// processing goes on with it.
    Resumed,
    /// processing gave them a new appointment.
    Postponed,
    /// processing ended it without a decision.
    Stopped(StopGround),
    /// processing finished it.
    Completed {
        /// With a grant, or with a refusal.
        granted: bool,
    },
    /// processing promises another date.
    Replanned,
    /// processing issued the result.
    ResultIssued,
    /// processing handed it over.
    ResultHandedOver,
    /// intake was told how they are reached from now on.
    ContactCorrected,
    /// processing opened it again.
    Reopened,
    /// Anything between two offices.
    Internal,
}

/// What a citizen is told of a fact; none where it concerns offices only.
pub fn of(fact: Fact) -> Option<Notice> {
    match fact {
        Fact::Submitted => Some(Notice::ApplicationAccepted),
        Fact::CaseOpened => Some(Notice::CaseOpened),
        Fact::Moved => Some(Notice::CaseMoved),
        Fact::SupplementRequested => Some(Notice::SupplementRequested),
        Fact::PaymentRequested => Some(Notice::PaymentRequested),
        Fact::Referred => Some(Notice::CaseReferred),
        Fact::Resumed => Some(Notice::CaseResumed),
        Fact::Postponed => Some(Notice::AppointmentPostponed),
        Fact::Stopped(StopGround::Withdrawn) => Some(Notice::ApplicationWithdrawn),
        Fact::Stopped(StopGround::Lapsed) => Some(Notice::ApplicationLapsed),
        Fact::Completed { granted: true } => Some(Notice::ResultReady),
        Fact::Completed { granted: false } => Some(Notice::ApplicationRefused),
        Fact::Replanned => Some(Notice::DeadlineReplanned),
        Fact::ResultIssued => Some(Notice::ResultIssued),
        Fact::ResultHandedOver => Some(Notice::ResultHandedOver),
        Fact::ContactCorrected => Some(Notice::ContactCorrected),
        Fact::Reopened => Some(Notice::CaseReopened),
        Fact::Internal => None,
    }
}

impl Notice {
    /// All notices.
    pub const ALL: [Self; 26] = [
        Self::ApplicationAccepted,
        Self::CaseOpened,
        Self::CaseMoved,
        Self::WorkLost,
        Self::WorkGained,
        Self::DeadlineNear,
        Self::DeadlineEscalated,
        Self::SupplementRequested,
        Self::PaymentRequested,
        Self::CaseReferred,
        Self::ReferralAsked,
        Self::ReferralEnded,
        Self::CaseResumed,
        Self::AppointmentPostponed,
        Self::DeadlineReplanned,
        Self::ResultReady,
        Self::ApplicationRefused,
        Self::ApplicationWithdrawn,
        Self::ApplicationLapsed,
        Self::ResultIssued,
        Self::ResultHandedOver,
        Self::ContactCorrected,
        Self::CaseReopened,
        Self::Digest,
        Self::OfficeDigest,
        Self::SubscriptionDisabled,
    ];

    /// The notice with this template.
    pub fn parse(template: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.template() == template)
    }

    /// Name of the template; stores and the wire name a notice by it.
    pub fn template(self) -> &'static str {
        match self {
            Self::ApplicationAccepted => "application_accepted",
            Self::CaseOpened => "case_opened",
            Self::CaseMoved => "case_moved",
            Self::SupplementRequested => "supplement_requested",
            Self::PaymentRequested => "payment_requested",
            Self::CaseReferred => "case_referred",
            Self::ReferralAsked => "referral_asked",
            Self::ReferralEnded => "referral_ended",
            Self::CaseResumed => "case_resumed",
            Self::AppointmentPostponed => "appointment_postponed",
            Self::DeadlineReplanned => "deadline_replanned",
            Self::WorkLost => "work_lost",
            Self::WorkGained => "work_gained",
            Self::DeadlineNear => "deadline_near",
            Self::DeadlineEscalated => "deadline_escalated",
            Self::ResultReady => "result_ready",
            Self::ApplicationRefused => "application_refused",
            Self::ApplicationWithdrawn => "application_withdrawn",
            Self::ApplicationLapsed => "application_lapsed",
            Self::ResultIssued => "result_issued",
            Self::ResultHandedOver => "result_handed_over",
            Self::ContactCorrected => "contact_corrected",
            Self::CaseReopened => "case_reopened",
            Self::SubscriptionDisabled => "subscription_disabled",
            Self::Digest => "digest",
            Self::OfficeDigest => "office_digest",
        }
    }

    /// Whether it tells how an application has ended.
    pub fn is_outcome(self) -> bool {
        matches!(
            self,
            Self::ResultReady
                | Self::ApplicationRefused
                | Self::ApplicationWithdrawn
                | Self::ApplicationLapsed
        )
    }

    /// Whether it is a letter of the day, which tells nothing by itself.
    pub fn is_digest(self) -> bool {
        matches!(self, Self::Digest | Self::OfficeDigest)
    }

    /// Whether whoever has been told this outcome needs no word of it any more.
    pub fn is_outrun_by(self, outcome: Self) -> bool {
        outcome.is_outcome() && self.stage() < outcome.stage()
    }

    /// How late in an application's life it comes: of two notices of one instant, the one with the smaller
    /// stage was told first. Behind [`Notice::CaseReopened`] another life begins; a letter of the day tells of what was before.
    pub fn stage(self) -> u8 {
        match self {
            Self::ApplicationAccepted => 1,
            Self::CaseOpened
            | Self::CaseMoved
            | Self::WorkLost
            | Self::WorkGained
            | Self::DeadlineNear
            | Self::DeadlineEscalated => 2,
            Self::SupplementRequested
            | Self::PaymentRequested
            | Self::CaseReferred
            | Self::ReferralAsked
            | Self::ReferralEnded => 3,
            Self::CaseResumed | Self::AppointmentPostponed | Self::DeadlineReplanned => 4,
            Self::ResultReady
            | Self::ApplicationRefused
            | Self::ApplicationWithdrawn
            | Self::ApplicationLapsed => 5,
            Self::ResultIssued => 6,
            // Nothing outruns it: whoever did not ask for it has to know, also when all is over.
            Self::ResultHandedOver | Self::ContactCorrected => 7,
            Self::CaseReopened | Self::Digest | Self::OfficeDigest => 8,
            // Of no application.
            Self::SubscriptionDisabled => 9,
        }
    }
}
