//! What a decision alone costs, over a view in memory: `cargo bench -p phidia-board --bench decide`. README.md beside this
//! file says what is measured and what was seen.
#![allow(missing_docs, clippy::unwrap_used, reason = "it measures")]

#[expect(dead_code, reason = "no board is filled here")]
mod world;

use std::fmt;

use divan::Bencher;
use phidia_domain::route;

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

/// Each sample is one decision, none of them like another: what one has brought near the processor is of little use to
/// the next, as in a service.
#[divan::bench(args = days(), sample_count = 10_000, sample_size = 1, max_time = 6)]
fn decide(bencher: Bencher<'_, '_>, day: &Day) {
    let world = World::of(day.centres);
    let board = world.board(day.open);
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number += 1;
            world.request(day.kind, number)
        })
        .bench_local_refs(|request| {
            let World { policy, province, roster, now, .. } = &world;
            route::decide(policy, province, roster, &board, request, *now)
        });
}
