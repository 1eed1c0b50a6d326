//! Processing alone: over a SQLite file, called through its public and internal routes, with its three
//! subscribers played by one recorder.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod appointment;
mod bulk;
mod case;
mod claim;
mod control_slip;
mod correction;
mod corridor;
mod deadline;
mod hand_over;
mod harness;
mod install;
mod lease;
mod next;
mod payment;
mod plan;
mod process;
mod province;
mod quarter;
mod rating;
mod recorder;
mod recount;
mod referral;
mod reopening;
mod replan;
mod report;
mod result;
mod supplement;
mod together;
mod trail;
mod transfer;
mod trend;
mod waiting;
mod warn;
mod watch_cases;
mod worklist;
