//! `procedures.csv`: the catalogue.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;

use super::{
    dossier::{self, Dated},
    lines::Procedures,
    steps::{Lines, Span},
    table::{Row, Table, Values, code, number, one_of, phrase, text},
};
use crate::{
    calendar::FIRST_DAY,
    procedure::{
        Boundary, Corridor, Fee, Form, OnlineLevel, Procedure, Publication, RequiredDocument, Tier, TimeLimit,
    },
};

pub(super) const COLUMNS: [&str; 19] = [
    "code",
    "name_vi",
    "name_en",
    "field_vi",
    "field_en",
    "tier",
    "time_value",
    "time_unit",
    "online_level",
    "fee_vnd",
    "fee_rule",
    "result_vi",
    "decided_by",
    "boundary_free_kind",
    "effective_from",
    "effective_to",
    "replaced_by",
    "basis",
    "confidence",
];

pub(super) const OPTIONAL_COLUMNS: [&str; 5] =
    ["corridor", "decision", "decided_on", "boundary_list", "form"];

const TIERS: [(&str, Tier); 3] =
    [("commune", Tier::Commune), ("province", Tier::Province), ("linked", Tier::Linked)];
const ONLINE: [(&str, OnlineLevel); 3] =
    [("full", OnlineLevel::Full), ("partial", OnlineLevel::Partial), ("none", OnlineLevel::None)];
/// From the value to the limit.
type LimitOf = fn(u32) -> TimeLimit;
const LIMITS: [(&str, LimitOf); 5] = [
    ("same_day", |_| TimeLimit::SameDay),
    ("working_hour", TimeLimit::WorkingHours),
    ("half_day", TimeLimit::HalfDays),
    ("working_day", TimeLimit::WorkingDays),
    ("calendar_day", TimeLimit::CalendarDays),
];
const CONFIDENCE: [(&str, ()); 3] = [("high", ()), ("medium", ()), ("low", ())];
const CORRIDORS: [(&str, Corridor); 2] = [("hours_16", Corridor::Hours16), ("half_time", Corridor::HalfTime)];

/// What other files say of the procedures, by their codes.
pub(super) struct Parts<'a> {
    /// Their steps.
    pub(super) processes: BTreeMap<&'a str, Lines<'a>>,
    /// The decisions by which their processes hold.
    pub(super) published: BTreeMap<&'a str, Vec<Publication>>,
    /// What has to be handed in for them.
    pub(super) documents: BTreeMap<&'a str, Vec<Dated<RequiredDocument>>>,
    /// What they cost.
    pub(super) fees: BTreeMap<&'a str, Vec<Dated<Fee>>>,
    /// All forms by name; none by that of one with a fault.
    pub(super) forms: BTreeMap<&'a str, Option<Arc<Form>>>,
}

/// The procedures, each with its parts, of which the steps were read from `steps`. `minutes_per_day`: working minutes of a
/// regular day; none where they could not be read.
pub(super) fn procedures(
    procedures: &Table<'_>,
    steps: &Table<'_>,
    mut parts: Parts<'_>,
    minutes_per_day: Option<i64>,
) -> Procedures {
    let (codes, with_steps) = (procedures.values("code"), steps.values("procedure"));
    for row in steps.rows() {
        row.reference("procedure", &codes, "the code of a procedure (procedures.csv)");
    }
    let mut lines: BTreeMap<&str, Vec<(Row<'_>, Option<Procedure>)>> = BTreeMap::new();
    for row in procedures.rows() {
        row.reference("code", &with_steps, "a procedure with at least one step (steps.csv)");
        lines.entry(row.text("code")).or_default().push((row, procedure(row, &codes, &parts.forms)));
    }
    let mut catalogue = Procedures::default();
    for (code, lines) in lines {
        let lines = in_order(lines);
        let process = parts.processes.remove(code);
        let Some((lines, process)) = lines.zip(process) else { continue };
        let span = |line: &Procedure| Span {
            from: line.effective_from,
            to: line.effective_to,
            minutes: line.limit.zip(minutes_per_day).map(|(limit, day)| limit.working_minutes(day)),
        };
        let Some(steps) = process.in_order(&lines.iter().map(span).collect::<Vec<_>>()) else { continue };
        let publications = parts.published.remove(code).unwrap_or_default();
        let documents = parts.documents.remove(code).unwrap_or_default();
        let fees = parts.fees.remove(code).unwrap_or_default();
        let turns: BTreeSet<Date> = Dated::turns(&documents).chain(Dated::turns(&fees)).collect();
        let parted = lines.into_iter().flat_map(|line| parted(line, &turns)).map(|line| {
            let day = line.effective_from.unwrap_or(FIRST_DAY);
            Procedure {
                steps: steps.clone(),
                publications: publications.clone(),
                documents: Dated::on(&documents, day),
                fees: Dated::on(&fees, day),
                ..line
            }
        });
        catalogue.insert(code.to_owned(), parted.collect());
    }
    catalogue
}

/// The lines of one procedure in the order of their days; none where one has an error, or two hold on the same day.
fn in_order(lines: Vec<(Row<'_>, Option<Procedure>)>) -> Option<Vec<Procedure>> {
    let mut lines: Vec<_> = lines.into_iter().map(|(row, line)| Some((row, line?))).collect::<Option<_>>()?;
    lines.sort_by_key(|(_, line)| line.effective_from);
    let overlaps = lines.iter().zip(lines.iter().skip(1)).filter(|((_, one), (_, next))| {
        one.effective_to.is_none_or(|to| next.effective_from.is_none_or(|from| from < to))
    });
    let overlaps = overlaps.map(|(_, (row, _))| {
        row.fail("code", "a code that no other line has on the same day (effective_from, effective_to)");
    });
    (overlaps.count() == 0).then(|| lines.into_iter().map(|(_, line)| line).collect())
}

/// A line cut where documents or fees become others: each part of it says one thing from its first day to its last.
fn parted(line: Procedure, turns: &BTreeSet<Date>) -> Vec<Procedure> {
    let within = turns.iter().copied().filter(|day| {
        line.effective_from.is_none_or(|from| from < *day) && line.effective_to.is_none_or(|to| *day < to)
    });
    let mut parts = Vec::new();
    let mut rest = line.clone();
    for day in within {
        parts.push(Procedure { effective_to: Some(day), ..rest.clone() });
        rest.effective_from = Some(day);
    }
    parts.push(rest);
    parts
}

/// One procedure, as yet without what other files say of it but its form.
fn procedure(
    row: Row<'_>,
    codes: &Values<'_>,
    forms: &BTreeMap<&str, Option<Arc<Form>>>,
) -> Option<Procedure> {
    let (name, field) = (text(row, "name_vi", "name_en"), text(row, "field_vi", "field_en"));
    let (code, tier) = (row.take("code", code), row.take("tier", one_of(&TIERS)));
    let limit = limit(row, "time_value", "time_unit");
    let online = row.take("online_level", one_of(&ONLINE));
    let fee_vnd = row.optional("fee_vnd", number(0..=1_000_000_000_000));
    let (fee_rule, result_vi) = (row.take("fee_rule", fee_rule), row.take("result_vi", phrase));
    let decided_by = row.take("decided_by", phrase);
    let boundary = row.take("boundary_free_kind", one_of(&Boundary::WORDS));
    let (boundary_list, decision) = (row.optional("boundary_list", phrase), dossier::decision(row));
    let form = row.optional("form", |name| {
        let form = forms.get(name);
        form.cloned().ok_or_else(|| "the name of a form (its file is form_<name>.json)".to_owned())
    });
    let corridor = row.optional("corridor", one_of(&CORRIDORS));
    let period = row.period();
    let replaced_by = row.optional("replaced_by", |text| {
        if codes.contains(text) { Ok(text.to_owned()) } else { Err("the code of a procedure".to_owned()) }
    });
    let basis = row.take("basis", phrase);
    row.take("confidence", one_of(&CONFIDENCE));
    let (effective_from, effective_to) = period?;
    Some(Procedure {
        code: code?,
        name: name?,
        field: field?,
        tier: tier?,
        limit: limit?,
        online: online?,
        corridor: corridor?,
        fee_vnd: fee_vnd?,
        fee_rule: fee_rule?,
        fees: Vec::new(),
        documents: Vec::new(),
        form: form?.flatten(),
        result_vi: result_vi?,
        decided_by: decided_by?,
        boundary: boundary?,
        boundary_list: boundary_list?,
        decision: decision?,
        basis: basis?,
        effective_from,
        effective_to,
        replaced_by: replaced_by?,
        steps: Vec::new(),
        publications: Vec::new(),
    })
}

/// A time in two columns; none where neither value nor unit is stated.
pub(super) fn limit(row: Row<'_>, value_column: &str, unit_column: &str) -> Option<Option<TimeLimit>> {
    if row.text(value_column).is_empty() && row.text(unit_column).is_empty() {
        return Some(None);
    }
    let most = if row.text(unit_column) == "same_day" { 1 } else { 3650 };
    let value = row.take(value_column, number(1..=most));
    let unit = row.take(unit_column, one_of(&LIMITS));
    Some(Some(unit?(value?)))
}

fn fee_rule(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        Ok(text.to_owned())
    } else {
        Err("a rule in lower-case letters, such as free, fixed, per_page or provincial_council".to_owned())
    }
}
