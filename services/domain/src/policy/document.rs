//! Reading a policy strictly, and writing one.
//!
//! A document states every dial that counts, by the names of [`Policy`]'s fields, and nothing else: a dial that
//! is left out, misspelt, of the wrong type, out of range, or that can never apply beside the others, is a
//! fault. Only a dial that a policy may be without (an `Option`) may be left out. The version is not part of it:
//! a document gets one when it is published.
//!
//! What a dial is called and what it takes comes from the type itself; a new field needs nothing here.

use std::{collections::BTreeSet, fmt, ops::Range};

use serde::Deserialize as _;
use toml_edit::{DocumentMut, ImDocument, Table, de, ser};

use super::idle;
use crate::{
    rejection::{Kind, Rejection},
    route::Policy,
};

/// No policy is longer, in bytes.
const MOST: usize = 64 * 1024;

/// Given when a document is published, and never written in it.
const VERSION: &str = "version";

/// One wrong place in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// From 1; 1 where the whole document is meant.
    pub line: usize,
    /// From 1, in characters; 0 where the whole line or document is meant.
    pub column: usize,
    /// What was expected there.
    pub expected: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: expected {}", self.line, self.column, self.expected)
    }
}

/// Reads a policy; its version is 1 until it is given one.
///
/// # Errors
///
/// Everything that is wrong, in the order of the lines. Where it is no TOML, only the first place is told.
pub fn read(text: &str) -> Result<Policy, Vec<Fault>> {
    if text.len() > MOST {
        return Err(vec![Fault { line: 1, column: 0, expected: format!("at most {MOST} bytes") }]);
    }
    let document = ImDocument::parse(text).map_err(|error| {
        let expected = format!("TOML: {}", one_line(error.message()));
        vec![fault(text, error.span(), expected)]
    })?;
    let mut reading = Reading { text, stated: document.as_table(), faults: BTreeSet::new() };
    let policy = reading.policy();
    match (reading.faults.is_empty(), policy) {
        (true, Some(policy)) => Ok(policy),
        (_, _) => Err(reading.faults.into_iter().collect()),
    }
}

/// Writes a policy as a document that [`read`] gives back, without comments.
pub fn write(policy: &Policy) -> String {
    let mut document = dials(policy);
    for (dial, _) in idle::beside_others(policy) {
        document.remove(dial);
    }
    document.to_string()
}

/// The refusal of a document: each fault at its place, `document:12:5`.
pub fn refusal(faults: &[Fault]) -> Rejection {
    let message = match faults {
        [one] => format!("document:{one}"),
        [first, others @ ..] => format!("document:{first}; and {} more", others.len()),
        [] => "the policy is wrong".to_owned(),
    };
    let refusal = Rejection::new(Kind::Invalid, "MALFORMED_POLICY", message);
    faults.iter().fold(refusal, |refusal, Fault { line, column, expected }| {
        refusal.violating(&format!("document:{line}:{column}"), format!("expected {expected}"))
    })
}

/// The dials of a policy by name, those that it is without left out.
pub(super) fn dials(policy: &Policy) -> Table {
    // Numbers, texts, lists and tables of them: all have a form in TOML.
    let mut dials = ser::to_document(policy).map(|document| document.as_table().clone()).unwrap_or_default();
    dials.remove(VERSION);
    dials
}

/// A document while it is read.
struct Reading<'d> {
    text: &'d str,
    /// With their places.
    stated: &'d Table,
    faults: BTreeSet<Fault>,
}

impl Reading<'_> {
    /// The policy of what is stated and right; where a dial is missing or wrong, with the default's in its place.
    fn policy(&mut self) -> Option<Policy> {
        let default = dials(&Policy::boundary_free());
        let mut sound = default.clone();
        for (dial, _) in self.stated {
            let alone = self.with(&default, dial)?;
            match parse(alone) {
                _ if dial == VERSION => self.wrong(dial, "nothing: a version is given by publishing"),
                Ok(_) => sound = self.with(&sound, dial)?,
                Err(error) => {
                    let span = error.span().or_else(|| self.span(dial));
                    self.faults.insert(fault(self.text, span, in_words(error.message())));
                }
            }
        }
        let policy = parse(sound).ok()?;
        for violation in policy.validate().err().into_iter().flat_map(|rejection| rejection.violations) {
            let dial = violation.field.split(['.', '[']).next().unwrap_or_default();
            self.wrong(dial, &violation.description);
        }
        let idle = idle::beside_others(&policy);
        for (dial, why) in &idle {
            if self.stated.contains_key(dial) {
                self.wrong(dial, &format!("nothing, so leave it out: it never applies, because {why}"));
            }
        }
        let counts = |dial: &str| idle.iter().all(|(other, _)| *other != dial);
        for (dial, _) in default.iter().filter(|(dial, _)| counts(dial) && !self.stated.contains_key(dial)) {
            self.faults.insert(Fault { line: 1, column: 0, expected: format!("the key {dial}") });
        }
        Some(policy)
    }

    /// The table with one dial as the document states it, its place included.
    fn with(&self, table: &Table, dial: &str) -> Option<Table> {
        let (key, item) = self.stated.get_key_value(dial)?;
        let mut table = table.clone();
        table.remove(dial);
        table.insert_formatted(key, item.clone());
        Some(table)
    }

    /// Notes what is wrong with a dial that the document states; what it leaves out is as the default has it.
    fn wrong(&mut self, dial: &str, expected: &str) {
        if self.stated.contains_key(dial) {
            self.faults.insert(fault(self.text, self.span(dial), expected.to_owned()));
        }
    }

    fn span(&self, dial: &str) -> Option<Range<usize>> {
        let (key, item) = self.stated.get_key_value(dial)?;
        item.span().or_else(|| key.span())
    }
}

fn parse(mut dials: Table) -> Result<Policy, de::Error> {
    if !dials.contains_key(VERSION) {
        dials.insert(VERSION, toml_edit::value(1));
    }
    Policy::deserialize(de::Deserializer::from(DocumentMut::from(dials)))
}

fn fault(text: &str, span: Option<Range<usize>>, expected: String) -> Fault {
    let Some(before) = span.and_then(|span| text.get(..span.start)) else {
        return Fault { line: 1, column: 0, expected };
    };
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Fault {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        expected,
    }
}

/// What serde expected, as a person would say it.
fn in_words(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once(", expected ") else { return one_line(message) };
    match expected.trim() {
        "f64" => "a number".to_owned(),
        "i32" | "i64" => "a whole number".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "a text in quotes".to_owned(),
        // Of all keys the one that serde knows and a document does not have.
        other => {
            let found = found.trim().strip_prefix("unknown field ").map(|key| format!(", and not {key}"));
            one_line(other).replace("`version`, ", "") + &found.unwrap_or_default()
        }
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}
