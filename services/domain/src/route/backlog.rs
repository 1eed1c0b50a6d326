//! What is queued at a unit as each of its pools sees it: how much there is to do before new work with a deadline.
//!
//! Work for another pool counts by the share of that pool's officers who are in this one too. Reckoned once for a load
//! and a roster, row by row as pools ask, and kept beside the load for as long as it does not change: a decision
//! looks up three numbers per unit instead of walking through everything that is queued there.

use std::collections::BTreeMap;

use super::{
    crew::{Crew, Pool, place},
    facts::Queue,
    load::{LoadKey, UnitLoad},
    roster::{Roster, Station},
};

/// The load of one unit, through the eyes of its crew.
#[derive(Debug)]
pub(super) struct Backlog {
    /// The roster through which it is seen ([`Roster::stamp`]).
    stamp: u64,
    /// The days on which something is due, in order, once.
    days: Vec<i32>,
    /// By set of officers: minutes that are due up to and on each of the days, and after these all there are.
    sets: BTreeMap<usize, Vec<i64>>,
    /// Minutes by pool.
    pools: BTreeMap<usize, i64>,
    /// The same as `sets`, for those who ask: with their share of all other sets' work, rounded up.
    rows: BTreeMap<usize, Vec<i64>>,
}

impl Backlog {
    pub(super) fn of(roster: &Roster, station: &Station, load: &UnitLoad) -> Self {
        let mut days: Vec<i32> = load.queued.keys().filter_map(|key| key.due_day).collect();
        days.sort_unstable();
        days.dedup();
        let (mut sets, mut pools) = (BTreeMap::<usize, Vec<i64>>::new(), BTreeMap::new());
        // Queues and fields come in the same order, so that one walk over both finds every pool.
        let mut fields = roster.fields().iter().enumerate().peekable();
        for (key, minutes) in &load.queued {
            while fields.next_if(|(_, field)| **field < key.field).is_some() {}
            let known = fields.peek().filter(|(_, field)| **field == key.field);
            let Some(pool) = known.and_then(|(field, _)| place(*field, key.level)) else { continue };
            let minutes = (*minutes).max(0);
            *pools.entry(pool).or_default() += minutes;
            let of_set =
                sets.entry(station.crew.set_of(pool)).or_insert_with(|| vec![0; days.len() + 1]);
            let column = key.due_day.map_or(days.len(), |day| days.partition_point(|other| *other < day));
            of_set.get_mut(column).into_iter().for_each(|sum| *sum += minutes);
        }
        // Nobody does what nobody masters.
        sets.remove(&0);
        for of_set in sets.values_mut() {
            let mut before = 0;
            for sum in of_set {
                *sum += before;
                before = *sum;
            }
        }
        Self { stamp: roster.stamp(), days, sets, pools, rows: BTreeMap::new() }
    }

    /// The same where nobody masters it, so that none of what is queued for others is theirs.
    pub(super) fn of_nobody(load: &UnitLoad, pool: &Pool<'_>, due_day: Option<i32>) -> Queue {
        let mut queue = Queue::default();
        let own = |key: &LoadKey| key.level == pool.level && key.field == pool.field;
        for (key, minutes) in load.queued.iter().filter(|(key, _)| own(key)) {
            let minutes = (*minutes).max(0);
            queue.own += minutes;
            queue.committed += minutes;
            if key.is_ahead_of(due_day) {
                queue.ahead += minutes;
            }
        }
        queue
    }

    pub(super) fn is_through(&self, roster: &Roster) -> bool {
        self.stamp == roster.stamp()
    }

    /// What the pool's officers do before new work that is due on `due_day`, and what else is to be known.
    pub(super) fn queue(&mut self, crew: &Crew, pool: &Pool<'_>, due_day: Option<i32>) -> Queue {
        let set = crew.set(pool);
        let row = self.rows.entry(set).or_insert_with(|| row(&self.sets, set, crew));
        let committed = row.last().copied().unwrap_or_default();
        let ahead = match due_day {
            None => committed,
            Some(day) => match self.days.partition_point(|other| *other <= day) {
                0 => 0,
                due => row.get(due - 1).copied().unwrap_or_default(),
            },
        };
        let own = pool.index().and_then(|pool| self.pools.get(&pool)).copied().unwrap_or_default();
        Queue { ahead, committed, own, ..Queue::default() }
    }
}

fn row(sets: &BTreeMap<usize, Vec<i64>>, own: usize, crew: &Crew) -> Vec<i64> {
    let mut row = Vec::new();
    for (other, sums) in sets {
        row.resize(sums.len(), 0);
        let (part, whole) = (i64::from(crew.shared(own, *other)), i64::from(crew.shared(*other, *other).max(1)));
        if part > 0 {
            for (sum, minutes) in row.iter_mut().zip(sums) {
                *sum += (minutes * part + whole - 1) / whole;
            }
        }
    }
    row
}
