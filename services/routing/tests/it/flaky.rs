//! A board that loses its connection at the worst moment.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use phidia_board::{Board, BoardError, Entry, Lease, MemoryBoard, Reservation, Reserve};
use phidia_domain::{
    id::UnitId,
    route::{Load, Snapshot},
    work_item::WorkItem,
};
use tokio::sync::oneshot;

/// A call that waits.
struct Nap {
    sleeps: oneshot::Sender<()>,
    woken: oneshot::Receiver<()>,
    did: oneshot::Sender<()>,
}

/// A board of which answers can get lost after it has done what was asked.
pub(crate) struct Flaky {
    pub(crate) inner: Arc<dyn Board>,
    /// How many calls of `reserve` lose every bid.
    pub(crate) outbid: AtomicU32,
    /// How many answers to `reserve` get lost.
    pub(crate) reserves: AtomicU32,
    /// How many calls of `reserve` there were.
    pub(crate) reserved: AtomicU32,
    /// How many calls of `confirm` do not arrive.
    pub(crate) confirms: AtomicU32,
    /// How many calls of `place` do not arrive.
    pub(crate) places: AtomicU32,
    /// Nothing arrives while it is more than 0.
    pub(crate) away: AtomicU32,
    /// How many milliseconds `reserve` takes.
    pub(crate) slow: AtomicU32,
    nap: Mutex<Option<Nap>>,
    ahead: Arc<AtomicU32>,
}

impl Flaky {
    /// The board in memory.
    pub(crate) fn new() -> Arc<Self> {
        let ahead = Arc::<AtomicU32>::default();
        let seconds = Arc::clone(&ahead);
        let clock = move || {
            let now = phidia_runtime::clock::RealClock.now();
            now + SignedDuration::from_secs(seconds.load(Ordering::SeqCst).into())
        };
        Self::with(Arc::new(MemoryBoard::new(Arc::new(move || -> Timestamp { clock() }))), ahead)
    }

    /// A board whose leases run by a clock of its own.
    pub(crate) fn over(inner: Arc<dyn Board>) -> Arc<Self> {
        Self::with(inner, Arc::default())
    }

    fn with(inner: Arc<dyn Board>, ahead: Arc<AtomicU32>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            outbid: AtomicU32::new(0),
            reserves: AtomicU32::new(0),
            reserved: AtomicU32::new(0),
            confirms: AtomicU32::new(0),
            places: AtomicU32::new(0),
            away: AtomicU32::new(0),
            slow: AtomicU32::new(0),
            nap: Mutex::default(),
            ahead,
        })
    }

    /// Moves the clock of the leases on.
    pub(crate) fn later(&self, seconds: u32) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Whoever confirms next falls asleep before its call arrives: the first ends when it sleeps, the second wakes
    /// it, and the third ends when its call was done.
    pub(crate) fn sleep_before_confirm(
        &self,
    ) -> (oneshot::Receiver<()>, oneshot::Sender<()>, oneshot::Receiver<()>) {
        let ((sleeps, asleep), (wake, woken), (did, done)) =
            (oneshot::channel(), oneshot::channel(), oneshot::channel());
        *self.nap.lock().unwrap() = Some(Nap { sleeps, woken, did });
        (asleep, wake, done)
    }

    fn reach(&self) -> Result<(), BoardError> {
        if self.away.load(Ordering::SeqCst) > 0 { Err(lost()) } else { Ok(()) }
    }
}

fn take(counter: &AtomicU32) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1)).is_ok()
}

fn lost() -> BoardError {
    BoardError::Away("the line is cut".into())
}

impl fmt::Debug for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flaky")
    }
}

#[async_trait::async_trait]
impl Board for Flaky {
    async fn snapshot(&self, province: &str) -> Result<Snapshot, BoardError> {
        self.reach()?;
        self.inner.snapshot(province).await
    }
    async fn reserve(&self, reserve: Reserve) -> Result<Reservation, BoardError> {
        self.reach()?;
        self.reserved.fetch_add(1, Ordering::SeqCst);
        if take(&self.outbid) {
            return Err(BoardError::Outbid { fresh: Box::default() });
        }
        tokio::time::sleep(Duration::from_millis(self.slow.load(Ordering::SeqCst).into())).await;
        let answer = self.inner.reserve(reserve).await;
        if take(&self.reserves) { Err(lost()) } else { answer }
    }
    async fn confirm(&self, p: &str, e: i64, w: WorkItem, u: UnitId, l: Load) -> Result<(), BoardError> {
        self.reach()?;
        if take(&self.confirms) {
            return Err(lost());
        }
        let nap = self.nap.lock().unwrap().take();
        let Some(Nap { sleeps, woken, did }) = nap else { return self.inner.confirm(p, e, w, u, l).await };
        sleeps.send(()).unwrap();
        woken.await.unwrap();
        let answer = self.inner.confirm(p, e, w, u, l).await;
        did.send(()).unwrap();
        answer
    }
    async fn place(&self, p: &str, e: i64, w: WorkItem, u: UnitId, l: Load) -> Result<i64, BoardError> {
        self.reach()?;
        if take(&self.places) {
            return Err(lost());
        }
        self.inner.place(p, e, w, u, l).await
    }
    async fn release(&self, province: &str, work_item: WorkItem) -> Result<(), BoardError> {
        self.reach()?;
        self.inner.release(province, work_item).await
    }
    async fn due_leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError> {
        self.reach()?;
        self.inner.due_leases(province, limit).await
    }
    async fn leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError> {
        self.reach()?;
        self.inner.leases(province, limit).await
    }
    async fn rebuild(&self, p: &str, epoch: i64, entries: Vec<Entry>, s: i64) -> Result<(), BoardError> {
        self.reach()?;
        self.inner.rebuild(p, epoch, entries, s).await
    }
}
