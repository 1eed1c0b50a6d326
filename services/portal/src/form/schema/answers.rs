//! Answers to what stands in controls, and back.

use serde_json::{Map, Number, Value};

use super::{Field, Form, Kind, Need, ROOT, below};
use crate::form::Fields;

/// A button that adds a line to the list that it names.
pub(super) const ADD: &str = "them";
/// A button that takes away the line that it names.
pub(super) const TAKE_AWAY: &str = "bot";
/// The parts of a day.
pub(super) const DAY: [&str; 3] = ["ngay", "thang", "nam"];
pub(super) const YES: &str = "co";
pub(super) const NO: &str = "khong";

impl Form {
    /// What stands in the controls where these are the answers.
    pub(crate) fn fill(&self, answers: &Value) -> Fields {
        let mut filled = Vec::new();
        self.0.fill(ROOT, answers, &mut filled);
        Fields::of(filled)
    }

    /// The answers that stand in the controls; none: nothing does.
    pub(crate) fn read(&self, fields: &Fields) -> Option<Value> {
        self.0.read(ROOT, fields).filter(says_something)
    }

    /// The controls after a button was pressed that adds a line to a list, or takes one away, and the one where one goes on; none: no such
    /// button was.
    pub(crate) fn pressed(&self, fields: &Fields) -> Option<(Fields, String)> {
        let added = fields.text(ADD);
        if let Some(Kind::List { most, .. }) = self.0.at(ROOT, added).map(|field| &field.kind) {
            let count = (items(fields, added) + 1).min(*most);
            return Some((counted(fields, added, count), below(added, &count.saturating_sub(1).to_string())));
        }
        let (list, index) = fields.text(TAKE_AWAY).rsplit_once('/')?;
        let index: usize = index.parse().ok()?;
        self.0.at(ROOT, list).filter(|field| matches!(field.kind, Kind::List { .. }))?;
        let moved = fields.iter().filter_map(|(name, value)| {
            let Some(rest) = name.strip_prefix(list).and_then(|rest| rest.strip_prefix('/')) else {
                return Some((name.to_owned(), value.to_owned()));
            };
            let (at, rest) =
                rest.split_once('/').map_or((rest, String::new()), |(at, rest)| (at, format!("/{rest}")));
            let at: usize = at.parse().ok()?;
            let to = if at > index { at - 1 } else { at };
            (at != index).then(|| (format!("{list}/{to}{rest}"), value.to_owned()))
        });
        let moved = Fields::of(moved.collect());
        Some((counted(&moved, list, items(fields, list).saturating_sub(1)), list.to_owned()))
    }
}

/// How many lines a list has.
pub(super) fn items(fields: &Fields, list: &str) -> usize {
    fields.text(list).parse().unwrap_or(0).min(super::MOST_ITEMS)
}

fn counted(fields: &Fields, list: &str, count: usize) -> Fields {
    let others = fields.iter().filter(|(name, _)| *name != list);
    let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Fields::of(others.chain([(list.to_owned(), count.to_string())]).collect())
}

impl Field {
    /// The field whose control has this name, where `name` is that of this one.
    pub(super) fn at(&self, name: &str, wanted: &str) -> Option<&Self> {
        if name == wanted {
            return Some(self);
        }
        let rest = wanted.strip_prefix(name)?.strip_prefix('/')?;
        match &self.kind {
            Kind::Group(fields) => fields.iter().find_map(|field| field.at(&below(name, &field.key), wanted)),
            Kind::List { item, .. } => {
                let index: usize = rest.split('/').next()?.parse().ok()?;
                item.at(&below(name, &index.to_string()), wanted)
            }
            _ => None,
        }
    }

    fn fill(&self, name: &str, answer: &Value, filled: &mut Vec<(String, String)>) {
        let mut stands = |name: &str, text: String| filled.push((name.to_owned(), text));
        match &self.kind {
            Kind::Line { .. } | Kind::Lines | Kind::Number { .. } => stands(name, shown(answer)),
            Kind::Raw => stands(name, format!("{answer:#}")),
            Kind::Date => {
                let text = shown(answer);
                // Year, month, day.
                let parts =
                    text.splitn(3, '-').chain([""; 2]).take(3).map(|part| part.trim_start_matches('0'));
                for (part, of_day) in DAY.into_iter().rev().zip(parts) {
                    stands(&below(name, part), of_day.to_owned());
                }
            }
            Kind::YesNo => match answer {
                Value::Bool(true) => stands(name, YES.to_owned()),
                Value::Bool(false) => stands(name, NO.to_owned()),
                _ => {}
            },
            Kind::Choice(choices) => {
                let chosen = choices.iter().find(|choice| choice.value == *answer);
                chosen.into_iter().for_each(|choice| stands(name, choice.key.clone()));
            }
            Kind::Group(fields) => {
                for field in fields {
                    if let Some(answer) = answer.get(&field.key) {
                        field.fill(&below(name, &field.key), answer, filled);
                    }
                }
            }
            Kind::List { item, .. } => {
                let answers = answer.as_array().map(Vec::as_slice).unwrap_or_default();
                stands(name, answers.len().to_string());
                for (index, answer) in answers.iter().enumerate() {
                    item.fill(&below(name, &index.to_string()), answer, filled);
                }
            }
        }
    }

    /// None: nothing was filled in.
    fn read(&self, name: &str, fields: &Fields) -> Option<Value> {
        let text = Some(fields.text(name)).filter(|text| !text.is_empty());
        match &self.kind {
            Kind::Line { .. } | Kind::Lines => text.map(Value::from),
            Kind::Raw => text.map(|text| serde_json::from_str(text).unwrap_or_else(|_| text.into())),
            Kind::Number { whole } => text.map(|text| number(text, *whole)),
            Kind::Date => day(DAY.map(|part| fields.text(&below(name, part)).to_owned())),
            Kind::YesNo => text.map(|text| match text {
                YES => true.into(),
                NO => false.into(),
                other => other.into(),
            }),
            Kind::Choice(choices) => choices
                .iter()
                .find(|choice| Some(choice.key.as_str()) == text)
                .map(|choice| choice.value.clone()),
            Kind::Group(group) => {
                let answers = group.iter().filter_map(|field| {
                    let answer = field.read(&below(name, &field.key), fields)?;
                    Some((field.key.clone(), answer))
                });
                let answers: Map<_, _> = answers.collect();
                // Of a group that has to be there each thing that is missing is told beside its field.
                let is_there = self.need == Need::Always || answers.values().any(says_something);
                is_there.then(|| answers.into())
            }
            Kind::List { item, .. } => {
                let count = items(fields, name);
                let answers = (0..count).map(|index| {
                    let answer = item.read(&below(name, &index.to_string()), fields);
                    // A line that was added and not filled in stays one.
                    answer.unwrap_or_else(|| "".into())
                });
                (count > 0).then(|| answers.collect())
            }
        }
    }
}

fn shown(answer: &Value) -> String {
    match answer {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What was typed, as it is, where it is no number. In Vietnam points part thousands, and a comma the fraction.
fn number(text: &str, whole: bool) -> Value {
    let thousands: Vec<_> = text.split(['.', ' ', '\u{a0}']).collect();
    let is_parted = thousands.len() > 1
        && thousands.iter().skip(1).all(|three| three.len() == 3)
        && thousands
            .iter()
            .all(|part| !part.is_empty() && part.len() <= 3 && part.bytes().all(|one| one.is_ascii_digit()));
    let plain = match (whole, is_parted) {
        (true, true) => thousands.concat(),
        (true, false) => text.to_owned(),
        (false, _) => text.replacen(',', ".", 1),
    };
    if let Ok(number) = plain.parse::<i64>() {
        return number.into();
    }
    let number = (!whole).then(|| plain.parse::<f64>().ok()).flatten().and_then(Number::from_f64);
    number.map_or_else(|| text.into(), Value::Number)
}

/// A day as it is written for machines; as it was typed where it is none.
fn day([day, month, year]: [String; 3]) -> Option<Value> {
    if [&day, &month, &year].into_iter().all(String::is_empty) {
        return None;
    }
    Some(format!("{year:0>4}-{month:0>2}-{day:0>2}").into())
}

/// Whether there is an answer in it.
fn says_something(answers: &Value) -> bool {
    match answers {
        Value::Object(fields) => fields.values().any(says_something),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}
