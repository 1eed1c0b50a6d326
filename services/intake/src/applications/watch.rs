//! Watches an application for whoever has its receipt: how it stands, and once more whenever that changes.
//!
//! While somebody watches, a worker looks at what is watched, all of it in one statement, when facts have come to this replica and
//! otherwise twice a second, for they come to others as well. Whoever watches what has changed then reads for themselves. Where a watcher is, a
//! token says that is made of what they were told: any replica goes on from it, and nothing is kept for anybody.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::{Stream, stream};
use phidia_domain::{Kind, Rejection, caller::Caller, id::ApplicationId};
use phidia_runtime::{failure::Failure, service::Worker};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::track::Tracked;
use crate::{
    Intake,
    store::reading::{self, Mark},
};

/// How soon is told what another replica wrote; real time.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// No look follows sooner on another, however many facts come.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(100);
/// Who may watch at once at one replica.
const MOST_WATCHERS: usize = 512;
/// So many of them may watch the same application: nobody takes all places with one receipt.
const MOST_OF_ONE: usize = 8;
/// After which silence a watcher is told that it is still looked, or that it is not.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What all who watch share.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// How often each application is watched.
    watched: Arc<Mutex<BTreeMap<ApplicationId, usize>>>,
    /// What was last seen of each.
    seen: Arc<watch::Sender<BTreeMap<ApplicationId, Mark>>>,
    /// When it was last looked; real time.
    looked: Arc<watch::Sender<Instant>>,
    /// Woken when facts have come here.
    wake: Arc<Notify>,
    stop: CancellationToken,
    seats: Arc<Semaphore>,
}

impl Watched {
    /// Nobody watches yet. When `stop` is cancelled, those who do are sent away: a server would wait for them.
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self {
            watched: Arc::default(),
            seen: Arc::new(watch::Sender::new(BTreeMap::new())),
            looked: Arc::new(watch::Sender::new(Instant::now())),
            wake: Arc::default(),
            stop,
            seats: Arc::new(Semaphore::new(MOST_WATCHERS)),
        }
    }

    /// Facts have come.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Whether a silence says that nothing has changed: while the store is away, nobody looks.
    fn is_looking(&self) -> bool {
        self.looked.borrow().elapsed() < HEARTBEAT
    }

    fn ids(&self) -> Vec<ApplicationId> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

/// A place among those who watch, and what is watched from it.
struct Seat {
    watched: Watched,
    id: ApplicationId,
    _permit: OwnedSemaphorePermit,
}

impl Seat {
    fn take(watched: &Watched, id: ApplicationId) -> Result<Self, Rejection> {
        let full = |_| Rejection::new(Kind::Exhausted, "OVERLOADED", "too many watch at once");
        let permit = Arc::clone(&watched.seats).try_acquire_owned().map_err(full)?;
        let mut of_all = watched.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let of_this = of_all.entry(id).or_default();
        if *of_this == MOST_OF_ONE {
            return Err(Rejection::new(Kind::Exhausted, "OVERLOADED", "too many watch this application"));
        }
        *of_this += 1;
        drop(of_all);
        Ok(Self { watched: watched.clone(), id, _permit: permit })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut watched = self.watched.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = watched.get_mut(&self.id) {
            *count -= 1;
            if *count == 0 {
                watched.remove(&self.id);
            }
        }
    }
}

/// What a watcher is told: how it stands; none: as before.
pub(crate) type Told = Option<Box<Tracked>>;

/// Somebody who watches.
struct Watcher {
    intake: Intake,
    seat: Seat,
    seen: watch::Receiver<BTreeMap<ApplicationId, Mark>>,
    /// The mark by which they read last.
    mark: Option<Mark>,
    is_greeted: bool,
    has_ended: bool,
}

impl Intake {
    /// How an application stands, and once more whenever something of it may have changed, until it has ended.
    ///
    /// # Errors
    /// As [`Intake::by_receipt`]; `RESOURCE_EXHAUSTED` where too many watch.
    pub(crate) async fn watch(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
    ) -> Result<(ApplicationId, impl Stream<Item = Result<Told, Failure>> + use<>), Failure> {
        let id = self.by_receipt(caller, dossier_code, check_code).await?;
        let watcher = Watcher {
            intake: self.clone(),
            seat: Seat::take(&self.watched, id)?,
            seen: self.watched.seen.subscribe(),
            mark: None,
            is_greeted: false,
            has_ended: false,
        };
        let told = stream::try_unfold(watcher, async |mut watcher| {
            let told = watcher.next().await?;
            Ok(told.map(|told| (told, watcher)))
        });
        Ok((id, told))
    }
}

impl Watcher {
    /// What they are told next; none: it has ended.
    async fn next(&mut self) -> Result<Option<Told>, Failure> {
        if self.has_ended {
            return Ok(None);
        }
        let stop = self.seat.watched.stop.clone();
        let mut silence = std::pin::pin!(tokio::time::sleep(HEARTBEAT));
        loop {
            let mark = self.seen.borrow_and_update().get(&self.seat.id).cloned();
            let is_new = mark.is_some() && mark != self.mark;
            if is_new || !self.is_greeted {
                self.is_greeted = true;
                self.mark = mark;
                let tracked = self.intake.tracked(self.seat.id).await?;
                self.has_ended = tracked.application.progress.status.is_final();
                return Ok(Some(Some(Box::new(tracked))));
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(going_away()),
                () = &mut silence => {
                    return if self.seat.watched.is_looking() { Ok(Some(None)) } else { Err(blind()) };
                }
                Ok(()) = self.seen.changed() => {}
            }
        }
    }
}

/// Looks at what is watched, until it is stopped.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("watch applications", move |stop| async move {
        let watched = intake.watched.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = watched.wake.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(failure) = intake.look().await {
                tracing::debug!(%failure, "those who watch applications cannot be told now");
            }
            tokio::time::sleep(LOOK_AT_MOST_EVERY).await;
        }
    })
}

impl Intake {
    async fn look(&self) -> Result<(), Failure> {
        let ids = self.watched.ids();
        let marks = match ids.is_empty() {
            true => BTreeMap::new(),
            false => {
                let province = &self.versions.active().await?.value.code;
                reading::marks(self.outbox.database().read(), province, &ids).await?
            }
        };
        self.watched.seen.send_if_modified(|seen| {
            let is_other = *seen != marks;
            *seen = marks;
            is_other
        });
        self.watched.looked.send_replace(Instant::now());
        Ok(())
    }
}

fn blind() -> Failure {
    let message = "it cannot be looked now how the application stands: go on in a while";
    Rejection::new(Kind::Unavailable, "STORE_UNAVAILABLE", message).into()
}

fn going_away() -> Failure {
    Rejection::new(Kind::Unavailable, "GOING_AWAY", "this service is stopping: go on at another").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_watches_is_not_told_that_all_is_well_while_nobody_looks() {
        let watched = Watched::new(CancellationToken::new());
        let looked = |ago| watched.looked.send_replace(Instant::now().checked_sub(ago).unwrap());
        looked(HEARTBEAT / 2);
        assert!(watched.is_looking());
        looked(HEARTBEAT);
        assert!(!watched.is_looking());
    }
}
