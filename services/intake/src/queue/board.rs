//! The board of a hall, for as long as somebody looks at it.
//!
//! While somebody watches, a worker looks at the halls that are watched, all of them in one statement, when something was called here and
//! otherwise every second, for calls are made at other replicas, too. Whoever watches a hall with a new call then reads what lies behind their
//! own place, so that a slow one holds nobody up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{Stream, stream};
use phidia_domain::{Kind, Rejection};
use phidia_runtime::{failure::Failure, service::Worker};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::held::check_point;
use crate::{
    Intake,
    store::halls::{self, Call, Place},
};

/// How soon is told what another replica wrote; real time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After so long without a call it is said that it is still looked; real time.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Who may watch at once at one replica: four screens for each centre of a large province.
const MOST_WATCHERS: usize = 1_024;
/// So many of them may watch the same hall: nobody takes all places with one.
const MOST_OF_ONE: usize = 64;
/// No look follows sooner on another, however much is called.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(100);
/// Calls that are read at a time.
const PAGE: u64 = 100;
/// How many calls of the day somebody is shown who comes new.
const SHOWN: u64 = 20;

/// What all who watch share.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    /// How often each hall is watched.
    watched: Arc<Mutex<BTreeMap<Place, usize>>>,
    /// The place of the last call in each of them, as it was seen last.
    seen: Arc<watch::Sender<BTreeMap<Place, i64>>>,
    /// Woken when something was called here.
    wake: Arc<Notify>,
    stop: CancellationToken,
    seats: Arc<Semaphore>,
}

impl Board {
    /// Nobody watches yet. When `stop` is cancelled, those who do are sent away: a server would wait for them.
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self {
            watched: Arc::default(),
            seen: Arc::new(watch::Sender::new(BTreeMap::new())),
            wake: Arc::default(),
            stop,
            seats: Arc::new(Semaphore::new(MOST_WATCHERS)),
        }
    }

    /// Something was called.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    fn places(&self) -> BTreeSet<Place> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

/// A place among those who watch, and the hall that is watched from it.
struct Seat {
    board: Board,
    place: Place,
    _permit: OwnedSemaphorePermit,
}

impl Seat {
    fn take(board: &Board, place: Place) -> Result<Self, Rejection> {
        let full = |message: &str| Rejection::new(Kind::Exhausted, "OVERLOADED", message);
        let permit = Arc::clone(&board.seats).try_acquire_owned();
        let permit = permit.map_err(|_| full("too many watch at once"))?;
        let mut of_all = board.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let of_this = of_all.entry(place.clone()).or_default();
        if *of_this == MOST_OF_ONE {
            return Err(full("too many watch this hall"));
        }
        *of_this += 1;
        drop(of_all);
        Ok(Self { board: board.clone(), place, _permit: permit })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut watched = self.board.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = watched.get_mut(&self.place) {
            *count -= 1;
            if *count == 0 {
                watched.remove(&self.place);
            }
        }
    }
}

/// What a watcher is told: calls, perhaps none, and where they are after them.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) calls: Vec<Call>,
    pub(crate) sequence: i64,
}

struct Watcher {
    intake: Intake,
    seat: Seat,
    seen: watch::Receiver<BTreeMap<Place, i64>>,
    province: String,
    sequence: i64,
    /// What they are shown first.
    greeting: Option<Vec<Call>>,
}

impl Intake {
    /// What is called in a hall behind a place, or what was called today and what is called from now on.
    ///
    /// # Errors
    /// `NOT_FOUND` for a reception point that nobody has set up; `RESOURCE_EXHAUSTED` when too many watch; `OUT_OF_RANGE` for a place that the
    /// board has not come to.
    pub(crate) async fn watch_board(
        &self,
        place: Place,
        after: Option<i64>,
    ) -> Result<impl Stream<Item = Result<Told, Failure>> + use<>, Failure> {
        let today = self.versions.active().await?;
        let province = today.value.code.clone();
        // Before it is read: what is called later is seen.
        let (seat, seen) = (Seat::take(&self.board, place)?, self.board.seen.subscribe());
        let place = &seat.place;
        let (conn, day) = (self.outbox.database().read(), today.value.clock.local_date(self.business.now()));
        let kept = halls::find(conn, &province, place, day).await?;
        check_point(place, &kept)?;
        let newest = kept.sequence;
        let (sequence, greeting) = match after {
            Some(after) if after > newest => {
                let message = "nothing here has come as far as this token";
                return Err(Rejection::new(Kind::OutOfRange, "TOKEN_OUT_OF_RANGE", message).into());
            }
            Some(after) => (after, Vec::new()),
            None => {
                let calls = halls::last_calls(conn, &province, place, day, SHOWN).await?;
                (calls.last().map_or(newest, |last| last.sequence), calls)
            }
        };
        let intake = self.clone();
        let greeting = Some(greeting);
        let watcher = Watcher { intake, seat, seen, province, sequence, greeting };
        Ok(stream::try_unfold(watcher, async |mut watcher| {
            watcher.next().await.map(|told| Some((told, watcher)))
        }))
    }
}

impl Watcher {
    async fn next(&mut self) -> Result<Told, Failure> {
        // At once where they are.
        if let Some(calls) = self.greeting.take() {
            return Ok(Told { calls, sequence: self.sequence });
        }
        let stop = self.seat.board.stop.clone();
        let mut silence = std::pin::pin!(tokio::time::sleep(HEARTBEAT));
        loop {
            let newest = self.seen.borrow_and_update().get(&self.seat.place).copied();
            if let Some(newest) = newest.filter(|newest| *newest > self.sequence) {
                let (conn, place) = (self.intake.outbox.database().read(), &self.seat.place);
                let calls = halls::calls_behind(conn, &self.province, place, self.sequence, PAGE).await?;
                // What is forgotten by now is told to nobody.
                self.sequence = calls.last().map_or(newest, |last| last.sequence);
                if !calls.is_empty() {
                    return Ok(Told { calls, sequence: self.sequence });
                }
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(going_away()),
                () = &mut silence => return Ok(Told { calls: Vec::new(), sequence: self.sequence }),
                Ok(()) = self.seen.changed() => {}
            }
        }
    }
}

/// Looks at the halls that are watched, until it is stopped.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("watch halls", move |stop| async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = intake.board.wake.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(failure) = intake.look_at_halls().await {
                tracing::debug!(%failure, "those who watch halls cannot be told now");
            }
            tokio::time::sleep(LOOK_AT_MOST_EVERY).await;
        }
    })
}

impl Intake {
    async fn look_at_halls(&self) -> Result<(), Failure> {
        let places = self.board.places();
        if places.is_empty() {
            return Ok(());
        }
        let units = places.iter().map(|place| place.unit).collect();
        let province = &self.versions.active().await?.value.code;
        let newest = halls::sequences(self.outbox.database().read(), province, units).await?;
        self.board.seen.send_if_modified(|seen| {
            let is_other = *seen != newest;
            *seen = newest;
            is_other
        });
        Ok(())
    }
}

fn going_away() -> Failure {
    Rejection::new(Kind::Unavailable, "GOING_AWAY", "this service is stopping: go on at another").into()
}
