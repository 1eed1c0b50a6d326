//! Over what a message goes out.

use serde::{Deserialize, Serialize};

use super::State;

/// Over what a message goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Kept, to be read through a client.
    InApp,
    /// E-mail.
    Email,
    /// A short message to a telephone.
    Sms,
    /// A message to an account at Zalo, by the telephone number.
    Zalo,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 4] = [Self::InApp, Self::Email, Self::Sms, Self::Zalo];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InApp => "in_app",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Zalo => "zalo",
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
            Self::Email | Self::Sms | Self::Zalo => State::Created,
        }
    }
}
