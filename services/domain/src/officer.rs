//! Officers of a unit and what they are able to do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{OfficerId, UnitId};

/// How well somebody masters a field: 1 (assists) to 5 (signs).
pub type Level = u8;

/// The highest of them.
pub const HIGHEST_LEVEL: Level = 5;

/// An officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// Derived from province and code.
    pub id: OfficerId,
    /// Staff code within the province.
    pub code: String,
    /// The unit they work at.
    pub unit: UnitId,
    /// Name as shown to colleagues.
    pub name: String,
    /// Level per procedure field (the field's Vietnamese name as in the catalogue).
    pub competencies: BTreeMap<String, Level>,
}

impl Officer {
    /// Whether the officer masters `field` at `level` or better.
    pub fn is_competent(&self, field: &str, level: Level) -> bool {
        self.competencies.get(field).is_some_and(|own| *own >= level)
    }
}
