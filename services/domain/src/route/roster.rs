//! Who can do what at each unit, when they are there, and whether the unit takes work: compiled once per
//! version of the province and revision of its registry.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    facts::Queue,
    load::{LoadKey, UnitLoad},
    ring::Ring,
};
use crate::{
    calendar::CapacityCalendar,
    id::{OfficerId, UnitId},
    officer::{Level, Officer},
    province::Province,
    registry::{Absence, Registry, Standing},
    unit::Unit,
};

/// Levels run from 1 to this.
pub(super) const LEVELS: usize = 5;

/// The units of a province as decisions see them. A *pool* is all officers of one unit who master a field at
/// a level or better; pools of a unit overlap.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Every field that somebody masters, in order, once.
    fields: Vec<String>,
    /// In the order of their ids.
    stations: Vec<Station>,
    /// The stations of each former district.
    clusters: Vec<Vec<usize>>,
    province_version: i64,
    registry_revision: i64,
}

/// One unit.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub(super) unit: Unit,
    pub(super) crew: Crew,
    pub(super) standing: Standing,
    /// None: it has no working time at all.
    pub(super) calendar: Option<CapacityCalendar>,
    /// Adjacent stations, in order.
    neighbours: Vec<usize>,
    cluster: Option<usize>,
}

/// The officers of one unit as sets of bits, one set per pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Crew {
    /// Words of 64 officers per set.
    words: usize,
    /// One set after the other, by field and level.
    sets: Vec<u64>,
    /// Of each officer: how many in the province master what they master, of the two scarcest fields.
    scarce: Vec<[(usize, u32); 2]>,
    /// Who is not there, in the order of the beginnings.
    away: Vec<Away>,
}

/// An officer is not there from one instant until another.
#[derive(Clone, Copy, Debug)]
struct Away {
    officer: usize,
    from: Timestamp,
    until: Timestamp,
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

impl Roster {
    /// Compiles the units of a province with what is known of them today.
    pub fn of(province: &Province, registry: &Registry) -> Self {
        let scarcity = Scarcity::of(province);
        let mut staff: BTreeMap<UnitId, Vec<&Officer>> = BTreeMap::new();
        for officer in province.officers.values() {
            staff.entry(officer.unit).or_default().push(officer);
        }
        let codes: BTreeMap<&str, usize> =
            province.units.values().enumerate().map(|(index, unit)| (unit.code.as_str(), index)).collect();
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        let mut clusters: Vec<Vec<usize>> = Vec::new();
        let mut stations = Vec::with_capacity(province.units.len());
        for (index, unit) in province.units.values().enumerate() {
            let officers = staff.remove(&unit.id).unwrap_or_default();
            let mut neighbours: Vec<_> =
                unit.neighbours.iter().filter_map(|code| codes.get(code.as_str()).copied()).collect();
            neighbours.retain(|other| *other != index);
            neighbours.sort_unstable();
            neighbours.dedup();
            let cluster = (!unit.cluster.is_empty()).then(|| {
                *names.entry(unit.cluster.as_str()).or_insert_with(|| {
                    clusters.push(Vec::new());
                    clusters.len() - 1
                })
            });
            if let Some(members) = cluster.and_then(|cluster| clusters.get_mut(cluster)) {
                members.push(index);
            }
            stations.push(Station {
                crew: Crew::of(&officers, &scarcity, &registry.absences, province.clock.time_zone()),
                standing: registry.standing(unit.id),
                calendar: province.capacity.get(&unit.id).cloned(),
                unit: unit.clone(),
                neighbours,
                cluster,
            });
        }
        Self {
            fields: scarcity.fields,
            stations,
            clusters,
            province_version: 0,
            registry_revision: registry.revision,
        }
    }

    /// The same, compiled from this version of the province's documents.
    #[must_use]
    pub fn of_version(self, province_version: i64) -> Self {
        Self { province_version, ..self }
    }

    /// Version of the province's documents; 0: not known.
    pub fn province_version(&self) -> i64 {
        self.province_version
    }

    /// Revision of the registry.
    pub fn registry_revision(&self) -> i64 {
        self.registry_revision
    }

    /// How many officers of a unit master `field` at `level` or better.
    pub fn competent_officers(&self, unit: UnitId, field: &str, level: Level) -> u32 {
        self.station(unit).map_or(0, |station| station.crew.officers(&self.pool(field, level)))
    }

    /// The pool of a field and level.
    pub(super) fn pool<'a>(&'a self, field: &'a str, level: Level) -> Pool<'a> {
        let index = field_index(&self.fields, field).and_then(|field| set_index(field, level));
        Pool { fields: &self.fields, field, level, index }
    }

    /// A unit; none when the province does not know it.
    pub(super) fn station(&self, unit: UnitId) -> Option<&Station> {
        self.stations.get(self.index(unit)?)
    }

    fn index(&self, unit: UnitId) -> Option<usize> {
        self.stations.binary_search_by(|station| station.unit.id.cmp(&unit)).ok()
    }

    /// How far a unit is from home; as far as can be, where home is not known.
    pub(super) fn ring(&self, home: Option<&Station>, station: &Station) -> Ring {
        let Some(home) = home else { return Ring::Province };
        let index = self.index(station.unit.id);
        if home.unit.id == station.unit.id {
            Ring::Home
        } else if index.is_some_and(|index| home.neighbours.binary_search(&index).is_ok()) {
            Ring::Neighbours
        } else if home.cluster.is_some() && home.cluster == station.cluster {
            Ring::Cluster
        } else {
            Ring::Province
        }
    }

    /// How many units there are.
    pub(super) fn len(&self) -> usize {
        self.stations.len()
    }

    /// The units that touch `home`.
    pub(super) fn neighbours(&self, home: &Station) -> impl Iterator<Item = &Station> {
        home.neighbours.iter().filter_map(|index| self.stations.get(*index))
    }

    /// The units of the cluster of `home` that neither are it nor touch it.
    pub(super) fn rest_of_cluster<'r>(&'r self, home: &'r Station) -> impl Iterator<Item = &'r Station> {
        let members = home.cluster.and_then(|cluster| self.clusters.get(cluster)).into_iter().flatten();
        members
            .filter(|index| home.neighbours.binary_search(index).is_err())
            .filter_map(|index| self.stations.get(*index))
            .filter(|station| station.unit.id != home.unit.id)
    }

    /// All other units; all there are, where home is not known.
    pub(super) fn beyond<'r>(&'r self, home: Option<&'r Station>) -> impl Iterator<Item = &'r Station> {
        self.stations
            .iter()
            .enumerate()
            .filter(move |(index, station)| {
                home.is_none_or(|home| {
                    let same_cluster = home.cluster.is_some() && home.cluster == station.cluster;
                    !same_cluster
                        && station.unit.id != home.unit.id
                        && home.neighbours.binary_search(index).is_err()
                })
            })
            .map(|(_, station)| station)
    }
}

impl Crew {
    /// How many officers the pool has here, there or not.
    pub(super) fn officers(&self, pool: &Pool<'_>) -> u32 {
        size(self.set(pool.index))
    }

    /// Those who are there at an instant. `speeds`: how fast an officer of each level works, in hundredths.
    pub(super) fn force(&self, pool: &Pool<'_>, at: Timestamp, speeds: &[u32; LEVELS]) -> Force {
        let gone = self.away.iter().filter(|away| away.from <= at && at < away.until);
        let gone: BTreeSet<usize> = gone.map(|away| away.officer).collect();
        let present = |index: Option<usize>| -> i64 {
            let set = self.set(index);
            let missing = gone.iter().filter(|officer| has(set, **officer)).count();
            i64::from(size(set)) - i64::try_from(missing).unwrap_or(0)
        };
        let Some(first) = pool.index else { return Force::default() };
        let lowest = usize::from(pool.level.max(1)) - 1;
        let officers = present(Some(first));
        // The sets are nested: each level holds those above it. A set is counted once for itself and by what
        // its members are quicker than those of the level below.
        let mut speed = officers * i64::from(speeds.get(lowest).copied().unwrap_or_default());
        for (above, pair) in speeds.windows(2).enumerate().skip(lowest) {
            let [slower, faster] = pair else { continue };
            if slower != faster {
                speed +=
                    present(Some(first + above - lowest + 1)) * (i64::from(*faster) - i64::from(*slower));
            }
        }
        Force { officers: u32::try_from(officers).unwrap_or_default(), speed }
    }

    /// Whether somebody of the pool is not there at some instant from `now` on.
    pub(super) fn somebody_leaves(&self, pool: &Pool<'_>, now: Timestamp) -> bool {
        let set = self.set(pool.index);
        self.away.iter().any(|away| away.until > now && has(set, away.officer))
    }

    /// Who is there from `now` on.
    pub(super) fn stretches(&self, pool: &Pool<'_>, now: Timestamp, speeds: &[u32; LEVELS]) -> Vec<Stretch> {
        let set = self.set(pool.index);
        let changes: BTreeSet<Timestamp> = (self.away.iter())
            .filter(|away| has(set, away.officer))
            .flat_map(|away| [away.from, away.until])
            .filter(|at| *at > now)
            .collect();
        let begins = [now].into_iter().chain(changes.iter().copied());
        let ends = changes.iter().copied().map(Some).chain([None]);
        begins
            .zip(ends)
            .map(|(from, until)| Stretch { from, until, force: self.force(pool, from, speeds) })
            .collect()
    }

    /// Which share of the pool masters something else that at most `few` officers of the province master.
    pub(super) fn rare_share(&self, pool: &Pool<'_>, few: u32) -> f64 {
        let set = self.set(pool.index);
        let Some(field) = pool.index.map(|index| index / LEVELS) else { return 0.0 };
        let scarcest =
            |[first, second]: &[(usize, u32); 2]| if first.0 == field { second.1 } else { first.1 };
        let rare = (self.scarce.iter().enumerate())
            .filter(|(officer, scarce)| has(set, *officer) && scarcest(scarce) <= few)
            .count();
        f64::from(u32::try_from(rare).unwrap_or(u32::MAX)) / f64::from(size(set).max(1))
    }

    /// What is queued here for a pool, seen from new work that is due on `due_day`. Work for another pool
    /// counts by the share of that pool's officers who are in this one too, rounded up.
    pub(super) fn queue(&self, pool: &Pool<'_>, due_day: Option<i32>, load: &UnitLoad) -> Queue {
        let own = self.set(pool.index);
        let mut queue =
            Queue { open_items: load.open_items.into(), borrowed: load.borrowed_minutes, ..Queue::default() };
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

    fn of(
        officers: &[&Officer],
        scarcity: &Scarcity,
        absences: &BTreeMap<OfficerId, Vec<Absence>>,
        zone: &TimeZone,
    ) -> Self {
        let words = officers.len().div_ceil(64);
        let sets = vec![0; scarcity.fields.len() * LEVELS * words];
        let scarce = officers.iter().map(|officer| scarcity.scarcest_two(officer)).collect();
        let mut crew = Self { words, sets, scarce, away: Vec::new() };
        for (number, officer) in officers.iter().enumerate() {
            for (field, own) in &officer.competencies {
                let Some(field) = field_index(&scarcity.fields, field) else { continue };
                for index in (1..=*own).filter_map(|level| set_index(field, level)) {
                    if let Some(word) = crew.sets.get_mut(index * words + number / 64) {
                        *word |= 1 << (number % 64);
                    }
                }
            }
            for absence in absences.get(&officer.id).into_iter().flatten() {
                let from = midnight(zone, absence.from).unwrap_or(Timestamp::MIN);
                let until = absence.to.tomorrow().ok().and_then(|day| midnight(zone, day));
                crew.away.push(Away { officer: number, from, until: until.unwrap_or(Timestamp::MAX) });
            }
        }
        crew.away.sort_by_key(|away| (away.from, away.until, away.officer));
        crew
    }

    fn set(&self, index: Option<usize>) -> &[u64] {
        index
            .and_then(|index| self.sets.get(index * self.words..(index + 1) * self.words))
            .unwrap_or_default()
    }
}

/// How many officers of the province master each field, at each level or better.
struct Scarcity {
    fields: Vec<String>,
    counts: Vec<u32>,
}

impl Scarcity {
    fn of(province: &Province) -> Self {
        let fields: BTreeSet<&String> =
            province.officers.values().flat_map(|officer| officer.competencies.keys()).collect();
        let fields: Vec<String> = fields.into_iter().cloned().collect();
        let mut counts = vec![0; fields.len() * LEVELS];
        for (field, own) in province.officers.values().flat_map(|officer| &officer.competencies) {
            let Some(field) = field_index(&fields, field) else { continue };
            for index in (1..=*own).filter_map(|level| set_index(field, level)) {
                if let Some(count) = counts.get_mut(index) {
                    *count += 1;
                }
            }
        }
        Self { fields, counts }
    }

    /// The two fields in which an officer has the fewest peers, themself counted; `u32::MAX`: there is none.
    fn scarcest_two(&self, officer: &Officer) -> [(usize, u32); 2] {
        let nothing = (usize::MAX, u32::MAX);
        let mut two = [nothing; 2];
        for (field, own) in &officer.competencies {
            let Some(field) = field_index(&self.fields, field) else { continue };
            let Some(count) = set_index(field, *own).and_then(|index| self.counts.get(index)) else {
                continue;
            };
            let [first, second] = &mut two;
            if *count < first.1 {
                *second = *first;
                *first = (field, *count);
            } else if *count < second.1 {
                *second = (field, *count);
            }
        }
        two
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

fn midnight(zone: &TimeZone, day: Date) -> Option<Timestamp> {
    zone.to_timestamp(day.at(0, 0, 0, 0)).ok()
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

fn has(set: &[u64], officer: usize) -> bool {
    set.get(officer / 64).is_some_and(|word| word & (1 << (officer % 64)) != 0)
}

fn size(set: &[u64]) -> u32 {
    set.iter().map(|word| word.count_ones()).sum()
}

fn overlap(one: &[u64], other: &[u64]) -> u32 {
    one.iter().zip(other).map(|(one, other)| (one & other).count_ones()).sum()
}
