//! Who is told, as it is kept beside a message. Nothing personal.

use crate::id::{OfficerId, UnitId};

/// Who is told. With the fact, the template and the channel it is what makes a message one: the same is told to nobody
/// twice over one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Who applied.
    Applicant,
    /// Who handed in for them.
    Proxy,
    /// A unit.
    Unit(UnitId),
    /// The officer who holds the work item; they read it in the mailbox of their unit.
    Officer(OfficerId),
    /// Who supervises a unit, in its mailbox.
    Supervisor(UnitId),
    /// Who runs the installation.
    Operators,
}

impl Audience {
    /// How it is kept: `applicant`, `proxy`, `unit:ctr_…`, `officer:off_…`, `supervisor:ctr_…`, `operators`.
    pub fn key(self) -> String {
        match self {
            Self::Applicant => "applicant".to_owned(),
            Self::Proxy => "proxy".to_owned(),
            Self::Unit(unit) => format!("unit:{unit}"),
            Self::Officer(officer) => format!("officer:{officer}"),
            Self::Supervisor(unit) => format!("supervisor:{unit}"),
            Self::Operators => "operators".to_owned(),
        }
    }

    /// What was kept so.
    pub fn parse(key: &str) -> Option<Self> {
        match key.split_once(':') {
            None if key == "applicant" => Some(Self::Applicant),
            None if key == "proxy" => Some(Self::Proxy),
            None if key == "operators" => Some(Self::Operators),
            Some(("unit", unit)) => unit.parse().ok().map(Self::Unit),
            Some(("officer", officer)) => officer.parse().ok().map(Self::Officer),
            Some(("supervisor", unit)) => unit.parse().ok().map(Self::Supervisor),
            None | Some(_) => None,
        }
    }
}
