//! `steps.csv` and `lists.csv`: the internal processes, and the lists of units that they name.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::table::{Row, Table, Values, code, number, one_of, text};
use crate::{
    calendar::FIRST_DAY,
    id::UnitId,
    officer::HIGHEST_LEVEL,
    procedure::{CompetenceKey, Papers, Scope, Step, StepKind},
};

pub(super) const COLUMNS: [&str; 10] = [
    "procedure",
    "step",
    "kind",
    "name_vi",
    "name_en",
    "scope",
    "competence_key",
    "authority",
    "level",
    "effort_minutes",
];
pub(super) const OPTIONAL_COLUMNS: [&str; 4] = ["list", "papers", "effective_from", "effective_to"];

const KINDS: [(&str, StepKind); 2] = [("work", StepKind::Work), ("sign", StepKind::Sign)];
const SCOPES: [(&str, Scope); 4] = [
    ("home", Scope::Home),
    ("cluster", Scope::Cluster),
    ("listed", Scope::Listed),
    ("province", Scope::Province),
];
const KEYS: [(&str, CompetenceKey); 6] = [
    ("none", CompetenceKey::None),
    ("residence", CompetenceKey::Residence),
    ("land", CompetenceKey::Land),
    ("head_office", CompetenceKey::HeadOffice),
    ("register", CompetenceKey::Register),
    ("fixed", CompetenceKey::Fixed),
];
const PAPERS: [(&str, Papers); 3] =
    [("none", Papers::None), ("copies", Papers::Copies), ("originals", Papers::Originals)];

/// The rows of one procedure, as they stand in the file.
#[derive(Default)]
pub(super) struct Process<'a>(Vec<(Row<'a>, Option<Step>)>);

/// The processes by the code of their procedure.
pub(super) fn processes<'a>(
    steps: &'a Table<'_>,
    units: &Values<'_>,
    lists: &Values<'_>,
) -> BTreeMap<&'a str, Process<'a>> {
    let mut processes: BTreeMap<&str, Process<'_>> = BTreeMap::new();
    for row in steps.rows() {
        processes.entry(row.text("procedure")).or_default().0.push((row, step(row, units, lists)));
    }
    processes
}

/// The lists of units by name.
pub(super) fn lists(
    table: &Table<'_>,
    units: &Values<'_>,
    province: &str,
) -> BTreeMap<String, BTreeSet<UnitId>> {
    let mut lists: BTreeMap<String, BTreeSet<UnitId>> = BTreeMap::new();
    for row in table.rows() {
        let name = row.take("list", code);
        let unit = row.reference("unit", units, "the code of a unit (units.csv)");
        if let Some((name, unit)) = name.zip(unit)
            && !lists.entry(name).or_default().insert(UnitId::of(province, unit))
        {
            row.fail("unit", "a unit that no line before has for this list");
        }
    }
    lists
}

fn step(row: Row<'_>, units: &Values<'_>, lists: &Values<'_>) -> Option<Step> {
    let (position, kind) = (row.take("step", number(1..=99)), row.take("kind", one_of(&KINDS)));
    let (name, scope) = (text(row, "name_vi", "name_en"), row.take("scope", one_of(&SCOPES)));
    let list = one_of_these(row, "list", lists, "the name of a list (lists.csv)");
    let names_one = list.as_ref().map(Option::is_some);
    if scope.zip(names_one).is_some_and(|(scope, named)| named != (scope == Scope::Listed)) {
        row.fail("list", "a list where the scope is listed, nothing otherwise");
    }
    let competence_key = row.take("competence_key", one_of(&KEYS));
    let authority = one_of_these(row, "authority", units, "the code of a unit (units.csv)");
    let names_one = authority.as_ref().map(Option::is_some);
    if competence_key.zip(names_one).is_some_and(|(key, named)| named != (key == CompetenceKey::Fixed)) {
        row.fail("authority", "a unit where the competence key is fixed, nothing otherwise");
    }
    let level = row.take("level", number(1..=HIGHEST_LEVEL));
    let effort_minutes = row.take("effort_minutes", number(1..=10_000));
    let papers = row.optional("papers", one_of(&PAPERS));
    let (effective_from, effective_to) = row.period()?;
    Some(Step {
        number: position?,
        kind: kind?,
        name: name?,
        scope: scope?,
        list: list?,
        competence_key: competence_key?,
        authority: authority?,
        level: level?,
        effort_minutes: effort_minutes?,
        papers: papers?,
        effective_from,
        effective_to,
    })
}

/// One of the values of another file, or nothing.
fn one_of_these(row: Row<'_>, column: &str, values: &Values<'_>, what: &str) -> Option<Option<String>> {
    row.optional(
        column,
        |text| if values.contains(text) { Ok(text.to_owned()) } else { Err(what.to_owned()) },
    )
}

impl<'a> Process<'a> {
    /// The steps in order; none where one has an error, where the forms that the law gives one over time do not
    /// follow each other day by day, or where on some day from `from` until before `to` the numbers are not
    /// 1, 2, 3 …
    pub(super) fn in_order(self, from: Option<Date>, to: Option<Date>) -> Option<Vec<Step>> {
        let mut process: Vec<(Row<'_>, Step)> =
            self.0.into_iter().map(|(row, step)| Some((row, step?))).collect::<Option<_>>()?;
        process.sort_by_key(|(_, step)| (step.number, step.effective_from));
        let sound =
            has_no_break(&process) && turning_days(&process, from, to).all(|day| is_numbered(&process, day));
        sound.then(|| process.into_iter().map(|(_, step)| step).collect())
    }
}

/// Whether each form of a step begins on the day on which the one before it ends.
fn has_no_break(process: &[(Row<'_>, Step)]) -> bool {
    let forms = process.iter().zip(process.iter().skip(1));
    let breaks = forms.filter(|((_, one), (_, next))| {
        let dated = one.effective_to.is_some() || next.effective_from.is_some();
        one.number == next.number && dated && one.effective_to != next.effective_from
    });
    let breaks = breaks.map(|(_, (row, _))| {
        row.fail(
            "effective_from",
            "the day on which this step ends in the form before it, without gap or overlap",
        );
    });
    breaks.count() == 0
}

/// The days of the procedure on which its process may be another one than on the day before.
fn turning_days(
    process: &[(Row<'_>, Step)],
    from: Option<Date>,
    to: Option<Date>,
) -> impl Iterator<Item = Date> {
    let first = from.unwrap_or(FIRST_DAY);
    let dates = process.iter().flat_map(|(_, step)| [step.effective_from, step.effective_to]).flatten();
    let days: BTreeSet<Date> = dates.chain([first]).collect();
    days.into_iter().filter(move |day| *day >= first && to.is_none_or(|to| *day < to))
}

/// Whether the steps of a day are numbered 1, 2, 3 …
fn is_numbered(process: &[(Row<'_>, Step)], day: Date) -> bool {
    let mut steps = process.iter().filter(|(_, step)| step.is_in_force(day)).zip(1..).peekable();
    if steps.peek().is_none() {
        for (row, _) in process.iter().take(1) {
            row.fail("effective_from", format!("a step for every day of the procedure, also for {day}"));
        }
        return false;
    }
    let misplaced = steps.find(|((_, step), number)| step.number != *number);
    if let Some(((row, _), number)) = misplaced {
        let on = if day == FIRST_DAY { String::new() } else { format!(" on {day}") };
        row.fail("step", format!("the steps of a procedure numbered from 1 without gaps, here {number}{on}"));
    }
    misplaced.is_none()
}
