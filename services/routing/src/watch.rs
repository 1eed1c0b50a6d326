//! What routing is watched by: the board, and what waits.

use std::sync::Arc;

use phidia_board::BoardError;
use phidia_domain::route::Snapshot;
use phidia_runtime::{
    admin::Part,
    failure::Failure,
    metrics::{self, Gauge},
    service::Worker,
};

use crate::{Routing, faults::Faults, store::backlog};

static READY: Gauge =
    Gauge::new("phidia.board.ready", "", "1: the board can be asked; 0: it is away, or not built.");
static EPOCH: Gauge = Gauge::new("phidia.board.epoch", "", "Grows by one each time the board is built.");
static OPEN: Gauge =
    Gauge::new("phidia.board.open_items", "{work_item}", "Work items that it counts, over all units.");
static QUEUED: Gauge = Gauge::new(
    "phidia.board.queued",
    "min",
    "Working minutes of one officer that it counts, over all units.",
);

static BACKLOG: Gauge = Gauge::new(
    "phidia.routing.backlog",
    "{row}",
    "What waits, by kind: entries of the agenda, open moves, what no unit can take, kept steps that the board does not count, decisions without a place in the log.",
);

/// The board as a part of what routing needs.
pub(crate) fn part(routing: &Arc<Routing>) -> Part {
    let routing = Arc::clone(routing);
    Part::new("board", move || {
        let routing = Arc::clone(&routing);
        async move { !matches!(look(&routing).await, Some(Err(_))) }
    })
}

/// Shows how the board stands and what waits, now and then, until it is stopped. It ends at once where nobody looks.
pub(crate) fn worker(routing: Arc<Routing>) -> Worker {
    Worker::new("watch", move |stop| async move {
        let mut faults = Faults::of("what waits is counted");
        while metrics::are_on() {
            match look(&routing).await {
                Some(Ok(board)) => {
                    READY.set(1.0, &[]);
                    EPOCH.set(board.epoch as f64, &[]);
                    let items: u64 = board.units.values().map(|unit| u64::from(unit.open_items)).sum();
                    OPEN.set(items as f64, &[]);
                    let minutes: i64 = board.units.values().map(|load| load.total_minutes()).sum();
                    QUEUED.set(minutes as f64, &[]);
                }
                Some(Err(_)) => READY.set(0.0, &[]),
                None => {}
            }
            faults.told(count(&routing).await);
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(metrics::PERIOD) => {}
            }
        }
    })
}

/// Every replica shows the same: take the largest.
async fn count(routing: &Routing) -> Result<(), Failure> {
    let today = routing.versions.active().await?;
    for (kind, count) in backlog::counts(routing.db.read(), today.value.code()).await? {
        BACKLOG.set(count as f64, &[("kind", kind)]);
    }
    Ok(())
}

/// The board as it is; `None` as long as there is no province whose board it could be.
async fn look(routing: &Routing) -> Option<Result<Snapshot, BoardError>> {
    let today = routing.versions.active().await.ok()?;
    Some(routing.board.snapshot(today.value.code()).await)
}
