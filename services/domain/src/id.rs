//! Typed identifiers: a UUID inside, a prefixed text form outside (`app_0197…`).
//!
//! Records that come into being (applications, cases, events) carry UUIDv7, minted by `runtime::ids` so
//! that a played day can be repeated. Reference rows (units, officers) carry a name-based UUIDv5 of their
//! official code, so that every service knows the same id without asking anybody
//! (`services/decisions/0004-reference-ids.md`).

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rejection::Rejection;

/// Name space of the UUIDv5 ids of reference rows. Never change it: ids in stores depend on it.
const REFERENCE: Uuid = Uuid::from_u128(0x7068_6964_6961_5000_8000_0000_0000_0037);

/// What all typed ids share.
pub trait Id: Copy + Eq + Ord + fmt::Display + FromStr<Err = Rejection> {
    /// The prefix of the text form, without the underscore.
    const PREFIX: &'static str;
    /// Wraps a UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Uuid);

        impl Ord for $name {
            // As one number: the same order as by bytes, and much quicker.
            fn cmp(&self, other: &Self) -> Ordering { self.0.as_u128().cmp(&other.0.as_u128()) }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> { Some(self.cmp(other)) }
        }

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }

        impl FromStr for $name {
            type Err = Rejection;
            fn from_str(text: &str) -> Result<Self, Rejection> { parse(text, $prefix).map(Self) }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String { id.to_string() }
        }

        impl TryFrom<String> for $name {
            type Error = Rejection;
            fn try_from(text: String) -> Result<Self, Rejection> { text.parse() }
        }
    )*};
}

ids! {
    /// An application: one request of one applicant for one procedure.
    ApplicationId = "app";
    /// A case: the processing of one application.
    CaseId = "case";
    /// A unit: a commune centre, the provincial centre, a department or an external agency.
    UnitId = "ctr";
    /// An officer of a unit.
    OfficerId = "off";
    /// One routing decision that was confirmed.
    AssignmentId = "asg";
    /// An event in an outbox.
    EventId = "evt";
    /// A question of one office to another during a case.
    ReferralId = "ref";
    /// A message to a person.
    MessageId = "msg";
    /// A person whose data are sealed under one key.
    PersonId = "per";
    /// An application that is not handed in yet.
    DraftId = "drf";
    /// Dossier codes that were reserved together.
    CodeRangeId = "rng";
    /// A file that was uploaded.
    AttachmentId = "att";
    /// An object in the store of files: a content, or a part of an upload.
    ObjectId = "obj";
    /// A number drawn at a centre's queue machine.
    TicketId = "tkt";
    /// What somebody said, asked or complained of, and what was answered.
    FeedbackId = "fbk";
    /// A piece of equipment of a centre.
    EquipmentId = "eqp";
    /// Somebody's subscription to the public feed.
    SubscriptionId = "sub";
}

impl UnitId {
    /// The id of the unit with this official `code` in the province with this code.
    pub fn of(province: &str, code: &str) -> Self {
        Self(Uuid::new_v5(&REFERENCE, format!("unit/{province}/{code}").as_bytes()))
    }
}

impl OfficerId {
    /// The id of the officer with this staff `code` in the province with this code.
    pub fn of(province: &str, code: &str) -> Self {
        Self(Uuid::new_v5(&REFERENCE, format!("officer/{province}/{code}").as_bytes()))
    }
}

fn parse(text: &str, prefix: &str) -> Result<Uuid, Rejection> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|rest| rest.len() == 32)
        .and_then(|rest| Uuid::try_parse(rest).ok())
        .ok_or_else(|| {
            Rejection::invalid("MALFORMED_ID", "id", format!("expected {prefix}_ and 32 hexadecimal digits"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_goes_there_and_back_and_refuses_another_kind() {
        let id = UnitId::of("37", "13285");
        assert_eq!(id.to_string().parse::<UnitId>().unwrap(), id);
        assert!(id.to_string().parse::<OfficerId>().is_err());
        assert!("ctr_xyz".parse::<UnitId>().is_err());
    }

    #[test]
    fn reference_ids_depend_on_province_and_code() {
        assert_ne!(UnitId::of("37", "13285"), UnitId::of("38", "13285"));
        assert_eq!(UnitId::of("37", "13285"), UnitId::of("37", "13285"));
    }
}
