//! What is queued where: the part of the board that a decision reads.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    backlog::{Backlog, Opened},
    crew::Pool,
    facts::Queue,
    roster::{Roster, Station},
};
use crate::{id::UnitId, officer::Level};

/// A queue of a unit: work for the same pool of officers that is due on the same day.
///
/// Ordered by pool, then by due day; what nobody promised sorts last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LoadKey {
    /// Procedure field (its Vietnamese name).
    pub field: String,
    /// Level that is needed in the field.
    pub level: Level,
    /// Local due date in days since 1970-01-01; none: nothing was promised.
    pub due_day: Option<i32>,
}

impl LoadKey {
    /// Whether officers of the same pool work on both.
    pub fn same_pool(&self, other: &Self) -> bool {
        self.level == other.level && self.field == other.field
    }

    /// Whether work with this key is taken up before new work that is due on `due_day`: earlier deadlines
    /// first, among equal ones first come first served.
    pub fn is_ahead_of(&self, due_day: Option<i32>) -> bool {
        match (self.due_day, due_day) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => own <= other,
        }
    }
}

impl Ord for LoadKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |key: &Self| (key.due_day.is_none(), key.due_day);
        (self.field.cmp(&other.field))
            .then_with(|| self.level.cmp(&other.level))
            .then_with(|| rank(self).cmp(&rank(other)))
    }
}

impl PartialOrd for LoadKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What one work item adds to a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The queue that it joins.
    pub key: LoadKey,
    /// Working minutes of one officer.
    pub minutes: u32,
    /// Whether the home of the work item is another unit.
    #[serde(default)]
    pub borrowed: bool,
}

/// What is queued at one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitLoad {
    /// Working minutes of one officer by queue; queues without work are left out.
    pub queued: BTreeMap<LoadKey, i64>,
    /// How many work items that is.
    pub open_items: u32,
    /// Working minutes of what is borrowed: of the work items whose home is another unit.
    pub borrowed_minutes: i64,
}

impl UnitLoad {
    /// Working minutes of one officer in all queues.
    pub fn total_minutes(&self) -> i64 {
        self.queued.values().sum()
    }

    /// Working minutes of one officer for the pool of `key`, whatever day they are due: what a [`Bid`]'s
    /// ceiling is compared with.
    ///
    /// [`Bid`]: super::Bid
    pub fn pool_minutes(&self, key: &LoadKey) -> i64 {
        let first = LoadKey { due_day: Some(i32::MIN), ..key.clone() };
        self.queued
            .range(first..)
            .take_while(|(other, _)| other.same_pool(key))
            .map(|(_, minutes)| minutes)
            .sum()
    }

    /// Counts a work item in.
    pub fn add(&mut self, load: &Load) {
        if load.minutes > 0 {
            *self.queued.entry(load.key.clone()).or_default() += i64::from(load.minutes);
        }
        self.open_items += 1;
        if load.borrowed {
            self.borrowed_minutes += i64::from(load.minutes);
        }
    }

    /// Counts a work item out that was counted in before.
    pub fn remove(&mut self, load: &Load) {
        if let Some(minutes) = self.queued.get_mut(&load.key) {
            *minutes -= i64::from(load.minutes);
            if *minutes <= 0 {
                self.queued.remove(&load.key);
            }
        }
        self.open_items = self.open_items.saturating_sub(1);
        if load.borrowed {
            self.borrowed_minutes = (self.borrowed_minutes - i64::from(load.minutes)).max(0);
        }
    }
}

/// The load of one unit, shared by all snapshots in which it is the same, with what decisions have reckoned from it.
/// Who changes it has their own from then on.
#[derive(Clone, Default)]
pub struct SharedLoad(Arc<Reckoned>);

#[derive(Default)]
struct Reckoned {
    load: UnitLoad,
    /// Through the roster that first looked.
    first: OnceLock<Backlog>,
    /// Through the one that was compiled since, if there is one: this load has outlived a change of its province or registry.
    later: Mutex<Option<Box<Backlog>>>,
}

impl SharedLoad {
    /// What has been reckoned from it through this roster, if it was the first that looked.
    pub(super) fn ready(&self, roster: &Roster) -> Option<&Backlog> {
        self.0.first.get().filter(|first| first.is_through(roster))
    }

    /// What is queued there as a pool of its officers, which is this set of them, sees it before new work that is due
    /// on `due_day`. `opened`: what is ready, looked into for this set.
    pub(super) fn queue(
        &self,
        opened: Option<Opened<'_>>,
        roster: &Roster,
        station: &Station,
        pool: &Pool<'_>,
        set: usize,
        due_day: Option<i32>,
    ) -> Queue {
        let load = &self.0.load;
        let queue = if set == 0 {
            Backlog::of_nobody(load, pool, due_day)
        } else if let Some(opened) = opened {
            opened.queue(&station.crew, pool, due_day)
        } else {
            self.through(roster, station, |backlog| backlog.open(set).queue(&station.crew, pool, due_day))
        };
        Queue { open_items: load.open_items, borrowed: load.borrowed_minutes, ..queue }
    }

    /// What each of a set's busy officers has to do for others before they join the work that is due on `due_day`, the
    /// least first.
    pub(super) fn joining(
        &self,
        roster: &Roster,
        station: &Station,
        set: usize,
        due_day: Option<i32>,
    ) -> Vec<i64> {
        self.through(roster, station, |backlog| backlog.joining(&station.crew, set, due_day))
    }

    /// Looks at it through this roster.
    fn through<T>(&self, roster: &Roster, station: &Station, look: impl FnOnce(&Backlog) -> T) -> T {
        let Reckoned { load, first, later } = &*self.0;
        let first = first.get_or_init(|| Backlog::of(roster, station, load));
        if first.is_through(roster) {
            return look(first);
        }
        // Whoever panicked while it was reckoned has left none, or a whole one.
        let mut later = later.lock().unwrap_or_else(PoisonError::into_inner);
        let through = later.take().filter(|later| later.is_through(roster));
        look(later.insert(through.unwrap_or_else(|| Backlog::of(roster, station, load).into())))
    }
}

impl Clone for Reckoned {
    /// For whoever is about to change the load: what was reckoned is not true of it.
    fn clone(&self) -> Self {
        self.load.clone().into()
    }
}

impl From<UnitLoad> for Reckoned {
    fn from(load: UnitLoad) -> Self {
        Self { load, ..Self::default() }
    }
}

impl From<UnitLoad> for SharedLoad {
    fn from(load: UnitLoad) -> Self {
        Self(Arc::new(load.into()))
    }
}

impl Deref for SharedLoad {
    type Target = UnitLoad;

    fn deref(&self) -> &UnitLoad {
        &self.0.load
    }
}

impl DerefMut for SharedLoad {
    fn deref_mut(&mut self) -> &mut UnitLoad {
        let own = Arc::make_mut(&mut self.0);
        (own.first, own.later) = Default::default();
        &mut own.load
    }
}

impl PartialEq for SharedLoad {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SharedLoad {}

impl fmt::Debug for SharedLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// How many minutes of foreign work units took, by day ([`lent_on`]).
pub type Lent = BTreeMap<UnitId, BTreeMap<i64, i64>>;

/// The day under which foreign work counts that is taken at this instant: days of UTC since 1970-01-01, for what
/// is half as much after a week no time zone matters.
pub fn lent_on(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

/// The board at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Grows by one each time the board is rebuilt.
    pub epoch: i64,
    /// Grows with every change within the epoch.
    pub sequence: i64,
    /// Load by unit; a unit without load may be left out.
    pub units: BTreeMap<UnitId, SharedLoad>,
    /// What units took from others of late. The board itself does not know it.
    pub lent: Lent,
}
