//! Drift: whether the board counts what the store says. It is measured all the time, and is to be zero.
//!
//! What is on its way is no drift: whatever is on the agenda, is reserved and not yet confirmed, or changes while the
//! two are compared. A unit with any of that is left out of this look. What is otherwise, and still just so at the next
//! look, is drift: it is shown and told, and the board is built anew from the store.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use phidia_domain::{
    conservation::{Drift, drifts},
    id::UnitId,
    route::Snapshot,
};
use phidia_runtime::{
    failure::Failure,
    metrics::{Counter, Gauge},
    service::Worker,
};

use crate::{
    Routing,
    desk::unavailable,
    faults::Faults,
    store::{agenda, assignment},
};

static MINUTES: Gauge = Gauge::new(
    "phidia.board.drift",
    "min",
    "Working minutes by which board and store differ at two looks in a row; 0 where it is another replica's turn.",
);
static ITEMS: Gauge = Gauge::new(
    "phidia.board.drift_items",
    "{work_item}",
    "Work items by which board and store differ at two looks in a row; 0 where it is another replica's turn.",
);
static MENDED: Counter =
    Counter::new("phidia.board.mended", "{board}", "Boards that were built anew because they drifted.");

/// More reservations at once are a surge, in which nothing keeps still.
const MOST_LEASES: usize = 1_000;
/// The most looks for which a board that drifts in spite of being mended is let be.
const LONGEST_REST: u32 = 360;

/// Compares whenever it is this replica's turn, until it is stopped.
pub(crate) fn worker(routing: Arc<Routing>, every: Duration) -> Worker {
    Worker::new("drift", move |stop| async move {
        let mut doubts = Doubts::default();
        let mut faults = Faults::of("board and store are compared");
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
            faults.told(routing.look_for_drift(&mut doubts).await);
        }
    })
}

/// What was seen at the look before, and when a board may be mended again.
#[derive(Debug, Default)]
struct Doubts {
    before: Vec<Drift>,
    rest: u32,
    next_rest: u32,
}

/// By how much board and store differ at a unit, however much there is.
fn apart(drift: &Drift) -> (UnitId, i64, i64, i64) {
    let items = i64::from(drift.stored_items) - i64::from(drift.board_items);
    (drift.unit, items, drift.minutes, drift.borrowed_minutes)
}

impl Doubts {
    /// What has not changed since the look before, and whether that is to be mended. A board that drifts again and again
    /// is let be for longer and longer: it is not the board, then.
    fn look(&mut self, seen: Vec<Drift>) -> (Vec<Drift>, bool) {
        let lasts = |drift: &&Drift| self.before.iter().any(|before| apart(before) == apart(drift));
        let lasting: Vec<_> = seen.iter().filter(lasts).cloned().collect();
        self.before = seen;
        if self.before.is_empty() {
            *self = Self::default();
        }
        if lasting.is_empty() || self.rest > 0 {
            self.rest = self.rest.saturating_sub(1);
            return (lasting, false);
        }
        self.rest = self.next_rest;
        self.next_rest = (2 * self.next_rest).clamp(1, LONGEST_REST);
        (lasting, true)
    }
}

impl Routing {
    async fn look_for_drift(&self, doubts: &mut Doubts) -> Result<(), Failure> {
        if !self.has_turn().await {
            *doubts = Doubts::default();
            show(&[]);
            return Ok(());
        }
        let today = self.versions.active().await?;
        let province = today.value.code();
        let Some((epoch, seen)) = self.compare(province).await? else { return Ok(()) };
        let (lasting, mend) = doubts.look(seen);
        show(&lasting);
        for Drift { unit, stored_items, board_items, minutes, borrowed_minutes } in &lasting {
            tracing::error!(%unit, stored_items, board_items, minutes, borrowed_minutes, "the board drifts");
        }
        if mend {
            let mut desk = self.desk.lock().await;
            self.rebuild(&mut desk, province, epoch).await?;
            MENDED.add(1, &[]);
        }
        Ok(())
    }

    /// The epoch of the board, and the units that keep still and are otherwise in the store. None: nothing keeps still.
    async fn compare(&self, province: &str) -> Result<Option<(i64, Vec<Drift>)>, Failure> {
        let (board, conn) = (&self.board, self.db.read());
        let before = board.snapshot(province).await.map_err(unavailable)?;
        let leases = board.leases(province, MOST_LEASES).await.map_err(unavailable)?;
        // Twice: an entry may go, or come, while the store is read.
        let mut moving = agenda::units(conn, province).await?;
        let stored = assignment::sums(conn, province).await?;
        moving.extend(agenda::units(conn, province).await?);
        let after = board.snapshot(province).await.map_err(unavailable)?;
        if leases.len() == MOST_LEASES || before.epoch != after.epoch {
            return Ok(None);
        }
        moving.extend(leases.into_iter().map(|lease| lease.unit));
        moving.extend(changed(&before, &after));
        let drifts = drifts(&stored, &after.units);
        Ok(Some((after.epoch, drifts.into_iter().filter(|drift| !moving.contains(&drift.unit)).collect())))
    }
}

fn changed(before: &Snapshot, after: &Snapshot) -> BTreeSet<UnitId> {
    let units = before.units.keys().chain(after.units.keys());
    units.filter(|unit| before.units.get(unit) != after.units.get(unit)).copied().collect()
}

fn show(drifts: &[Drift]) {
    let minutes: i64 = drifts.iter().map(|drift| drift.minutes.max(drift.borrowed_minutes)).sum();
    let items = drifts.iter().map(|drift| u64::from(drift.stored_items.abs_diff(drift.board_items)));
    MINUTES.set(minutes as f64, &[]);
    ITEMS.set(items.sum::<u64>() as f64, &[]);
}

#[cfg(test)]
mod tests {
    use phidia_runtime::telemetry::{self, LogConfig, TelemetryConfig};

    use super::*;

    fn drift(code: &str, minutes: i64) -> Drift {
        let unit = UnitId::of("37", code);
        Drift { unit, stored_items: 1, board_items: 1, minutes, borrowed_minutes: 0 }
    }

    #[test]
    fn only_what_is_still_just_so_is_drift() {
        let mut doubts = Doubts::default();
        assert_eq!(doubts.look(vec![drift("1", 10), drift("2", 5)]), (vec![], false));
        assert_eq!(doubts.look(vec![drift("1", 20), drift("3", 5)]), (vec![], false));
        assert_eq!(doubts.look(vec![drift("1", 20)]), (vec![drift("1", 20)], true));
        assert_eq!(doubts.look(vec![]), (vec![], false));
    }

    #[test]
    fn what_differs_by_as_much_is_drift_also_where_there_is_more_by_now() {
        let mut doubts = Doubts::default();
        let seen = |items| Drift { stored_items: items, board_items: items + 1, ..drift("1", 10) };
        doubts.look(vec![seen(1)]);
        assert_eq!(doubts.look(vec![seen(5)]), (vec![seen(5)], true));
        assert_eq!(doubts.look(vec![Drift { board_items: 5, ..seen(5) }]), (vec![], false));
    }

    #[test]
    fn what_cannot_be_mended_is_let_be_for_longer_and_longer() {
        let mut doubts = Doubts::default();
        let mended: Vec<_> = (0..20).filter(|_| doubts.look(vec![drift("1", 10)]).1).collect();
        assert_eq!(mended, [1, 2, 4, 7, 12]);
        doubts.look(vec![]);
        assert!(!doubts.look(vec![drift("1", 10)]).1 && doubts.look(vec![drift("1", 10)]).1);
    }

    #[tokio::test]
    async fn what_drifts_is_shown_and_what_does_not_any_more_is_not() {
        let (log, collector) = (LogConfig::default(), TelemetryConfig::default());
        let telemetry = telemetry::start("routing", &log, &collector, true).unwrap();
        let shown = |name: &str| -> f64 {
            let text = telemetry.scrape().unwrap().text().unwrap();
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
            line.rsplit(' ').next().unwrap().parse().unwrap_or_else(|_| panic!("{name} is not in {text}"))
        };
        let borrowed = Drift { board_items: 3, borrowed_minutes: 25, ..drift("2", 5) };
        show(&[drift("1", 10), borrowed]);
        assert_eq!((shown("phidia_board_drift_min"), shown("phidia_board_drift_items")), (35.0, 2.0));
        show(&[]);
        assert_eq!((shown("phidia_board_drift_min"), shown("phidia_board_drift_items")), (0.0, 0.0));
    }
}
