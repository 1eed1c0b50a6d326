//! A decision alone, over a view in memory.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use phidia_domain::route;

use crate::world::{Kind, World};

/// Open work items of each centre: a day on which most are done in good time near home, and one on which nearly nobody
/// does anything in good time, so that all are weighed.
const OPEN: [u32; 2] = [15, 60];
/// How long each row takes.
const LASTING: Duration = Duration::from_secs(3);
/// No row is made of fewer decisions.
const FEWEST: usize = 20;

pub(crate) fn heading() {
    println!(
        "| centres | open at each | decision | mean of processor time | p50 | p99 | weighed |\n|--:|--:|---|--:|--:|--:|--:|"
    );
}

/// One row for each kind of decision.
pub(crate) fn alone(world: &World) {
    let boards = OPEN.map(|open| (open, world.board(open)));
    let [quiet, busy] = &boards;
    for ((open, board), kind) in [(quiet, Kind::Ordinary), (busy, Kind::Ordinary), (busy, Kind::Hopeless)] {
        let mut took = Vec::new();
        let (since, mut number, mut weighed) = (Instant::now(), 0, 0_usize);
        let before = processor_time();
        while since.elapsed() < LASTING || took.len() < FEWEST {
            let request = world.request(kind, number);
            let started = Instant::now();
            let World { policy, province, roster, now, .. } = world;
            let plan = black_box(route::decide(policy, province, roster, board, black_box(&request), *now));
            took.push(started.elapsed());
            if let Ok(plan) = plan {
                let filtered: u32 = plan.explanation.filtered.values().sum();
                weighed += world.centres() - usize::try_from(filtered).unwrap();
            }
            number += 1;
        }
        let busy = processor_time() - before;
        took.sort();
        let mean = busy / u32::try_from(took.len()).unwrap();
        let at = |share: usize| micros(took[took.len() * share / 100]);
        println!(
            "| {} | {open} | {kind:?} | {:.1} µs | {:.1} µs | {:.1} µs | {:.1} |",
            world.centres(),
            micros(mean),
            at(50),
            at(99),
            weighed as f64 / took.len() as f64,
        );
    }
}

/// What this thread has spent on a processor: unlike time, it does not count while others are given one.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
