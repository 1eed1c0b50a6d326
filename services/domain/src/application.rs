//! What a citizen hands in, checked against the province of its day.

mod applicant;
mod completeness;
mod contents;
mod dossier_code;
mod history;
mod issued;
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
    procedure::{CompetenceKey, FeesDue, Procedure, Text, fees_due},
    province::Province,
    rejection::{Kind, Rejection},
    unit::Unit,
};

pub(crate) use applicant::is_email;
pub use applicant::{Applicant, ApplicantKind, Authorisation, Proxy, Pseudonym, Residence, check_contact};
pub use completeness::Weighed;
pub use contents::{Answers, Contents, DocumentForm, HandedIn, MOST_ANSWER_BYTES, MOST_FILES};
pub use dossier_code::{CodeSeries, DossierCode};
pub use history::Happening;
pub use issued::Issued;
pub use national_code::{national_code, national_way};
pub use payment::{Charge, Paid, PaymentWay, due};
pub use rating::{Given, LONGEST_COMMENT, Rating};
pub use standing::{Received, Standing, Stop, Wanted};
pub use status::Status;

/// How many units an application may keep out of its case.
const MOST_CONFLICTS: usize = 20;

/// A refusal travels in headers, of which a client takes 16 KiB: so many faults are named, and how many there are.
const MOST_FAULTS: usize = 16;

/// How far back an application may have been handed in (post, a dropped line), and accepted without a line.
pub const HANDED_IN_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

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

/// Through what something came in online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entrance {
    /// The national public service portal.
    NationalPortal,
    /// The application VNeID.
    VneId,
}

/// How the applicant wants the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnWay {
    /// They collect it, or somebody for them, at the unit that they chose.
    #[default]
    Counter,
    /// Sent to them by public post.
    Post,
    /// As a file.
    Electronic,
}

impl ReturnWay {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Counter, Self::Post, Self::Electronic];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Post => "post",
            Self::Electronic => "electronic",
        }
    }

    /// The way with this lower-case name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }

    /// In words, as a form says it.
    pub fn in_words(self) -> Text {
        let (vi, en) = match self {
            Self::Counter => ("nhận trực tiếp", "collected at a counter"),
            Self::Post => ("nhận qua dịch vụ bưu chính công ích", "sent by public post"),
            Self::Electronic => ("nhận bản điện tử", "as an electronic file"),
        };
        Text { vi: vi.to_owned(), en: en.to_owned() }
    }

    fn is_counter(&self) -> bool {
        *self == Self::Counter
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
    /// When it was handed in, if before it was accepted.
    pub handed_in_at: Option<Timestamp>,
    /// What its receipt says already, where a centre accepted it without a line. Left out of the canonical value where there is none,
    /// as above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Issued>,
    /// Through what it came in online, where that is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrance: Option<Entrance>,
    /// How the result is wanted.
    #[serde(default, skip_serializing_if = "ReturnWay::is_counter")]
    pub result_by: ReturnWay,
    /// What is in the dossier. None: nobody asks whether it is complete, but only where it would go and until when.
    #[serde(default, skip_serializing_if = "nothing_is_in_it")]
    pub contents: Option<Contents>,
}

fn nothing_is_in_it(contents: &Option<Contents>) -> bool {
    contents.as_ref().is_none_or(Contents::is_empty)
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
    /// What is worth saying to whoever hands it in.
    pub advice: Vec<Text>,
}

impl Submission {
    /// Whether all its papers are there as digital files: those that come in online are from the first.
    pub fn is_digitised(&self) -> bool {
        self.digitised || self.channel == Channel::Online
    }

    /// What is to be paid for it. How many copies or pages are made out, and who is let off, is said at the counter: until then a line that
    /// depends on it has no sum.
    pub fn fees_due(&self, procedure: &Procedure) -> FeesDue {
        fees_due(procedure, self.channel, &BTreeMap::new(), &BTreeSet::new())
    }

    /// Checks everything and reckons the promise; a refusal names every field at fault. `now` is when it arrives; what was accepted
    /// without a line is judged by the day of its acceptance.
    pub fn accept<'p>(&self, province: &'p Province, now: Timestamp) -> Result<Acceptance<'p>, Rejection> {
        self.judge(province, now, Vec::new()).map_err(all_in_one)
    }

    /// Checks everything and reckons the promise, or names everything that is at fault, each on its own; what was found at fault before
    /// is among it.
    pub fn judge<'p>(
        &self,
        province: &'p Province,
        now: Timestamp,
        mut faults: Vec<Rejection>,
    ) -> Result<Acceptance<'p>, Vec<Rejection>> {
        faults.extend(self.applicant.faults(self.result_by));
        faults.extend(self.contents.iter().flat_map(Contents::faults));
        let misdated = self.issued.iter().flat_map(|issued| issued.faults(&province.clock, now));
        let misdated: Vec<_> = misdated.collect();
        // What was accepted without a line is judged by the day of its acceptance.
        let now =
            self.issued.as_ref().filter(|_| misdated.is_empty()).map_or(now, |issued| issued.accepted_at);
        faults.extend(misdated);
        let mut note = |result: Result<(), Rejection>| {
            if let Err(rejection) = result {
                faults.push(rejection);
            }
        };
        if self.entrance.is_some() && self.channel != Channel::Online {
            note(Err(Rejection::invalid("NOT_ONLINE", "entrance", "only what comes in online has one")
                .in_vietnamese("chỉ hồ sơ nộp trực tuyến mới có mục này")));
        }
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

        let day = province.clock.local_date(now);
        let procedure = match self.procedure_code.as_str() {
            "" => Err(Rejection::invalid("MISSING_FIELD", "procedure_code", "is required")
                .in_vietnamese("phải nêu mã thủ tục")),
            code => province.procedure_on(code, day),
        };
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
        let mut advice = Vec::new();
        if let Ok(procedure) = &procedure {
            let weighed = self.contents.as_ref().map(|contents| contents.weigh(procedure, self.channel));
            let weighed = weighed.unwrap_or_default();
            advice = weighed.advice;
            weighed.faults.into_iter().for_each(|fault| note(Err(fault)));
            let unnamed = procedure.competence_keys_on(day).filter(|key| !self.places.contains_key(key));
            unnamed.collect::<BTreeSet<_>>().into_iter().for_each(|key| note(Err(missing_place(key))));
        }

        if !faults.is_empty() {
            return Err(faults);
        }
        let accepted = || {
            let (procedure, received_at, return_at) = (procedure?, received_at?, return_at?);
            let promise = deadline::promise(&province.clock, procedure.limit, now)?;
            Ok(Acceptance { procedure, received_at, return_at, places, conflicts, promise, advice })
        };
        accepted().map_err(|fault| vec![fault])
    }
}

/// The unit with a counter that a code means; `field` is where it stands in the request.
///
/// # Errors
/// A violation of `field`: no code, an unknown or divided commune, a unit without a counter.
pub fn receiving_unit<'p>(province: &'p Province, field: &str, code: &str) -> Result<&'p Unit, Rejection> {
    if code.is_empty() {
        return Err(Rejection::invalid("MISSING_FIELD", field, "the official code of a unit is required")
            .in_vietnamese("phải nêu mã chính thức của đơn vị"));
    }
    let unit = named_unit(province, field, code)?;
    if unit.receives() {
        Ok(unit)
    } else {
        Err(Rejection::invalid("UNIT_DOES_NOT_RECEIVE", field, format!("unit {} has no counter", unit.code))
            .in_vietnamese(format!("đơn vị {} không có quầy tiếp nhận", unit.code)))
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
        .in_vietnamese("tỉnh không có đơn vị nào mang mã này")
}

/// Without it nobody could ever be found for a step: no call adds a place to an application.
fn missing_place(key: CompetenceKey) -> Rejection {
    let commune = key.commune().unwrap_or("a commune");
    Rejection::invalid("PLACE_MISSING", "places", format!("this procedure needs {commune}"))
        .in_vietnamese("thủ tục này cần biết xã, phường có thẩm quyền")
}

/// A text of `min` to `max` characters without control characters. The value never gets into the refusal.
pub fn check_text(field: &str, text: &str, min: usize, max: usize) -> Result<(), Rejection> {
    if text.chars().any(char::is_control) {
        return Err(Rejection::invalid("CONTROL_CHARACTER", field, "must not contain control characters")
            .in_vietnamese("không được có ký tự điều khiển"));
    }
    let length = text.trim().chars().count();
    if length == 0 && min > 0 {
        return Err(Rejection::invalid("MISSING_FIELD", field, "is required")
            .in_vietnamese("thiếu thông tin bắt buộc"));
    }
    if length < min || length > max {
        let expected = format!("must have {min} to {max} characters");
        return Err(Rejection::invalid("WRONG_LENGTH", field, expected)
            .in_vietnamese(format!("phải có từ {min} đến {max} ký tự")));
    }
    Ok(())
}

/// One refusal that bears every violation; its reason is that of the first. Of too many it bears the first, and says how many there are.
pub fn all_in_one(faults: Vec<Rejection>) -> Rejection {
    let count = faults.len();
    let mut faults = faults.into_iter().take(MOST_FAULTS);
    let mut first = faults.next().unwrap_or_else(|| Rejection::new(Kind::Invalid, "INVALID", "is at fault"));
    if count > MOST_FAULTS {
        first = first.with("faults", count);
    }
    for other in faults {
        first.message = format!("{}; {}", first.message, other.message);
        first.violations.extend(other.violations);
        first.metadata.extend(other.metadata);
    }
    first.kind = Kind::Invalid;
    first
}

#[cfg(test)]
mod tests;
