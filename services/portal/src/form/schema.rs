//! The form of a procedure, as it is asked on a page: from its JSON Schema to controls, and from what was filled in back to answers.
//!
//! What a form may hold is said in `phidia_domain::procedure::form`. Each answer has a control that is named after its place
//! (`a/child_name`, `a/members/0/name`); what no control fits is asked as JSON, so that no form is of no use. Nothing is judged here: what was
//! typed is an answer as it is, and whoever checks it says what is wrong with it.
//!
//! - [`node`]: JSON whose fields keep their order; `draw`: controls; `answers`: what stands in them, both ways

mod answers;
mod draw;
mod node;
#[cfg(test)]
mod tests;

use phidia_domain::application::Language;
use serde_json::Value;

use self::node::Node;
use crate::part::encoded;

/// All names of controls begin with it.
pub(crate) const ROOT: &str = "a";
/// Whoever wrote a form without an end to its lists meant no more than this.
const MOST_ITEMS: usize = 100;
/// A text that may be longer is asked in several lines.
const LONG: u64 = 200;
/// So many choices are shown at once; of more one chooses from a list.
const FEW: usize = 6;
/// How deep a form is looked into; the province's check allows no deeper one.
const DEEPEST: usize = 32;

/// A form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form(Field);

/// One answer of it, or a group of them.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    /// Its name among its neighbours.
    key: String,
    label: Said,
    hint: Said,
    need: Need,
    kind: Kind,
}

/// In both languages; either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    vi: String,
    en: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Always,
    /// It depends on other answers.
    Sometimes,
    Never,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Line {
        keyboard: Keyboard,
        letters: u32,
    },
    Lines,
    Date,
    Number {
        whole: bool,
    },
    YesNo,
    Choice(Vec<Choice>),
    Group(Vec<Field>),
    List {
        item: Box<Field>,
        most: usize,
    },
    /// As JSON.
    Raw,
}

/// On what it is typed, where there is no keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keyboard {
    Letters,
    Digits,
    Telephone,
    Email,
}

#[derive(Clone, Debug, PartialEq)]
struct Choice {
    value: Value,
    /// How the control names it.
    key: String,
    label: Said,
}

impl Said {
    fn of(schema: &Node, vi: &str, en: &str) -> Self {
        Self { vi: schema.text(vi).to_owned(), en: schema.text(en).to_owned() }
    }

    fn either(text: &str) -> Self {
        Self { vi: text.to_owned(), en: text.to_owned() }
    }

    fn is_empty(&self) -> bool {
        self.vi.is_empty() && self.en.is_empty()
    }

    fn in_language(&self, language: Language) -> &str {
        match language {
            Language::En if !self.en.is_empty() => &self.en,
            Language::En | Language::Vi => &self.vi,
        }
    }
}

impl Form {
    /// The form that a schema describes. What is no schema is asked as JSON.
    pub(crate) fn of(schema: &str) -> Self {
        let schema = Node::parse(schema).unwrap_or(Node::Plain(Value::Null));
        Self(Field::of(ROOT, &schema, Need::Always, &schema, 0))
    }

    /// The name of the control that a path of the contract (`answers.members[0].name`) leads to, or to the nearest around it; none: to none.
    pub(crate) fn control(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix("answers")?;
        let name = self.0.control(ROOT, rest);
        let is_shown = name != ROOT || self.0.kind == Kind::Raw;
        is_shown.then_some(name)
    }
}

impl Field {
    fn of(key: &str, schema: &Node, need: Need, root: &Node, depth: usize) -> Self {
        let schema = &schema.resolved(root);
        let field = |kind| Self {
            key: key.to_owned(),
            label: Said::of(schema, "title", "x-title-en"),
            hint: Said::of(schema, "description", "x-description-en"),
            need,
            kind,
        };
        if depth > DEEPEST {
            return field(Kind::Raw);
        }
        if let Some(choices) = choices(schema) {
            return field(choices);
        }
        field(match schema.text("type") {
            "string" => text(schema),
            "integer" => Kind::Number { whole: true },
            "number" => Kind::Number { whole: false },
            "boolean" => Kind::YesNo,
            "object" => match schema.field("properties").map(Node::fields) {
                Some(properties) if !properties.is_empty() => {
                    let needs = Needs::of(schema);
                    let fields = properties
                        .iter()
                        .map(|(key, schema)| Self::of(key, schema, needs.at(key), root, depth + 1));
                    Kind::Group(fields.collect())
                }
                _ => Kind::Raw,
            },
            "array" => match (schema.field("items"), schema.field("prefixItems")) {
                (Some(item @ Node::Fields(_)), None) => {
                    let most = schema.number("maxItems").and_then(|most| usize::try_from(most).ok());
                    let item = Box::new(Self::of("", item, Need::Always, root, depth + 1));
                    Kind::List { item, most: most.unwrap_or(MOST_ITEMS).min(MOST_ITEMS) }
                }
                _ => Kind::Raw,
            },
            _ => Kind::Raw,
        })
    }

    /// Below the control `name` the one that the rest of a path leads to.
    fn control(&self, name: &str, path: &str) -> String {
        let below = match &self.kind {
            Kind::Group(fields) => fields.iter().find_map(|field| {
                // As paths are written: what looks like an index stands in brackets.
                let step = match field.key.parse::<usize>() {
                    Ok(_) => format!("[{}]", field.key),
                    Err(_) => format!(".{}", field.key),
                };
                let rest = path.strip_prefix(&step)?;
                let ends = rest.is_empty() || rest.starts_with(['.', '[']);
                ends.then(|| field.control(&below(name, &field.key), rest))
            }),
            Kind::List { item, .. } => path.strip_prefix('[').and_then(|rest| {
                let (index, rest) = rest.split_once(']')?;
                let index: usize = index.parse().ok()?;
                Some(item.control(&below(name, &index.to_string()), rest))
            }),
            _ => None,
        };
        below.unwrap_or_else(|| name.to_owned())
    }
}

/// The name of what lies in another. What cannot stand in an id is written as in addresses.
fn below(name: &str, key: &str) -> String {
    format!("{name}/{}", encoded(key))
}

/// Which fields of a group have to be filled in.
struct Needs<'s> {
    always: Vec<&'s str>,
    sometimes: Vec<&'s str>,
}

impl<'s> Needs<'s> {
    fn of(schema: &'s Node) -> Self {
        let mut sometimes = Vec::new();
        for (_, needed) in schema.field("dependentRequired").map(Node::fields).unwrap_or_default() {
            sometimes.extend(needed.texts());
        }
        for (_, dependent) in schema.field("dependentSchemas").map(Node::fields).unwrap_or_default() {
            sometimes.extend(required(dependent));
        }
        let further = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| schema.field(keyword));
        let further = further.flat_map(Node::items).chain([schema]);
        for schema in further {
            for keyword in ["then", "else"] {
                sometimes.extend(schema.field(keyword).map(required).unwrap_or_default());
            }
        }
        Self { always: required(schema), sometimes }
    }

    fn at(&self, key: &str) -> Need {
        match (self.always.contains(&key), self.sometimes.contains(&key)) {
            (true, _) => Need::Always,
            (false, true) => Need::Sometimes,
            (false, false) => Need::Never,
        }
    }
}

fn required(schema: &Node) -> Vec<&str> {
    schema.field("required").map(Node::texts).unwrap_or_default()
}

fn text(schema: &Node) -> Kind {
    let most = schema.number("maxLength");
    let line = |keyboard, letters| Kind::Line { keyboard, letters };
    match schema.text("format") {
        "date" => Kind::Date,
        "email" => line(Keyboard::Email, 30),
        "telephone" => line(Keyboard::Telephone, 14),
        "identity-number" => line(Keyboard::Digits, 14),
        _ if most.is_some_and(|most| most > LONG) => Kind::Lines,
        _ => {
            line(Keyboard::Letters, most.and_then(|most| u32::try_from(most).ok()).unwrap_or(40).clamp(4, 40))
        }
    }
}

/// One of some values; none: it is no choice. Values that look the same are asked as JSON.
fn choices(schema: &Node) -> Option<Kind> {
    let choice = |value: &Node, label: Said| {
        let value = value.value();
        let key = match &value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let label = if label.is_empty() { Said::either(&key) } else { label };
        Choice { value, key, label }
    };
    let named = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|keyword| schema.field(keyword))
        .map(Node::items)
        .find(|items| !items.is_empty() && items.iter().all(|item| item.field("const").is_some()));
    let choices: Vec<_> = match (named, schema.field("enum"), schema.field("const")) {
        (Some(named), ..) => named
            .iter()
            .filter_map(|one| Some(choice(one.field("const")?, Said::of(one, "title", "x-title-en"))))
            .collect(),
        (None, Some(values), _) => {
            values.items().iter().map(|value| choice(value, Said::default())).collect()
        }
        (None, None, Some(value)) => vec![choice(value, Said::default())],
        (None, None, None) => return None,
    };
    let mut keys: Vec<_> = choices.iter().map(|choice| choice.key.as_str()).collect();
    keys.sort_unstable();
    // A control says nothing by what is empty, and nothing around its words.
    let is_clear = keys.windows(2).all(|pair| pair[0] != pair[1])
        && choices.iter().all(|one| {
            !one.key.is_empty() && one.key.trim() == one.key && !one.key.contains(char::is_control)
        });
    Some(if is_clear { Kind::Choice(choices) } else { Kind::Raw })
}
