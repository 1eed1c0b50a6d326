//! Faults of every kind against the real thing, and a judge who knows nothing but the contract. What is what:
//! README.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod check;
mod fault;
mod history;
mod load;
mod meddler;
mod office;
mod probe;
mod reading;
mod recorder;
mod schedule;
mod story;
mod strike;
mod table;

use harness::house::Form;

use crate::{fault::Fault, schedule::Schedule, story::Outcome};

/// How a house is built that is split.
const SPLIT: Form = Form::Cluster;

/// `both`: the embedded house.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_house_keeps_its_promises() {
    medley(Form::Embedded, 2, seed(1)).await;
}

/// `both`: the same in separate processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_split_house_keeps_its_promises() {
    medley(SPLIT, 3, seed(2)).await;
}

/// Every fault with so many seeds: `CHAOS_SEEDS` (20), or the one of `CHAOS_SEED`; `CHAOS_FAULT` for one fault.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: tests/run --long"]
async fn every_fault_with_many_seeds() {
    table::play().await;
}

async fn medley(form: Form, count: usize, seed: u64) {
    let schedule = match variable("CHAOS_FAULT") {
        Some(name) => Schedule::of(Fault::parse(&name).expect("a fault"), seed),
        None => Schedule::medley(form, count, seed),
    };
    if schedule.blows.iter().any(|blow| !blow.fault.strikes(form)) {
        return;
    }
    let Outcome { violations, .. } = story::play(form, &schedule).await;
    assert!(violations.is_empty(), "CHAOS_SEED={seed}: {:#?}\n{violations:#?}", schedule.blows);
}

fn seed(usual: u64) -> u64 {
    variable("CHAOS_SEED").map_or(usual, |seed| seed.parse().expect("CHAOS_SEED is a number"))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
