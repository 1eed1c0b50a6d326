//! The plan of a reform: who is to do what by when, and how far that has come. Plan 08/KH-UBND of Ninh Bình has 43 such tasks in 6
//! areas; its text is not public here, so that no plan is bundled: a province brings its own in from a file.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{
    application::check_text,
    procedure::Text,
    province::{
        Documents, Schema, malformed, required,
        table::{self, Errors, Row, Table},
    },
    rejection::Rejection,
};

/// The name of the file of a plan, where it has come under none.
pub const FILE: &str = "plan.csv";
/// More tasks than any plan has; with the longest of texts they still fit into one answer.
pub const MOST_TASKS: usize = 300;

const SCHEMA: Schema =
    required(FILE, &["code"], &["code", "area_vi", "area_en", "task_vi", "task_en", "owner", "due"]);
const MOST_AREA: usize = 200;
const MOST_TASK: usize = 500;
const MOST_OWNER: usize = 200;
const MOST_NOTE: usize = 1000;
const MOST_FILE: usize = 500;

/// A task as the plan has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its code, once in the plan.
    pub code: String,
    /// The area that it belongs to, known by its Vietnamese name.
    pub area: Text,
    /// What is to be done.
    pub what: Text,
    /// Who is to do it: an office, not a person.
    pub owner: String,
    /// The last local day of its time.
    pub due: Date,
}

/// How far a task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody has begun it.
    NotBegun,
    /// Somebody is at it.
    UnderWay,
    /// It is done.
    Done,
    /// It will not be done.
    GivenUp,
}

impl State {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::NotBegun, Self::UnderWay, Self::Done, Self::GivenUp];

    /// Whether something is still to be done.
    pub fn is_open(self) -> bool {
        matches!(self, Self::NotBegun | Self::UnderWay)
    }

    /// Whether a task in this state, due on that day, is late by this one: its last day is over.
    pub fn is_overdue(self, due: Date, day: Date) -> bool {
        self.is_open() && due < day
    }
}

/// What has happened to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It came in with a file.
    Added,
    /// A later file had it otherwise.
    Amended,
    /// Somebody said how far it has come.
    Set,
}

/// How many tasks are in each state, and how many of the open ones are late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    states: [u64; State::ALL.len()],
    /// Of those that are open: late.
    pub overdue: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, state: State, due: Date, day: Date) {
        self.states[state as usize] += 1;
        self.overdue += u64::from(state.is_overdue(due, day));
    }

    /// How many are in a state.
    pub fn of(&self, state: State) -> u64 {
        self.states[state as usize]
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.states.iter().sum()
    }
}

/// Whether anything changes for a task of which `note` was said last, where it is now said to be in the state `to`. The same said again
/// changes nothing, and neither does a state that it has, without a note.
///
/// # Errors
/// A violation of `note`: it is too long, or missing where something is not simply going on – a task is given up, or goes back.
pub fn set(from: State, last_note: &str, to: State, note: &str) -> Result<bool, Rejection> {
    check_text("note", note, 0, MOST_NOTE)?;
    if from == to {
        return Ok(!note.is_empty() && note != last_note);
    }
    let goes_on = from.is_open() && to > from && to != State::GivenUp;
    if !goes_on && note.trim().is_empty() {
        let expected = "says why, where a task is given up or taken up again";
        return Err(Rejection::invalid("MISSING_FIELD", "note", expected));
    }
    Ok(true)
}

/// What a file makes of the tasks that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Codes of the tasks that are new, in the order of the file.
    pub added: Vec<String>,
    /// Codes of those that are otherwise than before.
    pub amended: Vec<String>,
    /// Codes of those that are as before.
    pub unchanged: Vec<String>,
    /// Codes of those that are known, and not in the file. They stay: to be given up is a state, and has a reason.
    pub left_out: Vec<String>,
}

/// Compares a plan with the tasks that are known, by their codes.
pub fn compare(known: &BTreeMap<&str, &Task>, plan: &[Task]) -> Comparison {
    let mut comparison = Comparison::default();
    for task in plan {
        let which = match known.get(task.code.as_str()) {
            None => &mut comparison.added,
            Some(before) if **before == *task => &mut comparison.unchanged,
            Some(_) => &mut comparison.amended,
        };
        which.push(task.code.clone());
    }
    let left_out = known.keys().filter(|code| plan.iter().all(|task| task.code != **code));
    comparison.left_out = left_out.map(|code| (*code).to_owned()).collect();
    comparison
}

/// Reads a plan. `file`: the name by which whoever brings it in knows it; empty: [`FILE`].
///
/// # Errors
/// A violation of `file_name`; `MALFORMED_PLAN` with every wrong place as a violation, `plan.csv:12:5`: what a file of a province is
/// refused for, a code that stands twice, one area with two English names, texts that are too long, and more than [`MOST_TASKS`] tasks.
pub fn parse(file: &str, content: Vec<u8>) -> Result<Vec<Task>, Rejection> {
    check_text("file_name", file, 0, MOST_FILE)?;
    let documents = Documents([(FILE.to_owned(), content)].into());
    let errors = Errors::default();
    let table = Table::read(&documents, &SCHEMA, &errors);
    table.unique("code");
    let mut areas: BTreeMap<&str, &str> = BTreeMap::new();
    for row in table.rows() {
        let (vi, en) = (row.text("area_vi"), row.text("area_en"));
        if *areas.entry(vi).or_insert(en) != en {
            row.fail("area_en", "the English name that this area has in the lines before");
        }
    }
    let tasks: Vec<_> = table.rows().filter_map(task).collect();
    if table.is_complete() && !(1..=MOST_TASKS).contains(&table.rows().count()) {
        table.fail(format!("from 1 to {MOST_TASKS} tasks"));
    }
    match errors.take_sorted() {
        errors if errors.is_empty() => Ok(tasks),
        mut errors => {
            if !file.is_empty() {
                errors.iter_mut().for_each(|error| error.file = file.to_owned());
            }
            Err(malformed("MALFORMED_PLAN", &errors))
        }
    }
}

fn task(row: Row<'_>) -> Option<Task> {
    let code = row.take("code", table::code);
    let [area_vi, area_en, task_vi, task_en, owner] = [
        ("area_vi", MOST_AREA),
        ("area_en", MOST_AREA),
        ("task_vi", MOST_TASK),
        ("task_en", MOST_TASK),
        ("owner", MOST_OWNER),
    ]
    .map(|(column, most)| row.take(column, |text| phrase(text, most)));
    let due = row.take("due", table::date);
    Some(Task {
        code: code?,
        area: Text { vi: area_vi?, en: area_en? },
        what: Text { vi: task_vi?, en: task_en? },
        owner: owner?,
        due: due?,
    })
}

/// A text for people of so many characters at most.
fn phrase(text: &str, most: usize) -> Result<String, String> {
    table::phrase(text)
        .ok()
        .filter(|text| text.chars().count() <= most)
        .ok_or_else(|| format!("a text of 1 to {most} characters without blanks around it"))
}

#[cfg(test)]
mod tests;
