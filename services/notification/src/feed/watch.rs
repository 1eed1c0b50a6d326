//! Readers of the feed: who listens, and who asks page by page. A worker ([`super::worker`]) looks how far the feed is settled and
//! wakes all who listen; each reads for themselves, so a slow one holds nobody up, and nothing is kept for it.

use std::{pin::pin, sync::Arc};

use futures::{Stream, stream};
use jiff::Timestamp;
use phidia_domain::{Kind, Rejection, feed::Filter};
use phidia_proto::notification::v1::PublicEvent;
use phidia_runtime::failure::Failure;
use tokio::sync::{OwnedSemaphorePermit, watch};
use uuid::Uuid;

use super::{Entry, Feed, Place};

/// Events that are read at a time.
const PAGE: u64 = 200;
/// So many are looked through for one page of a list at most: a filter may admit few.
const MOST_LOOKED_THROUGH: usize = 10_000;

/// From where on somebody reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    /// Behind a place that they were given.
    Place(Place),
    /// What was recorded then or later.
    Since(Timestamp),
}

/// What a reader is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Where they are afterwards.
    pub(crate) place: Place,
    /// In order; none: nothing has happened, and this says that it is still looked.
    pub(crate) events: Vec<PublicEvent>,
}

/// Somebody who listens.
struct Watcher {
    feed: Feed,
    /// The feed that they began to read.
    epoch: Uuid,
    filter: Filter,
    settled: watch::Receiver<i64>,
    /// One of the places that there are.
    _seat: OwnedSemaphorePermit,
    position: i64,
    /// Whether they have been told everything at some time: what lay behind an old token is no sign of slowness.
    is_abreast: bool,
    /// Whether they were told anything yet.
    is_greeted: bool,
}

impl Feed {
    /// What happens behind a place, or from now on, for as long as somebody listens.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` for a place behind which something is no longer kept, or of another feed; `RESOURCE_EXHAUSTED` where too many
    /// listen.
    pub(crate) async fn watch(
        &self,
        filter: Filter,
        from: Option<From>,
    ) -> Result<impl Stream<Item = Result<Told, Failure>> + use<>, Failure> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().map_err(|_| full())?;
        // Before it is asked where the feed is: what is settled later wakes.
        let settled = self.settled();
        let epoch = self.epoch().await?;
        let (position, is_abreast) = match from {
            None => (self.outbox.follower().settled_by_now().await?, true),
            Some(from) => (self.begin(from).await?, false),
        };
        let watcher = Watcher {
            feed: self.clone(),
            epoch,
            filter,
            settled,
            _seat: seat,
            position,
            is_abreast,
            is_greeted: false,
        };
        Ok(stream::try_unfold(watcher, async |mut watcher| {
            watcher.next().await.map(|told| Some((told, watcher)))
        }))
    }

    /// A page of what lies behind a place, or of what is kept, and whether it is the last by now.
    ///
    /// # Errors
    /// As [`Feed::watch`].
    pub(crate) async fn list(
        &self,
        filter: &Filter,
        from: Option<From>,
        limit: u64,
    ) -> Result<(Told, bool), Failure> {
        let epoch = self.epoch().await?;
        let mut position = match from {
            None => self.outbox.pruned_through().await?,
            Some(from) => self.begin(from).await?,
        };
        let settled = self.outbox.follower().settled_by_now().await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut events, mut looked_through) = (Vec::new(), 0);
        while events.len() < limit && looked_through < MOST_LOOKED_THROUGH && position < settled {
            let page = self.between(position, settled, PAGE).await?;
            // Afterwards: what was there when the page was read is in it.
            self.check_kept(position).await?;
            looked_through += page.len();
            if page.is_empty() {
                position = settled;
            }
            for entry in page {
                if events.len() == limit {
                    break;
                }
                position = entry.position;
                events.extend(filter.admits(&entry.about).then_some(entry.event));
            }
        }
        Ok((Told { place: Place { epoch, position }, events }, position >= settled))
    }

    /// The position behind which somebody begins.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` as [`Feed::watch`].
    pub(crate) async fn begin(&self, from: From) -> Result<i64, Failure> {
        let place = match from {
            From::Since(at) => return self.outbox.before(at).await,
            From::Place(place) => place,
        };
        if place.epoch != self.epoch().await? || place.position > self.outbox.newest().await? {
            return Err(of_another().into());
        }
        self.check_kept(place.position).await?;
        Ok(place.position)
    }

    /// That nothing behind a position has been pruned.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` where something has.
    pub(crate) async fn check_kept(&self, position: i64) -> Result<(), Failure> {
        let pruned = self.outbox.pruned_through().await?;
        if position < pruned {
            let message = "what came after this token is no longer kept; the oldest that works is given";
            let oldest = Place { epoch: self.epoch().await?, position: pruned }.token();
            return Err(out_of_range(message).with("oldest_resume_token", oldest).into());
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
        let stop = self.feed.stop.clone();
        let mut silence = pin!(tokio::time::sleep(self.feed.heartbeat));
        loop {
            let settled = *self.settled.borrow_and_update();
            if settled > self.position {
                let events = self.read(settled).await?;
                if !events.is_empty() {
                    return Ok(self.told(events));
                }
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(going_away()),
                // Also while they catch up through what their filter leaves out: they come to their place.
                () = &mut silence => return Ok(self.told(Vec::new())),
                () = std::future::ready(()), if self.position < settled => {}
                Ok(()) = self.settled.changed() => {}
            }
        }
    }

    fn told(&self, events: Vec<PublicEvent>) -> Told {
        Told { place: self.place(), events }
    }

    fn place(&self) -> Place {
        Place { epoch: self.epoch, position: self.position }
    }

    /// The next page, as far as they ask for it.
    async fn read(&mut self, settled: i64) -> Result<Vec<PublicEvent>, Failure> {
        if self.is_abreast && settled - self.position > self.feed.most_behind {
            return Err(too_slow(self.place()));
        }
        let page = self.feed.between(self.position, settled, PAGE).await?;
        // Afterwards: what was there when the page was read is in it.
        self.feed.check_kept(self.position).await?;
        if self.feed.epoch().await? != self.epoch {
            return Err(of_another().into());
        }
        let is_last = u64::try_from(page.len()).is_ok_and(|count| count < PAGE);
        self.position = page.last().filter(|_| !is_last).map_or(settled, |entry| entry.position);
        self.is_abreast |= is_last;
        let mine = page.into_iter().filter(|entry| self.filter.admits(&entry.about));
        Ok(mine.map(|Entry { event, .. }| event).collect())
    }
}

fn of_another() -> Rejection {
    out_of_range("this token is of a feed that is no longer: list the events anew")
}

fn out_of_range(message: &str) -> Rejection {
    Rejection::new(Kind::OutOfRange, "TOKEN_OUT_OF_RANGE", message)
}

fn full() -> Rejection {
    Rejection::new(Kind::Exhausted, "OVERLOADED", "too many watch at once")
}

fn too_slow(place: Place) -> Failure {
    let message = "more happens than is read here: go on from the token, and read faster, or less";
    Rejection::new(Kind::Exhausted, "READER_TOO_SLOW", message).with("resume_token", place.token()).into()
}

fn going_away() -> Failure {
    Rejection::new(Kind::Unavailable, "GOING_AWAY", "this service is stopping: go on at another").into()
}
