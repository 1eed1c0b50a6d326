//! What a citizen hands in, checked against the province of its day.

mod applicant;
mod history;
mod national_code;
mod payment;
mod rating;
mod standing;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    deadline::{self, Promise},
    id::UnitId,
    procedure::{CompetenceKey, Procedure},
    province::Province,
    rejection::{Kind, Rejection},
    unit::Unit,
};

pub use applicant::{Applicant, Pseudonym};
pub use history::Happening;
pub use national_code::national_code;
pub use payment::{Charge, Paid, PaymentWay, due};
pub use rating::{Given, LONGEST_COMMENT, Rating};
pub use standing::{Received, Standing, Stop, Wanted};
pub use status::Status;

/// How many units an application may keep out of its case.
const MOST_CONFLICTS: usize = 20;

/// How far back an application may have been handed in (post, a dropped line).
const HANDED_IN_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The language in which a person wants to be addressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

/// How an application came in (`KenhThucHien` 1, 2, 3 of the national synchronisation).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// At a counter.
    Direct,
    /// Over the national portal or another system.
    Online,
    /// By public post.
    Post,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Online, Self::Post];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Online => "online",
            Self::Post => "post",
        }
    }

    /// The channel with this lower-case name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

/// The command to take an application in, as the caller states it. Its serialised form is the canonical
/// value that an idempotency key is compared by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Code of the procedure.
    pub procedure_code: String,
    /// Official code of the receiving unit.
    pub received_at_code: String,
    /// Official code of the unit where the result is to be collected; none: where it was received.
    pub return_at_code: Option<String>,
    /// Commune codes by competence key.
    pub places: BTreeMap<CompetenceKey, String>,
    /// Official codes of the units that must not take it: they have a conflict of interest.
    pub conflicted_codes: BTreeSet<String>,
    /// Who applies.
    pub applicant: Applicant,
    /// How it came in.
    pub channel: Channel,
    /// Whether all its papers were digitised where it was received: scanned, or taken over from where they are digital already, and
    /// signed (Circular 01/2023/TT-VPCP). Of what came in online nobody need say so. Left out of the canonical value where it is not
    /// so: a request of before is asked again under its key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub digitised: bool,
    /// When it was handed in, if before now.
    pub handed_in_at: Option<Timestamp>,
}

/// What follows from a valid submission.
#[derive(Clone, Debug)]
pub struct Acceptance<'p> {
    /// The procedure in force.
    pub procedure: &'p Procedure,
    /// The receiving unit.
    pub received_at: &'p Unit,
    /// Where the result is to be collected.
    pub return_at: &'p Unit,
    /// Units of the places, abolished communes already replaced by their successors.
    pub places: BTreeMap<CompetenceKey, UnitId>,
    /// Units that must not take it.
    pub conflicts: BTreeSet<UnitId>,
    /// The promise on the receipt.
    pub promise: Promise,
}

impl Submission {
    /// Whether all its papers are there as digital files: those that come in online are from the first.
    pub fn is_digitised(&self) -> bool {
        self.digitised || self.channel == Channel::Online
    }

    /// Checks everything and reckons the promise; a refusal names every field at fault.
    pub fn accept<'p>(&self, province: &'p Province, now: Timestamp) -> Result<Acceptance<'p>, Rejection> {
        let mut faults = Vec::new();
        let mut note = |result: Result<(), Rejection>| {
            if let Err(rejection) = result {
                faults.push(rejection);
            }
        };
        note(check_text("applicant.name", &self.applicant.name, 1, 200));
        note(check_text("applicant.identity_number", &self.applicant.identity_number, 0, 20));
        note(check_email("applicant.email", &self.applicant.email));
        note(check_telephone("applicant.telephone", &self.applicant.telephone));
        if let Some(at) = self.handed_in_at {
            let in_range = at <= now && now.duration_since(at) <= HANDED_IN_WITHIN;
            note(in_range.then_some(()).ok_or_else(|| {
                Rejection::invalid(
                    "DATE_OUT_OF_RANGE",
                    "handed_in_at",
                    "must not be in the future nor more than 30 days ago",
                )
            }));
        }

        let procedure = province.procedure(&self.procedure_code);
        let day = province.clock.local_date(now);
        note(procedure.clone().and_then(|procedure| procedure.check_in_force(day)));
        let received_at = receiving_unit(province, "received_at_code", &self.received_at_code);
        note(received_at.clone().map(drop));
        let return_at = match &self.return_at_code {
            Some(code) => receiving_unit(province, "return_at_code", code),
            None => received_at.clone(),
        };
        if self.return_at_code.is_some() {
            note(return_at.clone().map(drop));
        }
        let mut places = BTreeMap::new();
        for (key, code) in &self.places {
            match named_unit(province, "places", code) {
                Ok(unit) => drop(places.insert(*key, unit.id)),
                Err(unknown) => note(Err(unknown)),
            }
        }
        let mut conflicts = BTreeSet::new();
        if self.conflicted_codes.len() > MOST_CONFLICTS {
            let expected = format!("at most {MOST_CONFLICTS} units");
            note(Err(Rejection::invalid("OUT_OF_RANGE", "conflicted_unit_codes", expected)));
        }
        for code in self.conflicted_codes.iter().take(MOST_CONFLICTS) {
            match named_unit(province, "conflicted_unit_codes", code) {
                Ok(unit) => drop(conflicts.insert(unit.id)),
                Err(unknown) => note(Err(unknown)),
            }
        }
        if let Ok(procedure) = procedure {
            let unnamed = procedure.competence_keys_on(day).filter(|key| !self.places.contains_key(key));
            unnamed.collect::<BTreeSet<_>>().into_iter().for_each(|key| note(Err(missing_place(key))));
        }

        if let Some(all) = merge(faults) {
            return Err(all);
        }
        let (procedure, received_at, return_at) = (procedure?, received_at?, return_at?);
        let promise = deadline::promise(&province.clock, procedure.limit, now)?;
        Ok(Acceptance { procedure, received_at, return_at, places, conflicts, promise })
    }
}

/// The official dossier code `{agency}.{unit}-{yymmdd}-{nnnn}` (Circular 03/2025/TT-VPCP, article 13: agency
/// identifier, day, running number of that unit on that day). The identifiers of the new communes are not
/// published yet, so the unit's own code stands in their place.
pub fn dossier_code(agency: &str, unit_code: &str, day: jiff::civil::Date, number: u32) -> String {
    // Units of our own naming bear the agency in their code already.
    let unit_code =
        unit_code.strip_prefix(agency).map_or(unit_code, |rest| rest.trim_start_matches(['-', '.']));
    format!("{agency}.{unit_code}-{:02}{:02}{:02}-{number:04}", day.year() % 100, day.month(), day.day())
}

fn receiving_unit<'p>(province: &'p Province, field: &str, code: &str) -> Result<&'p Unit, Rejection> {
    if code.is_empty() {
        return Err(Rejection::invalid("MISSING_FIELD", field, "the official code of a unit is required"));
    }
    let unit = named_unit(province, field, code)?;
    if unit.receives() {
        Ok(unit)
    } else {
        Err(Rejection::invalid("UNIT_DOES_NOT_RECEIVE", field, format!("unit {} has no counter", unit.code)))
    }
}

/// The unit that a code means. Where an abolished commune was divided, only who states it can say which.
fn named_unit<'p>(province: &'p Province, field: &str, code: &str) -> Result<&'p Unit, Rejection> {
    let mut successors: Vec<&Unit> = province.successors(code).collect();
    if successors.len() > 1 {
        successors.sort_by_key(|unit| &unit.code);
        let names: Vec<_> =
            successors.iter().map(|unit| format!("{} ({})", unit.code, unit.name.vi)).collect();
        let expected = format!("the commune {code} was divided: name one of {}", names.join(", "));
        return Err(Rejection::invalid("COMMUNE_DIVIDED", field, expected));
    }
    successors.pop().ok_or_else(|| unknown_unit(field, code))
}

fn unknown_unit(field: &str, code: &str) -> Rejection {
    // The code itself may be rubbish, so it is shown only when it is short and plain.
    let shown = if code.len() <= 20 && code.chars().all(|c| c.is_ascii_graphic()) { code } else { "this" };
    Rejection::invalid("UNKNOWN_UNIT", field, format!("no unit of the province has the code {shown}"))
}

/// Without it nobody could ever be found for a step: no call adds a place to an application.
fn missing_place(key: CompetenceKey) -> Rejection {
    let commune = key.commune().unwrap_or("a commune");
    Rejection::invalid("PLACE_MISSING", "places", format!("this procedure needs {commune}"))
}

/// A text of `min` to `max` characters without control characters. The value never gets into the refusal.
pub fn check_text(field: &str, text: &str, min: usize, max: usize) -> Result<(), Rejection> {
    if text.chars().any(char::is_control) {
        return Err(Rejection::invalid("CONTROL_CHARACTER", field, "must not contain control characters"));
    }
    let length = text.trim().chars().count();
    if length == 0 && min > 0 {
        return Err(Rejection::invalid("MISSING_FIELD", field, "is required"));
    }
    if length < min || length > max {
        return Err(Rejection::invalid(
            "WRONG_LENGTH",
            field,
            format!("must have {min} to {max} characters"),
        ));
    }
    Ok(())
}

/// Checks how an applicant is reached, where that alone is stated.
///
/// # Errors
/// Violations of `email` and `telephone`.
pub fn check_contact(email: &str, telephone: &str) -> Result<(), Rejection> {
    let faults = [check_email("email", email), check_telephone("telephone", telephone)];
    let faults = faults.into_iter().filter_map(Result::err).collect();
    merge(faults).map_or(Ok(()), Err)
}

fn check_email(field: &str, email: &str) -> Result<(), Rejection> {
    check_text(field, email, 0, 254)?;
    let well_formed = email.is_empty()
        || email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !email.contains(char::is_whitespace)
                && !domain.contains('@')
        });
    well_formed
        .then_some(())
        .ok_or_else(|| Rejection::invalid("MALFORMED_EMAIL", field, "must look like name@example.vn"))
}

fn check_telephone(field: &str, telephone: &str) -> Result<(), Rejection> {
    check_text(field, telephone, 0, 20)?;
    telephone
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '.' | '-'))
        .then_some(())
        .ok_or_else(|| {
            Rejection::invalid("MALFORMED_TELEPHONE", field, "must have digits, spaces and + only")
        })
}

/// One refusal that bears every violation; its reason is that of the first.
fn merge(faults: Vec<Rejection>) -> Option<Rejection> {
    let mut faults = faults.into_iter();
    let mut first = faults.next()?;
    for other in faults {
        first.message = format!("{}; {}", first.message, other.message);
        first.violations.extend(other.violations);
        first.metadata.extend(other.metadata);
    }
    first.kind = Kind::Invalid;
    Some(first)
}

#[cfg(test)]
mod tests;
