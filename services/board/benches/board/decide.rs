//! What a decision alone costs, over a view in memory: `cargo bench -p phidia-board --bench decide`. README.md beside this
//! file says what is measured and what was seen.
#![allow(missing_docs, clippy::unwrap_used, reason = "it measures")]

mod world;

use std::{fmt, sync::Arc};

use divan::{Bencher, counter::ItemsCount};
use phidia_domain::route::{self, Plan, Refusal, Request, Snapshot};

use crate::world::{CENTRES, Kind, World};

fn main() {
    divan::main();
}

/// A day on a board, and what is decided there.
struct Day {
    centres: usize,
    /// Open work items of each centre.
    open: u32,
    kind: Kind,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { centres, open, kind } = self;
        write!(f, "{centres} centres, {open} open at each, {kind:?}")
    }
}

/// Of each size one on which most is done in good time near home, one that takes a wider look, and one on which nobody does
/// anything in good time, so that all units are weighed.
fn days() -> impl Iterator<Item = Day> {
    let days = [(15, Kind::Ordinary), (60, Kind::Ordinary), (60, Kind::Hopeless)];
    CENTRES.into_iter().flat_map(move |centres| days.map(|(open, kind)| Day { centres, open, kind }))
}

/// Each sample is one decision, none of them like another; its items are the units that were weighed.
#[divan::bench(args = days(), sample_count = 10_000, sample_size = 1, max_time = 6)]
fn decide(bencher: Bencher<'_, '_>, day: &Day) {
    let Day { centres, open, kind } = *day;
    let world = World::of(centres);
    let board = world.board(open);
    let world = Arc::new((world, board));
    let (counted, mut number) = (Arc::clone(&world), 0);
    bencher
        .with_inputs(|| {
            number += 1;
            world.0.request(kind, number)
        })
        .input_counter(move |request| ItemsCount::new(weighed(&counted, request)))
        .bench_local_refs(|request| decided(&world, request));
}

fn decided((world, board): &(World, Snapshot), request: &Request) -> Result<Plan, Box<Refusal>> {
    let World { policy, province, roster, now, .. } = world;
    route::decide(policy, province, roster, board, request, *now)
}

fn weighed(world: &(World, Snapshot), request: &Request) -> usize {
    let filtered =
        decided(world, request).map_or_else(|refusal| refusal.filtered, |plan| plan.explanation.filtered);
    world.0.centres() - usize::try_from(filtered.values().sum::<u32>()).unwrap()
}
