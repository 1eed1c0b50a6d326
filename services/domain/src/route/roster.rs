//! The units, who can do what at each, when they work, and whether they take work: compiled once per version of the
//! province and revision of its registry.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    crew::{Crew, LEVELS, Pool, Post},
    ring::Ring,
    scarcity::Scarcity,
};
use crate::{
    calendar::CapacityCalendar,
    id::UnitId,
    officer::{Level, Officer},
    province::Province,
    registry::{Registry, Standing},
    unit::GlobePoint,
};

/// The units of a province as decisions see them.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    stamp: u64,
    /// Every field that somebody masters, in order, once.
    fields: Vec<String>,
    /// In the order of their ids.
    stations: Vec<Station>,
    /// The stations of each former district.
    clusters: Vec<Vec<usize>>,
    /// How units work, each way once.
    calendars: Vec<CapacityCalendar>,
    posts: Arc<Mutex<Posts>>,
    province_version: i64,
    registry_revision: i64,
}

/// What pools are at each of the stations, as far as they were asked for, each with the number of officers that are few.
type Posts = BTreeMap<(Option<usize>, u32), Arc<[Post]>>;

/// For so many numbers of officers that are few it is known of all pools what they are.
const MOST_POSTS: usize = 4;

/// One unit.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub(super) unit: UnitId,
    /// Its place among the stations.
    pub(super) index: usize,
    pub(super) crew: Box<Crew>,
    pub(super) standing: Standing,
    /// Which of the roster's calendars is its own; none: it has no working time at all.
    pub(super) calendar: Option<usize>,
    /// Adjacent stations, in order.
    neighbours: Vec<usize>,
    cluster: Option<usize>,
    position: Option<GlobePoint>,
    /// Whether the position is its own; otherwise it is the middle of its cluster, or of all.
    is_positioned: bool,
}

impl Station {
    /// Whether both are of the same former district.
    pub(super) fn shares_cluster(&self, other: &Self) -> bool {
        self.cluster.is_some() && self.cluster == other.cluster
    }

    /// Great-circle distance in kilometres; 0 where no position of the province is known.
    pub(super) fn distance_km(&self, other: &Self) -> f64 {
        self.position.zip(other.position).map_or(0.0, |(one, other)| one.distance_km(other))
    }

    /// The same, but 0 where a position is not its own.
    pub(super) fn known_distance_km(&self, other: &Self) -> f64 {
        if self.is_positioned && other.is_positioned { self.distance_km(other) } else { 0.0 }
    }
}

/// How many rosters were compiled in this process.
static COMPILED: AtomicU64 = AtomicU64::new(0);

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
        let (mut calendars, mut ways) = (Vec::new(), BTreeMap::new());
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
                index,
                crew: Crew::of(&officers, &scarcity, registry, province.capacity.get(&unit.id))
                    .with_workplaces(registry.workplaces(unit.id))
                    .into(),
                standing: registry.standing(unit.id),
                calendar: province.capacity.get(&unit.id).map(|calendar| {
                    *ways.entry(calendar.exceptions()).or_insert_with(|| {
                        calendars.push(calendar.clone());
                        calendars.len() - 1
                    })
                }),
                unit: unit.id,
                neighbours,
                cluster,
                position: unit.position.map(GlobePoint::of),
                is_positioned: unit.position.is_some(),
            });
        }
        place(&mut stations, &clusters);
        Self {
            stamp: COMPILED.fetch_add(1, Ordering::Relaxed) + 1,
            fields: scarcity.into_fields(),
            stations,
            clusters,
            calendars,
            posts: Arc::default(),
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
    pub(super) fn pool<'a>(&self, field: &'a str, level: Level) -> Pool<'a> {
        Pool::of(&self.fields, field, level)
    }

    /// What a pool is at each of the stations, in their order; `few`: see [`Post::rare_share`].
    pub(super) fn posts(&self, pool: &Pool<'_>, few: u32) -> Arc<[Post]> {
        let mut posts = self.posts.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever tries out policies may think of ever other numbers.
        if posts.len() > MOST_POSTS * (self.fields.len() * LEVELS + 1) {
            posts.clear();
        }
        let compiled = posts
            .entry((pool.index(), few))
            .or_insert_with(|| self.stations.iter().map(|station| station.crew.post(pool, few)).collect());
        Arc::clone(compiled)
    }

    /// By this what was reckoned through one roster is known from what was reckoned through another.
    pub(super) fn stamp(&self) -> u64 {
        self.stamp
    }

    /// Every field that somebody masters, in order, once.
    pub(super) fn fields(&self) -> &[String] {
        &self.fields
    }

    /// How units work, each way once.
    pub(super) fn calendars(&self) -> &[CapacityCalendar] {
        &self.calendars
    }

    /// A unit; none when the province does not know it.
    pub(super) fn station(&self, unit: UnitId) -> Option<&Station> {
        self.stations.get(self.index(unit)?)
    }

    fn index(&self, unit: UnitId) -> Option<usize> {
        self.stations.binary_search_by(|station| station.unit.cmp(&unit)).ok()
    }

    /// How far a unit is from home; as far as can be, where home is not known.
    pub(super) fn ring(&self, home: Option<&Station>, station: &Station) -> Ring {
        let Some(home) = home else { return Ring::Province };
        let index = self.index(station.unit);
        if home.unit == station.unit {
            Ring::Home
        } else if index.is_some_and(|index| home.neighbours.binary_search(&index).is_ok()) {
            Ring::Neighbours
        } else if home.shares_cluster(station) {
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
            .filter(|station| station.unit != home.unit)
    }

    /// All other units; all there are, where home is not known.
    pub(super) fn beyond<'r>(&'r self, home: Option<&'r Station>) -> impl Iterator<Item = &'r Station> {
        self.stations
            .iter()
            .enumerate()
            .filter(move |(index, station)| {
                home.is_none_or(|home| {
                    !home.shares_cluster(station)
                        && station.unit != home.unit
                        && home.neighbours.binary_search(index).is_err()
                })
            })
            .map(|(_, station)| station)
    }
}

/// Whoever has no position is taken to be in the middle of the cluster, else of the province: a whole province is not
/// across the street.
fn place(stations: &mut [Station], clusters: &[Vec<usize>]) {
    let known = |index: &usize| stations.get(*index).and_then(|station| station.position);
    let of_cluster: Vec<_> =
        clusters.iter().map(|members| GlobePoint::middle(members.iter().filter_map(known))).collect();
    let of_all = GlobePoint::middle(stations.iter().filter_map(|station| station.position));
    for station in stations.iter_mut().filter(|station| station.position.is_none()) {
        let cluster = station.cluster.and_then(|cluster| *of_cluster.get(cluster)?);
        station.position = cluster.or(of_all);
    }
}
