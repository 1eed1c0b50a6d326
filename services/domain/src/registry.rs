//! What changes from day to day, beyond the documents of a province: whether a unit accepts work, how much it
//! may take, who is absent or there for a part of the day only, which hours a unit works otherwise than planned.
//!
//! These are live facts of routing, kept with their history. The documents say what is so by decision; both
//! together give the roster that a decision is made over (`route::Roster`).

mod change;
mod overtime;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{CapacityCalendar, Hours},
    id::{OfficerId, UnitId},
};

pub use self::{
    change::{Change, Replan},
    overtime::{Account, Minutes, Overtime, OvertimeDay, OvertimeKind},
};

/// Whether a unit takes new work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// It takes whatever it is able to do.
    #[default]
    Open,
    /// It finishes what is its own and takes nothing from others any more.
    Closing,
    /// It takes nothing new; what it has, it keeps.
    Closed,
    /// It takes nothing new, and what nobody has begun there goes wherever the law allows.
    Emergency,
}

impl Availability {
    /// The stable name, as it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Emergency => "emergency",
        }
    }
}

/// How a unit stands today.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Whether it takes new work.
    pub availability: Availability,
    /// How many open work items it may have at most; none: no limit.
    pub most_open_items: Option<u32>,
    /// How many working minutes of one officer it may have borrowed (from homes that are not it) and not yet
    /// done; none: no limit of its own.
    pub most_borrowed_minutes: Option<u32>,
    /// Whether it takes no foreign work because what was sent there came back too often.
    pub quarantined: bool,
}

/// How many can work at once at a unit, whoever is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workplaces {
    /// None: as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// The last revision of the register of equipment that told it; 0: none has.
    #[serde(default)]
    pub told: i64,
}

/// Days on which an officer is absent, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Absence {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Absence {
    /// Whether it covers this day.
    pub fn covers(&self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

/// The live facts of a province. What is not named is as the documents say: open, without a limit, present.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    /// Grows by one with every change; 0: nothing was ever changed.
    pub revision: i64,
    /// By unit.
    pub standings: BTreeMap<UnitId, Standing>,
    /// By officer, in order, without overlap.
    pub absences: BTreeMap<OfficerId, Vec<Absence>>,
    /// By unit and day: the hours that hold instead of the planned ones; none at all closes the day.
    pub hours: BTreeMap<UnitId, BTreeMap<Date, Vec<Hours>>>,
    /// By officer and day: the hours within which they are there, instead of all those of their unit. At least some.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub officer_hours: BTreeMap<OfficerId, BTreeMap<Date, Vec<Hours>>>,
    /// By officer, in order, without overlap: which of the days of their absences are compensatory leave.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub leave: BTreeMap<OfficerId, Vec<Absence>>,
    /// By officer: the days of `officer_hours` on which the rest of the day is compensatory leave.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub part_leave: BTreeMap<OfficerId, BTreeSet<Date>>,
    /// By unit: how many can work at once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub workplaces: BTreeMap<UnitId, Workplaces>,
}

impl Registry {
    /// How a unit stands.
    pub fn standing(&self, unit: UnitId) -> Standing {
        self.standings.get(&unit).cloned().unwrap_or_default()
    }

    /// How many can work at once at a unit; none: as many as there are.
    pub fn workplaces(&self, unit: UnitId) -> Option<u32> {
        self.workplaces.get(&unit)?.most
    }

    /// Whether an officer is absent on a day.
    pub fn is_absent(&self, officer: OfficerId, day: Date) -> bool {
        covered(&self.absences, officer, day)
    }

    /// Whether the time for which an officer is away on a day is compensatory leave: the day of an absence, or what their own
    /// hours leave of it.
    pub fn is_on_leave(&self, officer: OfficerId, day: Date) -> bool {
        match self.is_absent(officer, day) {
            true => covered(&self.leave, officer, day),
            false => self.part_leave.get(&officer).is_some_and(|days| days.contains(&day)),
        }
    }

    /// The same without what was over before a day: for decisions from then on, over years of absences and shifts.
    #[must_use]
    pub fn from_day(&self, day: Date) -> Self {
        let absences = self.absences.iter().filter_map(|(officer, absences)| {
            let ahead: Vec<_> = absences.iter().filter(|absence| absence.to >= day).copied().collect();
            (!ahead.is_empty()).then_some((*officer, ahead))
        });
        let own_hours = self.officer_hours.iter().filter_map(|(officer, days)| {
            let ahead: BTreeMap<_, _> = days.range(day..).map(|(day, hours)| (*day, hours.clone())).collect();
            (!ahead.is_empty()).then_some((*officer, ahead))
        });
        Self {
            revision: self.revision,
            standings: self.standings.clone(),
            absences: absences.collect(),
            hours: self.hours.clone(),
            officer_hours: own_hours.collect(),
            // Nobody is there more or less for it.
            leave: BTreeMap::new(),
            part_leave: BTreeMap::new(),
            workplaces: self.workplaces.clone(),
        }
    }

    /// When an officer is not there, in order and apart: on whole days of absence, and while their unit, which works by this
    /// calendar, is open outside their own hours of a day.
    pub fn away(&self, officer: OfficerId, calendar: &CapacityCalendar) -> Vec<Range<Timestamp>> {
        let absences = self.absences.get(&officer).into_iter().flatten();
        let absences = absences.map(|absence| calendar.days(absence.from, absence.to));
        let own_hours = self.officer_hours.get(&officer).into_iter().flatten();
        let outside = own_hours.flat_map(|(day, hours)| calendar.outside(*day, hours));
        let mut away: Vec<_> = absences.chain(outside).collect();
        away.sort_unstable_by_key(|time| time.start);
        away.dedup_by(|next, time| {
            let meet = next.start <= time.end;
            if meet {
                time.end = time.end.max(next.end);
            }
            meet
        });
        away
    }
}

/// Whether one of an officer's stretches of days covers a day.
fn covered(days: &BTreeMap<OfficerId, Vec<Absence>>, officer: OfficerId, day: Date) -> bool {
    days.get(&officer).is_some_and(|stretches| stretches.iter().any(|stretch| stretch.covers(day)))
}
