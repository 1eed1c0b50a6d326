//! The layout in which the national database of procedures publishes. Of its interface of 2026 only names of fields are known
//! (`submissionMethod`, `processingTime`, `processingTimeUnit`, `fees`, `executionCases`, …); what is assumed of the rest stands in
//! `deploy/province/README.md`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;

use super::{Catalogue, Entry, Row, published::malformed};
use crate::rejection::{Kind, Rejection};

/// A procedure as it is published there.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Formality {
    #[serde(default)]
    formality_id: String,
    code: String,
    name: String,
    #[serde(default)]
    field_name: Option<String>,
    #[serde(default)]
    level: Option<String>,
    #[serde(default)]
    agency: Option<String>,
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    decision_number: Option<String>,
    #[serde(default)]
    decision_date: Option<String>,
    #[serde(default)]
    submission_methods: Vec<Method>,
    #[serde(default)]
    execution_cases: Vec<Case>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Method {
    submission_method: String,
    processing_time: Option<u32>,
    processing_time_unit: Option<String>,
    #[serde(default)]
    fees: Vec<NationalFee>,
}

#[derive(Clone, Debug, Deserialize)]
struct NationalFee {
    r#type: String,
    value: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    #[serde(default)]
    name: String,
    #[serde(default)]
    profile_components: Vec<Component>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    code: String,
    name: String,
    #[serde(default)]
    original_qty: u32,
    #[serde(default)]
    copy_qty: u32,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    has_electronic_form: bool,
    #[serde(default)]
    is_processing_result: bool,
}

/// What faults a document has, each at its JSON pointer.
struct Faults<'f> {
    file: &'f str,
    all: Vec<(String, String)>,
}

impl Faults<'_> {
    fn add(&mut self, pointer: String, expected: impl Into<String>) {
        self.all.push((pointer, expected.into()));
    }
}

/// Reads an export of the national database as what it says of our rows on a day: `ours` gives what it does not state of a procedure that
/// we have, names in English above all, and what holds on other days, of which it knows nothing.
///
/// # Errors
///
/// Every wrong place, as `file#/3/submissionMethods/0/processingTimeUnit`.
pub fn read(file: &str, content: &[u8], ours: &Catalogue, day: Date) -> Result<Catalogue, Rejection> {
    let formalities: Vec<Formality> =
        serde_json::from_slice(content).map_err(|error| malformed(file, &error))?;
    let known: BTreeMap<&str, &Entry> = ours.procedures.iter().map(|entry| (entry.code(), entry)).collect();
    let mut faults = Faults { file, all: Vec::new() };
    let procedures = formalities.iter().enumerate().map(|(index, formality)| {
        let ours = known.get(formality.code.trim()).copied();
        let own = ours.map(|ours| ours.on(day));
        let mut entry = entry(formality, own.as_ref(), &format!("/{index}"), &mut faults);
        if let Some(ours) = ours {
            for (stated, own) in [(&mut entry.documents, &ours.documents), (&mut entry.fees, &ours.fees)] {
                if let Some(stated) = stated {
                    stated.extend(Entry::other_days(own, day).cloned());
                }
            }
        }
        entry
    });
    let procedures = procedures.collect();
    if faults.all.is_empty() {
        return Ok(Catalogue { procedures, ..Catalogue::default() });
    }
    let message = format!("{}: {} places are not as expected", faults.file, faults.all.len());
    let refusal = Rejection::new(Kind::Invalid, "MALFORMED_CATALOGUE", message);
    let refusal = faults.all.iter().take(100).fold(refusal, |refusal, (pointer, expected)| {
        refusal.violating(&format!("{}#{pointer}", faults.file), format!("expected {expected}"))
    });
    Err(refusal)
}

fn entry(formality: &Formality, ours: Option<&Entry>, at: &str, faults: &mut Faults<'_>) -> Entry {
    let mut row = Row::new();
    let mut put = |column: &str, cell: &str| row.insert(column.to_owned(), tidy(cell));
    put("code", &formality.code);
    put("name_vi", &formality.name);
    for (column, cell) in [
        ("field_vi", &formality.field_name),
        ("decided_by", &formality.agency),
        ("result_vi", &formality.result),
        ("decision", &formality.decision_number),
        ("decided_on", &formality.decision_date),
    ] {
        if let Some(cell) = cell {
            put(column, cell);
        }
    }
    if let Some(ours) = ours {
        of_the_day(&mut row, &ours.procedure);
    }
    let mut put = |column: &str, cell: &str| row.insert(column.to_owned(), tidy(cell));
    let online = formality.submission_methods.iter().any(|method| method.submission_method == "ONLINE");
    let own_online = ours.and_then(|ours| ours.procedure.get("online_level")).map(String::as_str);
    if !formality.submission_methods.is_empty() {
        // There it is online or not; how far, only our own row says.
        put(
            "online_level",
            match (online, own_online) {
                (false, _) => "none",
                (true, Some("full")) => "full",
                (true, _) => "partial",
            },
        );
    }
    if let Some(level) = &formality.level {
        match level.as_str() {
            "COMMUNE" => drop(put("tier", "commune")),
            "PROVINCE" => drop(put("tier", "province")),
            "CENTRAL" => drop(put("tier", "linked")),
            _ => faults.add(format!("{at}/level"), "COMMUNE, PROVINCE or CENTRAL"),
        }
    }
    let own_time =
        ours.is_some_and(|ours| ours.procedure.get("time_unit").is_some_and(|unit| !unit.is_empty()));
    if let Some((value, unit)) = time(formality, own_time, at, faults) {
        put("time_value", &value);
        put("time_unit", &unit);
    }
    if ours.is_none() {
        // What it does not say of a procedure that is new here.
        put("name_en", &formality.name);
        put("field_en", formality.field_name.as_deref().unwrap_or_default());
        put("fee_rule", "not_stated");
        put("boundary_free_kind", "C_fixed_place");
        put("basis", &format!("national database, formality {}", formality.formality_id));
        put("confidence", "medium");
    }
    let documents = documents(formality, ours);
    Entry { procedure: row, documents, fees: fees(formality, ours, at, faults), ..Entry::default() }
}

/// The time at the counter, or by the first way. The unit `OTHER` says none: then our own row has to state the time.
fn time(formality: &Formality, own: bool, at: &str, faults: &mut Faults<'_>) -> Option<(String, String)> {
    let methods = &formality.submission_methods;
    let counter = methods.iter().position(|method| method.submission_method == "DIRECT").unwrap_or(0);
    let method = methods.get(counter)?;
    let (value, unit) = (method.processing_time?, method.processing_time_unit.as_deref().unwrap_or("OTHER"));
    let unit = match unit {
        "WORKING_DAY" => "working_day",
        "DAY" => "calendar_day",
        "WORKING_HOUR" => "working_hour",
        "OTHER" if own => return None,
        _ => {
            faults.add(
                format!("{at}/submissionMethods/{counter}/processingTimeUnit"),
                "WORKING_DAY, DAY or WORKING_HOUR; OTHER only where our own row states the time",
            );
            return None;
        }
    };
    Some((value.to_string(), unit.to_owned()))
}

/// The fees of the first way that states some; one of each kind, for the application.
fn fees(formality: &Formality, ours: Option<&Entry>, at: &str, faults: &mut Faults<'_>) -> Option<Vec<Row>> {
    let place = formality.submission_methods.iter().position(|method| !method.fees.is_empty())?;
    let method = formality.submission_methods.get(place)?;
    let own = by(ours.and_then(|ours| ours.fees.as_ref()), "kind");
    let mut rows: Vec<Row> = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, fee) in method.fees.iter().enumerate() {
        let (code, kind, vi, en) = match fee.r#type.as_str() {
            "FEE" => ("fee", "fee", "Phí", "Fee"),
            "CHARGE" => ("charge", "charge", "Lệ phí", "Charge"),
            _ => {
                let pointer = format!("{at}/submissionMethods/{place}/fees/{index}/type");
                faults.add(pointer, "FEE or CHARGE");
                continue;
            }
        };
        let own = own.get(kind).copied();
        let code = own.and_then(|row| row.get("fee")).map_or(code, String::as_str);
        if !seen.insert(code) {
            let pointer = format!("{at}/submissionMethods/{place}/fees/{index}/type");
            faults.add(pointer, "each kind once");
            continue;
        }
        let mut row = Row::from([("fee".to_owned(), code.to_owned()), ("kind".to_owned(), kind.to_owned())]);
        row.insert("amount_vnd".to_owned(), fee.value.to_string());
        if let Some(own) = own {
            of_the_day(&mut row, own);
        } else {
            for (column, cell) in
                [("name_vi", vi), ("name_en", en), ("per", "application"), ("basis", "national database")]
            {
                row.insert(column.to_owned(), cell.to_owned());
            }
        }
        rows.push(row);
    }
    Some(rows)
}

/// What has to be handed in, over all cases: what only some of them ask for is asked for in these. A part that is the result of the
/// procedure is none of what is handed in.
fn documents(formality: &Formality, ours: Option<&Entry>) -> Option<Vec<Row>> {
    if formality.execution_cases.is_empty() {
        return None;
    }
    let own = by(ours.and_then(|ours| ours.documents.as_ref()), "part");
    let mut parts: Vec<(&Component, Vec<&str>)> = Vec::new();
    let mut places = BTreeMap::new();
    for case in &formality.execution_cases {
        for component in case.profile_components.iter().filter(|component| !component.is_processing_result) {
            let place = *places.entry(component.code.trim()).or_insert_with(|| {
                parts.push((component, Vec::new()));
                parts.len() - 1
            });
            if let Some((_, cases)) = parts.get_mut(place) {
                cases.push(&case.name);
            }
        }
    }
    let everywhere = formality.execution_cases.len();
    let rows = parts.into_iter().map(|(component, cases)| {
        let own = own.get(component.code.trim()).copied();
        let mut row = Row::new();
        if let Some(own) = own {
            of_the_day(&mut row, own);
        }
        let mut put = |column: &str, cell: String| row.insert(column.to_owned(), cell);
        put("part", tidy(&component.code));
        put("name_vi", tidy(&component.name));
        put("originals", component.original_qty.to_string());
        put("copies", component.copy_qty.to_string());
        let some = component.required && cases.len() < everywhere;
        let own_condition = own.is_some_and(|own| own.get("required").is_some_and(|need| need == "if"));
        match (component.required, some) {
            (_, true) if own_condition => drop(put("required", "if".to_owned())),
            (_, true) => {
                put("required", "if".to_owned());
                put("condition_vi", tidy(&cases.join("; ")));
                put("condition_en", tidy(&cases.join("; ")));
            }
            (required, false) => {
                put("required", if required { "yes" } else { "no" }.to_owned());
                put("condition_vi", String::new());
                put("condition_en", String::new());
            }
        }
        if own.is_none() {
            put("name_en", tidy(&component.name));
            put("template", if component.has_electronic_form { "electronic form" } else { "" }.to_owned());
            put("basis", "national database".to_owned());
        }
        row
    });
    Some(rows.collect())
}

/// Our rows by one of their columns.
fn by<'r>(rows: Option<&'r Vec<Row>>, column: &str) -> BTreeMap<&'r str, &'r Row> {
    // Of several the first, as it stands in the file.
    rows.into_iter().flatten().rev().filter_map(|row| Some((row.get(column)?.as_str(), row))).collect()
}

/// What is said of one of our rows is said of its days.
fn of_the_day(row: &mut Row, own: &Row) {
    for column in ["effective_from", "effective_to"] {
        row.extend(own.get(column).map(|cell| (column.to_owned(), cell.clone())));
    }
}

/// A text as our files have it: on one line, one blank between words.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
