//! Intake alone, over a SQLite file, called through its own stack; routing and processing are fakes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod amend;
mod catalogue;
mod dates;
mod fakes;
mod feedback;
mod forms;
mod harness;
mod holding;
mod later;
mod progress;
mod reading;
mod reopened;
mod results;
mod submit;
mod whole_catalogue;
