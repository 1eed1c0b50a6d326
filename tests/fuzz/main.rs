//! Rubbish of every kind against the real thing: whatever is sent, the answer is one that the contract allows, and
//! the house stands. What is what, and how to play a case again: ../README.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod answer;
mod case;
mod judge;
mod known;
mod metadata;
mod province;
mod round;
mod value;
mod wire;

use std::{
    hash::{BuildHasher as _, RandomState},
    io::Write as _,
    str::FromStr,
    time::{Duration, Instant},
};

/// Calls with one seed in the short tier, and per seed in the long one.
const CALLS: [u64; 2] = [400, 1_000];
/// Provinces that are read, likewise.
const PROVINCES: [u64; 2] = [200, 300];
/// How long the long tier goes on, in seconds.
const LASTS: u64 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_called_is_answered_as_the_contract_says() {
    say(&round::play(variable("FUZZ_SEED").unwrap_or(1), CALLS[0]).await);
}

#[test]
fn whatever_a_province_consists_of_its_faults_have_places() {
    province::play(variable("FUZZ_SEED").unwrap_or(1), PROVINCES[0]);
}

#[test]
fn the_command_line_says_where_the_faults_of_a_province_are() {
    province::check(variable("FUZZ_SEED").unwrap_or(1), 8);
}

/// Fresh seeds for `FUZZ_SECONDS` (300), or the one of `FUZZ_SEED`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: tests/run --long"]
async fn calls_and_provinces_with_fresh_seeds() {
    if let Some(seed) = variable("FUZZ_SEED") {
        round::play(seed, CALLS[1]).await;
        return province::play(seed, PROVINCES[1]);
    }
    let (began, lasts) = (Instant::now(), Duration::from_secs(variable("FUZZ_SECONDS").unwrap_or(LASTS)));
    let mut seeds = 0;
    while began.elapsed() < lasts {
        // Short, for whoever types it again.
        let seed = RandomState::new().hash_one(seeds) % 1_000_000;
        let since = Instant::now();
        let told = round::play(seed, CALLS[1]).await;
        province::play(seed, PROVINCES[1]);
        seeds += 1;
        say(&format!("FUZZ_SEED={seed}: {told}, {} provinces, {:.0?}", PROVINCES[1], since.elapsed()));
    }
    say(&format!("{seeds} seeds, nothing found"));
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}
