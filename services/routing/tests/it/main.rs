//! Routing alone: over a SQLite file and the board in memory, called through its public and internal routes,
//! with its two subscribers played by one recorder.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod assign;
mod drift;
mod facts;
mod faults;
mod flaky;
mod harness;
mod holding;
mod province;
mod recorder;
mod registry;
mod release;
mod steps;
mod watch;
