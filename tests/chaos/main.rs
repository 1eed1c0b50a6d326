//! Faults of every kind against the real thing, and a judge who knows nothing but the contract. What is what:
//! README.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod check;
mod dispatch;
mod errand;
mod fault;
mod history;
mod load;
mod meddler;
mod office;
mod probe;
mod reading;
mod recorder;
mod registrar;
mod replay;
mod schedule;
mod soak;
mod story;
mod strike;
mod table;

use std::{path::Path, time::Duration};

use harness::house::{Form, Part, Seat};

use crate::{
    check::Kind,
    fault::Fault,
    schedule::Schedule,
    story::{Outcome, Stage},
};

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

/// The judge is not blind: citizens' mailboxes are gone, and it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_really_lost_is_found() {
    let _alone = ALONE.lock().await;
    let schedule = Schedule::medley(Form::Embedded, 0, 3);
    let plan = story::plan(Form::Embedded, &schedule, 1);
    let story = Stage::build(&plan, schedule).await.play().await;
    let before = story.verdict(story::TO_REST).await;
    assert_eq!(before.violations, []);
    let rob = |folder: &Path| {
        for file in ["notification.db", "notification.db-wal", "notification.db-shm"] {
            let _ = std::fs::remove_file(folder.join("data").join(file));
        }
    };
    story.house.kill_and(Seat { part: Part::Whole, replica: 0 }, rob).await;
    let after = story.verdict(Duration::from_secs(1)).await;
    assert!(after.violations.len() > before.accepted, "{:#?}", after.violations);
    assert!(after.violations.iter().all(|found| found.kind == Kind::Lost), "{:#?}", after.violations);
}

/// Every fault with so many seeds: `CHAOS_SEEDS` (20), or the one of `CHAOS_SEED`; `CHAOS_FAULT` for one fault.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: tests/run --long"]
async fn every_fault_with_many_seeds() {
    table::play().await;
}

/// `SOAK_MINUTES` (15) of load and faults, and nothing that grows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: tests/run --long"]
async fn nothing_grows_in_a_long_time() {
    soak::soak().await;
}

/// Two cores bear one house under load at a time.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn medley(form: Form, count: usize, seed: u64) {
    let _alone = ALONE.lock().await;
    let schedule = match variable("CHAOS_FAULT") {
        Some(name) => Schedule::of(Fault::parse(&name).expect("a fault"), seed),
        None => Schedule::medley(form, count, seed),
    };
    if schedule.blows.iter().any(|blow| !blow.fault.strikes(form)) {
        return;
    }
    let Outcome { violations, .. } = story::play(form, &schedule, routing_replicas(1)).await;
    assert!(violations.is_empty(), "CHAOS_SEED={seed}: {:#?}\n{violations:#?}", schedule.blows);
}

fn seed(usual: u64) -> u64 {
    variable("CHAOS_SEED").map_or(usual, |seed| seed.parse().expect("CHAOS_SEED is a number"))
}

/// How many replicas routing has where it is split.
fn routing_replicas(usual: usize) -> usize {
    variable("CHAOS_ROUTING_REPLICAS").map_or(usual, |count| count.parse().expect("a number"))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
