//! Who can do what at one unit, and when they are there: sets of officers, compiled once, so that a decision only
//! looks numbers up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::scarcity::Scarcity;
use crate::{
    id::OfficerId,
    officer::{Level, Officer},
    registry::Absence,
};

/// Levels run from 1 to this.
pub(super) const LEVELS: usize = 5;

/// The officers of one unit. A *pool* is all who master a field at a level or better; pools overlap, and many of them
/// are the same officers: a *set*.
#[derive(Clone, Debug, Default)]
pub(super) struct Crew {
    /// Of each field and level, the number of its set.
    pools: Vec<usize>,
    /// The sets, each once; the first has nobody.
    sets: Vec<Officers>,
    /// How many officers two sets share, for each two of them; of a set and itself, how many it has.
    shared: Vec<u32>,
    /// The instants at which somebody leaves or comes back, in order.
    changes: Vec<Timestamp>,
    /// How many officers of each set are there before, between and after those instants.
    present: Vec<u32>,
    /// Of each officer: how many in the province master what they master, of the two scarcest fields.
    scarce: Vec<[(usize, u32); 2]>,
}

/// Some officers of a unit, by their numbers: words of 64.
type Officers = Vec<u64>;

/// The same pool at every unit.
#[derive(Debug)]
pub(super) struct Pool<'a> {
    pub(super) field: &'a str,
    pub(super) level: Level,
    /// Its place among all pools of the roster that gave it; none when nobody in the province masters the field.
    index: Option<usize>,
}

impl<'a> Pool<'a> {
    /// The pool of a field and level, where these are all the fields that somebody masters, in order.
    pub(super) fn of(fields: &[String], field: &'a str, level: Level) -> Self {
        let known = fields.binary_search_by(|own| own.as_str().cmp(field)).ok();
        Self { field, level, index: known.and_then(|field| place(field, level)) }
    }

    /// Its place among all pools; none when nobody in the province masters the field.
    pub(super) fn index(&self) -> Option<usize> {
        self.index
    }
}

/// A stretch of time over which the same officers of a pool are there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) from: Timestamp,
    /// None: for ever.
    pub(super) until: Option<Timestamp>,
    pub(super) force: Force,
}

/// The officers of a pool who are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Force {
    pub(super) officers: u32,
    /// The sum of their speeds, in hundredths of an officer.
    pub(super) speed: i64,
}

impl Crew {
    pub(super) fn of(
        officers: &[&Officer],
        scarcity: &Scarcity,
        absences: &BTreeMap<OfficerId, Vec<Absence>>,
        zone: &TimeZone,
    ) -> Self {
        let words = officers.len().div_ceil(64);
        let mut by_pool = vec![vec![0; words]; scarcity.fields().len() * LEVELS];
        for (number, officer) in officers.iter().enumerate() {
            for (field, own) in &officer.competencies {
                let Some(field) = scarcity.field(field) else { continue };
                for pool in (1..=*own).filter_map(|level| place(field, level)) {
                    by_pool.get_mut(pool).into_iter().for_each(|set| insert(set, number));
                }
            }
        }
        let nobody = vec![0; words];
        let mut numbers = BTreeMap::from([(nobody.clone(), 0)]);
        let mut sets = vec![nobody];
        let number_of = |set: Officers| {
            *numbers.entry(set.clone()).or_insert_with(|| {
                sets.push(set);
                sets.len() - 1
            })
        };
        let pools = by_pool.into_iter().map(number_of).collect();
        let shared = sets.iter().flat_map(|one| sets.iter().map(|other| overlap(one, other))).collect();
        let scarce = officers.iter().map(|officer| scarcity.scarcest_two(officer)).collect();
        let (changes, present) = presence(&sets, &away(officers, absences, zone));
        Self { pools, sets, shared, changes, present, scarce }
    }

    /// How many officers the pool has here, there or not.
    pub(super) fn officers(&self, pool: &Pool<'_>) -> u32 {
        let set = self.set(pool);
        self.shared(set, set)
    }

    /// The number of the pool's set; 0: nobody.
    pub(super) fn set(&self, pool: &Pool<'_>) -> usize {
        pool.index.map_or(0, |pool| self.set_of(pool))
    }

    /// The number of the set of the pool at this place.
    pub(super) fn set_of(&self, pool: usize) -> usize {
        self.pools.get(pool).copied().unwrap_or_default()
    }

    /// How many officers two sets share.
    pub(super) fn shared(&self, one: usize, other: usize) -> u32 {
        self.shared.get(one * self.sets.len() + other).copied().unwrap_or_default()
    }

    /// Whether somebody of the pool is not there at some instant from `now` on.
    pub(super) fn somebody_is_away(&self, pool: &Pool<'_>, now: Timestamp) -> bool {
        let (set, all) = (self.set(pool), self.officers(pool));
        (self.stretch_at(now)..=self.changes.len()).any(|stretch| self.present(stretch, set) != all)
    }

    /// Those who are there at an instant. `speeds`: how fast an officer of each level works, in hundredths.
    pub(super) fn force(&self, pool: &Pool<'_>, at: Timestamp, speeds: &[u32; LEVELS]) -> Force {
        self.force_in(self.stretch_at(at), pool, speeds)
    }

    /// Who is there from `now` on.
    pub(super) fn stretches(
        &self,
        pool: &Pool<'_>,
        now: Timestamp,
        speeds: &[u32; LEVELS],
    ) -> impl Iterator<Item = Stretch> {
        let first = self.stretch_at(now);
        (first..=self.changes.len()).map(move |stretch| Stretch {
            from: self.changes.get(stretch.wrapping_sub(1)).map_or(now, |from| now.max(*from)),
            until: self.changes.get(stretch).copied(),
            force: self.force_in(stretch, pool, speeds),
        })
    }

    /// Which share of the pool masters something else that at most `few` officers of the province master.
    pub(super) fn rare_share(&self, pool: &Pool<'_>, few: u32) -> f64 {
        let Some((set, field)) = self.sets.get(self.set(pool)).zip(pool.index.map(|pool| pool / LEVELS)) else {
            return 0.0;
        };
        let scarcest =
            |[first, second]: &[(usize, u32); 2]| if first.0 == field { second.1 } else { first.1 };
        let rare = (self.scarce.iter().enumerate())
            .filter(|(officer, scarce)| scarcest(scarce) <= few && has(set, *officer))
            .count();
        f64::from(u32::try_from(rare).unwrap_or(u32::MAX)) / f64::from(self.officers(pool).max(1))
    }

    fn stretch_at(&self, at: Timestamp) -> usize {
        self.changes.partition_point(|change| *change <= at)
    }

    fn present(&self, stretch: usize, set: usize) -> u32 {
        self.present.get(stretch * self.sets.len() + set).copied().unwrap_or_default()
    }

    fn force_in(&self, stretch: usize, pool: &Pool<'_>, speeds: &[u32; LEVELS]) -> Force {
        let Some(first) = pool.index else { return Force::default() };
        let lowest = usize::from(pool.level.max(1)) - 1;
        let officers = self.present(stretch, self.set_of(first));
        let mut speed = i64::from(officers) * i64::from(speeds.get(lowest).copied().unwrap_or_default());
        // The sets are nested: each level holds those above it. A set is counted once for itself and by what
        // its members are quicker than those of the level below.
        for (above, pair) in speeds.windows(2).enumerate().skip(lowest) {
            let [slower, faster] = pair else { continue };
            if slower != faster {
                let there = self.present(stretch, self.set_of(first + above - lowest + 1));
                speed += i64::from(there) * (i64::from(*faster) - i64::from(*slower));
            }
        }
        Force { officers, speed }
    }
}

/// An officer is not there from one instant until another.
struct Away {
    officer: usize,
    from: Timestamp,
    until: Timestamp,
}

fn away(officers: &[&Officer], absences: &BTreeMap<OfficerId, Vec<Absence>>, zone: &TimeZone) -> Vec<Away> {
    let midnight = |day: Date| zone.to_timestamp(day.at(0, 0, 0, 0)).ok();
    let of_officer = |(number, officer): (usize, &&Officer)| {
        let own = absences.get(&officer.id).into_iter().flatten();
        own.map(move |absence| Away {
            officer: number,
            from: midnight(absence.from).unwrap_or(Timestamp::MIN),
            until: absence.to.tomorrow().ok().and_then(midnight).unwrap_or(Timestamp::MAX),
        })
    };
    officers.iter().enumerate().flat_map(of_officer).collect()
}

/// The instants at which somebody leaves or comes back, and how many of each set are there before, between and after.
fn presence(sets: &[Officers], away: &[Away]) -> (Vec<Timestamp>, Vec<u32>) {
    let ends = |away: &Away| [away.from, away.until];
    let changes: BTreeSet<Timestamp> = away.iter().flat_map(ends).collect();
    let begins = [Timestamp::MIN].into_iter().chain(changes.iter().copied());
    let present = begins.flat_map(|at| {
        let gone = away.iter().filter(move |away| away.from <= at && at < away.until);
        let gone: BTreeSet<usize> = gone.map(|away| away.officer).collect();
        sets.iter().map(move |set| {
            let missing = gone.iter().filter(|officer| has(set, **officer)).count();
            overlap(set, set).saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
        })
    });
    let present = present.collect();
    (changes.into_iter().collect(), present)
}

/// Where the pool of a field and level lies; none for a level that there is not. Everybody who masters a field has
/// level 1.
pub(super) fn place(field: usize, level: Level) -> Option<usize> {
    let level = usize::from(level.max(1));
    (level <= LEVELS).then(|| field * LEVELS + level - 1)
}

fn insert(set: &mut Officers, officer: usize) {
    if let Some(word) = set.get_mut(officer / 64) {
        *word |= 1 << (officer % 64);
    }
}

fn has(set: &Officers, officer: usize) -> bool {
    set.get(officer / 64).is_some_and(|word| word & (1 << (officer % 64)) != 0)
}

fn overlap(one: &Officers, other: &Officers) -> u32 {
    one.iter().zip(other).map(|(one, other)| (one & other).count_ones()).sum()
}
