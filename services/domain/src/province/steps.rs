//! `steps.csv` and `lists.csv`: the internal processes, and the lists of units that they name.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    table::{Row, Table, Values, code, number, one_of, text},
    ways,
};
use crate::{
    calendar::FIRST_DAY,
    id::UnitId,
    officer::HIGHEST_LEVEL,
    procedure::{CompetenceKey, Next, Papers, Process, Scope, Step, StepKind, StepRole},
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
pub(super) const OPTIONAL_COLUMNS: [&str; 9] =
    ["together_with", "list", "papers", "role", "share", "forms", "next", "effective_from", "effective_to"];

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
const ROLES: [(&str, StepRole); 6] = [
    ("reception", StepRole::Reception),
    ("examination", StepRole::Examination),
    ("appraisal", StepRole::Appraisal),
    ("approval", StepRole::Approval),
    ("issue", StepRole::Issue),
    ("return", StepRole::Return),
];

/// The rows of one procedure, as they stand in the file.
#[derive(Default)]
pub(super) struct Lines<'a>(Vec<(Row<'a>, Option<Step>)>);

/// The days of one line of a procedure.
pub(super) struct Span {
    /// The first; none: always.
    pub(super) from: Option<Date>,
    /// The first that is none of it; none: open.
    pub(super) to: Option<Date>,
    /// The statutory time in working minutes.
    pub(super) minutes: Option<i64>,
}

/// The lines of each process by the code of its procedure.
pub(super) fn processes<'a>(
    steps: &'a Table<'_>,
    units: &Values<'_>,
    lists: &Values<'_>,
) -> BTreeMap<&'a str, Lines<'a>> {
    let mut processes: BTreeMap<&str, Lines<'_>> = BTreeMap::new();
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
    let together_with = row.optional("together_with", number(1..=99));
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
    let (role, share) = (row.optional("role", one_of(&ROLES)), row.optional("share", number(1..=100)));
    let (forms, next) = (row.optional("forms", forms), row.optional("next", next));
    let (effective_from, effective_to) = row.period()?;
    Some(Step {
        number: position?,
        together_with: together_with?,
        kind: kind?,
        name: name?,
        scope: scope?,
        list: list?,
        competence_key: competence_key?,
        authority: authority?,
        level: level?,
        effort_minutes: effort_minutes?,
        papers: papers?,
        role: role?,
        share: share?,
        forms: forms?.unwrap_or_default(),
        next: next?.unwrap_or_default(),
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

/// Numbers of forms of Circular 03/2025/TT-VPCP, each once.
fn forms(text: &str) -> Result<Vec<u8>, String> {
    numbers(text, number(1..=7))
        .ok_or_else(|| "numbers of forms (01 to 07) with blanks between them".to_owned())
}

/// What may follow a step.
fn next(text: &str) -> Result<Next, String> {
    if text == "end" {
        return Ok(Next::End);
    }
    let steps = numbers(text, number(1..=99)).map(Next::OneOf);
    steps.ok_or_else(|| {
        "numbers of later steps with blanks between them, the usual one first; or end".to_owned()
    })
}

/// Numbers with blanks between them, each once, at least one.
fn numbers<T: Ord + Copy>(text: &str, one: impl Fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
    let numbers: Vec<T> = text.split_whitespace().map(|text| one(text).ok()).collect::<Option<_>>()?;
    let once = BTreeSet::from_iter(&numbers).len() == numbers.len();
    Some(numbers).filter(|numbers| once && !numbers.is_empty())
}

impl<'a> Lines<'a> {
    /// The steps in order; none where one has an error, where the forms that the law gives one over time do not
    /// follow each other day by day, or where on some day of these spans the numbers are not
    /// 1, 2, 3 …, or there is a fault in the ways through them ([`ways`]).
    pub(super) fn in_order(self, spans: &[Span]) -> Option<Vec<Step>> {
        let mut process: Vec<(Row<'_>, Step)> =
            self.0.into_iter().map(|(row, step)| Some((row, step?))).collect::<Option<_>>()?;
        process.sort_by_key(|(_, step)| (step.number, step.effective_from));
        let sound = has_no_break(&process)
            && spans.iter().all(|span| {
                turning_days(&process, span.from, span.to)
                    .all(|day| is_numbered(&process, day) && leads_to_the_end(&process, day, span.minutes))
            });
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

/// Whether the ways through the steps of a day are as they should be.
fn leads_to_the_end(process: &[(Row<'_>, Step)], day: Date, minutes: Option<i64>) -> bool {
    let of_day = || process.iter().filter(|(_, step)| step.is_in_force(day));
    let faults = ways::faults(&Process::of(of_day().map(|(_, step)| step).collect()), minutes);
    for fault in &faults {
        for (row, _) in of_day().filter(|(_, step)| step.number == fault.step) {
            row.fail(fault.column, fault.expected.as_str());
        }
    }
    faults.is_empty()
}
