//! The load of the units, for those who watch it.
//!
//! One look serves everybody: a worker looks at the board – which costs what has changed on it, read from its log of
//! changes – and wakes whoever watches. Each takes from the common view what has changed since they last did, so a slow
//! one holds nobody up, nothing is kept for it, and it is told at once all that it missed: each unit as it is by then.
//!
//! Where a watcher is, epoch and sequence say, and they are the board's: so it goes on at any replica.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc, time::Duration};

use futures::{Stream, stream};
use phidia_domain::{
    Kind, Rejection,
    id::UnitId,
    route::{SharedLoad, Snapshot},
};
use phidia_runtime::{failure::Failure, service::Worker};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Routing, desk::unavailable};

/// How soon a change is told; real time.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Where a watcher is: it has been told all changes of this epoch up to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    epoch: i64,
    sequence: i64,
}

/// Units as they are, and where a watcher is who has been told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) place: Place,
    /// Every unit that has work: what was known before is over. Otherwise the units that have changed.
    pub(crate) whole: bool,
    pub(crate) units: BTreeMap<UnitId, SharedLoad>,
}

/// The common view.
#[derive(Debug)]
pub(crate) struct Watched {
    view: watch::Sender<View>,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct View {
    board: Snapshot,
    /// From this sequence on it is known which units have changed.
    since: i64,
    /// Under which sequence at the latest each of them has.
    changed: BTreeMap<UnitId, i64>,
    /// Why the board cannot be seen now.
    fault: Option<Rejection>,
}

impl Watched {
    /// Nothing seen yet. When `stop` is cancelled, those who watch are sent away: a server would wait for them.
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self { view: watch::Sender::default(), stop }
    }
}

impl Routing {
    /// The load from `place` on, or all of it first; then what changes, for as long as somebody listens.
    ///
    /// # Errors
    /// `UNAVAILABLE` when no province is active, or the board is away.
    pub(crate) async fn watch_load(
        &self,
        place: Option<Place>,
    ) -> Result<impl Stream<Item = Result<Told, Failure>> + use<>, Failure> {
        let Watched { view, stop } = &self.watched;
        let (watcher, stop) = (view.subscribe(), stop.clone());
        self.look().await?;
        Ok(stream::try_unfold((watcher, place), move |(mut watcher, place)| {
            let stop = stop.clone();
            async move {
                loop {
                    let told = watcher.borrow_and_update().tell(place)?;
                    if let Some(told) = told {
                        let place = Some(told.place);
                        return Ok(Some((told, (watcher, place))));
                    }
                    tokio::select! {
                        () = stop.cancelled() => return Err(going_away()),
                        Ok(()) = watcher.changed() => {}
                    }
                }
            }
        }))
    }

    /// Looks at the board, for all who watch.
    async fn look(&self) -> Result<(), Failure> {
        let today = self.versions.active().await?;
        let (seen, outcome) = match self.board.snapshot(today.value.code()).await.map_err(unavailable) {
            Ok(board) => (Ok(board), Ok(())),
            Err(failure) => (Err(failure.rejection().cloned()), Err(failure)),
        };
        self.watched.view.send_if_modified(|view| view.take_in(seen));
        outcome
    }
}

/// Looks while somebody watches, until it is stopped.
pub(crate) fn worker(routing: Arc<Routing>) -> Worker {
    Worker::new("watch load", move |stop| async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if routing.watched.view.receiver_count() > 0
                && let Err(failure) = routing.look().await
            {
                tracing::debug!(%failure, "those who watch the load cannot be told now");
            }
        }
    })
}

impl View {
    /// Answers whether that is anything new.
    fn take_in(&mut self, seen: Result<Snapshot, Option<Rejection>>) -> bool {
        let board = match seen {
            Ok(board) => board,
            Err(fault) => {
                self.fault = fault;
                return self.fault.is_some();
            }
        };
        let mended = self.fault.take().is_some();
        // Another look may have been quicker.
        if (board.epoch, board.sequence) <= (self.board.epoch, self.board.sequence) {
            return mended;
        }
        if board.epoch == self.board.epoch {
            let units = self.board.units.keys().chain(board.units.keys());
            let changed = units.filter(|unit| self.board.units.get(unit) != board.units.get(unit));
            self.changed.extend(changed.map(|unit| (*unit, board.sequence)));
        } else {
            self.changed.clear();
            self.since = board.sequence;
        }
        self.board = board;
        true
    }

    /// What a watcher who is there has not been told yet; none: nothing.
    fn tell(&self, place: Option<Place>) -> Result<Option<Told>, Failure> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone().into());
        }
        let Snapshot { epoch, sequence, ref units, .. } = self.board;
        let joins_on = place.filter(|place| place.epoch == epoch && place.sequence >= self.since);
        let Some(place) = joins_on else {
            let place = Place { epoch, sequence };
            return Ok(Some(Told { place, whole: true, units: units.clone() }));
        };
        // One that was at another replica may be ahead of this view.
        if place.sequence >= sequence {
            return Ok(None);
        }
        let changed = self.changed.iter().filter(|(_, at)| **at > place.sequence);
        let load = |unit| units.get(unit).cloned().unwrap_or_default();
        let units = changed.map(|(unit, _)| (*unit, load(unit))).collect();
        Ok(Some(Told { place: Place { epoch, sequence }, whole: false, units }))
    }
}

/// As it is given to a watcher, who gives it back.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.sequence)
    }
}

impl FromStr for Place {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let parts = text.split_once('.').and_then(|(epoch, sequence)| {
            Some(Self { epoch: epoch.parse().ok()?, sequence: sequence.parse().ok()? })
        });
        parts.ok_or_else(|| {
            Rejection::invalid("MALFORMED_RESUME_TOKEN", "resume_token", "not one that was given")
        })
    }
}

fn going_away() -> Failure {
    Rejection::new(Kind::Unavailable, "GOING_AWAY", "this service is stopping: go on at another").into()
}

#[cfg(test)]
mod tests {
    use phidia_domain::route::{Load, LoadKey};

    use super::*;

    fn board(epoch: i64, sequence: i64, minutes: &[(&str, u32)]) -> Snapshot {
        let mut board = Snapshot { epoch, sequence, ..Snapshot::default() };
        for (code, minutes) in minutes {
            let key = LoadKey { field: "Hộ tịch".to_owned(), level: 2, due_day: None };
            let load = Load { key, minutes: *minutes, borrowed: true };
            board.units.entry(UnitId::of("37", code)).or_default().add(&load);
        }
        board
    }

    fn told(view: &View, place: &str) -> Option<(String, bool, Vec<i64>)> {
        let place = if place.is_empty() { None } else { Some(place.parse().unwrap()) };
        let Told { place, whole, units } = view.tell(place).unwrap()?;
        let minutes = units.values().map(|unit| unit.borrowed_minutes).collect();
        Some((place.to_string(), whole, minutes))
    }

    #[test]
    fn each_watcher_is_told_what_has_changed_since_it_was_told() {
        let mut view = View::default();
        assert!(view.take_in(Ok(board(3, 7, &[("1", 10)]))));
        let all = Some(("3.7".to_owned(), true, vec![10]));
        for elsewhere in ["", "2.9", "3.6", "4.7"] {
            assert_eq!(told(&view, elsewhere), all, "{elsewhere}");
        }
        assert_eq!(told(&view, "3.7"), None);
        assert!(view.take_in(Ok(board(3, 9, &[("1", 10), ("2", 20)]))));
        assert!(view.take_in(Ok(board(3, 12, &[("2", 20)]))));
        // Also of what is gone; in one, however much was missed.
        assert_eq!(told(&view, "3.9"), Some(("3.12".to_owned(), false, vec![0])));
        let mut both = told(&view, "3.7").unwrap();
        both.2.sort_unstable();
        assert_eq!(both, ("3.12".to_owned(), false, vec![0, 20]));
        // Told elsewhere what this replica has not seen yet.
        assert_eq!(told(&view, "3.13"), None);
        // An old look, and one that saw nothing new.
        assert!(!view.take_in(Ok(board(3, 9, &[]))) && !view.take_in(Ok(board(3, 12, &[]))));
        assert_eq!(told(&view, "3.12"), None);
        // A new epoch is a new board.
        assert!(view.take_in(Ok(board(4, 12, &[("1", 5)]))));
        assert_eq!(told(&view, "3.12"), Some(("4.12".to_owned(), true, vec![5])));
    }

    #[test]
    fn while_the_board_is_away_everybody_is_told_so_and_goes_on_afterwards() {
        let mut view = View::default();
        view.take_in(Ok(board(1, 1, &[("1", 10)])));
        let away = Rejection::new(Kind::Unavailable, "BOARD_AWAY", "");
        assert!(view.take_in(Err(Some(away))));
        assert!(view.tell("1.1".parse().ok()).is_err());
        assert!(view.take_in(Ok(board(1, 1, &[("1", 10)]))));
        assert_eq!(told(&view, "1.1"), None);
    }

    #[test]
    fn a_token_that_was_not_given_is_refused() {
        for text in ["", "1", "1.", ".1", "1.x", "a.b"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
