//! Stories end to end, over a real process.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod catalogue;
mod claimed_by_many;
mod collector;
mod command_line;
mod conflict_of_interest;
mod conserved;
mod forms;
mod four_processes;
mod honest;
mod killed_in_a_burst;
mod live_facts;
mod nearly_late;
mod one_key_twice;
mod one_trace;
mod opened_again;
mod parked;
mod policies;
mod reported;
mod rescued;
mod rubbish;
mod side_by_side;
mod signed_elsewhere;
mod stage;
mod submit_to_notice;
mod supplemented;
mod the_day;
mod the_day_split;
mod told_anew;
mod waits_for_others;
