//! How a person is reached.

use serde::{Deserialize, Serialize};

use super::{Audience, Channel, telephone};
use crate::id::PersonId;

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
    /// Who handed in for them and is told the same; none: nobody, or one who cannot be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Addressee>,
}

/// Whom a message goes to. Personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// Full name.
    pub name: String,
    /// E-mail address; may be empty.
    #[serde(default)]
    pub email: String,
    /// Telephone number; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub telephone: String,
}

impl Addressee {
    /// Whether they gave what this channel goes to. That it can be reached is not known.
    pub fn is_reached_over(&self, channel: Channel) -> bool {
        match channel {
            Channel::InApp => true,
            Channel::Email => !self.email.is_empty(),
            Channel::Sms | Channel::Zalo => !self.telephone.is_empty(),
        }
    }

    /// Whether both are reached over a channel at the same place.
    pub fn is_at(&self, other: &Self, channel: Channel) -> bool {
        match channel {
            Channel::InApp => false,
            Channel::Email => self.email.trim().eq_ignore_ascii_case(other.email.trim()),
            Channel::Sms | Channel::Zalo => {
                let number = |text: &str| telephone::international(text, telephone::VIET_NAM);
                self.telephone == other.telephone
                    || number(&self.telephone).is_some_and(|one| number(&other.telephone) == Some(one))
            }
        }
    }
}

impl Contact {
    /// The person themselves.
    pub fn own(&self) -> Addressee {
        Addressee { name: self.name.clone(), email: self.email.clone(), telephone: self.telephone.clone() }
    }

    /// One of those who are told; none: there is no such person.
    pub fn of(&self, audience: Audience) -> Option<Addressee> {
        match audience {
            Audience::Applicant => Some(self.own()),
            Audience::Proxy => self.proxy.clone(),
            Audience::Unit(_) | Audience::Officer(_) | Audience::Supervisor(_) | Audience::Operators => None,
        }
    }

    /// Who is written to over a channel: the person, and whoever handed in for them, as far as they gave what it goes to; one
    /// where both are at the same place.
    pub fn reached_over(&self, channel: Channel) -> Vec<Audience> {
        let own = self.own();
        let mut reached = Vec::new();
        if own.is_reached_over(channel) {
            reached.push(Audience::Applicant);
        }
        let proxy = self.proxy.as_ref().filter(|proxy| proxy.is_reached_over(channel));
        if proxy.is_some_and(|proxy| reached.is_empty() || !own.is_at(proxy, channel)) {
            reached.push(Audience::Proxy);
        }
        reached
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
