//! The mover: settles open moves, and rescues, while it is this replica's turn.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::{Config, Routing, faults::Faults};

/// Runs until it is told to stop.
pub(crate) async fn run(routing: Arc<Routing>, config: Config, stop: CancellationToken) {
    let mut tick = tokio::time::interval(Duration::from_secs((config.lease_seconds / 2).max(1).into()));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let every = SignedDuration::from_secs(config.rescue_seconds.into());
    let after = |now: Timestamp| now.saturating_add(every).unwrap_or(Timestamp::MAX);
    let mut next = after(routing.business.now());
    let mut settling = Faults::of("open moves are settled");
    let mut hinted = Faults::of("what processing says is nearly late is looked at");
    let mut rescuing = Faults::of("what would be late is rescued");
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
            // What another replica has heard is found with the next tick.
            () = routing.hint.notified() => {}
        }
        if !routing.has_turn().await {
            continue;
        }
        settling.told(routing.settle_moves().await);
        if routing.rescues {
            hinted.told(routing.rescue_hinted(every, &stop).await);
        }
        let now = routing.business.now();
        if routing.rescues && now >= next {
            let done = routing.rescue(every, &stop).await;
            // What could not be looked at to the end, or was found over a registry that has changed since, is looked at
            // anew with the next tick, for whoever would be late has no time to lose – unless it fails again and again.
            let is_looked_at = done.is_ok();
            rescuing.told(done);
            if is_looked_at || rescuing.is_lasting() {
                next = after(now);
            }
        }
    }
}
