//! What a service needs of a province that only keeps its hours and writes to its offices: no procedures, no officers.

use std::collections::BTreeMap;

use super::{
    Documents, SCHEMA, Schema, hours, malformed,
    table::{Errors, Table},
    units::{self, Letterbox, Settings},
};
use crate::{calendar::LegalClock, id::UnitId, rejection::Rejection};

/// The files of which it is made.
const FILES: [&str; 4] = ["province.csv", "legal_calendar.csv", "working_hours.csv", UNITS];
/// What was kept before offices were written to does without it.
const UNITS: &str = "units.csv";

/// The hours of a province, and where its offices are written to.
#[derive(Clone, Debug)]
pub struct Office {
    /// GSO code, e.g. `37`.
    pub code: String,
    /// When it works.
    pub clock: LegalClock,
    /// The units that have an address.
    pub letterboxes: BTreeMap<UnitId, Letterbox>,
}

impl Office {
    /// Whether a file of this name is one of those that it is made of.
    pub fn reads(file: &str) -> bool {
        FILES.contains(&file)
    }
}

/// For whoever keeps documents as bytes: every wrong place becomes a violation, `working_hours.csv:3:1`.
impl TryFrom<&BTreeMap<String, Vec<u8>>> for Office {
    type Error = Rejection;

    fn try_from(documents: &BTreeMap<String, Vec<u8>>) -> Result<Self, Rejection> {
        let (documents, errors) = (Documents(documents.clone()), Errors::default());
        let schema = |name: &str| SCHEMA.iter().find(|schema| schema.file == name);
        let may_be_absent = |schema: &Schema| Schema { may_be_absent: schema.file == UNITS, ..*schema };
        let read = |name| schema(name).map(|found| Table::read(&documents, &may_be_absent(found), &errors));
        let [settings, calendar, week, units] = FILES.map(read);
        let office = match (&settings, &calendar, &week, &units) {
            (Some(settings), Some(calendar), Some(week), Some(units)) => {
                let settings = Settings::read(settings);
                let letterboxes = units::letterboxes(units, &settings.code);
                let clock = hours::clock(calendar, week, &settings);
                clock.map(|clock| Self { code: settings.code, clock, letterboxes })
            }
            _ => None,
        };
        match (errors.take_sorted(), office) {
            (errors, Some(office)) if errors.is_empty() => Ok(office),
            (errors, _) => Err(malformed("MALFORMED_PROVINCE", &errors)),
        }
    }
}
