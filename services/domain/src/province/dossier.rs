//! `documents.csv`, `fees.csv` and `form_<name>.json`: what an applicant hands in, pays and fills in; `synonyms.csv` and `figures.csv`: by
//! which words it is found, and what the province has published of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;

use super::{
    Documents,
    table::{Errors, Row, Table, Values, code, date, number, one_of, phrase, text},
};
use crate::{
    catalogue::search::{Synonym, fold},
    procedure::{Decision, Exemption, Fee, FeeKind, FeeUnit, Form, Need, RequiredDocument, Text},
};

pub(super) const DOCUMENT_COLUMNS: [&str; 8] =
    ["procedure", "part", "name_vi", "name_en", "originals", "copies", "required", "basis"];
pub(super) const DOCUMENT_OPTIONAL: [&str; 6] =
    ["condition_vi", "condition_en", "template", "from_data", "effective_from", "effective_to"];
pub(super) const FEE_COLUMNS: [&str; 8] =
    ["procedure", "fee", "kind", "name_vi", "name_en", "amount_vnd", "per", "basis"];
pub(super) const FEE_OPTIONAL: [&str; 4] =
    ["online_amount_vnd", "exemption", "effective_from", "effective_to"];

pub(super) const FIGURE_COLUMNS: [&str; 8] =
    ["figure", "name_vi", "name_en", "count", "share_percent", "base_vi", "base_en", "source"];

/// A figure that a province has published, as its source states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Its code.
    pub code: String,
    /// What it counts.
    pub name: Text,
    /// How many.
    pub count: u64,
    /// Which share of the base the source says that is, in hundredths, as it writes it (`90.3`); none: it says none.
    pub share_percent: Option<String>,
    /// The base, in the words of the source; where it states none, that it does not.
    pub base: Text,
    /// The source.
    pub source: String,
}

const FORM_PREFIX: &str = "form_";
const FORM_SUFFIX: &str = ".json";
/// Most forms of a province.
const MOST_FORMS: usize = 1_000;

const KINDS: [(&str, FeeKind); 2] = [("fee", FeeKind::Fee), ("charge", FeeKind::Charge)];
const UNITS: [(&str, FeeUnit); 5] = [
    ("application", FeeUnit::Application),
    ("copy", FeeUnit::Copy),
    ("page", FeeUnit::Page),
    ("signature", FeeUnit::Signature),
    ("transaction", FeeUnit::Transaction),
];
const EXEMPTIONS: [(&str, Exemption); 8] = [
    ("child", Exemption::Child),
    ("elderly", Exemption::Elderly),
    ("disabled", Exemption::Disabled),
    ("merit", Exemption::Merit),
    ("poor_household", Exemption::PoorHousehold),
    ("near_poor_household", Exemption::NearPoorHousehold),
    ("remote_minority", Exemption::RemoteMinority),
    ("in_time", Exemption::InTime),
];
const NO_PROCEDURE: &str = "the code of a procedure (procedures.csv)";

/// Whether a file of this name holds a form.
pub(super) fn is_form(file: &str) -> bool {
    form_name(file).is_some_and(|name| code(name).is_ok())
}

fn form_name(file: &str) -> Option<&str> {
    file.strip_prefix(FORM_PREFIX)?.strip_suffix(FORM_SUFFIX)
}

/// What is handed in or paid from a day until another; none: always.
pub(super) struct Dated<T> {
    from: Option<Date>,
    to: Option<Date>,
    says: T,
}

impl<T: Clone> Dated<T> {
    /// What of these holds on a day, in their order.
    pub(super) fn on(all: &[Self], day: Date) -> Vec<T> {
        let holds = |one: &&Self| one.from.is_none_or(|from| from <= day) && one.to.is_none_or(|to| day < to);
        all.iter().filter(holds).map(|one| one.says.clone()).collect()
    }

    /// The days on which something begins to hold, or ends.
    pub(super) fn turns(all: &[Self]) -> impl Iterator<Item = Date> {
        all.iter().flat_map(|one| [one.from, one.to]).flatten()
    }
}

/// The forms by name; none by that of a file that has a fault.
pub(super) fn forms<'d>(documents: &'d Documents, errors: &Errors) -> BTreeMap<&'d str, Option<Arc<Form>>> {
    let files = documents.in_order().filter(|(file, _)| is_form(file));
    let mut forms = BTreeMap::new();
    for (file, content) in files {
        let Some(name) = form_name(file) else { continue };
        if forms.len() == MOST_FORMS {
            errors.add(file, || (1, 0), format!("at most {MOST_FORMS} forms"));
            break;
        }
        let form = Form::parse(name, content).map_err(|faults| {
            for fault in faults {
                let at = match fault.pointer.as_str() {
                    "" => String::new(),
                    pointer => format!("at {pointer} "),
                };
                errors.add(file, || (fault.line, fault.column), format!("{at}{}", fault.expected));
            }
        });
        forms.insert(name, form.ok().map(Arc::new));
    }
    forms
}

/// What has to be handed in, by procedure and in the order of the file.
pub(super) fn documents<'a>(
    table: &'a Table<'_>,
    codes: &Values<'_>,
) -> BTreeMap<&'a str, Vec<Dated<RequiredDocument>>> {
    grouped(table, codes, "part", |document: &RequiredDocument| document.part.clone(), document)
}

/// What has to be paid, by procedure and in the order of the file.
pub(super) fn fees<'a>(table: &'a Table<'_>, codes: &Values<'_>) -> BTreeMap<&'a str, Vec<Dated<Fee>>> {
    grouped(table, codes, "fee", |fee: &Fee| fee.code.clone(), fee)
}

fn grouped<'a, T>(
    table: &'a Table<'_>,
    codes: &Values<'_>,
    key: &str,
    key_of: impl Fn(&T) -> String,
    read: impl Fn(Row<'a>) -> Option<T>,
) -> BTreeMap<&'a str, Vec<Dated<T>>> {
    let mut groups: BTreeMap<&str, Vec<Dated<T>>> = BTreeMap::new();
    let mut seen: BTreeMap<_, Vec<(Option<Date>, Option<Date>)>> = BTreeMap::new();
    for row in table.rows() {
        let procedure = row.reference("procedure", codes, NO_PROCEDURE);
        let (one, period) = (read(row), row.period());
        let Some(((procedure, says), (from, to))) = procedure.zip(one).zip(period) else { continue };
        let before = seen.entry((procedure, key_of(&says))).or_default();
        let ends = |to: Option<Date>, from: Option<Date>| to.zip(from).is_some_and(|(to, from)| to <= from);
        if before.iter().all(|(other_from, other_to)| ends(*other_to, from) || ends(to, *other_from)) {
            before.push((from, to));
            groups.entry(procedure).or_default().push(Dated { from, to, says });
        } else {
            row.fail(key, "a code that no line before has for this procedure on the same day");
        }
    }
    groups
}

fn document(row: Row<'_>) -> Option<RequiredDocument> {
    let (part, name) = (row.take("part", code), text(row, "name_vi", "name_en"));
    let (originals, copies) = (row.take("originals", number(0..=99)), row.take("copies", number(0..=99)));
    let need = need(row);
    let (template, from_data) = (row.optional("template", phrase), row.optional("from_data", phrase));
    let basis = row.take("basis", phrase);
    Some(RequiredDocument {
        part: part?,
        name: name?,
        originals: originals?,
        copies: copies?,
        need: need?,
        template: template?,
        from_data: from_data?,
        basis: basis?,
    })
}

fn need(row: Row<'_>) -> Option<Need> {
    const IF: &str = "if";
    let word = row.take("required", one_of(&[("yes", "yes"), ("no", "no"), (IF, IF)]))?;
    if word == IF {
        return text(row, "condition_vi", "condition_en").map(Need::If);
    }
    let stray = ["condition_vi", "condition_en"].into_iter().find(|column| !row.text(column).is_empty());
    if let Some(column) = stray {
        row.fail(column, "nothing, unless it is required `if`");
        return None;
    }
    Some(if word == "yes" { Need::Always } else { Need::Never })
}

fn fee(row: Row<'_>) -> Option<Fee> {
    const MOST_VND: i64 = 1_000_000_000_000;
    let (code, kind) = (row.take("fee", code), row.take("kind", one_of(&KINDS)));
    let name = text(row, "name_vi", "name_en");
    let amount_vnd = row.take("amount_vnd", number(0..=MOST_VND));
    let online_amount_vnd = row.optional("online_amount_vnd", number(0..=MOST_VND));
    let (per, exempt) = (row.take("per", one_of(&UNITS)), row.optional("exemption", exemptions));
    let basis = row.take("basis", phrase);
    Some(Fee {
        code: code?,
        kind: kind?,
        name: name?,
        amount_vnd: amount_vnd?,
        online_amount_vnd: online_amount_vnd?,
        per: per?,
        exempt: exempt?.unwrap_or_default(),
        basis: basis?,
    })
}

/// Groups with blanks between them.
fn exemptions(text: &str) -> Result<BTreeSet<Exemption>, String> {
    let groups: Result<BTreeSet<_>, _> = text.split_whitespace().map(one_of(&EXEMPTIONS)).collect();
    groups.map_err(|expected| format!("groups with blanks between them, each {expected}"))
}

/// What people say, and what the catalogue calls it.
pub(super) fn synonyms(table: &Table<'_>) -> Vec<Synonym> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for row in table.rows() {
        let (word, means) = (row.take("word", phrase), row.optional("means", phrase));
        let Some((word, means)) = word.zip(means) else { continue };
        let synonym = Synonym { word, means: means.unwrap_or_default() };
        if seen.insert((fold(&synonym.word), fold(&synonym.means))) {
            all.push(synonym);
        } else {
            row.fail("word", "a word with a meaning that no line before gives it");
        }
    }
    all
}

/// The published figures, in the order of the file.
pub(super) fn figures(table: &Table<'_>) -> Vec<Figure> {
    table.unique("figure");
    table.rows().filter_map(figure).collect()
}

fn figure(row: Row<'_>) -> Option<Figure> {
    let (code, name) = (row.take("figure", code), text(row, "name_vi", "name_en"));
    let count = row.take("count", number(0..=1_000_000_000_000));
    let share = row.optional("share_percent", |text| {
        let share: Option<f64> = text.parse().ok().filter(|share| (0.0..=100.0).contains(share));
        share.map(|_| text.to_owned()).ok_or_else(|| "a share from 0 to 100, such as 90.3".to_owned())
    });
    let (base, source) = (text(row, "base_vi", "base_en"), row.take("source", phrase));
    Some(Figure {
        code: code?,
        name: name?,
        count: count?,
        share_percent: share?,
        base: base?,
        source: source?,
    })
}

/// The decision that published a procedure: its number and its day, both or neither.
pub(super) fn decision(row: Row<'_>) -> Option<Option<Decision>> {
    let (number, decided_on) = (row.optional("decision", phrase), row.optional("decided_on", date));
    match (number?, decided_on?) {
        (None, None) => Some(None),
        (Some(number), Some(decided_on)) => Some(Some(Decision { number, decided_on })),
        (None, Some(_)) => {
            row.fail("decision", "the number of the decision of that day");
            None
        }
        (Some(_), None) => {
            row.fail("decided_on", "the day of the decision");
            None
        }
    }
}

#[cfg(test)]
mod tests;
