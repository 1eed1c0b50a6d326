//! What one subscriber is sent: from where they stand on until they are up to date, in order per application.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;
use phidia_domain::{
    id::{ApplicationId, SubscriptionId},
    webhook::Verdict,
};
use phidia_runtime::{clock::RealClock, failure::Failure};
use tokio::task::JoinHandle;

use super::{
    Held, Subscription, alarm,
    attempt::{Attempted, Secrets, Written},
    held::HeldBack,
    later,
    sender::{Sending, lost},
    spread,
};
use crate::store::webhook as store;

/// Requests to one subscriber under way at once, of different applications.
const AT_ONCE: usize = 4;
/// After so many failures in a row nothing is sent for a while.
const MOST_FAILURES: u32 = 5;
/// Who takes longer for one event shares their requests with those who fail.
const SLOW: Duration = Duration::from_secs(2);
/// How long it is waited when the store is away.
const PAUSE: Duration = Duration::from_secs(1);

/// Where one subscriber is.
pub(super) struct Line {
    /// Another after each change: a task of before finds out by it.
    pub(super) generation: u32,
    pub(super) subscription: Arc<Subscription>,
    pub(super) secrets: Arc<Secrets>,
    /// All up to here was taken, or is held. Of one that sleeps: or does not concern it, as far as the feed was looked through.
    pub(super) cursor: i64,
    /// What its row says.
    pub(super) saved: Option<i64>,
    /// Up to here something may have been sent before: the log says what.
    pub(super) sent_through: i64,
    pub(super) held: HeldBack,
    /// In a row.
    pub(super) failures: u32,
    pub(super) pause_until: Option<Instant>,
    pub(super) failing_since: Option<Timestamp>,
    pub(super) was_slow: bool,
    /// Since when a task is at work for it; none: it sleeps.
    pub(super) awake_since: Option<Instant>,
    pub(super) task: Option<JoinHandle<()>>,
}

impl Line {
    fn is_unwell(&self) -> bool {
        self.failures > 0 || self.was_slow || self.failing_since.is_some()
    }
}

/// What follows for the one who serves.
enum Then {
    /// On.
    Goes,
    /// It is to be looked at anew what is sent, and when.
    Turns,
    /// Nothing more is to be done.
    Ends,
}

impl Then {
    /// On, unless the subscription was changed.
    fn unless_changed(goes_on: bool) -> Self {
        if goes_on { Self::Goes } else { Self::Ends }
    }
}

/// One who serves a subscriber, until they are up to date.
struct Server<'s> {
    sending: &'s Sending,
    id: SubscriptionId,
    generation: u32,
    subscription: Arc<Subscription>,
    secrets: Arc<Secrets>,
    /// Places behind the cursor of what was taken already.
    taken: BTreeSet<i64>,
    /// The last that was tried was refused before: what is new comes to its turn.
    tried_held: bool,
}

impl Sending {
    /// Serves a subscriber until they are up to date, or are changed.
    pub(super) async fn serve(&self, id: SubscriptionId, generation: u32) {
        let found = {
            let lines = self.lines();
            lines.all.get(&id).filter(|line| line.generation == generation).map(|line| {
                (
                    Arc::clone(&line.subscription),
                    Arc::clone(&line.secrets),
                    (line.cursor < line.sent_through).then_some(line.cursor),
                )
            })
        };
        let Some((subscription, secrets, log_behind)) = found else { return };
        let (taken, tried_held) = (BTreeSet::new(), false);
        let mut server = Server { sending: self, id, generation, subscription, secrets, taken, tried_held };
        if let Some(cursor) = log_behind {
            let db = self.webhooks.feed.outbox.database();
            loop {
                match store::sent_behind(db.read(), id, server.subscription.run, cursor).await {
                    Ok(taken) => break server.taken = taken,
                    Err(failure) => server.wait_for_the_store(&failure).await,
                }
            }
        }
        loop {
            match server.next().await {
                Ok(Then::Goes | Then::Turns) => {}
                Ok(Then::Ends) => return,
                Err(failure) => server.wait_for_the_store(&failure).await,
            }
        }
    }
}

impl Server<'_> {
    async fn wait_for_the_store(&self, failure: &Failure) {
        tracing::warn!(subscription = %self.id, %failure, "it is not sent anything at present");
        tokio::time::sleep(PAUSE).await;
    }

    /// Its line, unless it was changed.
    fn with<T>(&self, work: impl FnOnce(&mut Line, i64) -> T) -> Option<T> {
        let mut lines = self.sending.lines();
        let scanned = lines.scanned;
        let line = lines.all.get_mut(&self.id).filter(|line| line.generation == self.generation)?;
        Some(work(line, scanned))
    }

    async fn next(&mut self) -> Result<Then, Failure> {
        let Some(pause) = self.with(|line, _| line.pause_until.take()) else { return Ok(Then::Ends) };
        if let Some(until) = pause {
            tokio::time::sleep_until(until.into()).await;
        }
        let now = RealClock.now();
        let standing = self.with(|line, scanned| (line.held.due(now), line.cursor, scanned));
        let Some((due, cursor, scanned)) = standing else { return Ok(Then::Ends) };
        // By turns: neither keeps the other waiting.
        let is_behind = cursor < scanned;
        if let Some((application, held)) = due.filter(|_| !(is_behind && self.tried_held)) {
            self.tried_held = true;
            return self.try_held(application, held, cursor).await;
        }
        self.tried_held = false;
        if is_behind {
            return self.send(cursor, scanned).await;
        }
        let sleeps = self.with(|line, scanned| {
            let is_abreast = line.cursor >= scanned;
            if is_abreast {
                (line.awake_since, line.sent_through) = (None, 0);
            }
            is_abreast
        });
        Ok(if sleeps.unwrap_or(true) { Then::Ends } else { Then::Goes })
    }

    /// Sends the next page, as far as they want it and take it.
    async fn send(&mut self, cursor: i64, scanned: i64) -> Result<Then, Failure> {
        let Some(page) = self.sending.read(cursor, scanned).await? else {
            return self.disable("EVENTS_NOT_KEPT", cursor).await;
        };
        let is_last = page.len() < usize::try_from(super::sender::PAGE).unwrap_or(usize::MAX);
        let mut begin = 0;
        while begin < page.len() {
            let Some((group, end)) = self.group(&page, begin) else { return Ok(Then::Ends) };
            let attempts = group.iter().map(|written| self.attempt(written));
            let attempted = join_all(attempts).await.into_iter().collect::<Result<Vec<_>, _>>()?;
            match self.note(&group, attempted, page[end - 1].entry.position).await? {
                Then::Goes => begin = end,
                other => return Ok(other),
            }
        }
        if is_last {
            self.with(|line, _| line.cursor = scanned);
        }
        Ok(Then::Goes)
    }

    /// What is sent next of a page, beside each other, and up to where that goes.
    fn group<'p>(
        &mut self,
        page: &'p [Arc<Written>],
        begin: usize,
    ) -> Option<(Vec<&'p Arc<Written>>, usize)> {
        let mut lines = self.sending.lines();
        let line = lines.all.get_mut(&self.id).filter(|line| line.generation == self.generation)?;
        // Who does not take what they get is asked once, not by several; and for a few things one line is enough.
        let is_much = page.len() - begin > AT_ONCE;
        let most = if is_much && !line.is_unwell() { AT_ONCE } else { 1 };
        let (mut end, mut applications, mut group) = (begin, BTreeSet::new(), Vec::new());
        while let Some(written) = page.get(end).filter(|_| group.len() < most) {
            let entry = &written.entry;
            let is_wanted = self.subscription.filter.admits(&entry.about)
                && !line.held.contains(entry.application)
                && !self.taken.contains(&entry.position);
            if is_wanted {
                if !applications.insert(entry.application) {
                    break;
                }
                group.push(written);
            }
            self.taken.remove(&entry.position);
            end += 1;
        }
        Some((group, end))
    }

    async fn attempt(&self, written: &Written) -> Result<Attempted, Failure> {
        let is_unwell = self.with(|line, _| line.is_unwell()).unwrap_or_default();
        let seats = if is_unwell { &self.sending.unwell } else { &self.sending.well };
        let _seat = seats.acquire().await.map_err(Failure::broken)?;
        self.sending.is_safe().await;
        self.sending.webhooks.attempt(&self.subscription, &self.secrets, written, is_unwell).await
    }

    /// Writes down what the attempts of a group came to; whether what follows it may be sent.
    async fn note(
        &mut self,
        group: &[&Arc<Written>],
        attempted: Vec<Attempted>,
        end: i64,
    ) -> Result<Then, Failure> {
        let (mut stands_before, mut pause, mut is_gone) = (None, None::<Duration>, false);
        for (written, Attempted { verdict, delivery }) in group.iter().zip(attempted) {
            let entry = &written.entry;
            // Several who found nobody there at once found it once.
            let is_known = matches!(verdict, Verdict::Away(_)) && pause.is_some();
            if !is_known && !self.weigh(verdict, delivery.took_ms).await? {
                return Ok(Then::Ends);
            }
            let at = delivery.at;
            self.sending.log().push(delivery);
            match verdict {
                Verdict::Delivered if stands_before.is_some() => drop(self.taken.insert(entry.position)),
                Verdict::Delivered => {}
                Verdict::Refused => {
                    let attempts = 1;
                    let held = Held {
                        position: entry.position,
                        attempts,
                        since: at,
                        next_at: later(RealClock.now(), self.pause(attempts)),
                        is_dead: false,
                    };
                    if !self.hold(entry.application, held).await? {
                        return Ok(Then::Ends);
                    }
                }
                Verdict::Away(said) => {
                    stands_before.get_or_insert(entry.position);
                    pause = pause.max(Some(said.unwrap_or_default()));
                }
                Verdict::Gone => {
                    stands_before.get_or_insert(entry.position);
                    is_gone = true;
                }
            }
        }
        let cursor = stands_before.map_or(end, |position| position - 1);
        self.with(|line, _| line.cursor = cursor);
        if is_gone {
            return self.disable("GONE", cursor).await;
        }
        let held = self.with(|line, _| line.held.len()).unwrap_or_default();
        if held > usize::try_from(self.sending.webhooks.config.most_held).unwrap_or(usize::MAX) {
            return self.disable("TOO_MUCH_REFUSED", cursor).await;
        }
        self.rest(pause, cursor).await
    }

    /// Counts failures in a row, and since when nothing is taken; whether it goes on.
    async fn weigh(&self, verdict: Verdict, took_ms: u32) -> Result<bool, Failure> {
        let now = RealClock.now();
        let changed = self.with(|line, _| {
            let is_taken = verdict == Verdict::Delivered;
            line.failures = if is_taken { 0 } else { line.failures.saturating_add(1) };
            line.was_slow = Duration::from_millis(took_ms.into()) >= SLOW;
            // One who refuses this or that takes the rest.
            let is_failing = verdict != Verdict::Refused || line.failures >= MOST_FAILURES;
            let before = line.failing_since;
            line.failing_since = if is_taken { None } else { before.or(is_failing.then_some(now)) };
            (line.failing_since != before).then_some(line.failing_since)
        });
        let Some(changed) = changed else { return Ok(false) };
        let Some(since) = changed else { return Ok(true) };
        let id = self.id;
        self.write(move |tx| Box::pin(async move { store::failing(tx, id, since).await })).await
    }

    /// Waits a while where nothing is taken, and gives up where that is so for too long; whether what follows may be sent.
    async fn rest(&mut self, said: Option<Duration>, cursor: i64) -> Result<Then, Failure> {
        let Some((failures, since)) = self.with(|line, _| (line.failures, line.failing_since)) else {
            return Ok(Then::Ends);
        };
        if said.is_none() && failures < MOST_FAILURES {
            return Ok(Then::Goes);
        }
        let failing = since.map(|since| RealClock.now().duration_since(since));
        let longest = jiff::SignedDuration::try_from(self.sending.webhooks.config.disable_after());
        if failing.is_some_and(|failing| longest.is_ok_and(|longest| failing >= longest)) {
            return self.disable("FAILED_FOR_TOO_LONG", cursor).await;
        }
        let pause = self.pause(failures.max(1)).max(said.unwrap_or_default());
        self.with(|line, _| line.pause_until = Some(Instant::now() + pause));
        Ok(Then::Turns)
    }

    /// Tries an event that was refused before once more.
    async fn try_held(
        &mut self,
        application: ApplicationId,
        held: Held,
        cursor: i64,
    ) -> Result<Then, Failure> {
        const SOME: u64 = 100;
        let feed = &self.sending.webhooks.feed;
        let reader = self.sending.readers.acquire().await.map_err(Failure::broken)?;
        let (mut from, mut wanted) = (held.position, Vec::new());
        // Two that are wanted: this one, and whether there is a next.
        while wanted.len() < 2 {
            let page = feed.of_application(application, from, cursor, SOME).await?;
            let Some(last) = page.last().map(|entry| entry.position) else { break };
            wanted.extend(page.into_iter().filter(|entry| self.subscription.filter.admits(&entry.about)));
            from = last + 1;
        }
        drop(reader);
        // Afterwards: what was there when it was read is in it.
        if held.position <= feed.outbox.pruned_through().await? {
            tracing::warn!(subscription = %self.id, %application, "what it refused is no longer kept: it is given up");
            return self.hold(application, Held { is_dead: true, ..held }).await.map(Then::unless_changed);
        }
        let mut wanted = wanted.into_iter();
        let Some(entry) = wanted.next() else { return self.let_go(application, None).await };
        let written = Written::new(entry);
        let Attempted { verdict, delivery } = self.attempt(&written).await?;
        // What is refused again says nothing about what else they take.
        if verdict != Verdict::Refused && !self.weigh(verdict, delivery.took_ms).await? {
            return Ok(Then::Ends);
        }
        let now = RealClock.now();
        match verdict {
            Verdict::Delivered => {
                let next = wanted.next().map(|entry| Held {
                    position: entry.position,
                    attempts: 0,
                    since: now,
                    next_at: now,
                    is_dead: false,
                });
                match next {
                    None => self.let_go(application, Some(delivery)).await,
                    Some(next) => {
                        self.sending.log().push(delivery);
                        self.hold(application, next).await.map(Then::unless_changed)
                    }
                }
            }
            Verdict::Refused => {
                self.sending.log().push(delivery);
                let attempts = held.attempts.saturating_add(1);
                let longest = jiff::SignedDuration::try_from(self.sending.webhooks.config.give_up_after());
                let is_dead = longest.is_ok_and(|longest| now.duration_since(held.since) >= longest);
                if is_dead {
                    let event = &written.entry.event.id;
                    tracing::warn!(subscription = %self.id, event, "a subscriber does not take it: it is given up");
                }
                let next_at = later(now, self.pause(attempts));
                let held = Held { attempts, next_at, is_dead, ..held };
                self.hold(application, held).await.map(Then::unless_changed)
            }
            Verdict::Away(said) => {
                self.sending.log().push(delivery);
                self.rest(Some(said.unwrap_or_default()), cursor).await
            }
            Verdict::Gone => {
                self.sending.log().push(delivery);
                self.disable("GONE", cursor).await
            }
        }
    }

    /// Holds an application back; whether it goes on.
    async fn hold(&self, application: ApplicationId, held: Held) -> Result<bool, Failure> {
        let id = self.id;
        let write =
            self.write(move |tx| Box::pin(async move { store::hold(tx, id, application, &held).await }));
        let goes_on = write.await?;
        if goes_on {
            self.with(|line, _| line.held.insert(application, held));
        }
        Ok(goes_on)
    }

    async fn let_go(
        &self,
        application: ApplicationId,
        delivery: Option<store::Delivery>,
    ) -> Result<Then, Failure> {
        let id = self.id;
        let goes_on = self
            .write(move |tx| {
                Box::pin(async move {
                    store::let_go(tx, id, application).await?;
                    store::add_deliveries(tx, delivery.into_iter().collect()).await
                })
            })
            .await?;
        if goes_on {
            self.with(|line, _| line.held.remove(application));
        }
        Ok(Then::unless_changed(goes_on))
    }

    /// Sends nothing more, and says so to those who run the installation.
    async fn disable(&self, why: &'static str, cursor: i64) -> Result<Then, Failure> {
        let (id, alarm) = (self.id, &self.sending.webhooks.alarm);
        let failing_since = self.with(|line, _| line.failing_since).flatten();
        let messages = alarm.messages(&self.subscription, why, failing_since).await?;
        let disabled = self.write(move |tx| {
            Box::pin(async move {
                match store::disable(tx, id, why, cursor).await? {
                    true => alarm::tell(tx, messages).await,
                    // Somebody else has paused it, or ended it.
                    false => Ok(()),
                }
            })
        });
        if disabled.await? {
            tracing::warn!(subscription = %id, why, "a subscription is disabled: its subscriber is sent nothing more");
            alarm.wake.all();
        }
        // Its line goes when the subscriptions are looked at anew; until then nothing is sent.
        self.with(|line, _| line.generation = u32::MAX);
        self.sending.webhooks.changed.notify_one();
        Ok(Then::Ends)
    }

    /// Writes under the lease; nothing where the subscription was changed since what is written came of it: then nothing more of it is
    /// to be done.
    async fn write<F>(&self, work: F) -> Result<bool, Failure>
    where
        F: for<'t> FnOnce(&'t sea_orm::DatabaseTransaction) -> BoxFuture<'t, Result<(), Failure>>
            + Send
            + 'static,
    {
        let (fence, id, revision) = (self.sending.fence, self.id, self.subscription.revision);
        let db = self.sending.webhooks.feed.outbox.database();
        db.write(move |tx| {
            Box::pin(async move {
                if !store::fenced(tx, fence).await? {
                    return Err(lost());
                }
                let is_the_same = store::is_at(tx, id, revision).await?;
                if is_the_same {
                    work(tx).await?;
                }
                Ok(is_the_same)
            })
        })
        .await
    }

    fn pause(&self, failures: u32) -> Duration {
        self.sending.webhooks.config.backoff().after(failures, spread())
    }
}
