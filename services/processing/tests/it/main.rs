//! Processing alone: over a SQLite file, called through its public and internal routes, with its three
//! subscribers played by one recorder.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod case;
mod claim;
mod deadline;
mod hand_over;
mod harness;
mod install;
mod next;
mod province;
mod quarter;
mod recorder;
mod recount;
mod report;
mod supplement;
mod transfer;
mod worklist;
