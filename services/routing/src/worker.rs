//! The assigner: works off the agenda whenever there is something on it.

use std::{sync::Arc, time::Duration};

use phidia_domain::id::{EventId, Id as _};
use phidia_runtime::{failure::Failure, ids::Ids};
use tokio_util::sync::CancellationToken;

use crate::{Config, Routing, turn, work_off::Pass};

/// How often the agenda is looked at that other replicas write to as well.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A pass takes milliseconds. A line that went dead without a word must not end the assigner's work for good.
const LONGEST_PASS: Duration = Duration::from_secs(60);

/// Runs until it is told to stop.
pub(crate) async fn run(routing: Arc<Routing>, config: Config, stop: CancellationToken) {
    let mut activated = routing.versions.changes();
    let mut backoff = Backoff::new(&config);
    let mut retry = tokio::time::interval(Duration::from_secs(config.retry_seconds.max(1).into()));
    let mut sweep = tokio::time::interval(Duration::from_secs((config.lease_seconds / 2).max(1).into()));
    let mut keep = tokio::time::interval(turn::KEEP_EVERY);
    for timer in [&mut retry, &mut sweep, &mut keep] {
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    }
    let mut tried_through = 0;
    // What another replica has put on the agenda wakes nobody here.
    let look = if routing.db.is_shared() { LOOK_EVERY } else { Duration::MAX };
    loop {
        if !routing.has_turn().await {
            // What was told in a turn that is over, or for a caller.
            asked(routing.ask_back().await);
            tokio::select! {
                () = stop.cancelled() => return,
                _ = keep.tick() => continue,
            }
        }
        // One pass is finished before it stops: it is short, and what it reserved is written.
        let pass = tokio::time::timeout(LONGEST_PASS, routing.work_off());
        let pass = pass.await.unwrap_or_else(|_| Err(stuck()));
        asked(tokio::time::timeout(LONGEST_PASS, routing.ask_back()).await.unwrap_or_else(|_| Err(stuck())));
        let pause = match pass {
            // The same entries would come again at once.
            Ok(Pass::Unconfirmed) => backoff.next(),
            Ok(pass) => {
                backoff.reset();
                if pass == Pass::More { Duration::ZERO } else { look }
            }
            Err(failure) => pause(&failure, &mut backoff),
        };
        if stop.is_cancelled() {
            break;
        }
        let again = async {
            match pause {
                Duration::ZERO => {}
                Duration::MAX => routing.wake.notified().await,
                LOOK_EVERY => tokio::select! {
                    () = routing.wake.notified() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                },
                pause => tokio::time::sleep(pause).await,
            }
        };
        // In this order: an agenda that is never empty leaves nothing else undone.
        let done = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Ok(()) = activated.changed() => routing.replan().await,
            _ = retry.tick(), if config.retry_seconds > 0 => routing.look_again(&mut tried_through).await,
            _ = sweep.tick() => routing.settle_leases().await,
            () = again => Ok(0),
        };
        // The next pass meets the same fault, and waits for it to go.
        if let Err(failure) = done {
            tracing::debug!(%failure, "not done this time");
        }
    }
    routing.leave_turn().await;
}

/// It is asked about again, before or after the next pass.
fn asked(back: Result<(), Failure>) {
    if let Err(failure) = back {
        tracing::debug!(%failure, "whether the board was told too late is not known yet");
    }
}

/// What the pass had reserved falls due and is settled, as if the process had died in it.
fn stuck() -> Failure {
    Failure::broken("a pass over the agenda did not end: the store or the board does not answer")
}

/// How long to wait after a fault. Without a province nothing can be done until there is one: its activation
/// ends the wait.
fn pause(failure: &Failure, backoff: &mut Backoff) -> Duration {
    match failure.rejection().map(|rejection| rejection.reason.as_str()) {
        Some("NO_PROVINCE") => Duration::from_secs(1),
        Some(reason) => {
            tracing::warn!(reason, %failure, "the agenda has to wait");
            backoff.next()
        }
        None => {
            tracing::error!(%failure, "the agenda has to wait");
            backoff.next()
        }
    }
}

/// A pause that doubles between two bounds; half of it is by chance, so that replicas do not come together.
struct Backoff {
    least: Duration,
    most: Duration,
    next: Duration,
    chance: Ids,
}

impl Backoff {
    fn new(config: &Config) -> Self {
        let least = Duration::from_millis(config.backoff_millis[0].into());
        let most = Duration::from_millis(config.backoff_millis[1].into());
        Self { least, most, next: least, chance: Ids::random() }
    }

    fn next(&mut self) -> Duration {
        let pause = self.next.min(self.most);
        self.next = pause.saturating_mul(2);
        // The last byte of a random id is as good as a die.
        let id: EventId = self.chance.mint(jiff::Timestamp::UNIX_EPOCH);
        let share = f64::from(id.uuid().as_bytes()[15]) / 255.0;
        pause.mul_f64(0.5 + share / 2.0)
    }

    fn reset(&mut self) {
        self.next = self.least;
    }
}
