//! Who can do what at each unit, compiled once per version of the province.

use std::collections::{BTreeMap, BTreeSet};

use super::load::{LoadKey, UnitLoad};
use crate::{
    id::UnitId,
    officer::{Level, Officer},
    province::Province,
};

/// Levels run from 1 to this.
const LEVELS: usize = 5;

/// The officers of a province by pool. A *pool* is all officers of one unit who master a field at a level or
/// better; pools of a unit overlap.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Every field that somebody masters, in order, once.
    fields: Vec<String>,
    crews: BTreeMap<UnitId, Crew>,
}

/// The officers of one unit as sets of bits, one set per pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Crew {
    /// Words of 64 officers per set.
    words: usize,
    /// One set after the other, by field and level.
    sets: Vec<u64>,
}

/// The same pool at every unit.
#[derive(Debug)]
pub(super) struct Pool<'a> {
    /// The fields of the roster that gave it.
    fields: &'a [String],
    field: &'a str,
    level: Level,
    /// Where its set lies in a crew; none when nobody in the province masters the field.
    index: Option<usize>,
}

/// What is queued for a pool at a unit, in working minutes of one officer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Queue {
    /// What its officers do before new work with the deadline.
    pub(super) ahead: i64,
    /// What its officers have to do, whatever day it is due.
    pub(super) committed: i64,
    /// What is queued for this very pool, whatever day it is due.
    pub(super) own: i64,
}

impl Roster {
    /// Compiles the officers of a province.
    pub fn of(province: &Province) -> Self {
        let fields: BTreeSet<&String> =
            province.officers.values().flat_map(|officer| officer.competencies.keys()).collect();
        let fields: Vec<String> = fields.into_iter().cloned().collect();
        let mut staff: BTreeMap<UnitId, Vec<&Officer>> = BTreeMap::new();
        for officer in province.officers.values() {
            staff.entry(officer.unit).or_default().push(officer);
        }
        let crews = staff.into_iter().map(|(unit, officers)| (unit, Crew::of(&officers, &fields))).collect();
        Self { fields, crews }
    }

    /// How many officers of a unit master `field` at `level` or better.
    pub fn competent_officers(&self, unit: UnitId, field: &str, level: Level) -> u32 {
        self.crew(unit).map_or(0, |crew| crew.officers(&self.pool(field, level)))
    }

    /// The pool of a field and level.
    pub(super) fn pool<'a>(&'a self, field: &'a str, level: Level) -> Pool<'a> {
        let index = field_index(&self.fields, field).and_then(|field| set_index(field, level));
        Pool { fields: &self.fields, field, level, index }
    }

    /// The officers of a unit; none when it has none.
    pub(super) fn crew(&self, unit: UnitId) -> Option<&Crew> {
        self.crews.get(&unit)
    }
}

impl Crew {
    /// How many officers the pool has here.
    pub(super) fn officers(&self, pool: &Pool<'_>) -> u32 {
        size(self.set(pool.index))
    }

    /// What is queued here for a pool, seen from new work that is due on `due_day`. Work for another pool
    /// counts by the share of that pool's officers who are in this one too, rounded up.
    pub(super) fn queue(&self, pool: &Pool<'_>, due_day: Option<i32>, load: &UnitLoad) -> Queue {
        let own = self.set(pool.index);
        let mut queue = Queue::default();
        // Queues and fields come in the same order, so that one walk over both finds every pool.
        let mut fields = pool.fields.iter().enumerate().peekable();
        let mut queued = load.queued.iter().peekable();
        while let Some((key, minutes)) = queued.next() {
            let mut sums = Sums::default();
            sums.add(key, *minutes, due_day);
            while let Some((next, minutes)) = queued.next_if(|(next, _)| next.same_pool(key)) {
                sums.add(next, *minutes, due_day);
            }
            if key.level == pool.level && key.field == pool.field {
                queue.own = sums.all;
                queue.take(sums, 1, 1);
                continue;
            }
            while fields.next_if(|(_, field)| **field < key.field).is_some() {}
            if let Some((field, _)) = fields.peek().filter(|(_, field)| **field == key.field) {
                let other = self.set(set_index(*field, key.level));
                queue.take(sums, overlap(own, other), size(other));
            }
        }
        queue
    }

    fn of(officers: &[&Officer], fields: &[String]) -> Self {
        let words = officers.len().div_ceil(64);
        let mut crew = Self { words, sets: vec![0; fields.len() * LEVELS * words] };
        for (number, officer) in officers.iter().enumerate() {
            for (field, own) in &officer.competencies {
                let Some(field) = field_index(fields, field) else { continue };
                for index in (1..=*own).filter_map(|level| set_index(field, level)) {
                    if let Some(word) = crew.sets.get_mut(index * words + number / 64) {
                        *word |= 1 << (number % 64);
                    }
                }
            }
        }
        crew
    }

    fn set(&self, index: Option<usize>) -> &[u64] {
        index
            .and_then(|index| self.sets.get(index * self.words..(index + 1) * self.words))
            .unwrap_or_default()
    }
}

/// Minutes of one pool, of which some are ahead of a deadline.
#[derive(Clone, Copy, Default)]
struct Sums {
    ahead: i64,
    all: i64,
}

impl Sums {
    fn add(&mut self, key: &LoadKey, minutes: i64, due_day: Option<i32>) {
        let minutes = minutes.max(0);
        self.all += minutes;
        if key.is_ahead_of(due_day) {
            self.ahead += minutes;
        }
    }
}

impl Queue {
    /// Adds `part` of `whole` of another pool's minutes.
    fn take(&mut self, sums: Sums, part: u32, whole: u32) {
        self.ahead += share(sums.ahead, part, whole);
        self.committed += share(sums.all, part, whole);
    }
}

/// `part` of `whole` of so many minutes, rounded up.
fn share(minutes: i64, part: u32, whole: u32) -> i64 {
    let whole = i64::from(whole.max(1));
    (minutes * i64::from(part) + whole - 1) / whole
}

fn field_index(fields: &[String], field: &str) -> Option<usize> {
    fields.binary_search_by(|own| own.as_str().cmp(field)).ok()
}

/// Where the set of a field and level lies; none for a level that there is not. Everybody who masters a
/// field has level 1.
fn set_index(field: usize, level: Level) -> Option<usize> {
    let level = usize::from(level.max(1));
    (level <= LEVELS).then(|| field * LEVELS + level - 1)
}

fn size(set: &[u64]) -> u32 {
    set.iter().map(|word| word.count_ones()).sum()
}

fn overlap(one: &[u64], other: &[u64]) -> u32 {
    one.iter().zip(other).map(|(one, other)| (one & other).count_ones()).sum()
}
