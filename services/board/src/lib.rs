//! The board: the live load of every unit of a province, and who may add to it.
//!
//! A decision is reckoned in Rust over a [`Snapshot`] and committed here: the board alone sees what all
//! replicas add at the same moment. Its truth is *live load*; the truth of everything is the database, from
//! which a board can be rebuilt at any time. The life of a work item on it:
//!
//! 1. [`reserve`](Board::reserve): the first bid that still fits gets the load, with a lease.
//! 2. The routing service writes decision and event in one transaction of its own store.
//! 3. [`confirm`](Board::confirm) makes the load permanent; [`place`](Board::place) does all at once for
//!    work that is not chosen but counted (kept steps, manual work).
//! 4. [`release`](Board::release) gives it back: done, or routed anew.
//!
//! A lease that falls due gives nothing back by itself: [`due_leases`](Board::due_leases) names it, the
//! routing service asks its store, and then confirms or releases. A confirm that comes after such a release
//! counts the load in again.
//!
//! Each rebuild begins an **epoch**; whatever belongs to another is refused as [`BoardError::StaleEpoch`].
//! Within an epoch every change has a **sequence**. Both forms of the board pass the same [`conformance`].
//! Redis is spoken to by this crate alone.

pub mod conformance;
mod ledger;
pub mod memory;
pub mod redis;

use std::time::Duration;

use async_trait::async_trait;
use phidia_domain::{
    id::UnitId,
    route::{Bid, Load, LoadKey, Snapshot},
    work_item::WorkItem,
};

pub use self::redis::{BoardConfig, RedisBoard};
pub use memory::MemoryBoard;

/// Asks for a place for a work item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Code of the province.
    pub province: String,
    /// Epoch of the snapshot that the bids were reckoned over.
    pub epoch: i64,
    /// The work item with its attempt.
    pub work_item: WorkItem,
    /// The queue that it joins.
    pub key: LoadKey,
    /// What it adds to it: working minutes of one officer.
    pub minutes: u32,
    /// Best first; the board looks at no more than [`MAX_BIDS`](phidia_domain::route::MAX_BIDS).
    pub bids: Vec<Bid>,
    /// How long the load is held without being confirmed, in real time.
    pub lease: Duration,
}

/// A work item has its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The unit that got it.
    pub unit: UnitId,
    /// Epoch in which it got it.
    pub epoch: i64,
    /// Sequence of that change.
    pub sequence: i64,
}

/// A reservation that is not confirmed. When its lease has fallen due: ask the store, then confirm or release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The work item.
    pub work_item: WorkItem,
    /// The unit that holds it.
    pub unit: UnitId,
    /// What it adds there.
    pub load: Load,
    /// Epoch in which it was reserved.
    pub epoch: i64,
    /// Sequence of the reservation.
    pub sequence: i64,
}

/// A confirmed work item, as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The work item.
    pub work_item: WorkItem,
    /// The unit that has it.
    pub unit: UnitId,
    /// What it adds there.
    pub load: Load,
}

/// Why the board did not do it.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The epoch is over (or, for a rebuild, not a new one).
    #[error("the board is in epoch {current}")]
    StaleEpoch {
        /// The epoch that holds.
        current: i64,
    },
    /// Every bid was over one of its limits: decide again.
    #[error("every bid was over one of its limits")]
    Outbid {
        /// The units of the bids as the board sees them now, and no others.
        fresh: Box<Snapshot>,
    },
    /// Nothing is known of this province, or less than was known before: the board has to be rebuilt.
    #[error("the board of this province is not built")]
    NotBuilt,
    /// The board cannot be reached.
    #[error("the board is away: {0}")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The live load of the units of each province.
///
/// Every method may answer [`BoardError::NotBuilt`] (except [`rebuild`](Self::rebuild)) and
/// [`BoardError::Away`]. Every change is atomic, and asking again for one that was made changes nothing.
#[async_trait]
pub trait Board: Send + Sync {
    /// The load of all units at one moment.
    async fn snapshot(&self, province: &str) -> Result<Snapshot, BoardError>;

    /// Gives the load to the first bid that [fits](Bid::fits), which also says whether it is borrowed there. A work
    /// item that has its place, confirmed or not, gets the same answer again, whatever it bids.
    ///
    /// # Errors
    ///
    /// [`BoardError::StaleEpoch`]; [`BoardError::Outbid`] when no bid fits.
    async fn reserve(&self, reserve: Reserve) -> Result<Reservation, BoardError>;

    /// Makes the load of a work item permanent, at this unit: the store has decided. It is counted in again
    /// if its reservation was given back meanwhile, and moved if another unit holds it.
    ///
    /// # Errors
    ///
    /// [`BoardError::StaleEpoch`]: it has to be confirmed in the current epoch, as the rebuild may have
    /// read the store before the decision was there.
    async fn confirm(
        &self,
        province: &str,
        epoch: i64,
        work_item: WorkItem,
        unit: UnitId,
        load: Load,
    ) -> Result<(), BoardError>;

    /// Counts work in that is not chosen but known to be there: at once confirmed, without a limit.
    /// Answers with the sequence of the change; the same again for what is already there.
    ///
    /// # Errors
    ///
    /// [`BoardError::StaleEpoch`].
    async fn place(
        &self,
        province: &str,
        epoch: i64,
        work_item: WorkItem,
        unit: UnitId,
        load: Load,
    ) -> Result<i64, BoardError>;

    /// Gives the load of a work item back, confirmed or not; nothing happens when it holds none.
    async fn release(&self, province: &str, work_item: WorkItem) -> Result<(), BoardError>;

    /// The unconfirmed reservations whose lease has fallen due, oldest lease first.
    async fn due_leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError>;

    /// The unconfirmed reservations, due or not, those that fall due first first.
    async fn leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError>;

    /// Builds the board of a province anew from what the database knows and cuts over to it at last; the
    /// sequence goes on from `sequence`, under which all entries stand. Unconfirmed reservations of the old
    /// epoch are gone.
    ///
    /// # Errors
    ///
    /// [`BoardError::StaleEpoch`] when the board is in this epoch or a later one.
    async fn rebuild(
        &self,
        province: &str,
        epoch: i64,
        entries: Vec<Entry>,
        sequence: i64,
    ) -> Result<(), BoardError>;
}
