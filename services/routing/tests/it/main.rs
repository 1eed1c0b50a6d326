//! Routing alone: over a SQLite file and the board in memory, called through its public and internal routes,
//! with its three subscribers played by one recorder, and processing as far as routing asks it.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod assign;
mod batch;
mod continuity;
mod drift;
mod durable;
mod facts;
mod faults;
mod flaky;
mod harness;
mod holding;
mod live;
mod live_replicas;
mod log;
mod overtime;
mod pause;
mod policy;
mod province;
mod reassign;
mod recorder;
mod refusal;
mod registry;
mod release;
mod reopened;
mod replan;
mod replanned;
mod rescue;
mod shifts;
mod simulate;
mod steps;
mod watch;
mod worklists;
mod workplaces;
