//! Watches a mailbox for whoever may read it: what comes into it from now on, or behind a token.
//!
//! ```text
//!   sink ──> wakes ─┐
//!   every half second ──> a worker asks for all mailboxes that are watched what is new there, numbers it ([`crate::store::places`]),
//!                         and wakes their watchers ──> each reads behind its own number, a page at a time
//! ```
//!
//! Where a watcher is, a token says: it goes on at any replica, and nothing is kept for anybody.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::{Stream, stream};
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
};
use phidia_runtime::{database::Database, failure::Failure, service::Worker};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    config::FeedConfig,
    feed::{Feed, Place},
    list_messages::{check, of_another_unit},
    store::{Message, mailbox::Mailbox, places},
};

/// How soon is told what another replica wrote; real time.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// No look follows sooner on another, however many facts come.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(50);
/// Who may watch at once at one replica.
const MOST_WATCHERS: usize = 512;
/// Messages that are read at a time.
const PAGE: u64 = 100;

/// What all who watch share.
#[derive(Clone, Debug)]
pub(crate) struct Mailboxes {
    db: Database,
    /// Of which feed this is the store: a token of before a backup was brought back means nothing here either.
    feed: Feed,
    /// How often each is watched.
    watched: Arc<Mutex<BTreeMap<Mailbox, usize>>>,
    /// The last number that was seen in each.
    seen: Arc<watch::Sender<BTreeMap<Mailbox, i64>>>,
    /// When it was last looked; real time.
    looked: Arc<watch::Sender<Instant>>,
    /// Woken when something was told here.
    wake: Arc<Notify>,
    stop: CancellationToken,
    heartbeat: Duration,
    /// Messages that a watcher may fall behind.
    most_behind: i64,
    seats: Arc<Semaphore>,
}

/// What a watcher is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Where they are afterwards.
    pub(crate) place: Place,
    /// In the order in which they came to be read; none: nothing has come, and this says that it is still looked.
    pub(crate) messages: Vec<Message>,
}

/// A place among those who watch, and what is watched from it.
struct Seat {
    mailboxes: Mailboxes,
    mailbox: Mailbox,
    _permit: OwnedSemaphorePermit,
}

/// Somebody who watches.
struct Watcher {
    seat: Seat,
    seen: watch::Receiver<BTreeMap<Mailbox, i64>>,
    place: i64,
    /// As which the mailbox is known in tokens.
    known_as: uuid::Uuid,
    /// The last number that there was when they came.
    last: i64,
    /// Whether they have been told everything at some time: what lay behind an old token is no sign of slowness.
    is_abreast: bool,
    /// Whether they were told anything yet.
    is_greeted: bool,
}

impl Mailboxes {
    /// Nobody watches yet. When `stop` is cancelled, those who do are sent away: a server would wait for them.
    pub(crate) fn new(feed: Feed, config: &FeedConfig, stop: CancellationToken) -> Self {
        Self {
            db: feed.outbox.database().clone(),
            feed,
            watched: Arc::default(),
            seen: Arc::new(watch::Sender::new(BTreeMap::new())),
            looked: Arc::new(watch::Sender::new(Instant::now())),
            wake: Arc::default(),
            stop,
            heartbeat: config.heartbeat(),
            most_behind: config.most_behind.max(1).into(),
            seats: Arc::new(Semaphore::new(MOST_WATCHERS)),
        }
    }

    /// Something may have come.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// What comes into a mailbox behind a place, or from now on, for as long as somebody listens.
    ///
    /// # Errors
    /// As [`crate::list_messages::list_messages`]; `PERMISSION_DENIED` for another system that asks for a unit's; `OUT_OF_RANGE` for
    /// a place of another mailbox, or of before a backup was brought back; `RESOURCE_EXHAUSTED` where too many watch.
    pub(crate) async fn watch(
        &self,
        caller: &Caller,
        mailbox: Mailbox,
        from: Option<Place>,
    ) -> Result<impl Stream<Item = Result<Told, Failure>> + use<>, Failure> {
        check(caller, mailbox)?;
        if matches!(mailbox, Mailbox::Unit(_)) && caller.role == Role::System {
            return Err(of_another_unit().into());
        }
        let seat = Seat::take(self, mailbox)?;
        // Before it is asked where the mailbox is: what comes later wakes.
        let seen = self.seen.subscribe();
        let known_as = self.feed.known_as(&mailbox.key()).await?;
        let last = places::number(&self.db, mailbox).await?;
        let place = match from {
            None => last,
            Some(Place { epoch, position }) if epoch == known_as && position <= last => position,
            Some(_) => return Err(of_another().into()),
        };
        let is_abreast = from.is_none();
        let watcher = Watcher { seat, seen, place, known_as, last, is_abreast, is_greeted: false };
        Ok(stream::try_unfold(watcher, async |mut watcher| {
            watcher.next().await.map(|told| Some((told, watcher)))
        }))
    }

    fn watched(&self) -> Vec<Mailbox> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Looks what is new in the mailboxes that are watched, and numbers it.
    async fn look(&self) -> Result<(), Failure> {
        let watched = self.watched();
        let mut seen = self.seen.borrow().clone();
        seen.retain(|mailbox, _| watched.binary_search(mailbox).is_ok());
        for mailbox in watched {
            if let Entry::Vacant(new) = seen.entry(mailbox) {
                new.insert(places::number(&self.db, mailbox).await?);
            }
        }
        for (mailbox, is_to_be_numbered) in places::news(self.db.read(), &seen).await? {
            let last = match is_to_be_numbered {
                true => places::number(&self.db, mailbox).await?,
                false => places::last(self.db.read(), mailbox).await?,
            };
            seen.insert(mailbox, last);
        }
        self.seen.send_if_modified(|known| {
            let is_other = *known != seen;
            *known = seen;
            is_other
        });
        self.looked.send_replace(Instant::now());
        Ok(())
    }
}

/// Looks at what is watched, until it is stopped.
pub(crate) fn worker(mailboxes: Mailboxes) -> Worker {
    Worker::new("notification-mailboxes", move |stop| async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = mailboxes.wake.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(failure) = mailboxes.look().await {
                tracing::debug!(%failure, "those who watch mailboxes cannot be told now");
            }
            tokio::time::sleep(LOOK_AT_MOST_EVERY).await;
        }
    })
}

impl Seat {
    fn take(mailboxes: &Mailboxes, mailbox: Mailbox) -> Result<Self, Rejection> {
        let full = |_| Rejection::new(Kind::Exhausted, "OVERLOADED", "too many watch at once");
        let permit = Arc::clone(&mailboxes.seats).try_acquire_owned().map_err(full)?;
        let mut watched = mailboxes.watched.lock().unwrap_or_else(PoisonError::into_inner);
        *watched.entry(mailbox).or_default() += 1;
        drop(watched);
        Ok(Self { mailboxes: mailboxes.clone(), mailbox, _permit: permit })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut watched = self.mailboxes.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = watched.get_mut(&self.mailbox) {
            *count -= 1;
            if *count == 0 {
                watched.remove(&self.mailbox);
            }
        }
    }
}

impl Watcher {
    /// What they are told next; it takes as long as it takes, or until a heartbeat is due.
    async fn next(&mut self) -> Result<Told, Failure> {
        // At once where they are: what comes from here on they are told.
        if !std::mem::replace(&mut self.is_greeted, true) {
            return Ok(self.told(Vec::new()));
        }
        let (stop, heartbeat) = (self.seat.mailboxes.stop.clone(), self.seat.mailboxes.heartbeat);
        let mut silence = pin!(tokio::time::sleep(heartbeat));
        loop {
            let seen = self.seen.borrow_and_update().get(&self.seat.mailbox).copied();
            self.last = self.last.max(seen.unwrap_or_default());
            if self.last > self.place {
                let messages = self.read().await?;
                return Ok(self.told(messages));
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(going_away()),
                () = &mut silence => {
                    // While the store is away nobody looks, and a silence says nothing.
                    let is_looked = self.seat.mailboxes.looked.borrow().elapsed() < heartbeat.max(LOOK_EVERY * 4);
                    return if is_looked { Ok(self.told(Vec::new())) } else { Err(blind()) };
                }
                Ok(()) = self.seen.changed() => {}
            }
        }
    }

    fn told(&self, messages: Vec<Message>) -> Told {
        Told { place: Place { epoch: self.known_as, position: self.place }, messages }
    }

    /// The next page.
    async fn read(&mut self) -> Result<Vec<Message>, Failure> {
        let Mailboxes { db, most_behind, feed, .. } = &self.seat.mailboxes;
        let mailbox = self.seat.mailbox;
        if self.known_as != feed.known_as(&mailbox.key()).await? {
            return Err(of_another().into());
        }
        if self.is_abreast && self.last - self.place > *most_behind {
            return Err(too_slow(self.told(Vec::new()).place));
        }
        let page = places::behind(db.read(), mailbox, self.place, PAGE).await?;
        let is_last = u64::try_from(page.len()).is_ok_and(|count| count < PAGE);
        self.place = page.last().map_or(self.last, |(place, _)| *place);
        self.is_abreast |= is_last;
        Ok(page.into_iter().map(|(_, message)| message).collect())
    }
}

fn of_another() -> Rejection {
    let message = "this token is of another mailbox, or of before a backup was brought back: list the messages, and watch from now on";
    Rejection::new(Kind::OutOfRange, "TOKEN_OUT_OF_RANGE", message)
}

fn too_slow(place: Place) -> Failure {
    let message = "more comes than is read here: go on from the token, and read faster";
    Rejection::new(Kind::Exhausted, "READER_TOO_SLOW", message).with("resume_token", place.token()).into()
}

fn going_away() -> Failure {
    Rejection::new(Kind::Unavailable, "GOING_AWAY", "this service is stopping: go on at another").into()
}

fn blind() -> Failure {
    let message = "it cannot be looked now what has come: go on in a while";
    Rejection::new(Kind::Unavailable, "STORE_UNAVAILABLE", message).into()
}
