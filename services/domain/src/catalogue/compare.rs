//! What the national database says otherwise than the province (Decision 933/QĐ-TTg: differences are reported, resolved and tracked).

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;

use super::{Catalogue, Entry, Row};
use crate::rejection::Rejection;

/// Something that the two say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Code of the procedure.
    pub code: String,
    /// What of it: a column of `procedures.csv`, `time`, `documents/<part>`, `fees/<fee>`, or `procedure` where one of the two lacks it.
    pub attribute: String,
    /// What the province says; empty: nothing.
    pub ours: String,
    /// What the national database says; empty: nothing.
    pub theirs: String,
}

/// How a difference was resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The province is right: the national database is to be corrected.
    Ours,
    /// The national database is right: the catalogue is to be amended.
    Theirs,
    /// Both may stand.
    Accepted,
}

impl Resolution {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ours, Self::Theirs, Self::Accepted];

    /// The word by which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Theirs => "theirs",
            Self::Accepted => "accepted",
        }
    }

    /// The resolution with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// Checks why somebody resolves a difference.
///
/// # Errors
///
/// A violation of `reason` unless it has 3 to 1,000 characters.
pub fn check_reason(reason: &str) -> Result<(), Rejection> {
    crate::application::check_text("reason", reason, 3, 1_000)
}

/// Columns that both have.
const COLUMNS: [&str; 8] =
    ["name_vi", "field_vi", "tier", "online_level", "decided_by", "result_vi", "decision", "decided_on"];

/// Whatever the two say otherwise, by codes: what the province says on the day of `ours` ([`Catalogue::on`]). What the national database
/// does not state is no difference; blanks and the way in which letters are composed are none either.
pub fn compare(ours: &Catalogue, theirs: &Catalogue) -> Vec<Difference> {
    let by_code = |catalogue: &'_ Catalogue| -> BTreeMap<String, Entry> {
        catalogue.procedures.iter().map(|entry| (entry.code().to_owned(), entry.clone())).collect()
    };
    let (ours, theirs) = (by_code(ours), by_code(theirs));
    let mut all = Vec::new();
    for code in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        let mut told = |attribute: String, ours: String, theirs: String| {
            if tidy(&ours) != tidy(&theirs) {
                all.push(Difference { code: code.clone(), attribute, ours, theirs });
            }
        };
        let name =
            |entry: Option<&Entry>| entry.map(|entry| cell(&entry.procedure, "name_vi")).unwrap_or_default();
        match (ours.get(code), theirs.get(code)) {
            (Some(own), Some(national)) => {
                for column in COLUMNS.into_iter().filter(|column| national.procedure.contains_key(*column)) {
                    told(column.to_owned(), cell(&own.procedure, column), cell(&national.procedure, column));
                }
                if national.procedure.contains_key("time_value") {
                    let time = |row: &Row| format!("{} {}", cell(row, "time_value"), cell(row, "time_unit"));
                    told("time".to_owned(), time(&own.procedure), time(&national.procedure));
                }
                rows(&own.documents, &national.documents, "documents", "part", document, &mut told);
                rows(&own.fees, &national.fees, "fees", "fee", |row| cell(row, "amount_vnd"), &mut told);
            }
            (own, national) => told("procedure".to_owned(), name(own), name(national)),
        }
    }
    all
}

fn rows(
    ours: &Option<Vec<Row>>,
    theirs: &Option<Vec<Row>>,
    attribute: &str,
    key: &str,
    says: fn(&Row) -> String,
    told: &mut impl FnMut(String, String, String),
) {
    let Some(theirs) = theirs else { return };
    let by_key = |rows: &[Row]| -> BTreeMap<String, String> {
        // Of several the first.
        rows.iter().rev().map(|row| (cell(row, key), says(row))).collect()
    };
    let (mut ours, mut theirs) = (by_key(ours.as_deref().unwrap_or_default()), by_key(theirs));
    for id in ours.keys().chain(theirs.keys()).cloned().collect::<BTreeSet<_>>() {
        let (own, national) = (ours.remove(&id), theirs.remove(&id));
        told(format!("{attribute}/{id}"), own.unwrap_or_default(), national.unwrap_or_default());
    }
}

fn document(row: &Row) -> String {
    let [name, originals, copies, required] =
        ["name_vi", "originals", "copies", "required"].map(|column| cell(row, column));
    format!("{name} (bản chính: {originals}; bản sao: {copies}; {required})")
}

fn cell(row: &Row, column: &str) -> String {
    row.get(column).cloned().unwrap_or_default()
}

fn tidy(text: &str) -> String {
    text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
