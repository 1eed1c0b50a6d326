//! Which fact is told to a citizen or to a unit, by which template, over which channels, and when telling is given
//! up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{case::StopGround, id::PersonId};

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
    pub const ALL: [Self; 23] = [
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

    /// How late in an application's life it comes: of two notices of one instant, the one with the smaller
    /// stage was told first. Behind the last, [`Notice::CaseReopened`], another life begins.
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
            Self::CaseReopened => 8,
        }
    }
}

/// How to reach a person. Personal data: it travels and rests sealed under the person's key.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Full name.
    pub name: String,
    /// E-mail address; may be empty.
    #[serde(default)]
    pub email: String,
    /// Telephone number; may be empty.
    #[serde(default)]
    pub telephone: String,
    /// Who handed in for them and is told the same; none: nobody, or one without an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Addressee>,
}

/// Whom a letter goes to. Personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

impl Contact {
    /// Whom a letter goes to: the person, and whoever handed in for them, as far as they gave an address.
    pub fn addressees(&self) -> Vec<Addressee> {
        let own = Addressee { name: self.name.clone(), email: self.email.clone() };
        [own].into_iter().chain(self.proxy.clone()).filter(|addressee| !addressee.email.is_empty()).collect()
    }

    /// The context that the contact of `person` is sealed in, wherever it goes: whoever opens it names the same.
    pub fn context(person: PersonId) -> String {
        format!("contact/{person}")
    }
}

// Personal data must not reach a log by `{:?}`.
impl std::fmt::Debug for Addressee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Addressee(…)")
    }
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(…)")
    }
}

/// Over what a message goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Kept, to be read through a client.
    InApp,
    /// E-mail.
    Email,
}

/// The channels of a person: the mailbox always, e-mail besides where an address is known.
pub fn channels(contact: Option<&Contact>) -> &'static [Channel] {
    match contact {
        Some(contact) if !contact.addressees().is_empty() => &[Channel::InApp, Channel::Email],
        _ => &[Channel::InApp],
    }
}

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written down; not yet handed to a provider.
    Created,
    /// Handed over (in-app: readable).
    Sent,
    /// A passing fault; it is tried again.
    Retrying,
    /// Given up.
    Failed,
}

impl State {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Created, Self::Sent, Self::Retrying, Self::Failed];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sent => "sent",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
        }
    }

    /// The state with this lower-case name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 2] = [Self::InApp, Self::Email];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InApp => "in_app",
            Self::Email => "email",
        }
    }

    /// The channel with this lower-case name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }

    /// How a message over this channel begins: what is kept can be read at once.
    pub fn first_state(self) -> State {
        match self {
            Self::InApp => State::Sent,
            Self::Email => State::Created,
        }
    }
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It may pass: the provider is away, busy, or does not know us today.
    Passing,
    /// It will not: the provider refuses this message to this address.
    Lasting,
}

/// How often and how long a message is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Attempts in all; at least one is made.
    pub attempts: u32,
    /// The pause after the first attempt; it doubles with each.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
}

/// What follows from an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is tried again after this pause.
    Again {
        /// Real time.
        after: Duration,
    },
    /// It is given up.
    GiveUp,
}

impl Patience {
    /// What follows when the `attempt`th attempt (from 1) fails. `spread` scatters the pauses of messages that
    /// failed together over the second half of the full pause, so that they do not come back together.
    pub fn after(&self, fault: Fault, attempt: u32, spread: u16) -> Next {
        if fault == Fault::Lasting || attempt >= self.attempts {
            return Next::GiveUp;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let half = self.first.saturating_mul(1 << doublings).min(self.longest) / 2;
        let scattered = half.as_nanos().saturating_mul(spread.into()) / u128::from(u16::MAX);
        Next::Again { after: half + Duration::from_nanos(u64::try_from(scattered).unwrap_or(u64::MAX)) }
    }
}

#[cfg(test)]
mod tests;
