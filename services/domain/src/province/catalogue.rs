//! `procedures.csv`: the catalogue.

use std::collections::BTreeMap;

use super::{
    steps::Lines,
    table::{Row, Table, Values, code, number, one_of, phrase, text},
};
use crate::procedure::{Corridor, OnlineLevel, Procedure, Publication, Tier, TimeLimit};

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

pub(super) const OPTIONAL_COLUMNS: [&str; 1] = ["corridor"];

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
/// How free of boundaries a procedure is. Documentation of the scopes of its steps, which are what counts.
const BOUNDARY_FREE: [(&str, ()); 5] = [
    ("A_decide_anywhere", ()),
    ("B_receive_anywhere", ()),
    ("B_online_assist", ()),
    ("C_fixed_place", ()),
    ("C_own_system", ()),
];
const CONFIDENCE: [(&str, ()); 3] = [("high", ()), ("medium", ()), ("low", ())];
const CORRIDORS: [(&str, Corridor); 2] = [("hours_16", Corridor::Hours16), ("half_time", Corridor::HalfTime)];

/// The procedures by code, each with its steps of `processes`, which were read from `steps`, and the decisions by which its process
/// holds. `minutes_per_day`: working minutes of a regular day; none where they could not be read.
pub(super) fn procedures(
    procedures: &Table<'_>,
    steps: &Table<'_>,
    mut processes: BTreeMap<&str, Lines<'_>>,
    mut published: BTreeMap<&str, Vec<Publication>>,
    minutes_per_day: Option<i64>,
) -> BTreeMap<String, Procedure> {
    let (codes, with_steps) = (procedures.unique("code"), steps.values("procedure"));
    for row in steps.rows() {
        row.reference("procedure", &codes, "the code of a procedure (procedures.csv)");
    }
    let mut catalogue = BTreeMap::new();
    for row in procedures.rows() {
        let procedure = procedure(row, &codes);
        let steps =
            processes.remove(row.text("code")).zip(procedure.as_ref()).and_then(|(process, procedure)| {
                let minutes = procedure.limit.zip(minutes_per_day);
                let minutes = minutes.map(|(limit, day)| limit.working_minutes(day));
                process.in_order(procedure.effective_from, procedure.effective_to, minutes)
            });
        row.reference("code", &with_steps, "a procedure with at least one step (steps.csv)");
        if let Some((procedure, steps)) = procedure.zip(steps) {
            let publications = published.remove(procedure.code.as_str()).unwrap_or_default();
            catalogue.insert(procedure.code.clone(), Procedure { steps, publications, ..procedure });
        }
    }
    catalogue
}

/// One procedure, as yet without its steps.
fn procedure(row: Row<'_>, codes: &Values<'_>) -> Option<Procedure> {
    let (name, field) = (text(row, "name_vi", "name_en"), text(row, "field_vi", "field_en"));
    let (code, tier) = (row.take("code", code), row.take("tier", one_of(&TIERS)));
    let limit = limit(row, "time_value", "time_unit");
    let online = row.take("online_level", one_of(&ONLINE));
    let fee_vnd = row.optional("fee_vnd", number(0..=1_000_000_000_000));
    let (fee_rule, result_vi) = (row.take("fee_rule", fee_rule), row.take("result_vi", phrase));
    row.take("decided_by", phrase);
    row.take("boundary_free_kind", one_of(&BOUNDARY_FREE));
    let corridor = row.optional("corridor", one_of(&CORRIDORS));
    let period = row.period();
    let replaced_by = row.optional("replaced_by", |text| {
        if codes.contains(text) { Ok(text.to_owned()) } else { Err("the code of a procedure".to_owned()) }
    });
    row.take("basis", phrase);
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
        result_vi: result_vi?,
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
