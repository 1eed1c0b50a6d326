//! What a service needs of a province that only keeps its hours: no procedures, no officers.

use std::collections::BTreeMap;

use super::{
    Documents, SCHEMA, Schema, hours, malformed,
    table::{Errors, Table},
    units::Settings,
};
use crate::{calendar::LegalClock, rejection::Rejection};

/// The files of which it is made.
const FILES: [&str; 3] = ["province.csv", "legal_calendar.csv", "working_hours.csv"];

/// The hours of a province.
#[derive(Clone, Debug)]
pub struct Office {
    /// GSO code, e.g. `37`.
    pub code: String,
    /// When it works.
    pub clock: LegalClock,
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
        let schema = |name: &str| -> Option<&Schema> { SCHEMA.iter().find(|schema| schema.file == name) };
        let read = |name| schema(name).map(|schema| Table::read(&documents, schema, &errors));
        let [settings, calendar, week] = FILES.map(read);
        let office = match (&settings, &calendar, &week) {
            (Some(settings), Some(calendar), Some(week)) => {
                let settings = Settings::read(settings);
                let clock = hours::clock(calendar, week, &settings);
                clock.map(|clock| Self { code: settings.code, clock })
            }
            _ => None,
        };
        match (errors.take_sorted(), office) {
            (errors, Some(office)) if errors.is_empty() => Ok(office),
            (errors, _) => Err(malformed("MALFORMED_PROVINCE", &errors)),
        }
    }
}
