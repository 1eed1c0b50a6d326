//! What is queued at a unit as each of its pools sees it: how much there is to do before new work with a deadline.
//!
//! Work for another pool counts by the share of that pool's officers who are in this one too. Sorted once for a load
//! and a roster, added up once for each set of officers that asks, and kept beside the load for as long as it does not
//! change: a decision looks up three numbers per unit instead of walking through everything that is queued there.

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
    /// due up to and on the first day, the second, …; [`UNKNOWN`] where nobody has asked.
    rows: Vec<i64>,
    /// The sets of officers for which something is queued.
    sets: Vec<usize>,
    /// Minutes of each of the sets that are due up to and on the first day, the second, …, and all there are.
    minutes: Vec<i64>,
    /// Minutes by pool, in the order of the pools.
    pools: Vec<(usize, i64)>,
}

const UNKNOWN: i64 = -1;

impl Backlog {
    pub(super) fn of(roster: &Roster, station: &Station, load: &UnitLoad) -> Self {
        let mut days: Vec<i32> = load.queued.keys().filter_map(|key| key.due_day).collect();
        days.sort_unstable();
        days.dedup();
        let (mut pools, mut entries) = (Vec::<(usize, i64)>::new(), Vec::with_capacity(load.queued.len()));
        // Queues and fields come in the same order, so that one walk over both finds every pool.
        let mut fields = roster.fields().iter().enumerate().peekable();
        for (key, minutes) in &load.queued {
            while fields.next_if(|(_, field)| **field < key.field).is_some() {}
            let known = fields.peek().filter(|(_, field)| **field == key.field);
            let Some(pool) = known.and_then(|(field, _)| place(*field, key.level)) else { continue };
            let minutes = (*minutes).max(0);
            match pools.last_mut() {
                Some((last, sum)) if *last == pool => *sum += minutes,
                _ => pools.push((pool, minutes)),
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
        let rows = vec![UNKNOWN; station.crew.sets() * (days.len() + 1)];
        Self { stamp: roster.stamp(), days, rows, sets, minutes: sums, pools }
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
    pub(super) fn queue(&mut self, crew: &Crew, pool: &Pool<'_>, set: usize, due_day: Option<i32>) -> Queue {
        let days = self.days.len();
        let row = set * (days + 1)..(set + 1) * (days + 1);
        if self.rows.get(row.start) == Some(&UNKNOWN) {
            for (day, at) in row.clone().enumerate() {
                let minutes = self.share(crew, set, day.checked_sub(1).unwrap_or(days));
                self.rows.get_mut(at).into_iter().for_each(|cell| *cell = minutes);
            }
        }
        let row = self.rows.get(row).unwrap_or_default();
        let committed = row.first().copied().unwrap_or_default();
        let ahead = match due_day.map(|day| self.days.partition_point(|other| *other <= day)) {
            None => committed,
            Some(0) => 0,
            Some(due) => row.get(due).copied().unwrap_or_default(),
        };
        let own = pool.index().and_then(|pool| self.pools.binary_search_by_key(&pool, |own| own.0).ok());
        let own = own.and_then(|own| self.pools.get(own)).map_or(0, |own| own.1);
        Queue { ahead, committed, own, ..Queue::default() }
    }

    /// A set's share of all that is due up to and on a day, rounded up.
    fn share(&self, crew: &Crew, set: usize, day: usize) -> i64 {
        let width = self.sets.len();
        let minutes = self.minutes.get(day * width..(day + 1) * width).unwrap_or_default();
        crew.share(set, self.sets.iter().copied().zip(minutes.iter().copied()))
    }
}
