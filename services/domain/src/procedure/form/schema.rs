//! What is wrong with the schema of a form.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{DEEPEST_FORM, MOST_PARTS};

/// A place, as a JSON pointer, and what was expected there.
type Faults = Vec<(String, String)>;

/// Keywords whose value is a schema.
const ONE: [&str; 11] = [
    "items",
    "additionalProperties",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Keywords whose value has a schema by each name.
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];
/// Keywords whose value is a list of schemas.
const LISTED: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// All others that a form may have, beside those that begin with `x-`.
const PLAIN: [&str; 34] = [
    "$schema",
    "$id",
    "$ref",
    "$comment",
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
    "type",
    "enum",
    "const",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "required",
    "dependentRequired",
    "format",
    "contentEncoding",
    "contentMediaType",
];
/// The formats that are checked.
const FORMATS: [&str; 8] =
    ["date", "date-time", "time", "email", "uri", "uuid", "identity-number", "telephone"];
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const DEFINITIONS: &str = "#/$defs/";

/// All faults of a form, in the order of the document.
pub(super) fn faults(schema: &Value) -> Faults {
    if depth(schema) > DEEPEST_FORM {
        return vec![(String::new(), format!("values that lie at most {DEEPEST_FORM} deep in each other"))];
    }
    // What is no schema has no parts that could be looked at.
    let meta = jsonschema::draft202012::meta::validator();
    let broken: Faults = meta
        .iter_errors(schema)
        .map(|error| {
            let pointer = error.instance_path().to_string();
            let expected = "what JSON Schema 2020-12 allows here".to_owned();
            (pointer, expected)
        })
        .collect();
    if !broken.is_empty() {
        return broken;
    }
    let Some(root) = schema.as_object() else {
        return vec![(String::new(), "an object that describes the answers".to_owned())];
    };
    let mut faults = Faults::new();
    if root.get("type").and_then(Value::as_str) != Some("object") {
        faults.push(("/type".to_owned(), "`object`: a form is a group of answers".to_owned()));
    }
    let dialect = root.get("$schema").and_then(Value::as_str);
    if dialect.is_some_and(|dialect| dialect != DIALECT) {
        faults.push(("/$schema".to_owned(), format!("{DIALECT}, or nothing")));
    }
    let definitions = root.get("$defs").and_then(Value::as_object);
    walk(schema, &mut String::new(), Labels::OfItsFields, definitions, &mut faults);
    if faults.is_empty() {
        faults.extend(expansion(schema, definitions));
    }
    faults
}

fn depth(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(fields) => fields.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Whose labels a schema has to name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Labels {
    /// Those of the fields in it.
    OfItsFields,
    /// None: it only narrows what is described elsewhere.
    Nobodys,
}

fn walk(
    schema: &Value,
    pointer: &mut String,
    labels: Labels,
    definitions: Option<&Map<String, Value>>,
    faults: &mut Faults,
) {
    let Some(schema) = schema.as_object() else { return };
    for (keyword, value) in schema {
        let length = pointer.len();
        push(pointer, keyword);
        let known = [&ONE[..], &NAMED, &LISTED, &PLAIN].concat();
        if !known.contains(&keyword.as_str()) && !keyword.starts_with("x-") {
            let expected =
                "a keyword of JSON Schema 2020-12 that a form may have, or one that begins with x-";
            faults.push((pointer.clone(), expected.to_owned()));
        }
        match (keyword.as_str(), value.as_str()) {
            ("$ref", Some(target)) if !names_a_definition(target, definitions) => {
                let expected =
                    "`#/$defs/` and the name of a part of this form: it refers to nothing elsewhere";
                faults.push((pointer.clone(), expected.to_owned()));
            }
            ("$id" | "$defs" | "$schema", _) if length > 0 => {
                faults.push((pointer.clone(), "this keyword only at the top of the form".to_owned()));
            }
            ("format", Some(format)) if !FORMATS.contains(&format) => {
                faults.push((pointer.clone(), format!("one of the formats {}", FORMATS.join(", "))));
            }
            _ => {}
        }
        let inner = match keyword.as_str() {
            "properties" | "items" | "prefixItems" | "$defs" => labels,
            _ => Labels::Nobodys,
        };
        let named = NAMED.contains(&keyword.as_str()).then(|| value.as_object()).flatten();
        for (name, part) in named.into_iter().flatten() {
            let length = pointer.len();
            push(pointer, name);
            if keyword == "properties" && inner == Labels::OfItsFields {
                has_labels(part, pointer, faults);
            }
            walk(part, pointer, inner, definitions, faults);
            pointer.truncate(length);
        }
        let listed = LISTED.contains(&keyword.as_str()).then(|| value.as_array()).flatten();
        for (index, part) in listed.into_iter().flatten().enumerate() {
            let length = pointer.len();
            push(pointer, &index.to_string());
            walk(part, pointer, inner, definitions, faults);
            pointer.truncate(length);
        }
        if ONE.contains(&keyword.as_str()) {
            walk(value, pointer, inner, definitions, faults);
        }
        pointer.truncate(length);
    }
}

fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
}

fn names_a_definition(target: &str, definitions: Option<&Map<String, Value>>) -> bool {
    target.strip_prefix(DEFINITIONS).is_some_and(|name| definitions.is_some_and(|all| all.contains_key(name)))
}

/// A field has a label in both languages.
fn has_labels(field: &Value, pointer: &str, faults: &mut Faults) {
    for (keyword, language) in [("title", "Vietnamese"), ("x-title-en", "English")] {
        let label = field.get(keyword).and_then(Value::as_str).unwrap_or_default();
        if label.trim().is_empty() || label.chars().any(char::is_control) {
            faults.push((pointer.to_owned(), format!("a label of the field in {language}: {keyword}")));
        }
    }
}

/// The fault of a form that refers in a circle, or that is too large once every reference is what it refers to.
fn expansion(schema: &Value, definitions: Option<&Map<String, Value>>) -> Option<(String, String)> {
    let mut sizes = BTreeMap::new();
    match size(schema, definitions, &mut sizes) {
        Err(name) => Some((
            format!("/$defs/{name}"),
            "a part that does not refer back to itself, also not over others".to_owned(),
        )),
        Ok(parts) if parts > MOST_PARTS => Some((
            String::new(),
            format!("at most {MOST_PARTS} parts, each counted as often as it is referred to"),
        )),
        Ok(_) => None,
    }
}

/// How many parts a schema has with all that it refers to; the name of a definition that leads back to itself. `sizes` keeps those of
/// the definitions: none while one is being counted.
fn size<'s>(
    schema: &'s Value,
    definitions: Option<&'s Map<String, Value>>,
    sizes: &mut BTreeMap<&'s str, Option<usize>>,
) -> Result<usize, String> {
    let mut parts = 1_usize;
    match schema {
        Value::Array(items) => {
            for item in items {
                parts = parts.saturating_add(size(item, definitions, sizes)?);
            }
        }
        Value::Object(fields) => {
            for (keyword, value) in fields {
                let target = value.as_str().filter(|_| keyword == "$ref");
                let target = target.and_then(|target| target.strip_prefix(DEFINITIONS));
                let referred = target.zip(definitions).and_then(|(name, all)| Some((name, all.get(name)?)));
                let more = match referred {
                    None => size(value, definitions, sizes)?,
                    Some((name, definition)) => match sizes.get(name) {
                        Some(Some(known)) => *known,
                        Some(None) => return Err(name.to_owned()),
                        None => {
                            sizes.insert(name, None);
                            let counted = size(definition, definitions, sizes)?;
                            sizes.insert(name, Some(counted));
                            counted
                        }
                    },
                };
                parts = parts.saturating_add(more);
            }
        }
        _ => {}
    }
    Ok(parts)
}
