//! `procedures.csv`: the catalogue.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    dossier,
    steps::Lines,
    table::{Row, Table, Values, code, number, one_of, phrase, text},
};
use crate::procedure::{
    Boundary, Corridor, Fee, Form, OnlineLevel, Procedure, Publication, RequiredDocument, Tier, TimeLimit,
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
    pub(super) documents: BTreeMap<&'a str, Vec<RequiredDocument>>,
    /// What they cost.
    pub(super) fees: BTreeMap<&'a str, Vec<Fee>>,
    /// All forms by name; none by that of one with a fault.
    pub(super) forms: BTreeMap<&'a str, Option<Arc<Form>>>,
}

/// The procedures by code, each with its parts, of which the steps were read from `steps`. `minutes_per_day`: working minutes of a
/// regular day; none where they could not be read.
pub(super) fn procedures(
    procedures: &Table<'_>,
    steps: &Table<'_>,
    mut parts: Parts<'_>,
    minutes_per_day: Option<i64>,
) -> BTreeMap<String, Procedure> {
    let (codes, with_steps) = (procedures.unique("code"), steps.values("procedure"));
    for row in steps.rows() {
        row.reference("procedure", &codes, "the code of a procedure (procedures.csv)");
    }
    let mut catalogue = BTreeMap::new();
    for row in procedures.rows() {
        let procedure = procedure(row, &codes, &parts.forms);
        let steps = parts.processes.remove(row.text("code")).zip(procedure.as_ref()).and_then(
            |(process, procedure)| {
                let minutes = procedure.limit.zip(minutes_per_day);
                let minutes = minutes.map(|(limit, day)| limit.working_minutes(day));
                process.in_order(procedure.effective_from, procedure.effective_to, minutes)
            },
        );
        row.reference("code", &with_steps, "a procedure with at least one step (steps.csv)");
        if let Some((procedure, steps)) = procedure.zip(steps) {
            let code = procedure.code.clone();
            let publications = parts.published.remove(code.as_str()).unwrap_or_default();
            let documents = parts.documents.remove(code.as_str()).unwrap_or_default();
            let fees = parts.fees.remove(code.as_str()).unwrap_or_default();
            catalogue.insert(code, Procedure { steps, publications, documents, fees, ..procedure });
        }
    }
    catalogue
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
