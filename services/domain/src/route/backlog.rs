//! What is queued at a unit as each of its pools sees it: how much there is to do before new work with a deadline.
//!
//! Work for another pool counts by the share of that pool's officers who are in this one too. Sorted once for a load
//! and a roster, added up once for each set of officers that asks, and kept beside the load for as long as it does not
//! change: a decision looks up three numbers per unit instead of walking through everything that is queued there.

use std::sync::atomic::{AtomicI64, Ordering};

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
    /// What the officers of each set have to do, with their share of what is queued for others: all there is, and what is
    /// due up to and on the first day, the second, …; [`UNKNOWN`] where nobody has asked. Whoever asks first reckons it; two
    /// who do so at once come to the same.
    rows: Vec<AtomicI64>,
    /// The sets of officers for which something is queued.
    sets: Vec<usize>,
    /// Minutes of each of the sets that are due up to and on the first day, the second, …, and all there are.
    minutes: Vec<i64>,
    /// The pools for which something is queued, in their order, and how many minutes for each: apart, for the numbers that
    /// are searched lie close together.
    pools: Vec<usize>,
    own: Vec<i64>,
}

const UNKNOWN: i64 = -1;

impl Backlog {
    pub(super) fn of(roster: &Roster, station: &Station, load: &UnitLoad) -> Self {
        let mut days: Vec<i32> = load.queued.keys().filter_map(|key| key.due_day).collect();
        days.sort_unstable();
        days.dedup();
        let (mut pools, mut own) = (Vec::new(), Vec::<i64>::new());
        let mut entries = Vec::with_capacity(load.queued.len());
        // Queues and fields come in the same order, so that one walk over both finds every pool.
        let mut fields = roster.fields().iter().enumerate().peekable();
        for (key, minutes) in &load.queued {
            while fields.next_if(|(_, field)| **field < key.field).is_some() {}
            let known = fields.peek().filter(|(_, field)| **field == key.field);
            let Some(pool) = known.and_then(|(field, _)| place(*field, key.level)) else { continue };
            let minutes = (*minutes).max(0);
            match own.last_mut().filter(|_| pools.last() == Some(&pool)) {
                Some(sum) => *sum += minutes,
                None => {
                    pools.push(pool);
                    own.push(minutes);
                }
            }
            let column = key.due_day.map_or(days.len(), |day| days.partition_point(|other| *other < day));
            entries.push((station.crew.set_of(pool), column, minutes));
        }
        // Nobody does what nobody masters.
        entries.retain(|(set, ..)| *set != 0);
        let mut sets: Vec<usize> = entries.iter().map(|(set, ..)| *set).collect();
        sets.sort_unstable();
        sets.dedup();
        let width = sets.len();
        let mut sums = vec![0; (days.len() + 1) * width];
        for (set, column, minutes) in entries {
            let at = column * width + sets.partition_point(|other| *other < set);
            sums.get_mut(at).into_iter().for_each(|sum| *sum += minutes);
        }
        for at in width..sums.len() {
            let (before, from) = sums.split_at_mut(at);
            if let (Some(before), Some(sum)) = (before.get(at - width), from.first_mut()) {
                *sum += before;
            }
        }
        let cells = station.crew.sets() * (days.len() + 1);
        let rows = std::iter::repeat_with(|| AtomicI64::new(UNKNOWN)).take(cells).collect();
        Self { stamp: roster.stamp(), days, rows, sets, minutes: sums, pools, own }
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

    /// What the pool's officers, who are this set, do before new work that is due on `due_day`, and what else is to be
    /// known.
    pub(super) fn queue(&self, crew: &Crew, pool: &Pool<'_>, set: usize, due_day: Option<i32>) -> Queue {
        let days = self.days.len();
        let row = self.rows.get(set * (days + 1)..(set + 1) * (days + 1)).unwrap_or_default();
        let known = |column: usize| {
            let cell = row.get(column)?;
            let minutes = match cell.load(Ordering::Relaxed) {
                UNKNOWN => self.share(crew, set, column.checked_sub(1).unwrap_or(days)),
                known => return Some(known),
            };
            cell.store(minutes, Ordering::Relaxed);
            Some(minutes)
        };
        let committed = known(0).unwrap_or_default();
        let ahead = match due_day.map(|day| self.days.partition_point(|other| *other <= day)) {
            None => committed,
            Some(0) => 0,
            Some(due) => known(due).unwrap_or_default(),
        };
        let place = pool.index().and_then(|pool| self.pools.binary_search(&pool).ok());
        let own = place.and_then(|place| self.own.get(place)).copied().unwrap_or_default();
        Queue { ahead, committed, own, ..Queue::default() }
    }

    /// A set's share of all that is due up to and on a day, rounded up.
    fn share(&self, crew: &Crew, set: usize, day: usize) -> i64 {
        let width = self.sets.len();
        let minutes = self.minutes.get(day * width..(day + 1) * width).unwrap_or_default();
        crew.share(set, self.sets.iter().copied().zip(minutes.iter().copied()))
    }
}
