//! What is queued at a unit as each of its pools sees it: how much there is to do before new work with a deadline.
//!
//! Work for other pools counts as far as it keeps this one's officers from it ([`Turn`]). Sorted once for a load and a
//! roster, added up once for each set of officers that asks, and kept beside the load for as long as it does not change: a
//! decision looks up three numbers per unit instead of walking through everything that is queued there. What it looks up
//! lies together, for thousands of units are in no near cache, and each further page that has to be found costs as much as
//! the rest.

use std::sync::atomic::{AtomicU32, Ordering};

use super::{
    crew::{Crew, LEVELS, MOST_BUSY, Pool, place},
    facts::Queue,
    load::{LoadKey, UnitLoad},
    roster::{Roster, Station},
    turn::Turn,
};

/// The load of one unit, through the eyes of its crew.
#[derive(Debug)]
pub(super) struct Backlog {
    /// The roster through which it is seen ([`Roster::stamp`]).
    stamp: u64,
    /// All that is looked up:
    /// - the days on which something is due, in order, once;
    /// - how many minutes are queued for each pool;
    /// - for each set of officers what they have to do with their portions of what is queued for others; then how they come to
    ///   the end of what is due up to and on the first day, the second, …, and of all there is ([`packed`]); [`UNKNOWN`]
    ///   where nobody has asked. Whoever asks first reckons it; two who do so at once come to the same.
    cells: Box<[AtomicU32]>,
    days: usize,
    /// Where the sets begin.
    rows: usize,
    /// From which the sets' cells are reckoned.
    sums: Box<Sums>,
}

/// What is queued for the sets of officers for which something is.
#[derive(Debug)]
struct Sums {
    sets: Vec<usize>,
    /// Minutes of each of the sets that are due up to and on the first day, the second, …, and all there are.
    minutes: Vec<i64>,
}

const UNKNOWN: u32 = u32::MAX;

impl Backlog {
    pub(super) fn of(roster: &Roster, station: &Station, load: &UnitLoad) -> Self {
        let mut days: Vec<i32> = load.queued.keys().filter_map(|key| key.due_day).collect();
        days.sort_unstable();
        days.dedup();
        let mut own = vec![0_i64; roster.fields().len() * LEVELS];
        let mut entries = Vec::with_capacity(load.queued.len());
        // Queues and fields come in the same order, so that one walk over both finds every pool.
        let mut fields = roster.fields().iter().enumerate().peekable();
        for (key, minutes) in &load.queued {
            while fields.next_if(|(_, field)| **field < key.field).is_some() {}
            let known = fields.peek().filter(|(_, field)| **field == key.field);
            let Some(pool) = known.and_then(|(field, _)| place(*field, key.level)) else { continue };
            let minutes = (*minutes).max(0);
            own.get_mut(pool).into_iter().for_each(|sum| *sum += minutes);
            let column = key.due_day.map_or(days.len(), |day| days.partition_point(|other| *other < day));
            entries.push((station.crew.set_of(pool), column, minutes));
        }
        // Nobody does what nobody masters.
        entries.retain(|(set, ..)| *set != 0);
        let sums = Sums::of(entries, days.len());
        let unknown = station.crew.sets() * (days.len() + 2);
        let rows = days.len() + own.len();
        let (days, first) = (days.len(), days.into_iter().map(i32::cast_unsigned));
        let cells = first.chain(own.into_iter().map(cell)).chain(std::iter::repeat_n(UNKNOWN, unknown));
        let cells = cells.map(AtomicU32::new).collect();
        Self { stamp: roster.stamp(), cells, days, rows, sums: sums.into() }
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

    /// Looks into it for a set of officers, which takes most of the time where it is in no near cache.
    pub(super) fn open(&self, set: usize) -> Opened<'_> {
        let row = self.row(set);
        let committed = self.cells.get(row).map_or(0, |cell| cell.load(Ordering::Relaxed));
        Opened { backlog: self, set, row, committed }
    }

    /// Where the cells of a set begin.
    fn row(&self, set: usize) -> usize {
        self.rows + set * (self.days + 2)
    }

    /// What a set has to do in all, where that is not known.
    fn commit(&self, crew: &Crew, set: usize) -> u32 {
        self.keep(self.row(set), cell(crew.committed(set, self.sums.until(self.days))))
    }

    /// How a set comes to the end of what is due up to and on a day, where that is not known.
    fn turn(&self, crew: &Crew, set: usize, day: usize) -> u32 {
        let (turn, joining) = crew.turn(set, self.sums.until(day));
        self.keep(self.row(set) + 1 + day, packed(turn, joining.len()))
    }

    fn keep(&self, at: usize, known: u32) -> u32 {
        self.cells.get(at).into_iter().for_each(|cell| cell.store(known, Ordering::Relaxed));
        known
    }

    /// The last of the days that lies up to and on this one; behind all of them where none is asked. None: nothing is due by
    /// then.
    fn day(&self, due_day: Option<i32>) -> Option<usize> {
        let Some(due) = due_day else { return Some(self.days) };
        let days = self.cells.get(..self.days).unwrap_or_default();
        days.partition_point(|day| day.load(Ordering::Relaxed).cast_signed() <= due).checked_sub(1)
    }

    /// What each of a set's busy officers has to do for others before they join, the least first.
    pub(super) fn joining(&self, crew: &Crew, set: usize, due_day: Option<i32>) -> Vec<i64> {
        self.day(due_day).map_or_else(Vec::new, |day| crew.turn(set, self.sums.until(day)).1)
    }
}

/// A backlog that is looked into for a set of officers.
#[derive(Clone, Copy)]
pub(super) struct Opened<'b> {
    backlog: &'b Backlog,
    set: usize,
    row: usize,
    committed: u32,
}

impl Opened<'_> {
    /// What the pool's officers, who are this set, do before new work that is due on `due_day`, and what else is to be
    /// known.
    pub(super) fn queue(self, crew: &Crew, pool: &Pool<'_>, due_day: Option<i32>) -> Queue {
        let Self { backlog, set, row, committed } = self;
        let cell = |at: usize| backlog.cells.get(at).map_or(0, |cell| cell.load(Ordering::Relaxed));
        let committed = match committed {
            UNKNOWN => backlog.commit(crew, set),
            known => known,
        };
        let turn = backlog.day(due_day).map_or(0, |day| match cell(row + 1 + day) {
            UNKNOWN => backlog.turn(crew, set, day),
            known => known,
        });
        let own = pool.index().map_or(0, |pool| cell(backlog.days + pool));
        let (ahead, busy) = unpacked(turn);
        Queue { ahead, busy, committed: committed.into(), own: own.into(), ..Queue::default() }
    }
}

impl Sums {
    /// From a set, the number of a day and minutes each; what nobody promised comes behind the last of the `days`.
    fn of(entries: Vec<(usize, usize, i64)>, days: usize) -> Self {
        let mut sets: Vec<usize> = entries.iter().map(|(set, ..)| *set).collect();
        sets.sort_unstable();
        sets.dedup();
        let width = sets.len();
        let mut minutes = vec![0; (days + 1) * width];
        for (set, column, added) in entries {
            let at = column * width + sets.partition_point(|other| *other < set);
            minutes.get_mut(at).into_iter().for_each(|sum| *sum += added);
        }
        for at in width..minutes.len() {
            let (before, from) = minutes.split_at_mut(at);
            if let (Some(before), Some(sum)) = (before.get(at - width), from.first_mut()) {
                *sum += before;
            }
        }
        Self { sets, minutes }
    }

    /// Minutes by set of all that is due up to and on a day.
    fn until(&self, day: usize) -> impl Iterator<Item = (usize, i64)> + Clone {
        let width = self.sets.len();
        let minutes = self.minutes.get(day * width..(day + 1) * width).unwrap_or_default();
        self.sets.iter().copied().zip(minutes.iter().copied())
    }
}

/// Minutes as they are kept: eight thousand years are as good as more.
fn cell(minutes: i64) -> u32 {
    u32::try_from(minutes).unwrap_or(UNKNOWN).min(UNKNOWN - 1)
}

/// How many bits the minutes of a turn have: a hundred and twenty years are as good as more. The others hold [`MOST_BUSY`].
const MINUTES: u32 = 26;

/// A turn as it is kept, with how many are busy.
fn packed(turn: Turn, busy: usize) -> u32 {
    // Two less than all bits, so that it never is UNKNOWN.
    const MOST: u32 = (1 << MINUTES) - 2;
    let minutes = u32::try_from(turn.ahead).unwrap_or(MOST).min(MOST);
    let busy = u32::try_from(busy.min(MOST_BUSY)).unwrap_or_default();
    busy << MINUTES | minutes
}

/// What is ahead, and how many are busy.
fn unpacked(turn: u32) -> (i64, u32) {
    ((turn & ((1 << MINUTES) - 1)).into(), turn >> MINUTES)
}
