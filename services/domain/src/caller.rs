//! Who asks: the identity that the runtime found for a call. The actor of every event comes from here,
//! never from a field of the request.

use serde::{Deserialize, Serialize};

use crate::id::{OfficerId, UnitId};

/// What a caller may be. The access table (`proto/src/access.rs`) speaks in these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A person who submits or tracks their own application.
    Citizen,
    /// An officer of a unit; sees and works what is at that unit.
    Officer,
    /// A supervisor of a unit or of the province.
    Supervisor,
    /// An operator of the installation: imports, checks, replays.
    Operator,
    /// Another provincial system (the national portal, a department's).
    System,
    /// One of Phidia's own services.
    Service,
}

/// The identity of a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// What the caller may be.
    pub role: Role,
    /// A stable name within the role, e.g. `portal`, `routing`, an officer's id. The scope of
    /// idempotency keys. Not personal data: citizens are named by their portal's subject id.
    pub name: String,
    /// The unit that an officer or supervisor belongs to.
    pub unit: Option<UnitId>,
    /// The officer, when the caller is one.
    pub officer: Option<OfficerId>,
}

impl Caller {
    /// One of Phidia's services.
    pub fn service(name: &str) -> Self {
        Self { role: Role::Service, name: name.to_owned(), unit: None, officer: None }
    }

    /// `role/name`, the actor of events and the scope of idempotency keys.
    pub fn actor(&self) -> String {
        format!("{}/{}", self.role.as_str(), self.name)
    }
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] =
        [Self::Citizen, Self::Officer, Self::Supervisor, Self::Operator, Self::System, Self::Service];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Officer => "officer",
            Self::Supervisor => "supervisor",
            Self::Operator => "operator",
            Self::System => "system",
            Self::Service => "service",
        }
    }

    /// The role with this lower-case name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}
