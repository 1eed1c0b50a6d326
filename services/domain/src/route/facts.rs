//! What a decision knew of what was queued: kept with it, so that it can be made again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::id::UnitId;

/// By unit: what was queued there, as far as the decision looked. An idle unit is left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "BTreeMap<UnitId, Fact>")]
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

impl From<BTreeMap<UnitId, Fact>> for Facts {
    fn from(facts: BTreeMap<UnitId, Fact>) -> Self {
        let queues = facts.iter().map(|(unit, fact)| (*unit, fact.queue)).collect();
        let joining = facts.into_iter().map(|(unit, fact)| (unit, fact.joining));
        Self { queues, joining: joining.filter(|(_, joining)| !joining.is_empty()).collect() }
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let facts = self.queues.iter();
        serializer.collect_map(facts.map(|(unit, queue)| (unit, Numbers(queue, self.joining(*unit)))))
    }
}

/// What is kept of one unit: the numbers of its [`Queue`] in their order, of which `busy` is left out where nobody is; then
/// who joins when.
struct Numbers<'a>(&'a Queue, &'a [i64]);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(Queue { ahead, committed, own, open_items, borrowed, lent, busy }, joining) = self;
        let always = [*ahead, *committed, *own, (*open_items).into(), *borrowed, *lent];
        let busy = Some(i64::from(*busy)).filter(|busy| *busy > 0);
        serializer.collect_seq(always.into_iter().chain(busy).chain(joining.iter().copied()))
    }
}

/// The same, read.
#[derive(Deserialize)]
#[serde(try_from = "Vec<i64>")]
struct Fact {
    queue: Queue,
    joining: Vec<i64>,
}

impl TryFrom<Vec<i64>> for Fact {
    type Error = &'static str;

    fn try_from(numbers: Vec<i64>) -> Result<Self, Self::Error> {
        let [ahead, committed, own, open_items, borrowed, lent, rest @ ..] = &numbers[..] else {
            return Err("six numbers at the least say what is queued at a unit");
        };
        let (busy, joining) = rest.split_first().unwrap_or((&0, &[]));
        let count = |number: &i64| u32::try_from(*number).map_err(|_| "there are from 0 to 2^32 - 1 of them");
        let queue = Queue {
            ahead: *ahead,
            committed: *committed,
            own: *own,
            open_items: count(open_items)?,
            borrowed: *borrowed,
            lent: *lent,
            busy: count(busy)?,
        };
        Ok(Self { queue, joining: joining.to_vec() })
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
