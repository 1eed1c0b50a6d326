//! What a decision costs, and what it costs to commit it: `cargo bench -p phidia-board`. README.md beside this file
//! says what is measured and what was seen.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it measures, and prints what it saw"
)]

mod commit;
mod decide;
#[expect(dead_code, reason = "nothing is killed or stopped here")]
#[path = "../../tests/it/redis_server.rs"]
mod redis_server;
mod world;

use std::sync::Arc;

use world::World;

/// Centres: Ninh Bình, the communes of the country, and ten times as many.
const CENTRES: [usize; 3] = [129, 3_321, 33_210];

fn main() {
    // What to measure, if not everything: cargo itself says `--bench`.
    let named: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_asked_for = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    if is_asked_for("decide") {
        decide::heading();
        CENTRES.into_iter().for_each(|centres| decide::alone(&World::of(centres)));
    }
    if is_asked_for("commit") {
        commit::heading();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let worlds = CENTRES.map(|centres| Arc::new(World::of(centres)));
        worlds.iter().for_each(|world| runtime.block_on(commit::contended(world)));
        let [small, .., large] = &worlds;
        runtime.block_on(commit::growth(small, large));
    }
}
