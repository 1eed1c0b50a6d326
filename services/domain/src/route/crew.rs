//! Who can do what at one unit, and when they are there: sets of officers, compiled once, so that a decision only
//! looks numbers up.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{scarcity::Scarcity, turn::Turn};
use crate::{
    calendar::CapacityCalendar,
    officer::{HIGHEST_LEVEL, Level, Officer},
    registry::Registry,
};

/// How many officers of a pool are known to be busy at most.
pub(super) const MOST_BUSY: usize = 63;

/// How many levels there are.
pub(super) const LEVELS: usize = HIGHEST_LEVEL as usize;

/// The officers of one unit. A *pool* is all who master a field at a level or better; pools overlap, and many of them
/// are the same officers: a *set*.
#[derive(Clone, Debug, Default)]
pub(super) struct Crew {
    /// Of each field and level, the number of its set.
    pools: Vec<usize>,
    /// The sets, each once; the first has nobody.
    sets: Vec<Officers>,
    /// How many officers each set has.
    sizes: Vec<u32>,
    /// The least number that every size divides, if it is not too large: a minute has so many parts, so that portions leave
    /// no remainder.
    whole: i64,
    /// How many parts each officer of a set does of a minute of its work.
    each: Vec<i64>,
    /// The instants at which somebody leaves or comes back, in order.
    changes: Vec<Timestamp>,
    /// How many officers of each set are there before, between and after those instants.
    present: Vec<u32>,
    /// Of each officer: how many in the province master what they master, of the two scarcest fields.
    scarce: Vec<[(usize, u32); 2]>,
    /// How many can work at once; none: as many as there are.
    workplaces: Option<u32>,
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
    /// How fast they are together at the most, for want of workplaces; [`NO_LIMIT`]: as fast as all of them.
    pub(super) at_most: i64,
}

/// More than all officers of any unit, and little enough to be multiplied by how many they are.
const NO_LIMIT: i64 = 1 << 40;

impl Force {
    /// One officer of ordinary speed.
    pub(super) const ONE: Self = Self { officers: 1, speed: 100, at_most: NO_LIMIT };

    /// How fast they come to the end of what is queued where so many of all are not busy, times all: those who are at it, as far as there
    /// are workplaces for them.
    pub(super) fn pace(&self, at_it: i64, all: i64) -> i64 {
        (self.speed * at_it).min(self.at_most * all)
    }
}

/// What a pool is at one unit, in one place in memory: all that a decision looks up there, unless somebody is away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    /// The number of the pool's set; 0: nobody.
    pub(super) set: usize,
    /// How many officers it has, there or not.
    pub(super) officers: u32,
    /// Whether all of them are there at any time.
    pub(super) steady: bool,
    /// See [`Crew::rare_share`].
    pub(super) rare_share: f64,
    /// How many of them master each level or better.
    masters: [u32; LEVELS],
}

impl Post {
    /// Its officers, all of them there.
    pub(super) fn force(&self, pool: &Pool<'_>, speeds: &[u32; LEVELS]) -> Force {
        force(pool, speeds, |level| self.masters.get(level).copied().unwrap_or_default())
    }
}

impl Crew {
    /// `calendar`: of the unit; none: it has no working time at all, and who is away when does not matter.
    pub(super) fn of(
        officers: &[&Officer],
        scarcity: &Scarcity,
        registry: &Registry,
        calendar: Option<&CapacityCalendar>,
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
        let sizes: Vec<u32> = sets.iter().map(|set| overlap(set, set)).collect();
        let whole =
            sizes.iter().filter(|size| **size > 0).fold(1, |whole, size| least(whole, i64::from(*size)));
        let each = sizes.iter().map(|size| whole / i64::from((*size).max(1))).collect();
        let scarce = officers.iter().map(|officer| scarcity.scarcest_two(officer)).collect();
        let (changes, present) = presence(&sets, &movements(officers, registry, calendar));
        Self { pools, sets, sizes, whole, each, changes, present, scarce, workplaces: None }
    }

    /// The same where so many can work at once: what is queued is worked off by no more of a pool than that. Which of them is not known: it is
    /// reckoned with the fastest, so that fewer places never make anything sooner. None at all counts as one: whether such a
    /// unit takes work is how it stands, which people set.
    pub(super) fn with_workplaces(self, workplaces: Option<u32>) -> Self {
        Self { workplaces: workplaces.map(|places| places.max(1)), ..self }
    }

    /// Whether not all of so many officers can work at once.
    fn is_short_for(&self, officers: u32) -> bool {
        self.workplaces.is_some_and(|places| places < officers)
    }

    /// What a pool is here; `few`: see [`Self::rare_share`].
    pub(super) fn post(&self, pool: &Pool<'_>, few: u32) -> Post {
        let (set, officers) = (self.set(pool), self.officers(pool));
        let first = pool.index.map(|pool| pool / LEVELS * LEVELS);
        let masters = std::array::from_fn(|level| {
            let set = first.map_or(0, |first| self.set_of(first + level));
            self.sizes.get(set).copied().unwrap_or_default()
        });
        let steady = !self.is_short_for(officers)
            && (0..=self.changes.len()).all(|stretch| self.present(stretch, set) == officers);
        Post { set, officers, steady, rare_share: self.rare_share(pool, few), masters }
    }

    /// How many officers the pool has here, there or not.
    pub(super) fn officers(&self, pool: &Pool<'_>) -> u32 {
        self.sizes.get(self.set(pool)).copied().unwrap_or_default()
    }

    /// The number of the pool's set; 0: nobody.
    fn set(&self, pool: &Pool<'_>) -> usize {
        pool.index.map_or(0, |pool| self.set_of(pool))
    }

    /// The number of the set of the pool at this place.
    pub(super) fn set_of(&self, pool: usize) -> usize {
        self.pools.get(pool).copied().unwrap_or_default()
    }

    /// How many sets there are.
    pub(super) fn sets(&self) -> usize {
        self.sets.len()
    }

    /// What the officers of a set have to do of this work, minutes by set, rounded up.
    pub(super) fn committed(&self, set: usize, work: impl Iterator<Item = (usize, i64)>) -> i64 {
        self.rounded(self.of_set(set, &self.portions(work)).sum())
    }

    /// How the officers of a set come to the end of its own part of this work, minutes by set, beside their portions of the
    /// rest; and what each of those has to do for others who do not come to it before that, the least first.
    pub(super) fn turn(
        &self,
        set: usize,
        work: impl Iterator<Item = (usize, i64)> + Clone,
    ) -> (Turn, Vec<i64>) {
        let own = work.clone().find(|(other, _)| *other == set).map_or(0, |(_, minutes)| minutes);
        let own_each = self.per_head(set, own);
        let portions = self.portions(work);
        let mut others: Vec<i64> =
            self.of_set(set, &portions).map(|all| self.rounded(all - own_each)).collect();
        others.sort_unstable();
        let mut turn = Turn { ahead: own, officers: 0 }.joined_by(&others);
        others.drain(..turn.officers as usize);
        // Of more, those who have the least to do are taken to be at it: they are told apart no further.
        for others in others.drain(..others.len().saturating_sub(MOST_BUSY)) {
            turn = Turn { ahead: turn.ahead + others, officers: turn.officers + 1 };
        }
        (turn, others)
    }

    /// What each officer has to do of this work, if whoever masters it does as much of it as the next; in `whole` parts of a
    /// minute.
    fn portions(&self, work: impl Iterator<Item = (usize, i64)>) -> Vec<i64> {
        let mut portions = vec![0; self.scarce.len()];
        for (set, minutes) in work {
            let each = self.per_head(set, minutes);
            self.sets.get(set).into_iter().flat_map(members).for_each(|officer| {
                portions.get_mut(officer).into_iter().for_each(|portion| *portion += each);
            });
        }
        portions
    }

    /// The portions of a set's officers.
    fn of_set(&self, set: usize, portions: &[i64]) -> impl Iterator<Item = i64> {
        let members = self.sets.get(set).into_iter().flat_map(members);
        members.filter_map(|officer| portions.get(officer).copied())
    }

    /// What each officer of a set does of so many minutes, in parts.
    fn per_head(&self, set: usize, minutes: i64) -> i64 {
        self.each.get(set).map_or(0, |each| minutes * each)
    }

    /// Parts in minutes, rounded up.
    fn rounded(&self, parts: i64) -> i64 {
        (parts + self.whole.max(1) - 1) / self.whole.max(1)
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

    /// How many of them are there at once before an instant, at the most.
    pub(super) fn most_until(
        &self,
        pool: &Pool<'_>,
        now: Timestamp,
        until: Timestamp,
        speeds: &[u32; LEVELS],
    ) -> u32 {
        let stretches = self.stretches(pool, now, speeds).take_while(|stretch| stretch.from < until);
        stretches.map(|stretch| stretch.force.officers).max().unwrap_or_default()
    }

    /// Which share of the pool masters something else that at most `few` officers of the province master.
    fn rare_share(&self, pool: &Pool<'_>, few: u32) -> f64 {
        let Some((set, field)) = self.sets.get(self.set(pool)).zip(pool.index.map(|pool| pool / LEVELS))
        else {
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
        let Some(first) = pool.index.map(|pool| pool / LEVELS * LEVELS) else {
            return Force { at_most: NO_LIMIT, ..Force::default() };
        };
        let masters = |level| self.present(stretch, self.set_of(first + level));
        let all = force(pool, speeds, masters);
        match self.workplaces.filter(|_| self.is_short_for(all.officers)) {
            Some(places) => Force { at_most: fastest(pool, speeds, masters, places), ..all },
            None => all,
        }
    }
}

/// How fast so many officers of a pool are together, the fastest of those who are there.
fn fastest(pool: &Pool<'_>, speeds: &[u32; LEVELS], masters: impl Fn(usize) -> u32, places: u32) -> i64 {
    let lowest = usize::from(pool.level.max(1)) - 1;
    let of_level = |level| {
        let above = if level + 1 < LEVELS { masters(level + 1) } else { 0 };
        masters(level).saturating_sub(above)
    };
    let mut levels: Vec<_> =
        speeds.iter().enumerate().skip(lowest).map(|(level, speed)| (*speed, of_level(level))).collect();
    levels.sort_unstable_by(|one, other| other.cmp(one));
    let mut left = places;
    let taken = levels.into_iter().map(|(each, there)| {
        let more = there.min(left);
        left -= more;
        i64::from(more) * i64::from(each)
    });
    taken.sum()
}

/// The officers of a pool, where so many are there who master each level or better.
fn force(pool: &Pool<'_>, speeds: &[u32; LEVELS], masters: impl Fn(usize) -> u32) -> Force {
    let lowest = usize::from(pool.level.max(1)) - 1;
    let officers = masters(lowest);
    let mut speed = i64::from(officers) * i64::from(speeds.get(lowest).copied().unwrap_or_default());
    // The sets are nested: each level holds those above it. A set is counted once for itself and by what
    // its members are quicker than those of the level below.
    for (below, pair) in speeds.windows(2).enumerate().skip(lowest) {
        if let [slower, faster] = pair
            && slower != faster
        {
            speed += i64::from(masters(below + 1)) * (i64::from(*faster) - i64::from(*slower));
        }
    }
    Force { officers, speed, at_most: NO_LIMIT }
}

/// Who leaves and who comes back at an instant, by their numbers.
#[derive(Default)]
struct Movement {
    leave: Vec<usize>,
    come_back: Vec<usize>,
}

/// When somebody leaves or comes back.
fn movements(
    officers: &[&Officer],
    registry: &Registry,
    calendar: Option<&CapacityCalendar>,
) -> BTreeMap<Timestamp, Movement> {
    let mut movements: BTreeMap<_, Movement> = BTreeMap::new();
    for (number, officer) in officers.iter().enumerate() {
        for away in calendar.into_iter().flat_map(|calendar| registry.away(officer.id, calendar)) {
            movements.entry(away.start).or_default().leave.push(number);
            movements.entry(away.end).or_default().come_back.push(number);
        }
    }
    movements
}

/// The instants at which somebody leaves or comes back, and how many of each set are there before, between and after.
fn presence(sets: &[Officers], movements: &BTreeMap<Timestamp, Movement>) -> (Vec<Timestamp>, Vec<u32>) {
    let count = |set: &Officers, officers: &[usize]| {
        let members = officers.iter().filter(|officer| has(set, **officer)).count();
        u32::try_from(members).unwrap_or(u32::MAX)
    };
    let mut there: Vec<u32> = sets.iter().map(|set| overlap(set, set)).collect();
    let mut present = there.clone();
    for movement in movements.values() {
        for (there, set) in there.iter_mut().zip(sets) {
            *there = (*there + count(set, &movement.come_back)).saturating_sub(count(set, &movement.leave));
        }
        present.extend(&there);
    }
    (movements.keys().copied().collect(), present)
}

/// Where the pool of a field and level lies; none for a level that there is not. Everybody who masters a field has
/// level 1.
pub(super) fn place(field: usize, level: Level) -> Option<usize> {
    let level = usize::from(level.max(1));
    (level <= LEVELS).then(|| field * LEVELS + level - 1)
}

/// The least common multiple of two positive numbers; where it would be too large to multiply an age's minutes by, the
/// first, so that portions are a little too small.
fn least(one: i64, other: i64) -> i64 {
    const LARGEST: i64 = 1 << 32;
    let (mut divisor, mut rest) = (one, other);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    Some(one / divisor * other).filter(|multiple| *multiple <= LARGEST).unwrap_or(one)
}

fn insert(set: &mut Officers, officer: usize) {
    if let Some(word) = set.get_mut(officer / 64) {
        *word |= 1 << (officer % 64);
    }
}

fn has(set: &Officers, officer: usize) -> bool {
    set.get(officer / 64).is_some_and(|word| word & (1 << (officer % 64)) != 0)
}

/// The numbers of its officers.
fn members(set: &Officers) -> impl Iterator<Item = usize> {
    set.iter().enumerate().flat_map(|(place, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let first = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(place * 64 + first)
        })
    })
}

fn overlap(one: &Officers, other: &Officers) -> u32 {
    one.iter().zip(other).map(|(one, other)| (one & other).count_ones()).sum()
}
