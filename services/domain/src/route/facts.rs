//! What a decision knew of what was queued: kept with it, so that it can be made again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::UnitId;

/// By unit: what was queued there, as far as the decision looked. An idle unit is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct Facts {
    queues: Vec<(UnitId, Queue)>,
    /// Where it was asked who joins when: what each of the busy officers has to do before, in minutes, the least first.
    joining: BTreeMap<UnitId, Vec<i64>>,
}

impl Facts {
    /// What was queued at a unit.
    pub fn get(&self, unit: UnitId) -> Option<Queue> {
        let place = self.place(unit).ok()?;
        self.queues.get(place).map(|(_, queue)| *queue)
    }

    /// Whether nothing was queued anywhere.
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// What the busy officers of a unit have to do before they join, as far as it was asked.
    pub(super) fn joining(&self, unit: UnitId) -> &[i64] {
        self.joining.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// What was queued at one more.
    pub(super) fn add(&mut self, unit: UnitId, queue: Queue) {
        if let Err(place) = self.place(unit) {
            self.queues.insert(place, (unit, queue));
        }
    }

    /// The same, and who joins when.
    pub(super) fn with_joining(self, joining: BTreeMap<UnitId, Vec<i64>>) -> Self {
        Self { joining, ..self }
    }

    fn place(&self, unit: UnitId) -> Result<usize, usize> {
        self.queues.binary_search_by_key(&unit, |(unit, _)| *unit)
    }
}

impl FromIterator<(UnitId, Queue)> for Facts {
    /// Each unit once.
    fn from_iter<T: IntoIterator<Item = (UnitId, Queue)>>(facts: T) -> Self {
        let mut queues = Vec::from_iter(facts);
        // The greater part is the province at large, in order and last; put first, it is left as it is by such a sort.
        let in_order = |pair: &[(UnitId, Queue)]| pair.is_sorted_by_key(|(unit, _)| *unit);
        let ordered = queues.windows(2).rposition(|pair| !in_order(pair)).map_or(0, |last| last + 1);
        queues.rotate_left(ordered);
        queues.sort_by_key(|(unit, _)| *unit);
        Self { queues, joining: BTreeMap::new() }
    }
}

/// As they are kept: six numbers by unit, as ever; beside them, where somebody is busy, how many are, and who joins when. A
/// service of the version before reads the first and passes over the second.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    facts: BTreeMap<UnitId, [i64; 6]>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    busy: BTreeMap<UnitId, (u32, Vec<i64>)>,
}

impl From<Kept> for Facts {
    fn from(Kept { facts, mut busy }: Kept) -> Self {
        let mut joining = BTreeMap::new();
        let queues = facts.into_iter().map(|(unit, [ahead, committed, own, open_items, borrowed, lent])| {
            let (busy, joins) = busy.remove(&unit).unwrap_or_default();
            if !joins.is_empty() {
                joining.insert(unit, joins);
            }
            let open_items = u32::try_from(open_items).unwrap_or_default();
            (unit, Queue { ahead, committed, own, open_items, borrowed, lent, busy })
        });
        Self { queues: queues.collect(), joining }
    }
}

impl From<Facts> for Kept {
    fn from(Facts { queues, mut joining }: Facts) -> Self {
        let busy = queues.iter().filter(|(_, queue)| queue.busy > 0);
        let busy = busy.map(|(unit, queue)| (*unit, (queue.busy, joining.remove(unit).unwrap_or_default())));
        let busy = busy.collect();
        let facts = queues.into_iter().map(|(unit, queue)| {
            let Queue { ahead, committed, own, open_items, borrowed, lent, busy: _ } = queue;
            (unit, [ahead, committed, own, open_items.into(), borrowed, lent])
        });
        Self { facts: facts.collect(), busy }
    }
}

/// What is queued at a unit, seen from one work item and its pool, in working minutes of one officer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// What those of the pool's officers who are not busy do before new work with the deadline: the pool's own, also of
    /// other pools of the very same officers, and what they do for others first.
    pub ahead: i64,
    /// What its officers have to do, whatever day it is due.
    pub committed: i64,
    /// What is queued for this very pool, whatever day it is due.
    pub own: i64,
    /// Work items of all pools that are not done yet.
    pub open_items: u32,
    /// What the unit has borrowed and not done yet, whatever the pool.
    pub borrowed: i64,
    /// What the unit took from others of late, half as much after each half-life.
    pub lent: i64,
    /// How many of the pool's officers are busy with other work for longer than the rest need for `ahead`; fewer than the
    /// pool has.
    pub busy: u32,
}
