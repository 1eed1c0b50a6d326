//! Configuration in layers: defaults, a TOML file, the environment, what the command line says. A key
//! that nobody knows is a mistake, not a wish: it is refused by name and by where it was found.

use std::path::Path;

use figment::{
    Figment,
    error::Kind as FigmentKind,
    providers::{Env, Format as _, Serialized, Toml},
};
use phidia_domain::Rejection;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::failure::Failure;

/// Reads `C`. Later layers win: its default, `file`, variables `<env_prefix>_A__B` (for `a.b`), and
/// `overrides`, in which what is `None` overrides nothing.
///
/// Every struct in `C` wants `#[serde(default, deny_unknown_fields)]`; a secret is a
/// [`secrecy::SecretString`] with `#[serde(skip_serializing)]`. A variable that is all digits is read as a
/// number: text of digits wants quotes in it (`PHIDIA_TOKEN='"123"'`).
///
/// # Errors
/// `INVALID_ARGUMENT`, naming key and source but no value (it may be a secret).
pub fn load<C>(file: Option<&Path>, env_prefix: &str, overrides: impl Serialize) -> Result<C, Failure>
where
    C: Serialize + DeserializeOwned + Default,
{
    let mut layers = Figment::from(Serialized::defaults(C::default()));
    if let Some(file) = file {
        if !file.is_file() {
            return Err(refused(&file.display().to_string(), "the configuration file does not exist"));
        }
        layers = layers.merge(Toml::file_exact(file));
    }
    let env = Env::prefixed(&format!("{}_", env_prefix.trim_end_matches('_'))).split("__");
    let mut overrides = serde_json::to_value(overrides).map_err(Failure::broken)?;
    strip_nulls(&mut overrides);
    layers = layers.merge(env);
    if !overrides.is_null() {
        layers = layers.merge(Serialized::defaults(overrides));
    }
    layers.extract().map_err(|error| explain(&layers, &error))
}

fn explain(layers: &Figment, error: &figment::Error) -> Failure {
    let mut path = error.path.clone();
    let what = match &error.kind {
        FigmentKind::UnknownField(field, expected) => {
            if path.last() != Some(field) {
                path.push(field.clone());
            }
            format!("unknown key; known are {}", expected.join(", "))
        }
        FigmentKind::InvalidType(_, expected)
        | FigmentKind::InvalidValue(_, expected)
        | FigmentKind::InvalidLength(_, expected) => format!("expected {expected}"),
        FigmentKind::UnknownVariant(_, expected) => format!("expected one of {}", expected.join(", ")),
        FigmentKind::Message(text) => without_quotation(text),
        // The others carry no value of a key.
        other => other.to_string(),
    };
    let key = path.join(".");
    let metadata = error.metadata.as_ref().or_else(|| layers.find_metadata(&key));
    let source = match metadata {
        Some(found) => match &found.source {
            Some(source) => format!("{} {source}", found.name),
            None => found.name.to_string(),
        },
        None => "the configuration".to_owned(),
    };
    match key.as_str() {
        "" => refused(&source, &what),
        key => refused(key, &format!("{what} (in {source})")),
    }
}

/// What the parser says, on one line and without the line of the file that it quotes: a secret may stand there.
fn without_quotation(text: &str) -> String {
    let is_quoted = |line: &str| {
        line.split_once('|').is_some_and(|(before, _)| {
            before.chars().all(|before| before.is_ascii_digit() || before.is_whitespace())
        })
    };
    let said: Vec<_> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_quoted(line)).collect();
    said.join(": ")
}

fn refused(key: &str, what: &str) -> Failure {
    Rejection::invalid("INVALID_CONFIG", key, what).into()
}

fn strip_nulls(value: &mut Value) {
    if let Value::Object(entries) = value {
        entries.retain(|_, entry| !entry.is_null());
        entries.values_mut().for_each(strip_nulls);
    }
}
