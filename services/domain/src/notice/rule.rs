//! What is told how: by which channels, how urgently, and until when. A table, not a rule of a province: who is to be told what
//! is said by law, and a province says only which channels there are.

use jiff::Timestamp;

use super::{Addressee, Channel, Notice};

/// How urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody has to do something by a date, or waits for just this.
    Now,
    /// It is good to know.
    Decent,
    /// To an office.
    Office,
}

/// Until when it is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// For ever: it is a fact that they have to know.
    Never,
    /// Until the instant by which it asks for something.
    AtLimit,
    /// Until the promised instant: after it the outcome is what counts.
    AtDue,
}

impl Notice {
    /// How urgent it is to tell it.
    pub fn urgency(self) -> Urgency {
        match self {
            Self::SupplementRequested
            | Self::PaymentRequested
            | Self::AppointmentPostponed
            | Self::ResultReady
            | Self::ApplicationRefused
            | Self::ApplicationLapsed
            | Self::ContactCorrected
            | Self::SubscriptionDisabled => Urgency::Now,
            Self::ApplicationAccepted
            | Self::CaseOpened
            | Self::CaseMoved
            | Self::CaseReferred
            | Self::CaseResumed
            | Self::DeadlineReplanned
            | Self::ApplicationWithdrawn
            | Self::ResultIssued
            | Self::ResultHandedOver
            | Self::CaseReopened
            | Self::Digest => Urgency::Decent,
            Self::WorkLost
            | Self::WorkGained
            | Self::DeadlineNear
            | Self::DeadlineEscalated
            | Self::ReferralAsked
            | Self::ReferralEnded
            | Self::OfficeDigest => Urgency::Office,
        }
    }

    /// Whether it waits for a decent hour over a channel: an e-mail wakes nobody, and a telephone does whatever it says.
    pub fn waits_over(self, channel: Channel) -> bool {
        match channel {
            Channel::InApp => false,
            Channel::Email => self.urgency() != Urgency::Now,
            Channel::Sms | Channel::Zalo => true,
        }
    }

    /// Whether an office gets it by itself and at once, and not within the letter of the day.
    pub fn is_alarm(self) -> bool {
        self == Self::DeadlineEscalated
    }

    /// Until when it is of use to send it. What is kept to be read is kept.
    pub fn expiry(self) -> Expiry {
        match self {
            Self::SupplementRequested | Self::CaseReferred => Expiry::AtLimit,
            Self::CaseOpened | Self::CaseMoved | Self::DeadlineNear => Expiry::AtDue,
            Self::ApplicationAccepted
            | Self::WorkLost
            | Self::WorkGained
            | Self::DeadlineEscalated
            | Self::PaymentRequested
            | Self::ReferralAsked
            | Self::ReferralEnded
            | Self::CaseResumed
            | Self::AppointmentPostponed
            | Self::DeadlineReplanned
            | Self::ResultReady
            | Self::ApplicationRefused
            | Self::ApplicationWithdrawn
            | Self::ApplicationLapsed
            | Self::ResultIssued
            | Self::ResultHandedOver
            | Self::ContactCorrected
            | Self::CaseReopened
            | Self::SubscriptionDisabled
            | Self::Digest
            | Self::OfficeDigest => Expiry::Never,
        }
    }
}

impl Expiry {
    /// The instant of business time from which on it is not sent any more; none: it always is. `limit`: by when it asks for
    /// something; `due`: the promised instant.
    pub fn at(self, limit: Option<Timestamp>, due: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::AtLimit => limit,
            Self::AtDue => due,
        }
    }
}

/// In which order channels are tried to reach a person.
const ORDER: [Channel; 3] = [Channel::Email, Channel::Zalo, Channel::Sms];

/// Over what a person is told besides the mailbox: by e-mail where they gave an address, and to the telephone where they gave
/// none, or where it is urgent. `open`: the channels for which there is a provider.
pub fn channels(notice: Notice, to: &Addressee, open: &[Channel]) -> Vec<Channel> {
    let mut reached =
        ORDER.into_iter().filter(|channel| open.contains(channel) && to.is_reached_over(*channel));
    let first = reached.next();
    // Zalo before SMS: one of the two, and the other where the first fails.
    let second = reached.next().filter(|_| first == Some(Channel::Email) && notice.urgency() == Urgency::Now);
    first.into_iter().chain(second).collect()
}

/// The channel that is tried where one has failed for good; none: there is no other, or it was told over it already.
pub fn fallback(to: &Addressee, open: &[Channel], told: &[Channel]) -> Option<Channel> {
    ORDER
        .into_iter()
        .find(|channel| open.contains(channel) && to.is_reached_over(*channel) && !told.contains(channel))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn who(email: bool, telephone: bool) -> Addressee {
        let given = |is_given: bool, what: &str| if is_given { what.to_owned() } else { String::new() };
        Addressee {
            name: "Lan".into(),
            email: given(email, "lan@example.vn"),
            telephone: given(telephone, "0912345678"),
        }
    }

    #[test]
    fn the_telephone_is_for_the_urgent_and_for_those_without_an_address() {
        let all = &Channel::ALL;
        let over = |notice, email, telephone| channels(notice, &who(email, telephone), all);
        assert_eq!(over(Notice::CaseOpened, true, true), [Channel::Email]);
        assert_eq!(over(Notice::ResultReady, true, true), [Channel::Email, Channel::Zalo]);
        assert_eq!(over(Notice::CaseOpened, false, true), [Channel::Zalo]);
        assert_eq!(over(Notice::ResultReady, false, false), []);
        let sms = [Channel::Email, Channel::Sms];
        assert_eq!(channels(Notice::SupplementRequested, &who(true, true), &sms), sms);
    }

    #[test]
    fn a_reminder_for_yesterday_is_not_sent_and_an_outcome_always_is() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (limit, due) = (at("2026-12-14T10:30:00Z"), at("2026-11-24T09:30:00Z"));
        assert_eq!(Notice::SupplementRequested.expiry().at(limit, due), limit);
        assert_eq!(Notice::CaseOpened.expiry().at(limit, due), due);
        for notice in Notice::ALL.into_iter().filter(|notice| notice.is_outcome()) {
            assert_eq!(notice.expiry(), Expiry::Never);
        }
    }

    proptest! {
        #[test]
        fn falling_back_ends_and_tells_over_each_channel_once(
            email: bool, telephone: bool, open in proptest::sample::subsequence(Channel::ALL.to_vec(), 0..=4),
        ) {
            let to = who(email, telephone);
            let mut told = channels(Notice::CaseOpened, &to, &open);
            while let Some(next) = fallback(&to, &open, &told) {
                prop_assert!(!told.contains(&next) && open.contains(&next) && to.is_reached_over(next));
                told.push(next);
                prop_assert!(told.len() <= ORDER.len());
            }
        }
    }
}
