//! The ledger of one province: who holds what, and what that adds up to. What Redis does in one script
//! (`redis/lua`) is one method here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    id::UnitId,
    route::{Bid, Load, LoadKey, MAX_BIDS, SharedLoad, Snapshot},
    work_item::WorkItem,
};

use crate::{BoardError, Entry, Lease, Reservation};

/// The ledger in one epoch. Its sums always are those of its holdings.
#[derive(Debug)]
pub(crate) struct Ledger {
    sums: Snapshot,
    holdings: BTreeMap<WorkItem, Holding>,
    /// The unconfirmed ones, by the end of their lease.
    leases: BTreeSet<(Timestamp, WorkItem)>,
}

/// What a work item holds.
#[derive(Clone, Debug)]
struct Holding {
    unit: UnitId,
    load: Load,
    sequence: i64,
    /// None: confirmed.
    lease_until: Option<Timestamp>,
}

impl Ledger {
    pub(crate) fn build(epoch: i64, sequence: i64, entries: Vec<Entry>) -> Self {
        let sums = Snapshot { epoch, sequence, ..Snapshot::default() };
        let mut ledger = Self { sums, holdings: BTreeMap::new(), leases: BTreeSet::new() };
        for Entry { work_item, unit, load } in entries {
            ledger.drop_holding(work_item);
            ledger.hold(work_item, Holding { unit, load, sequence, lease_until: None });
        }
        ledger
    }

    pub(crate) fn epoch(&self) -> i64 {
        self.sums.epoch
    }

    pub(crate) fn check_epoch(&self, epoch: i64) -> Result<(), BoardError> {
        if epoch == self.epoch() { Ok(()) } else { Err(BoardError::StaleEpoch { current: self.epoch() }) }
    }

    /// Who holds what.
    pub(crate) fn holdings(&self) -> impl Iterator<Item = (WorkItem, UnitId, &Load)> {
        self.holdings.iter().map(|(work_item, Holding { unit, load, .. })| (*work_item, *unit, load))
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.sums.clone()
    }

    pub(crate) fn reserve(
        &mut self,
        work_item: WorkItem,
        key: LoadKey,
        minutes: u32,
        bids: &[Bid],
        lease_until: Timestamp,
    ) -> Result<Reservation, BoardError> {
        let bids = bids.get(..MAX_BIDS).unwrap_or(bids);
        if let Some(Holding { unit, sequence, .. }) = self.holdings.get(&work_item) {
            return Ok(Reservation { unit: *unit, epoch: self.epoch(), sequence: *sequence });
        }
        let idle = SharedLoad::default();
        let fits = |bid: &&Bid| bid.fits(&key, self.sums.units.get(&bid.unit).unwrap_or(&idle));
        let Some(bid) = bids.iter().find(fits) else {
            return Err(BoardError::Outbid { fresh: Box::new(self.only(bids)) });
        };
        let (unit, load) = (bid.unit, bid.load(key, minutes));
        let sequence = self.next_sequence();
        self.hold(work_item, Holding { unit, load, sequence, lease_until: Some(lease_until) });
        Ok(Reservation { unit, epoch: self.epoch(), sequence })
    }

    /// Makes the ledger say so, whatever it said before; answers with the sequence under which it does.
    pub(crate) fn confirm(&mut self, work_item: WorkItem, unit: UnitId, load: Load) -> i64 {
        if let Some(holding) = self.holdings.get_mut(&work_item)
            && (holding.unit, &holding.load) == (unit, &load)
        {
            if let Some(lease_until) = holding.lease_until.take() {
                self.leases.remove(&(lease_until, work_item));
            }
            return holding.sequence;
        }
        self.drop_holding(work_item);
        let sequence = self.next_sequence();
        self.hold(work_item, Holding { unit, load, sequence, lease_until: None });
        sequence
    }

    pub(crate) fn release(&mut self, work_item: WorkItem) {
        if self.drop_holding(work_item) {
            self.next_sequence();
        }
    }

    /// Those that fall due by then.
    pub(crate) fn leases(&self, by: Timestamp, limit: usize) -> Vec<Lease> {
        let due = self.leases.iter().take_while(|(until, _)| *until <= by).take(limit);
        due.filter_map(|(_, work_item)| {
            let Holding { unit, load, sequence, .. } = self.holdings.get(work_item)?.clone();
            Some(Lease { work_item: *work_item, unit, load, epoch: self.epoch(), sequence })
        })
        .collect()
    }

    fn next_sequence(&mut self) -> i64 {
        self.sums.sequence += 1;
        self.sums.sequence
    }

    fn hold(&mut self, work_item: WorkItem, holding: Holding) {
        self.sums.units.entry(holding.unit).or_default().add(&holding.load);
        self.leases.extend(holding.lease_until.map(|until| (until, work_item)));
        self.holdings.insert(work_item, holding);
    }

    /// Whether there was one.
    fn drop_holding(&mut self, work_item: WorkItem) -> bool {
        let Some(holding) = self.holdings.remove(&work_item) else { return false };
        if let Some(unit) = self.sums.units.get_mut(&holding.unit) {
            unit.remove(&holding.load);
            if unit.open_items == 0 {
                self.sums.units.remove(&holding.unit);
            }
        }
        if let Some(until) = holding.lease_until {
            self.leases.remove(&(until, work_item));
        }
        true
    }

    /// The units of the bids and no others; an idle one is there with nothing queued.
    fn only(&self, bids: &[Bid]) -> Snapshot {
        let load = |unit: UnitId| self.sums.units.get(&unit).cloned().unwrap_or_default();
        let units = bids.iter().map(|bid| (bid.unit, load(bid.unit))).collect();
        Snapshot { epoch: self.epoch(), sequence: self.sums.sequence, units, ..Snapshot::default() }
    }
}
