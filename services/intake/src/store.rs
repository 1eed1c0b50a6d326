//! The tables of intake, and every statement on them. It speaks in records, never in messages.
//!
//! - [`submission`]: what a submission writes
//! - [`reading`]: what is asked
//! - [`progress`]: what facts of other services change; [`dates`], [`outcomes`]: also where it comes no further by them;
//!   [`words`]: what officers wrote; [`ratings`]: what applicants think
//! - [`differences`]: what the national database says otherwise than the catalogue
//! - [`register`]: what a unit received on some days

pub(crate) mod dates;
pub(crate) mod differences;
pub(crate) mod entity;
pub(crate) mod migration;
pub(crate) mod outcomes;
pub(crate) mod progress;
pub(crate) mod ratings;
pub(crate) mod reading;
pub(crate) mod register;
pub(crate) mod reopening;
pub(crate) mod submission;
pub(crate) mod words;

use phidia_domain::application::Status;
use phidia_runtime::failure::Failure;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A value as it is stored.
fn to_json<T: Serialize>(value: &T) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(Failure::broken)
}

/// A value as it was stored.
fn from_json<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(Failure::broken)
}

/// A status as it was stored.
fn status(text: &str) -> Result<Status, Failure> {
    Status::parse(text).ok_or_else(|| Failure::broken(format!("no status is called {text}")))
}
