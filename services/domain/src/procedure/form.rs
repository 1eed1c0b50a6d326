//! The form of a procedure: a JSON Schema 2020-12 document, of which portal and command line build their fields, and by which the
//! answers of a citizen are checked.
//!
//! What a form may hold is less than what JSON Schema allows, so that whatever it is, checking by it ends soon: it refers to nothing
//! beyond its own `$defs`, in no circle; its patterns are matched in linear time; and everything has a limit. Its fields have a label in
//! both languages: `title` in Vietnamese and `x-title-en`; `description` and `x-description-en` say what is expected, in words.
//!
//! - `schema`: what is wrong with a form; `words`: what is wrong with answers, in words of a citizen; `place`: where in the file that is

mod place;
mod schema;
mod words;

use std::fmt;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use super::Text;

/// Most bytes of a form's file.
pub const MOST_BYTES: usize = 64 * 1024;
/// Most parts of a form, one that is referred to counted as often as that.
const MOST_PARTS: usize = 5_000;
/// How deep values may lie in a form's file.
const DEEPEST_FORM: usize = 32;
/// How deep answers may lie in each other.
const DEEPEST_ANSWERS: usize = 16;
/// Most answers in a form that is handed in, all lists and groups counted.
const MOST_ANSWERS: usize = 2_000;
/// Most bytes of all answers together.
const MOST_ANSWERED_BYTES: usize = 64 * 1024;
/// How many violations are told: more help nobody.
const MOST_VIOLATIONS: usize = 100;
/// What a pattern may take in memory, in bytes.
const PATTERN_BYTES: usize = 256 * 1024;

/// A form.
pub struct Form {
    name: String,
    text: String,
    schema: Value,
    validator: Validator,
}

/// What is wrong with the file of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where in the document: a JSON pointer (RFC 6901); empty: the whole.
    pub pointer: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was expected there.
    pub expected: String,
}

/// An answer that does not fit the form. It says nothing of what was answered, which may be personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which answer: a JSON pointer (RFC 6901); of what is missing, where it belongs; empty: all answers.
    pub pointer: String,
    /// The keyword of the form that it breaks, e.g. `required`.
    pub keyword: String,
    /// One sentence for whoever fills in the form.
    pub sentence: Text,
}

impl Form {
    /// Reads the form of this name.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, the first 100 when it is more.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let alone =
            |line, column, expected: String| vec![Fault { pointer: String::new(), line, column, expected }];
        if bytes.len() > MOST_BYTES {
            return Err(alone(1, 1, format!("at most {MOST_BYTES} bytes")));
        }
        let text = str::from_utf8(bytes).map_err(|_| alone(1, 1, "UTF-8".to_owned()))?;
        let schema: Value = serde_json::from_str(text).map_err(|error| {
            // Counted from 1 as here; 0 where the text ends before it begins.
            alone(error.line().max(1), error.column().max(1), "a JSON document".to_owned())
        })?;
        let faults = schema::faults(&schema);
        if !faults.is_empty() {
            let located = faults.into_iter().take(MOST_VIOLATIONS).map(|(pointer, expected)| {
                let (line, column) = place::of(text, &pointer);
                Fault { pointer, line, column, expected }
            });
            return Err(located.collect());
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES))
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .with_format("identity-number", |text: &str| text.len() == 12 && digits(text))
            .with_format("telephone", is_telephone)
            .build(&schema);
        match validator {
            Ok(validator) => Ok(Self { name: name.to_owned(), text: text.to_owned(), schema, validator }),
            Err(error) => {
                let pointer = error.instance_path().to_string();
                let (line, column) = place::of(text, &pointer);
                let expected = "a schema that can be checked by (a pattern of linear time, a known format)";
                Err(vec![Fault { pointer, line, column, expected: expected.to_owned() }])
            }
        }
    }

    /// Its name: that of its file, without `form_` and `.json`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document as its province wrote it, whose fields stand in the order in which they are to be asked.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// What is wrong with the answers, by their places, the first 100; none: they fit.
    pub fn check(&self, answers: &Value) -> Vec<Violation> {
        if let Some(limit) = beyond(answers) {
            return vec![limit];
        }
        let errors = self.validator.iter_errors(answers);
        let mut violations: Vec<_> =
            errors.flat_map(|error| words::violations(&self.schema, &error)).take(MOST_VIOLATIONS).collect();
        violations.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        violations.dedup();
        violations
    }
}

/// The limit that these answers are beyond.
fn beyond(answers: &Value) -> Option<Violation> {
    let (mut count, mut bytes, mut too_deep) = (0, 0, false);
    let mut open = vec![(answers, 1)];
    while let Some((value, depth)) = open.pop() {
        count += 1;
        too_deep |= depth > DEEPEST_ANSWERS;
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(fields) => {
                bytes += fields.keys().map(String::len).sum::<usize>();
                open.extend(fields.values().map(|field| (field, depth + 1)));
            }
            Value::String(text) => bytes += text.len(),
            _ => {}
        }
        if too_deep || count > MOST_ANSWERS || bytes > MOST_ANSWERED_BYTES {
            let vi = format!(
                "Biểu mẫu chỉ nhận tối đa {MOST_ANSWERS} mục, {DEEPEST_ANSWERS} tầng và {} KiB.",
                MOST_ANSWERED_BYTES / 1024
            );
            let en = format!(
                "A form takes at most {MOST_ANSWERS} answers, {DEEPEST_ANSWERS} levels and {} KiB.",
                MOST_ANSWERED_BYTES / 1024
            );
            let sentence = Text { vi, en };
            return Some(Violation { pointer: String::new(), keyword: "limit".to_owned(), sentence });
        }
    }
    None
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number of this country (10 digits from 0) or an international one.
fn is_telephone(text: &str) -> bool {
    let bare: String = text.chars().filter(|sign| !" .-".contains(*sign)).collect();
    match bare.strip_prefix('+') {
        Some(number) => digits(number) && (8..=15).contains(&number.len()),
        None => digits(&bare) && bare.starts_with('0') && (10..=11).contains(&bare.len()),
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Form {}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({}, {} bytes)", self.name, self.text.len())
    }
}

#[cfg(test)]
mod tests;
