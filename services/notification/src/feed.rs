//! The public feed: what other systems are told of, once for all of them, in an order of its own.
//!
//! ```text
//!   facts of other services ──> sink ──> publish ──> our outbox (nobody subscribes) ──┬──> watch ──> WatchEvents, ListEvents
//!                                          │  one transaction                         └──> webhook
//!                                          └──> early: came before the application was accepted
//! ```
//!
//! The outbox gives what a feed needs: places that grow, a number per application without gaps, and, on PostgreSQL, how far everything is
//! surely committed.

pub(crate) mod cloud_event;
mod place;
mod publish;
pub(crate) mod watch;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::Timestamp;
use phidia_domain::{
    feed::{About, Filter},
    id::{ApplicationId, EventId, UnitId},
};
use phidia_outbox::{Facts, NewEvent, Outbox};
use phidia_proto::{
    convert,
    events::v1::{Event, Published, event::Fact},
    notification::v1::{EventFilter, PublicEvent},
};
use phidia_runtime::{clock::RealClock, digest, failure::Failure, service::Worker};
use prost::Message as _;
use sea_orm::DatabaseTransaction;
use tokio::sync::{Semaphore, watch as channel};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::feed::{self as store, Subject};

pub(crate) use place::Place;
pub(crate) use publish::is_public;

/// How soon is told what another replica wrote; real time.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Who may watch at once at one replica.
const MOST_WATCHERS: usize = 256;

/// The feed as all who read it share it.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) outbox: Outbox,
    /// Up to where it is settled.
    settled: Arc<channel::Sender<i64>>,
    /// When it is cancelled, those who watch are sent away: a server would wait for them.
    stop: CancellationToken,
    heartbeat: Duration,
    /// Places that a watcher may fall behind.
    most_behind: i64,
    /// One for each who may watch at once: each reads for themselves.
    seats: Arc<Semaphore>,
}

/// One event of the feed, with its place.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) position: i64,
    pub(crate) application: ApplicationId,
    /// What filters look at.
    pub(crate) about: About,
    pub(crate) event: PublicEvent,
}

impl Feed {
    /// The feed in this outbox.
    pub(crate) async fn open(
        outbox: Outbox,
        config: &crate::config::FeedConfig,
        stop: CancellationToken,
    ) -> Result<Self, Failure> {
        let feed = Self {
            outbox,
            settled: Arc::new(channel::Sender::new(0)),
            stop,
            heartbeat: config.heartbeat(),
            most_behind: config.most_behind.max(1).into(),
            seats: Arc::new(Semaphore::new(MOST_WATCHERS)),
        };
        feed.epoch().await?;
        Ok(feed)
    }

    /// Which feed it is by now: places of another mean nothing here.
    pub(crate) async fn epoch(&self) -> Result<Uuid, Failure> {
        let db = self.outbox.database();
        match store::epoch(db.read()).await? {
            Some(epoch) => Ok(epoch),
            None => store::begin_first(db, fresh()).await,
        }
    }

    /// By what something else of this store is known for as long as it is the same feed: after a backup was brought back it is another.
    pub(crate) async fn known_as(&self, thing: &str) -> Result<Uuid, Failure> {
        let of_both = digest::sha256(format!("{}/{thing}", self.epoch().await?).as_bytes());
        of_both
            .get(..32)
            .and_then(|half| Uuid::try_parse(half).ok())
            .ok_or_else(|| Failure::broken("no digest"))
    }

    /// Begins another feed: a backup was brought back, and places that were given before are given again to other events. Whoever comes
    /// with a token of before is told so. Answers when it began, real time.
    pub(crate) async fn renumber(&self, actor: String, reason: String) -> Result<Timestamp, Failure> {
        let now = RealClock.now();
        tracing::warn!(actor, "another feed begins: tokens of before are refused");
        let db = self.outbox.database();
        db.write(move |tx| {
            Box::pin(async move { store::begin_another(tx, fresh(), now, actor, reason).await })
        })
        .await?;
        Ok(now)
    }

    /// Up to where everything that will ever be there is there, for whoever reads along.
    pub(crate) fn settled(&self) -> channel::Receiver<i64> {
        self.settled.subscribe()
    }

    /// What lies behind one place up to another, so many at most.
    pub(crate) async fn between(&self, after: i64, through: i64, limit: u64) -> Result<Vec<Entry>, Failure> {
        let page = self.outbox.between(after, through, limit).await?;
        page.into_iter().filter_map(|(position, event)| entry(position, event).transpose()).collect()
    }

    /// What there is of one application from one place up to another, so many at most.
    pub(crate) async fn of_application(
        &self,
        application: ApplicationId,
        from: i64,
        through: i64,
        limit: u64,
    ) -> Result<Vec<Entry>, Failure> {
        let page = self.outbox.of_application(application, from, through, limit).await?;
        page.into_iter().filter_map(|(position, event)| entry(position, event).transpose()).collect()
    }
}

fn fresh() -> Uuid {
    Uuid::from_bytes(phidia_runtime::random::bytes())
}

/// Looks how far the feed is settled while somebody reads along, until it is stopped.
pub(crate) fn worker(feed: Feed) -> Worker {
    Worker::new("notification-feed", move |stop| async move {
        let mut follower = feed.outbox.follower();
        loop {
            let is_read = feed.settled.receiver_count() > 0;
            tokio::select! {
                () = stop.cancelled() => return,
                () = follower.wait(LOOK_EVERY), if is_read => {}
                () = tokio::time::sleep(LOOK_EVERY), if !is_read => {}
            }
            if feed.settled.receiver_count() == 0 {
                continue;
            }
            match follower.settled().await {
                Ok(now) => {
                    feed.settled.send_if_modified(|known| std::mem::replace(known, now.max(*known)) < now);
                }
                Err(failure) => {
                    tracing::debug!(%failure, "those who read the feed cannot be told now");
                    // A store that is away is not asked at once again.
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    })
}

/// Tells other systems of a fact, within the transaction that remembers it. What comes before its application was accepted is kept, and
/// told behind that: nobody waits for it.
///
/// # Errors
/// Those of the store; `INVALID_ARGUMENT` for a fact that cannot be.
pub(crate) async fn publish(
    tx: &DatabaseTransaction,
    event: &Event,
    facts: &mut Facts,
) -> Result<(), Failure> {
    let Some((kind, data)) = event.fact.as_ref().and_then(publish::of) else { return Ok(()) };
    let (province, application) = (&event.province, convert::id(&event.application_id, "application_id")?);
    let units = publish::units(&data).into_iter().map(|id| convert::id::<UnitId>(id, "unit_id"));
    // What a unit is called elsewhere is no reason not to tell.
    let units: Vec<_> = units.filter_map(Result::ok).collect();
    let public = PublicEvent {
        id: event.id.clone(),
        r#type: kind.as_str().to_owned(),
        province: province.clone(),
        application_id: event.application_id.clone(),
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        data: Some(data),
        ..PublicEvent::default()
    };
    let mut telling = Telling { application, facts };
    if let Some(Fact::ApplicationSubmitted(fact)) = &event.fact {
        let known = store::subject_alone(tx, province, application).await?.unwrap_or_default();
        let mut subject = Subject { procedure: fact.procedure_code.clone(), ..known };
        subject.add(units);
        telling.tell(public, &subject)?;
        return telling.early(tx, province, subject).await;
    }
    let subject = match store::subject(tx, province, application).await? {
        Some(subject) => subject,
        None => match store::subject_alone(tx, province, application).await? {
            Some(subject) => subject,
            None if store::is_of_before(tx, province, application).await? => {
                // Also what came early while a replica of the version before took the acceptance in.
                let mut subject = Subject::default();
                subject.add(units);
                telling.early(tx, province, subject.clone()).await?;
                return telling.tell(public, &subject);
            }
            None => return store::keep_early(tx, province, application, &public).await,
        },
    };
    let mut with_these = subject.clone();
    if with_these.add(units.iter().copied()) {
        // Another source may add one at the same time.
        with_these = store::subject_alone(tx, province, application).await?.unwrap_or(subject);
        with_these.add(units);
        store::keep_subject(tx, province, application, &with_these).await?;
    }
    telling.tell(public, &with_these)
}

/// What is told of one application.
struct Telling<'f> {
    application: ApplicationId,
    facts: &'f mut Facts,
}

impl Telling<'_> {
    fn tell(&mut self, mut event: PublicEvent, subject: &Subject) -> Result<(), Failure> {
        let occurred_at = convert::required(event.occurred_at, "occurred_at")?;
        let cause: EventId = convert::id(&event.id, "id")?;
        event.procedure_code.clone_from(&subject.procedure);
        event.unit_ids = subject.units.iter().map(ToString::to_string).collect();
        self.facts.tell(NewEvent {
            province: event.province.clone(),
            application: self.application,
            occurred_at: convert::timestamp(occurred_at, "occurred_at")?,
            actor: String::new(),
            cause: Some(cause),
            traceparent: String::new(),
            fact: Fact::Published(Published { public_event: event.encode_to_vec() }),
        });
        Ok(())
    }

    /// Tells what came early, and keeps the subject with the units of all that.
    async fn early(
        &mut self,
        tx: &DatabaseTransaction,
        province: &str,
        mut subject: Subject,
    ) -> Result<(), Failure> {
        for event in store::take_early(tx, province, self.application).await? {
            let units = event.data.as_ref().map(publish::units).unwrap_or_default();
            subject.add(units.into_iter().filter_map(|id| id.parse().ok()));
            self.tell(event, &subject)?;
        }
        store::keep_subject(tx, province, self.application, &subject).await
    }
}

/// An event of the outbox as one of the feed; none: it is something else.
fn entry(position: i64, event: Event) -> Result<Option<Entry>, Failure> {
    let Some(Fact::Published(published)) = event.fact else { return Ok(None) };
    let mut public = PublicEvent::decode(&*published.public_event).map_err(Failure::broken)?;
    public.sequence = u64::try_from(position).map_err(Failure::broken)?;
    public.application_sequence = event.sequence;
    let units = public.unit_ids.iter().map(|id| id.parse()).collect::<Result<BTreeSet<UnitId>, _>>();
    Ok(Some(Entry {
        position,
        application: event.application_id.parse().map_err(Failure::broken)?,
        about: About {
            kind: public.r#type.parse().map_err(Failure::broken)?,
            province: public.province.clone(),
            procedure: public.procedure_code.clone(),
            units: units.map_err(Failure::broken)?,
        },
        event: public,
    }))
}

/// The filter that somebody asks for.
///
/// # Errors
/// `INVALID_ARGUMENT` for one that cannot be.
pub(crate) fn filter(filter: Option<EventFilter>) -> Result<Filter, Failure> {
    let EventFilter { types, province, procedure_codes, unit_codes } = filter.unwrap_or_default();
    Ok(Filter::of(&types, province, procedure_codes, unit_codes)?)
}

/// A filter as it was asked for.
pub(crate) fn wire_filter(filter: &Filter) -> EventFilter {
    EventFilter {
        types: filter.kinds.iter().map(ToString::to_string).collect(),
        province: filter.province.clone(),
        procedure_codes: filter.procedures.iter().cloned().collect(),
        unit_codes: filter.unit_codes.iter().cloned().collect(),
    }
}
