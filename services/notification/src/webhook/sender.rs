//! Who sends to all subscribers: takes the lease, reads the feed once for all, wakes those who want something, and writes down how far
//! everybody is.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use phidia_domain::id::SubscriptionId;
use phidia_runtime::{clock::RealClock, failure::Failure, metrics::Gauge, service::Worker};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{
    State, Webhooks,
    attempt::{Secrets, Written},
    kept::Kept,
    later,
    line::Line,
};
use crate::store::webhook::{self as store, Delivery, Lease, Saved};

static HELD: Gauge = Gauge::new(
    "phidia.webhook.waiting",
    "{application}",
    "Applications of which a subscriber has not taken an event: it is tried again.",
);
static DEAD: Gauge = Gauge::new(
    "phidia.webhook.dead",
    "{application}",
    "Applications of which an event was given up: they wait for a replay.",
);
static DISABLED: Gauge =
    Gauge::new("phidia.webhook.disabled", "{subscription}", "Subscriptions that are disabled.");
static BEHIND: Gauge = Gauge::new(
    "phidia.webhook.behind",
    "{event}",
    "Events of the feed behind the place of the active subscription that is farthest behind.",
);

/// How often who has the lease writes down how far everybody is, where something was sent.
const SAVE_EVERY: Duration = Duration::from_millis(200);
/// A task that has been at work for longer has its cursor written down.
const LONG: Duration = Duration::from_secs(1);
/// How often those who have no lease ask for it, where there is somebody to send to.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The same where those who are active have no secrets that can be read.
const NOBODY_FOR: Duration = Duration::from_secs(10);
/// Events that are read at a time.
pub(super) const PAGE: u64 = 200;
/// So many pages are read between two looks at everything else.
const MOST_PAGES: u32 = 50;
/// So many read the feed from the store at once.
const READERS: usize = 2;
/// What is counted is looked at so often.
const COUNTED_EVERY: Duration = Duration::from_secs(15);
/// So often old rows of the log are removed, so many at a time.
const PRUNED_EVERY: Duration = Duration::from_secs(600);
const PRUNED_AT_ONCE: u64 = 1_000;

/// What all tasks of one lease share.
pub(super) struct Sending {
    pub(super) webhooks: Webhooks,
    pub(super) fence: i64,
    /// When the lease is over, as far as is known here.
    until: Mutex<Instant>,
    /// All that is under way is to end: the lease is over, or the process stops.
    pub(super) over: CancellationToken,
    lines: Mutex<Lines>,
    kept: Mutex<Kept>,
    /// Those who read the feed from the store at once: many may be behind it, and the store's connections are few.
    pub(super) readers: Semaphore,
    log: Mutex<Vec<Delivery>>,
    /// Requests under way at once, to those who take what they get, and to those who have failed or were slow.
    pub(super) well: Semaphore,
    pub(super) unwell: Semaphore,
    generations: AtomicU32,
}

/// The subscriptions that are sent something, and up to where the feed was looked through for them.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) all: BTreeMap<SubscriptionId, Line>,
    pub(super) scanned: i64,
}

/// Sends while it has the lease, and asks for it while it does not, until it is stopped.
pub(crate) fn worker(webhooks: Webhooks) -> Worker {
    Worker::new("notification-webhooks", move |stop| async move {
        loop {
            let rest = match webhooks.hold(&stop).await {
                Ok(rest) => rest,
                Err(failure) => {
                    tracing::warn!(%failure, "subscribers are not sent anything at present");
                    LOOK_EVERY
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = webhooks.changed.notified() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    })
}

impl Webhooks {
    /// Sends for as long as it has the lease, and there is somebody to send to; how long to rest then.
    async fn hold(&self, stop: &CancellationToken) -> Result<Duration, Failure> {
        let db = self.feed.outbox.database();
        if !store::is_any_active(db.read()).await? {
            return Ok(LOOK_EVERY);
        }
        let (now, began) = (RealClock.now(), Instant::now());
        let lease = store::take(db, now, later(now, self.config.lease())).await?;
        let Some(lease) = lease else { return Ok(LOOK_EVERY) };
        let sending = Arc::new(Sending {
            webhooks: self.clone(),
            fence: lease.fence,
            until: Mutex::new(began + self.config.lease()),
            over: CancellationToken::new(),
            lines: Mutex::default(),
            kept: Mutex::default(),
            readers: Semaphore::new(READERS),
            log: Mutex::default(),
            well: Semaphore::new(self.config.at_once()),
            unwell: Semaphore::new(self.config.at_once_unwell()),
            generations: AtomicU32::new(0),
        });
        // Whatever ends this ends all tasks.
        let _over = sending.over.clone().drop_guard();
        sending.work(lease, stop).await?;
        // Somebody is active, and nobody could be sent anything: that is not looked at each second.
        Ok(if began.elapsed() < LOOK_EVERY { NOBODY_FOR } else { LOOK_EVERY })
    }
}

impl Sending {
    async fn work(self: &Arc<Self>, lease: Lease, stop: &CancellationToken) -> Result<(), Failure> {
        let db = self.webhooks.feed.outbox.database().clone();
        let mut changes = store::changes(&db).await?;
        self.load(Some(lease)).await?;
        let mut settled = self.webhooks.feed.settled();
        let (mut saved_at, mut renewed_at, mut looked_at) = (Instant::now(), Instant::now(), Instant::now());
        let mut saved_through = lease.position;
        let (mut counted_at, mut pruned_at) = (None::<Instant>, Instant::now());
        loop {
            let is_idle = self.lines().all.is_empty();
            if is_idle || stop.is_cancelled() {
                self.over.cancel();
                self.save().await?;
                store::release(&db, self.fence).await?;
                return self.count().await;
            }
            tokio::select! {
                () = stop.cancelled() => continue,
                () = self.webhooks.changed.notified() => {
                    looked_at = Instant::now().checked_sub(LOOK_EVERY).unwrap_or(looked_at);
                }
                () = tokio::time::sleep(SAVE_EVERY) => {}
                _ = settled.changed() => {}
            }
            let through = *settled.borrow_and_update();
            self.scan(through).await?;
            self.wake_due();
            let now = Instant::now();
            let is_renewal_due = now - renewed_at >= self.webhooks.config.lease() / 4;
            let scanned = self.lines().scanned;
            let has_news = scanned != saved_through || !self.log().is_empty();
            if is_renewal_due || (now - saved_at >= SAVE_EVERY && has_news) {
                self.save().await?;
                (saved_at, renewed_at, saved_through) = (now, now, scanned);
            }
            if now.saturating_duration_since(looked_at) >= SAVE_EVERY {
                looked_at = now;
                let changes_now = store::changes(&db).await?;
                if changes_now != changes {
                    changes = changes_now;
                    self.load(None).await?;
                }
            }
            if counted_at.is_none_or(|at| now - at >= COUNTED_EVERY) {
                counted_at = Some(now);
                self.count().await?;
            }
            if now - pruned_at >= PRUNED_EVERY {
                pruned_at = now;
                self.prune().await?;
            }
        }
    }

    /// Looks at the subscriptions anew: those that were changed begin anew where they are.
    async fn load(self: &Arc<Self>, lease: Option<Lease>) -> Result<(), Failure> {
        let outbox = &self.webhooks.feed.outbox;
        let conn = outbox.database().read();
        self.end_changed(store::revisions(conn).await?).await?;
        // Only now: where those stood is written down.
        let mut new = store::all(conn).await?;
        new.retain(|one| !self.lines().all.contains_key(&one.id));
        if new.is_empty() {
            return Ok(());
        }
        let (secrets, mut held) = (store::secrets(conn, None).await?, store::held(conn, None).await?);
        let (newest, pruned) = (outbox.newest().await?, outbox.pruned_through().await?);
        if self.lines().all.is_empty() {
            // Where nobody is without a cursor, nobody needs what lies before now; and where that is kept no more, they find out.
            let needs_lease = new.iter().any(|one| one.cursor.is_none());
            let settled = outbox.follower().settled_by_now().await?;
            let before = lease.filter(|_| needs_lease).map(|lease| lease.position);
            for one in &mut new {
                one.cursor = one.cursor.or(before.filter(|before| *before < pruned));
            }
            self.lines().scanned = before.filter(|before| *before >= pruned).unwrap_or(settled);
            locked(&self.kept).begin(self.lines().scanned);
        }
        for subscription in new {
            let id = subscription.id;
            let scanned = self.lines().scanned;
            let cursor = subscription.cursor.unwrap_or(scanned);
            if subscription.state != State::Active {
                if subscription.cursor.is_none() {
                    self.keep_cursor(id, cursor).await?;
                }
                continue;
            }
            let wrapped = secrets.get(&id).map(Vec::as_slice).unwrap_or_default();
            let secrets = match Secrets::open(&self.webhooks, &subscription, wrapped) {
                Ok(secrets) => secrets,
                Err(failure) => {
                    tracing::error!(subscription = %id, %failure, "its secrets cannot be read: it is sent nothing");
                    self.keep_cursor(id, cursor).await?;
                    continue;
                }
            };
            let line = Line {
                generation: self.generations.fetch_add(1, Ordering::Relaxed),
                saved: subscription.cursor,
                cursor,
                sent_through: newest,
                held: held.remove(&id).unwrap_or_default().into_iter().collect(),
                failures: 0,
                pause_until: None,
                failing_since: subscription.failing_since,
                was_slow: false,
                awake_since: None,
                task: None,
                secrets: Arc::new(secrets),
                subscription: Arc::new(subscription),
            };
            let mut lines = self.lines();
            lines.all.insert(id, line);
            if cursor < lines.scanned {
                self.wake(&mut lines, id);
            }
        }
        Ok(())
    }

    /// Ends what is under way for those that are no longer at the revision that they are sent by, and writes down where they stand.
    async fn end_changed(&self, revisions: BTreeMap<SubscriptionId, i64>) -> Result<(), Failure> {
        let tasks: Vec<_> = {
            let mut lines = self.lines();
            let changed = lines.all.iter_mut().filter_map(|(id, line)| {
                let is_changed = revisions.get(id) != Some(&line.subscription.revision);
                is_changed.then(|| (*id, line.task.take()))
            });
            changed.collect()
        };
        for (id, task) in tasks {
            if let Some(task) = task {
                task.abort();
                // What it has noted is noted.
                let _ = task.await;
            }
            let cursor = {
                let lines = self.lines();
                let line = lines.all.get(&id);
                line.map(|line| if line.awake_since.is_some() { line.cursor } else { lines.scanned })
            };
            if let Some(cursor) = cursor {
                self.keep_cursor(id, cursor).await?;
            }
            self.lines().all.remove(&id);
        }
        // Their log, too: it says what was sent behind that.
        if self.log().is_empty() { Ok(()) } else { self.save().await }
    }

    /// Reads the feed on, so far at most, and wakes who wants something of it.
    async fn scan(self: &Arc<Self>, through: i64) -> Result<(), Failure> {
        // The lease is to be renewed between two of them.
        for _ in 0..MOST_PAGES {
            let scanned = self.lines().scanned;
            if scanned >= through {
                return Ok(());
            }
            let page = self.webhooks.feed.between(scanned, through, PAGE).await?;
            let is_last = u64::try_from(page.len()).is_ok_and(|count| count < PAGE);
            let end = page.last().filter(|_| !is_last).map_or(through, |entry| entry.position);
            let page: Vec<_> = page.into_iter().map(|entry| Arc::new(Written::new(entry))).collect();
            locked(&self.kept).extend(&page);
            let mut lines = self.lines();
            lines.scanned = end;
            let wanted: Vec<_> = lines
                .all
                .iter()
                .filter(|(_, line)| line.awake_since.is_none())
                .filter_map(|(id, line)| {
                    let admits = |one: &&Arc<Written>| line.subscription.filter.admits(&one.entry.about);
                    page.iter().find(admits).map(|first| (*id, first.entry.position - 1))
                })
                .collect();
            for (id, cursor) in wanted {
                if let Some(line) = lines.all.get_mut(&id) {
                    line.cursor = line.cursor.max(cursor);
                }
                self.wake(&mut lines, id);
            }
        }
        Ok(())
    }

    /// Wakes those of whom something that is held is to be tried again.
    fn wake_due(self: &Arc<Self>) {
        let now = RealClock.now();
        let mut lines = self.lines();
        let due: Vec<_> = lines
            .all
            .iter()
            .filter(|(_, line)| line.awake_since.is_none() && line.held.due(now).is_some())
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            // It is up to date but for that.
            let scanned = lines.scanned;
            if let Some(line) = lines.all.get_mut(&id) {
                line.cursor = scanned;
            }
            self.wake(&mut lines, id);
        }
    }

    fn wake(self: &Arc<Self>, lines: &mut Lines, id: SubscriptionId) {
        let Some(line) = lines.all.get_mut(&id) else { return };
        line.awake_since = Some(Instant::now());
        let (sending, generation, over) = (Arc::clone(self), line.generation, self.over.clone());
        line.task = Some(tokio::spawn(async move {
            let _ = over.run_until_cancelled(sending.serve(id, generation)).await;
        }));
    }

    /// Writes down what was sent, and how far everybody is, and lengthens the lease.
    async fn save(&self) -> Result<(), Failure> {
        let (now, began) = (RealClock.now(), Instant::now());
        // First the cursors, then the log: what a cursor has passed is in the log that is written with it.
        let (saved, noted) = {
            let lines = self.lines();
            let mut position = lines.scanned;
            let mut noted = Vec::new();
            for (id, line) in &lines.all {
                let cursor = match line.awake_since {
                    None => None,
                    Some(since) if line.saved.is_some() || line.failures > 0 || since.elapsed() >= LONG => {
                        Some(line.cursor)
                    }
                    Some(_) => {
                        position = position.min(line.cursor);
                        continue;
                    }
                };
                if cursor != line.saved {
                    noted.push((*id, line.generation, line.subscription.revision, cursor));
                }
            }
            let cursors = noted.iter().map(|(id, _, revision, cursor)| (*id, *revision, *cursor)).collect();
            (Saved { position, cursors }, noted)
        };
        let log = std::mem::take(&mut *self.log());
        let until = later(now, self.webhooks.config.lease());
        let fence = self.fence;
        let db = self.webhooks.feed.outbox.database();
        // Where that fails all begins anew: what was sent since the last time is sent again.
        db.write(move |tx| {
            Box::pin(async move {
                match store::renew(tx, fence, until, &saved).await? {
                    true => store::add_deliveries(tx, log).await,
                    false => Err(lost()),
                }
            })
        })
        .await?;
        *locked(&self.until) = began + self.webhooks.config.lease();
        let mut lines = self.lines();
        for (id, generation, _, cursor) in noted {
            if let Some(line) = lines.all.get_mut(&id).filter(|line| line.generation == generation) {
                line.saved = cursor;
            }
        }
        Ok(())
    }

    /// Where one that is not active stands.
    async fn keep_cursor(&self, id: SubscriptionId, cursor: i64) -> Result<(), Failure> {
        let fence = self.fence;
        let write = self.webhooks.feed.outbox.database().write(move |tx| {
            Box::pin(async move {
                match store::fenced(tx, fence).await? {
                    true => store::set_cursor(tx, id, cursor).await,
                    false => Err(lost()),
                }
            })
        });
        write.await
    }

    async fn count(&self) -> Result<(), Failure> {
        let (_, disabled, backlog) = store::totals(self.webhooks.feed.outbox.database().read()).await?;
        let count = |value: u64| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
        HELD.set(count(backlog.waiting), &[]);
        DEAD.set(count(backlog.dead), &[]);
        DISABLED.set(count(disabled), &[]);
        let farthest = {
            let lines = self.lines();
            let awake = lines.all.values().filter(|line| line.awake_since.is_some());
            awake.map(|line| lines.scanned - line.cursor).max().unwrap_or_default()
        };
        BEHIND.set(count(u64::try_from(farthest).unwrap_or_default()), &[]);
        Ok(())
    }

    async fn prune(&self) -> Result<(), Failure> {
        let keep = self.webhooks.config.keep_log();
        let before = RealClock.now().saturating_sub(jiff::SignedDuration::try_from(keep).unwrap_or_default());
        let before = before.unwrap_or(jiff::Timestamp::MIN);
        let db = self.webhooks.feed.outbox.database();
        let portion = || {
            db.write(move |tx| {
                Box::pin(async move { store::prune_deliveries(tx, before, PRUNED_AT_ONCE).await })
            })
        };
        while portion().await? {}
        Ok(())
    }

    pub(super) fn lines(&self) -> MutexGuard<'_, Lines> {
        locked(&self.lines)
    }

    pub(super) fn log(&self) -> MutexGuard<'_, Vec<Delivery>> {
        locked(&self.log)
    }

    /// What lies behind a place up to another, from memory where it is there still; none: some of it is no longer kept.
    pub(super) async fn read(&self, after: i64, through: i64) -> Result<Option<Vec<Arc<Written>>>, Failure> {
        let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
        if let Some(kept) = locked(&self.kept).between(after, through, most) {
            return Ok(Some(kept));
        }
        let _reader = self.readers.acquire().await.map_err(Failure::broken)?;
        let page = self.webhooks.feed.between(after, through, PAGE).await?;
        // Afterwards: what was there when the page was read is in it.
        let is_whole = after >= self.webhooks.feed.outbox.pruned_through().await?;
        Ok(is_whole.then(|| page.into_iter().map(|entry| Arc::new(Written::new(entry))).collect()))
    }

    /// Waits until the lease lasts for longer than an attempt: what begins under it ends under it.
    pub(super) async fn is_safe(&self) {
        loop {
            let longest = self.webhooks.config.patience() + Duration::from_secs(1);
            if Instant::now() + longest < *locked(&self.until) {
                return;
            }
            tokio::time::sleep(SAVE_EVERY / 4).await;
        }
    }
}

pub(super) fn lost() -> Failure {
    Failure::broken("another replica sends to subscribers by now")
}

/// Nothing that is done under these locks is done by halves.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
