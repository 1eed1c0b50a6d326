//! What a decision knew of what was queued: kept with it, so that it can be made again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::UnitId;

/// By unit: what was queued there, as far as the decision looked. An idle unit is left out.
pub type Facts = BTreeMap<UnitId, Queue>;

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
