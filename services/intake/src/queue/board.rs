//! The board of a hall, for as long as somebody looks at it. Whoever calls here wakes those who watch here; what another replica wrote is looked for
//! every second. Each reads what lies behind their own place, so that a slow one holds nobody up.

use std::{sync::Arc, time::Duration};

use futures::{Stream, stream};
use phidia_domain::{Kind, Rejection};
use phidia_runtime::failure::Failure;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
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
/// Calls that are read at a time.
const PAGE: u64 = 100;
/// How many calls of the day somebody is shown who comes new.
const SHOWN: u64 = 20;

/// What all who watch share.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    called: Arc<watch::Sender<u64>>,
    stop: CancellationToken,
    seats: Arc<Semaphore>,
}

impl Board {
    /// Nobody watches yet. When `stop` is cancelled, those who do are sent away: a server would wait for them.
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self { called: Arc::new(watch::Sender::new(0)), stop, seats: Arc::new(Semaphore::new(MOST_WATCHERS)) }
    }

    /// Something was called.
    pub(crate) fn wake(&self) {
        self.called.send_modify(|times| *times = times.wrapping_add(1));
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
    called: watch::Receiver<u64>,
    province: String,
    place: Place,
    sequence: i64,
    /// What they are shown first.
    greeting: Option<Vec<Call>>,
    /// One of the places that there are.
    _seat: OwnedSemaphorePermit,
}

impl Intake {
    /// What is called in a hall behind a place, or what was called today and what is called from now on.
    ///
    /// # Errors
    /// `NOT_FOUND` for a reception point that nobody has set up; `RESOURCE_EXHAUSTED` when too many watch; `OUT_OF_RANGE` for a place that the board has not come to.
    pub(crate) async fn watch_board(
        &self,
        place: Place,
        after: Option<i64>,
    ) -> Result<impl Stream<Item = Result<Told, Failure>> + use<>, Failure> {
        let today = self.versions.active().await?;
        let province = today.value.code.clone();
        let seat = Arc::clone(&self.board.seats).try_acquire_owned().map_err(|_| full())?;
        // Before it is read: what is called later wakes.
        let called = self.board.called.subscribe();
        let (conn, day) = (self.outbox.database().read(), today.value.clock.local_date(self.business.now()));
        let kept = halls::find(conn, &province, &place, day).await?;
        check_point(&place, &kept)?;
        let newest = kept.sequence;
        let (sequence, greeting) = match after {
            Some(after) if after > newest => {
                let message = "nothing here has come as far as this token";
                return Err(Rejection::new(Kind::OutOfRange, "TOKEN_OUT_OF_RANGE", message).into());
            }
            Some(after) => (after, Vec::new()),
            None => {
                let calls = halls::last_calls(conn, &province, &place, day, SHOWN).await?;
                (calls.last().map_or(newest, |last| last.sequence), calls)
            }
        };
        let intake = self.clone();
        let greeting = Some(greeting);
        let watcher = Watcher { intake, called, province, place, sequence, greeting, _seat: seat };
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
        let stop = self.intake.board.stop.clone();
        let mut silence = std::pin::pin!(tokio::time::sleep(HEARTBEAT));
        loop {
            self.called.borrow_and_update();
            let conn = self.intake.outbox.database().read();
            let calls = halls::calls_behind(conn, &self.province, &self.place, self.sequence, PAGE).await?;
            if let Some(last) = calls.last() {
                self.sequence = last.sequence;
                return Ok(Told { calls, sequence: self.sequence });
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(going_away()),
                () = &mut silence => return Ok(Told { calls: Vec::new(), sequence: self.sequence }),
                Ok(()) = self.called.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

fn full() -> Rejection {
    Rejection::new(Kind::Exhausted, "OVERLOADED", "too many watch at once")
}

fn going_away() -> Failure {
    Rejection::new(Kind::Unavailable, "GOING_AWAY", "this service is stopping: go on at another").into()
}
