//! Over which ways a person wants to be told what happens, and to which they agree. The mailbox that is read with the receipt is always
//! there, so nobody who wants nothing else misses what the law says that they must be told.

use serde::{Deserialize, Serialize};

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
    /// Once a day all in one message, but for what cannot wait.
    pub daily: bool,
}

impl ContactPreferences {
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
}
