//! What happens to cases, for those who watch: the events of our own outbox, in the order that is surely committed.
//!
//! A worker looks, while somebody watches, how far the outbox is settled, and wakes them all. Each of them reads the events behind its own
//! place from the store, a page at a time and only when the page before was taken: so a slow one holds nobody up, and
//! nothing is kept for it. Where a watcher is, a position says, which is the store's: it goes on at any replica.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use futures::{Stream, stream};
use phidia_domain::{
    Kind, Rejection,
    caller::Caller,
    id::{ApplicationId, UnitId},
};
use phidia_proto::{
    convert,
    events::v1::{Event, event::Fact},
};
use phidia_runtime::{failure::Failure, service::Worker};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::{Config, Processing, caller, store};

/// How soon is told what another replica wrote; real time.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Who may watch at once at one replica: twice the centres of a large province, and others.
const MOST_WATCHERS: usize = 512;
/// Events that are read at a time.
const PAGE: u64 = 100;

/// Where a watcher is: it has been told everything up to this position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(i64);

/// What a watcher is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Where they are afterwards.
    pub(crate) place: Place,
    /// In order; none: nothing has happened, and this says that it is still looked.
    pub(crate) events: Vec<Event>,
}

/// What all who watch share.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// Up to where the outbox is settled.
    settled: Arc<watch::Sender<i64>>,
    stop: CancellationToken,
    heartbeat: Duration,
    /// Positions that a watcher may fall behind.
    most_behind: i64,
    /// One for each who may watch at once: each reads for themselves.
    seats: Arc<Semaphore>,
}

impl Watched {
    /// Nobody watches yet. When `stop` is cancelled, those who do are sent away: a server would wait for them.
    pub(crate) fn new(config: &Config, stop: CancellationToken) -> Self {
        Self {
            settled: Arc::new(watch::Sender::new(0)),
            stop,
            heartbeat: Duration::from_secs(config.heartbeat_seconds.into()),
            most_behind: config.watch_most_behind.into(),
            seats: Arc::new(Semaphore::new(MOST_WATCHERS)),
        }
    }
}

/// Somebody who watches.
struct Watcher {
    processing: Processing,
    settled: watch::Receiver<i64>,
    province: String,
    /// Only what concerns this unit; none: the whole province.
    unit: Option<UnitId>,
    /// One of the places that there are.
    _seat: OwnedSemaphorePermit,
    place: i64,
    /// Whether they have been told everything at some time: what lay behind an old token is no sign of slowness.
    is_abreast: bool,
    /// Whether they were told anything yet.
    is_greeted: bool,
}

impl Processing {
    /// What happens to cases behind `place`, or from now on, for as long as somebody listens: at the unit with this code, the caller's own
    /// where they are at one, or all over the province.
    ///
    /// # Errors
    /// Those of `caller::unit_asked_for`; `OUT_OF_RANGE` for a place behind which something is no longer kept, or that is not
    /// of this store.
    pub(crate) async fn watch_cases(
        &self,
        caller: &Caller,
        unit_code: &str,
        place: Option<Place>,
    ) -> Result<impl Stream<Item = Result<Told, Failure>> + use<>, Failure> {
        let today = self.versions.active().await?;
        let unit = match caller::scope(caller)? {
            None if unit_code.is_empty() => None,
            _ => Some(caller::unit_asked_for(caller, &today.value, unit_code)?),
        };
        let seat = Arc::clone(&self.watched.seats).try_acquire_owned().map_err(|_| full())?;
        // Before it is asked where the outbox is: what is settled later wakes.
        let settled = self.watched.settled.subscribe();
        let now = || async { self.outbox.follower().settled_by_now().await };
        let (place, is_abreast) = match place {
            None => (now().await?, true),
            Some(Place(place)) => {
                self.check_kept(place).await?;
                if place > self.outbox.newest().await? {
                    return Err(out_of_range("nothing here has come as far as this token").into());
                }
                (place, false)
            }
        };
        let processing = self.clone();
        let province = today.value.code.clone();
        let watcher = Watcher {
            processing,
            settled,
            province,
            unit,
            _seat: seat,
            place,
            is_abreast,
            is_greeted: false,
        };
        Ok(stream::try_unfold(watcher, async |mut watcher| {
            watcher.next().await.map(|told| Some((told, watcher)))
        }))
    }

    /// That nothing behind a position has been pruned.
    async fn check_kept(&self, place: i64) -> Result<(), Failure> {
        if place < self.outbox.pruned_through().await? {
            let message =
                "what came after this token is no longer kept; watch from now on, and read the cases anew";
            return Err(out_of_range(message).into());
        }
        Ok(())
    }
}

impl Watcher {
    /// What they are told next; it takes as long as it takes, or until a heartbeat is due.
    async fn next(&mut self) -> Result<Told, Failure> {
        // At once where they are: what happens from here on they are told.
        if !std::mem::replace(&mut self.is_greeted, true) {
            return Ok(self.told(Vec::new()));
        }
        let Watched { stop, heartbeat, .. } = self.processing.watched.clone();
        let mut silence = std::pin::pin!(tokio::time::sleep(heartbeat));
        loop {
            let settled = *self.settled.borrow_and_update();
            if settled > self.place {
                let events = self.read(settled).await?;
                if !events.is_empty() {
                    return Ok(self.told(events));
                }
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(going_away()),
                // Also while they catch up through what does not concern them: they come to their place.
                () = &mut silence => return Ok(self.told(Vec::new())),
                () = std::future::ready(()), if self.place < settled => {}
                Ok(()) = self.settled.changed() => {}
            }
        }
    }

    fn told(&self, events: Vec<Event>) -> Told {
        Told { place: Place(self.place), events }
    }

    /// The next page, as far as it concerns them.
    async fn read(&mut self, settled: i64) -> Result<Vec<Event>, Failure> {
        let Processing { outbox, watched, .. } = &self.processing;
        if self.is_abreast && settled - self.place > watched.most_behind {
            return Err(too_slow(Place(self.place)));
        }
        let page = outbox.between(self.place, settled, PAGE).await?;
        // Afterwards: what was there when the page was read is in it.
        self.processing.check_kept(self.place).await?;
        let is_last = u64::try_from(page.len()).is_ok_and(|count| count < PAGE);
        self.place = page.last().filter(|_| !is_last).map_or(settled, |(position, _)| *position);
        self.is_abreast |= is_last;
        let events: Vec<_> = page.into_iter().map(|(_, event)| event).collect();
        match self.unit {
            None => Ok(events),
            Some(unit) => self.of_unit(events, unit).await,
        }
    }

    /// Those that are about work at a unit; and of those that are about the case as a whole, the ones of cases that are or were there.
    async fn of_unit(&self, events: Vec<Event>, unit: UnitId) -> Result<Vec<Event>, Failure> {
        let whole = events.iter().filter(|event| unit_of(event).is_none());
        let ids = whole.map(|event| convert::id::<ApplicationId>(&event.application_id, "application_id"));
        let ids: BTreeSet<_> = ids.collect::<Result<_, _>>()?;
        let units: BTreeMap<_, _> = match ids.is_empty() {
            true => BTreeMap::new(),
            false => store::units_of(self.processing.outbox.database().read(), &self.province, ids).await?,
        };
        let unit_id = unit.to_string();
        let concerns = |event: &Event| match unit_of(event) {
            Some(of) => of == unit_id,
            None => event
                .application_id
                .parse()
                .is_ok_and(|id| units.get(&id).is_some_and(|units: &BTreeSet<UnitId>| units.contains(&unit))),
        };
        Ok(events.into_iter().filter(concerns).collect())
    }
}

/// The unit whose work an event is about; none: it is about the case as a whole.
fn unit_of(event: &Event) -> Option<&str> {
    match event.fact.as_ref()? {
        Fact::CaseOpened(fact) => Some(&fact.unit_id),
        Fact::StepStarted(fact) => Some(&fact.unit_id),
        Fact::StepCompleted(fact) => Some(&fact.unit_id),
        Fact::StepReady(fact) => Some(&fact.previous_unit_id),
        Fact::StepReturned(fact) => Some(&fact.unit_id),
        Fact::SupplementRequested(fact) => Some(&fact.unit_id),
        Fact::CasePaused(fact) => Some(&fact.unit_id),
        Fact::ReferralEnded(fact) => Some(&fact.from_unit_id),
        Fact::CaseResumed(fact) => Some(&fact.unit_id),
        Fact::DeadlineNear(fact) => Some(&fact.unit_id),
        Fact::AppointmentPostponed(fact) => Some(&fact.unit_id),
        Fact::ResultIssued(fact) => Some(&fact.return_at_unit_id),
        Fact::ResultHandedOver(fact) => Some(&fact.unit_id),
        Fact::CaseStopped(_)
        | Fact::CaseCompleted(_)
        | Fact::CaseReopened(_)
        | Fact::DeadlineReplanned(_) => None,
        // Not ours.
        Fact::ApplicationSubmitted(_)
        | Fact::WorkAssigned(_)
        | Fact::WorkUnassignable(_)
        | Fact::WorkMoved(_)
        | Fact::SupplementReceived(_)
        | Fact::PaymentReceived(_)
        | Fact::ApplicationRated(_)
        | Fact::ContactCorrected(_)
        | Fact::PreferencesStated(_)
        | Fact::Published(_)
        | Fact::StopRequested(_) => None,
    }
}

/// Looks how far the outbox is settled while somebody watches, until it is stopped.
pub(crate) fn worker(processing: Processing) -> Worker {
    Worker::new("watch cases", move |stop| async move {
        let mut follower = processing.outbox.follower();
        loop {
            let settled = &processing.watched.settled;
            let is_watched = settled.receiver_count() > 0;
            tokio::select! {
                () = stop.cancelled() => return,
                () = follower.wait(LOOK_EVERY), if is_watched => {}
                () = tokio::time::sleep(LOOK_EVERY), if !is_watched => {}
            }
            if settled.receiver_count() == 0 {
                continue;
            }
            match follower.settled().await {
                Ok(now) => {
                    settled.send_if_modified(|known| std::mem::replace(known, now.max(*known)) < now);
                }
                Err(failure) => {
                    tracing::debug!(%failure, "those who watch cases cannot be told now");
                    // A store that is away is not asked at once again.
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    })
}

/// As it is given to a watcher, who gives it back.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Place {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let position = text.parse().ok().filter(|position| *position >= 0);
        position.map(Self).ok_or_else(|| {
            Rejection::invalid("MALFORMED_RESUME_TOKEN", "resume_token", "not one that was given")
        })
    }
}

fn out_of_range(message: &str) -> Rejection {
    Rejection::new(Kind::OutOfRange, "TOKEN_OUT_OF_RANGE", message)
}

fn full() -> Rejection {
    Rejection::new(Kind::Exhausted, "OVERLOADED", "too many watch at once")
}

fn too_slow(place: Place) -> Failure {
    let message = "more happens than is read here: go on from the token, and read faster, or less";
    Rejection::new(Kind::Exhausted, "READER_TOO_SLOW", message).with("resume_token", place).into()
}

fn going_away() -> Failure {
    Rejection::new(Kind::Unavailable, "GOING_AWAY", "this service is stopping: go on at another").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_there_and_back_and_rubbish_is_refused() {
        assert_eq!("17".parse(), Ok(Place(17)));
        assert_eq!(Place(17).to_string(), "17");
        for rubbish in ["", "x", "-1", "1.2", "99999999999999999999"] {
            assert_eq!(rubbish.parse::<Place>().unwrap_err().reason, "MALFORMED_RESUME_TOKEN", "{rubbish}");
        }
    }
}
