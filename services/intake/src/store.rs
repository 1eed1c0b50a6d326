//! The tables of intake, and every statement on them. It speaks in records, never in messages.
//!
//! - [`submission`]: what a submission writes
//! - [`reading`]: what is asked
//! - [`progress`]: what facts of other services change; [`dates`], [`outcomes`]: also where it comes no further by them;
//!   [`words`]: what officers wrote; [`ratings`]: what applicants think
//! - [`attachments`]: files that belong to applications, and what is in them; [`quarantine`]: those in which something was found
//! - [`numbering`]: dossier codes, drawn and reserved
//! - [`drafts`]: what is not handed in yet
//! - [`differences`]: what the national database says otherwise than the catalogue
//! - [`register`]: what a unit received on some days; [`receipts`]: the trees of receipts; [`standings`]: how those of
//!   each day stand; [`contacts`]: how applicants are reached
//! - [`feedback`]: what people say and are answered; [`faq`]: what is asked often; [`reception`]: days of reception and what is booked
//! - [`running_number`]: what feedback, entries and bookings are numbered by; [`persons`]: the keys of persons; [`similar`]: what one of them
//!   has handed in of one procedure
//! - [`portal`]: what the national portal knows, is told and brings
//! - [`halls`], [`tickets`]: numbers at the counters; [`equipment`]: what the centres have

pub(crate) mod attachments;
pub(crate) mod contacts;
pub(crate) mod dates;
pub(crate) mod differences;
pub(crate) mod drafts;
pub(crate) mod entity;
pub(crate) mod equipment;
pub(crate) mod faq;
pub(crate) mod feedback;
pub(crate) mod halls;
pub(crate) mod migration;
pub(crate) mod numbering;
pub(crate) mod outcomes;
pub(crate) mod persons;
pub(crate) mod portal;
pub(crate) mod progress;
pub(crate) mod quarantine;
pub(crate) mod ratings;
pub(crate) mod reading;
pub(crate) mod receipts;
pub(crate) mod reception;
pub(crate) mod register;
pub(crate) mod reopening;
pub(crate) mod running_number;
pub(crate) mod similar;
pub(crate) mod standings;
pub(crate) mod submission;
pub(crate) mod tickets;
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

/// The name of a value that is one word, as it is stored.
fn name<T: Serialize>(value: &T) -> Result<String, Failure> {
    match to_json(value)? {
        Value::String(name) => Ok(name),
        _ => Err(Failure::broken("what is stored by its name has none")),
    }
}

/// A status as it was stored.
fn status(text: &str) -> Result<Status, Failure> {
    Status::parse(text).ok_or_else(|| Failure::broken(format!("no status is called {text}")))
}
