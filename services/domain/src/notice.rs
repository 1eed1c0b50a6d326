//! Which fact is told to a citizen, by which template, over which channels, and when telling is given up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::PersonId;

/// What a citizen may be told. One message per fact and channel: no more, no less. Their order is the order
/// in which they come true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The application was accepted; the receipt's codes and the promised instant.
    ApplicationAccepted,
    /// A unit works on it.
    CaseOpened,
    /// The result can be collected.
    ResultReady,
    /// The application was refused, with the reason.
    ApplicationRefused,
}

/// The facts of the system as far as they may concern a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// intake accepted it.
    Submitted,
    /// processing opened its case.
    CaseOpened,
    /// processing finished it.
    Completed {
        /// With a grant, or with a refusal.
        granted: bool,
    },
    /// Anything between two offices.
    Internal,
}

/// What a citizen is told of a fact; none where it concerns offices only.
pub fn of(fact: Fact) -> Option<Notice> {
    match fact {
        Fact::Submitted => Some(Notice::ApplicationAccepted),
        Fact::CaseOpened => Some(Notice::CaseOpened),
        Fact::Completed { granted: true } => Some(Notice::ResultReady),
        Fact::Completed { granted: false } => Some(Notice::ApplicationRefused),
        Fact::Internal => None,
    }
}

impl Notice {
    /// All notices.
    pub const ALL: [Self; 4] =
        [Self::ApplicationAccepted, Self::CaseOpened, Self::ResultReady, Self::ApplicationRefused];

    /// The notice with this template.
    pub fn parse(template: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.template() == template)
    }

    /// Name of the template; stores and the wire name a notice by it.
    pub fn template(self) -> &'static str {
        match self {
            Self::ApplicationAccepted => "application_accepted",
            Self::CaseOpened => "case_opened",
            Self::ResultReady => "result_ready",
            Self::ApplicationRefused => "application_refused",
        }
    }

    /// How late in an application's life it comes: of two notices of one instant, the one with the smaller
    /// stage was told first.
    pub fn stage(self) -> u8 {
        match self {
            Self::ApplicationAccepted => 1,
            Self::CaseOpened => 2,
            Self::ResultReady | Self::ApplicationRefused => 3,
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
}

impl Contact {
    /// The context that the contact of `person` is sealed in, wherever it goes: whoever opens it names the same.
    pub fn context(person: PersonId) -> String {
        format!("contact/{person}")
    }
}

// Personal data must not reach a log by `{:?}`.
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
        Some(contact) if !contact.email.is_empty() => &[Channel::InApp, Channel::Email],
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
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_citizen_hears_of_each_fact_that_concerns_them_and_of_no_other() {
        assert_eq!(of(Fact::Submitted), Some(Notice::ApplicationAccepted));
        assert_eq!(of(Fact::CaseOpened), Some(Notice::CaseOpened));
        assert_eq!(of(Fact::Completed { granted: true }), Some(Notice::ResultReady));
        assert_eq!(of(Fact::Completed { granted: false }), Some(Notice::ApplicationRefused));
        assert_eq!(of(Fact::Internal), None);
    }

    #[test]
    fn every_notice_has_a_template_of_its_own_and_the_stages_follow_their_order() {
        let templates: BTreeSet<_> = Notice::ALL.into_iter().map(Notice::template).collect();
        assert_eq!(templates.len(), Notice::ALL.len());
        assert!(Notice::ALL.is_sorted_by_key(|notice| notice.stage()));
        for notice in Notice::ALL {
            assert_eq!(serde_json::to_value(notice).unwrap(), notice.template());
            assert_eq!(Notice::parse(notice.template()), Some(notice));
        }
    }

    #[test]
    fn names_go_there_and_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.as_str()), Some(channel));
        }
        assert_eq!((State::parse("lost"), Channel::parse("pigeon"), Notice::parse("")), (None, None, None));
    }

    #[test]
    fn mail_goes_only_where_an_address_is_known() {
        let with = |email: &str| Contact {
            name: "Nguyễn Thị Lan".into(),
            email: email.into(),
            ..Contact::default()
        };
        assert_eq!(channels(None), [Channel::InApp]);
        assert_eq!(channels(Some(&with(""))), [Channel::InApp]);
        assert_eq!(channels(Some(&with("lan@example.vn"))), [Channel::InApp, Channel::Email]);
        assert_eq!(Channel::InApp.first_state(), State::Sent);
        assert_eq!(Channel::Email.first_state(), State::Created);
    }

    #[test]
    fn a_contact_never_gets_into_a_log() {
        let contact =
            Contact { name: "Lan".into(), email: "lan@example.vn".into(), telephone: "0912".into() };
        assert_eq!(format!("{contact:?}"), "Contact(…)");
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let patience =
            Patience { attempts: 9, first: Duration::from_secs(30), longest: Duration::from_secs(100) };
        let pause = |attempt| patience.after(Fault::Passing, attempt, u16::MAX);
        for (attempt, seconds) in [(1, 30), (2, 60), (3, 100), (8, 100)] {
            assert_eq!(pause(attempt), Next::Again { after: Duration::from_secs(seconds) });
        }
        assert_eq!(pause(9), Next::GiveUp);
    }

    proptest! {
        #[test]
        fn telling_always_ends_and_no_pause_is_out_of_bounds(
            attempts in 0u32..50,
            first in 0u64..1_000_000,
            longest in 0u64..100_000_000,
            spread: u16,
        ) {
            let patience = Patience {
                attempts,
                first: Duration::from_millis(first),
                longest: Duration::from_millis(longest),
            };
            for attempt in 1..=attempts.max(1) {
                prop_assert_eq!(patience.after(Fault::Lasting, attempt, spread), Next::GiveUp);
                match patience.after(Fault::Passing, attempt, spread) {
                    Next::GiveUp => prop_assert!(attempt >= attempts),
                    Next::Again { after } => {
                        prop_assert!(attempt < attempts);
                        prop_assert!(after <= patience.longest);
                        let full = patience.first.saturating_mul(1 << attempt.saturating_sub(1).min(31));
                        prop_assert!(after <= full && after >= full.min(patience.longest) / 2);
                    }
                }
            }
        }
    }
}
