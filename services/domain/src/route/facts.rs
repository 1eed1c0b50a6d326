//! What a decision knew of what was queued: kept with it, so that it can be made again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::id::UnitId;

/// By unit: what was queued there, as far as the decision looked. An idle unit is left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "BTreeMap<UnitId, Queue>")]
pub struct Facts(Vec<(UnitId, Queue)>);

impl Facts {
    /// What was queued at a unit.
    pub fn get(&self, unit: UnitId) -> Option<Queue> {
        let place = self.place(unit).ok()?;
        self.0.get(place).map(|(_, queue)| *queue)
    }

    /// Whether nothing was queued anywhere.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was queued at one more.
    pub(super) fn add(&mut self, unit: UnitId, queue: Queue) {
        if let Err(place) = self.place(unit) {
            self.0.insert(place, (unit, queue));
        }
    }

    fn place(&self, unit: UnitId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&unit, |(unit, _)| *unit)
    }
}

impl FromIterator<(UnitId, Queue)> for Facts {
    /// Each unit once.
    fn from_iter<T: IntoIterator<Item = (UnitId, Queue)>>(facts: T) -> Self {
        let mut facts = Vec::from_iter(facts);
        // Of most decisions the greater part is in order, of which such a sort makes use.
        facts.sort_by_key(|(unit, _)| *unit);
        Self(facts)
    }
}

impl From<BTreeMap<UnitId, Queue>> for Facts {
    fn from(facts: BTreeMap<UnitId, Queue>) -> Self {
        Self(facts.into_iter().collect())
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(unit, queue)| (unit, queue)))
    }
}

/// What is queued at a unit, seen from one work item and its pool, in working minutes of one officer. Written
/// as a list of six numbers in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[i64; 6]", into = "[i64; 6]")]
pub struct Queue {
    /// What the pool's officers do before new work with the deadline.
    pub ahead: i64,
    /// What its officers have to do, whatever day it is due.
    pub committed: i64,
    /// What is queued for this very pool, whatever day it is due.
    pub own: i64,
    /// Work items of all pools that are not done yet.
    pub open_items: i64,
    /// What the unit has borrowed and not done yet, whatever the pool.
    pub borrowed: i64,
    /// What the unit took from others of late, half as much after each half-life.
    pub lent: i64,
}

impl From<[i64; 6]> for Queue {
    fn from([ahead, committed, own, open_items, borrowed, lent]: [i64; 6]) -> Self {
        Self { ahead, committed, own, open_items, borrowed, lent }
    }
}

impl From<Queue> for [i64; 6] {
    fn from(queue: Queue) -> Self {
        let Queue { ahead, committed, own, open_items, borrowed, lent } = queue;
        [ahead, committed, own, open_items, borrowed, lent]
    }
}
