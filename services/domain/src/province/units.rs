//! `province.csv`, `units.csv`, `unit_history.csv`: the province, its units, and which took over from whom.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Time;

use super::table::{Row, Table, Values, code, number, one_of, phrase, time};
use crate::{
    application::is_email,
    id::UnitId,
    procedure::Text,
    unit::{Unit, UnitKind},
};

const KINDS: [(&str, UnitKind); 4] = [
    ("commune_centre", UnitKind::CommuneCentre),
    ("provincial_centre", UnitKind::ProvincialCentre),
    ("department", UnitKind::Department),
    ("agency", UnitKind::Agency),
];

/// What `province.csv` says.
#[derive(Default)]
pub(super) struct Settings<'a> {
    pub(super) code: String,
    pub(super) name: Text,
    pub(super) agency_code: String,
    pub(super) same_day_cutoff: Time,
    /// The row that names the time zone, whose value the clock alone can judge.
    pub(super) time_zone: Option<Row<'a>>,
}

impl<'a> Settings<'a> {
    /// Reads the keys, each once. A setting with an error stays at its default.
    pub(super) fn read(table: &'a Table<'a>) -> Self {
        const KEYS: [&str; 6] = ["code", "name_vi", "name_en", "agency_code", "time_zone", "same_day_cutoff"];
        let keys = table.unique("key");
        let mut settings = Self::default();
        for row in table.rows() {
            match row.text("key") {
                "code" => settings.code = row.take("value", code).unwrap_or_default(),
                "name_vi" => settings.name.vi = row.take("value", phrase).unwrap_or_default(),
                "name_en" => settings.name.en = row.take("value", phrase).unwrap_or_default(),
                "agency_code" => settings.agency_code = row.take("value", code).unwrap_or_default(),
                "time_zone" => settings.time_zone = Some(row),
                "same_day_cutoff" => settings.same_day_cutoff = row.take("value", time).unwrap_or_default(),
                _ => row.fail("key", format!("one of {}", KEYS.join(", "))),
            }
        }
        for key in KEYS.into_iter().filter(|key| !keys.contains(key)) {
            table.fail(format!("a line with the key {key}"));
        }
        settings
    }
}

/// The columns of `units.csv` that may be left out.
pub(super) const OPTIONAL_COLUMNS: [&str; 2] = ["agency_identifier", "email"];
/// Characters of an address (RFC 5321).
const LONGEST_EMAIL: usize = 254;

/// The units by id. `codes` are those of the same table.
pub(super) fn units(
    table: &Table<'_>,
    codes: &Values<'_>,
    settings: &Settings<'_>,
) -> BTreeMap<UnitId, Unit> {
    let mut identified = BTreeSet::new();
    for row in table.rows() {
        let identifier = row.text("agency_identifier");
        if !identifier.is_empty() && !identified.insert(identifier) {
            row.fail("agency_identifier", "an identifier that no line before has");
        }
    }
    table.rows().filter_map(|row| unit(row, codes, settings)).map(|unit| (unit.id, unit)).collect()
}

/// An identifier of the agency at level 1 or below it: groups joined by dots, at most 35 characters.
fn agency_identifier(text: &str, level_1: &str) -> Result<String, String> {
    let group = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let below = text.strip_prefix(level_1).and_then(|rest| rest.strip_prefix('.'));
    match below {
        Some(below) if text.len() <= 35 && below.split('.').all(group) => Ok(text.to_owned()),
        _ => Err(format!("{level_1} and further groups joined by dots, at most 35 characters")),
    }
}

/// An address of an office.
fn email(text: &str) -> Result<String, String> {
    let fits = is_email(text) && text.chars().count() <= LONGEST_EMAIL;
    fits.then(|| text.to_owned()).ok_or_else(|| {
        format!("an e-mail address such as phuly@ninhbinh.example, at most {LONGEST_EMAIL} characters")
    })
}

/// Where a unit is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letterbox {
    /// Name of the unit.
    pub name: Text,
    /// Its address.
    pub email: String,
}

/// The units that are written to. All else of a unit is left unread.
pub(super) fn letterboxes(table: &Table<'_>, province: &str) -> BTreeMap<UnitId, Letterbox> {
    let letterbox = |row: Row<'_>| {
        let email = row.optional("email", email);
        let (code, vi, en) =
            (row.take("code", code), row.take("name_vi", phrase), row.take("name_en", phrase));
        let name = Text { vi: vi?, en: en? };
        Some((UnitId::of(province, &code?), Letterbox { name, email: email?? }))
    };
    table.rows().filter_map(letterbox).collect()
}

fn unit(row: Row<'_>, codes: &Values<'_>, settings: &Settings<'_>) -> Option<Unit> {
    let identifier = row.optional("agency_identifier", |text| agency_identifier(text, &settings.agency_code));
    let email = row.optional("email", email);
    let (code, kind) = (row.take("code", code), row.take("kind", one_of(&KINDS)));
    let (vi, en) = (row.take("name_vi", phrase), row.take("name_en", phrase));
    let cluster = row.optional("cluster", phrase);
    let latitude = row.optional("latitude", number(-90.0..=90.0));
    let longitude = row.optional("longitude", number(-180.0..=180.0));
    let neighbours: Vec<String> = row.text("neighbours").split_whitespace().map(str::to_owned).collect();
    if !neighbours.iter().all(|neighbour| codes.contains(neighbour) && Some(neighbour) != code.as_ref()) {
        row.fail("neighbours", "codes of other units, with blanks between them");
    }
    let in_cluster = cluster.as_ref().map(Option::is_some);
    if kind.zip(in_cluster).is_some_and(|(kind, inside)| inside != (kind == UnitKind::CommuneCentre)) {
        row.fail("cluster", "a former district for a commune centre, nothing for other units");
    }
    let position = match (latitude?, longitude?) {
        (Some(latitude), Some(longitude)) => Some((latitude, longitude)),
        (None, None) => None,
        _ => {
            row.fail("longitude", "latitude and longitude, both or neither");
            None
        }
    };
    let code = code?;
    Some(Unit {
        id: UnitId::of(&settings.code, &code),
        code,
        agency_identifier: identifier?,
        kind: kind?,
        name: Text { vi: vi?, en: en? },
        cluster: cluster?.unwrap_or_default(),
        position,
        email: email?,
        neighbours,
    })
}

/// For every abolished code, the units of today that took over, chains resolved. A former code that is one
/// of today's units is left out: it means that unit.
pub(super) fn history(
    table: &Table<'_>,
    units: &Values<'_>,
    province: &str,
) -> BTreeMap<String, BTreeSet<UnitId>> {
    let former = table.values("former_code");
    let mut steps: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in table.rows() {
        row.take("former_code", code);
        row.take("former_name", phrase);
        let successor = row.text("successor_code");
        if !units.contains(successor) && !former.contains(successor) {
            row.fail("successor_code", "the code of a unit, or a former code with a successor of its own");
        }
        if !steps.entry(row.text("former_code")).or_default().insert(successor) {
            row.fail("former_code", "a pair of codes that no line before has");
        }
    }
    // Codes whose successors are all resolved come first: no chain is walked twice.
    let abolished = |code: &&str| steps.contains_key(code) && !units.contains(code);
    let mut waiting = BTreeMap::new();
    let mut predecessors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (code, successors) in steps.iter().filter(|(code, _)| abolished(code)) {
        let later: Vec<&str> = successors.iter().copied().filter(abolished).collect();
        waiting.insert(*code, later.len());
        later.into_iter().for_each(|successor| predecessors.entry(successor).or_default().push(code));
    }
    let mut ready: Vec<&str> =
        waiting.iter().filter(|(_, later)| **later == 0).map(|(code, _)| *code).collect();
    let mut resolved: BTreeMap<String, BTreeSet<UnitId>> = BTreeMap::new();
    while let Some(former) = ready.pop() {
        let mut reached = BTreeSet::new();
        for successor in &steps[former] {
            if units.contains(successor) {
                reached.insert(UnitId::of(province, successor));
            }
            reached.extend(resolved.get(*successor).into_iter().flatten());
        }
        resolved.insert(former.to_owned(), reached);
        for before in predecessors.remove(former).unwrap_or_default() {
            if let Some(later) = waiting.get_mut(before) {
                *later -= 1;
                if *later == 0 {
                    ready.push(before);
                }
            }
        }
    }
    // What is left goes round in a circle, or leads into one; each code is told once.
    let mut told = BTreeSet::new();
    for row in table.rows() {
        let former = row.text("former_code");
        if abolished(&former) && !resolved.contains_key(former) && told.insert(former) {
            row.fail("successor_code", "a successor that does not lead back to a code before it");
        }
    }
    resolved
}
