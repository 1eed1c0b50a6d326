//! Intake alone, over a SQLite file, called through its own stack; routing and processing are fakes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod amend;
mod catalogue;
mod dates;
mod equipment;
mod fakes;
mod feedback;
mod forms;
mod harness;
mod holding;
mod later;
mod progress;
mod queue;
mod reading;
mod reopened;
mod results;
mod submit;
