//! The board within one process: for the embedded composition and for tests.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    id::UnitId,
    route::{Load, Snapshot},
    work_item::WorkItem,
};

use crate::{Board, BoardError, Entry, Lease, Reservation, Reserve, ledger::Ledger};

/// Gives the real time, by which leases run.
pub type RealTime = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A board in memory: one ledger per province behind one lock, which is never held while waiting.
pub struct MemoryBoard {
    ledgers: Mutex<BTreeMap<String, Ledger>>,
    real_time: RealTime,
}

impl MemoryBoard {
    /// A board on which no province is built, and whose leases run by `real_time`.
    pub fn new(real_time: RealTime) -> Self {
        Self { ledgers: Mutex::default(), real_time }
    }

    fn ledgers<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Ledger>) -> T) -> T {
        // No method of a ledger panics halfway, so what another thread left behind holds.
        act(&mut self.ledgers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn ledger<T>(
        &self,
        province: &str,
        act: impl FnOnce(&mut Ledger) -> Result<T, BoardError>,
    ) -> Result<T, BoardError> {
        self.ledgers(|ledgers| act(ledgers.get_mut(province).ok_or(BoardError::NotBuilt)?))
    }
}

impl fmt::Debug for MemoryBoard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBoard").finish_non_exhaustive()
    }
}

#[async_trait]
impl Board for MemoryBoard {
    async fn snapshot(&self, province: &str) -> Result<Snapshot, BoardError> {
        self.ledger(province, |ledger| Ok(ledger.snapshot()))
    }

    async fn reserve(&self, reserve: Reserve) -> Result<Reservation, BoardError> {
        let Reserve { province, epoch, work_item, key, minutes, bids, lease } = reserve;
        let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX);
        let until = (self.real_time)().saturating_add(lease).unwrap_or(Timestamp::MAX);
        self.ledger(&province, |ledger| {
            ledger.check_epoch(epoch)?;
            ledger.reserve(work_item, key, minutes, &bids, until)
        })
    }

    async fn confirm(
        &self,
        province: &str,
        epoch: i64,
        work_item: WorkItem,
        unit: UnitId,
        load: Load,
    ) -> Result<(), BoardError> {
        self.place(province, epoch, work_item, unit, load).await.map(drop)
    }

    async fn place(
        &self,
        province: &str,
        epoch: i64,
        work_item: WorkItem,
        unit: UnitId,
        load: Load,
    ) -> Result<i64, BoardError> {
        self.ledger(province, |ledger| {
            ledger.check_epoch(epoch)?;
            Ok(ledger.confirm(work_item, unit, load))
        })
    }

    async fn release(&self, province: &str, work_item: WorkItem) -> Result<(), BoardError> {
        self.ledger(province, |ledger| {
            ledger.release(work_item);
            Ok(())
        })
    }

    async fn due_leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError> {
        let now = (self.real_time)();
        self.ledger(province, |ledger| Ok(ledger.leases(now, limit)))
    }

    async fn leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError> {
        self.ledger(province, |ledger| Ok(ledger.leases(Timestamp::MAX, limit)))
    }

    async fn rebuild(
        &self,
        province: &str,
        epoch: i64,
        entries: Vec<Entry>,
        sequence: i64,
    ) -> Result<(), BoardError> {
        let ledger = Ledger::build(epoch, sequence, entries);
        self.ledgers(|ledgers| match ledgers.get(province).map(Ledger::epoch) {
            Some(current) if current >= epoch => Err(BoardError::StaleEpoch { current }),
            _ => {
                ledgers.insert(province.to_owned(), ledger);
                Ok(())
            }
        })
    }
}
