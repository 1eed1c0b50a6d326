//! Over which ways a person wants to be told what happens, and to which they agree. The mailbox that is read with the receipt is always
//! there, so nobody who wants nothing else misses what the law says that they must be told.

use serde::{Deserialize, Serialize};

use crate::notice::{Channel, Notice, Urgency};

/// What somebody has said about one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Nothing.
    #[default]
    Unsaid,
    /// They agree to it (Law on Personal Data Protection 91/2025/QH15: consent is a plain act, and can be taken back).
    Agreed,
    /// They do not want it.
    Declined,
}

impl Choice {
    /// Whether the way may be used; `asked`: only where they have agreed.
    pub fn allows(self, asked: bool) -> bool {
        match self {
            Self::Agreed => true,
            Self::Declined => false,
            Self::Unsaid => !asked,
        }
    }
}

/// What a person has said about the ways over which they are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactPreferences {
    /// E-mail.
    pub email: Choice,
    /// Text messages.
    pub sms: Choice,
    /// Messages over Zalo.
    pub zalo: Choice,
    /// Whether e-mail that is not urgent comes in one letter a day.
    pub daily: bool,
}

impl ContactPreferences {
    /// Whether a channel may be used; `asked`: a telephone only where they have agreed.
    pub fn allow(&self, channel: Channel, asked: bool) -> bool {
        match channel {
            // It waits until they come.
            Channel::InApp => true,
            Channel::Email => self.email.allows(false),
            Channel::Sms => self.sms.allows(asked),
            Channel::Zalo => self.zalo.allows(asked),
        }
    }

    /// Whether a notice is not sent by itself over a channel, but within the letter of the day. What somebody has to act on, or waits for,
    /// never waits for that.
    pub fn gather(&self, notice: Notice, channel: Channel) -> bool {
        self.daily && channel == Channel::Email && notice.urgency() == Urgency::Decent
    }

    /// Whether nothing was said.
    pub fn is_unsaid(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_declined_is_never_used_and_what_was_agreed_to_always_may_be() {
        for asked in [true, false] {
            assert!(Choice::Agreed.allows(asked) && !Choice::Declined.allows(asked));
        }
        assert!(Choice::Unsaid.allows(false) && !Choice::Unsaid.allows(true));
    }

    #[test]
    fn whatever_is_declined_the_mailbox_is_there() {
        let no = Choice::Declined;
        let nothing = ContactPreferences { email: no, sms: no, zalo: no, daily: false };
        let left = |said: ContactPreferences, asked| {
            Channel::ALL.into_iter().filter(|channel| said.allow(*channel, asked)).collect::<Vec<_>>()
        };
        assert_eq!(left(nothing, false), [Channel::InApp]);
        assert_eq!(left(ContactPreferences::default(), false), Channel::ALL);
        assert_eq!(left(ContactPreferences::default(), true), [Channel::InApp, Channel::Email]);
    }

    #[test]
    fn only_e_mail_that_can_wait_waits_for_the_letter_of_the_day_and_only_where_they_want_it() {
        let daily = ContactPreferences { daily: true, ..ContactPreferences::default() };
        for notice in Notice::ALL {
            let over = Channel::ALL.into_iter().filter(|channel| daily.gather(notice, *channel));
            let waits = notice.urgency() == Urgency::Decent;
            assert_eq!(
                over.collect::<Vec<_>>(),
                if waits { &[Channel::Email][..] } else { &[] },
                "{notice:?}"
            );
            assert!(!ContactPreferences::default().gather(notice, Channel::Email));
        }
        // What was said before there was such a letter asks for none.
        let before: ContactPreferences = serde_json::from_str(r#"{"email": "agreed"}"#).unwrap();
        assert!(!before.daily && before.email == Choice::Agreed);
    }
}
