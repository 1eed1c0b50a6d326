//! What is changed in the live facts, what it makes of them, and what has to be planned again after it.

use std::collections::BTreeMap;

use jiff::{Span, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Absence, Availability, Registry, Standing, Workplaces};
use crate::{
    calendar::{Hours, check_hours, is_covered, out_of_range, without},
    id::{OfficerId, UnitId},
    province::Province,
    rejection::Rejection,
};

/// One change of the live facts: an entry of their history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// From now on a unit stands so.
    Standing {
        /// The unit.
        unit: UnitId,
        /// How it stands.
        standing: Standing,
    },
    /// On a day a unit works these hours, whatever was planned; none at all: it is closed.
    Hours {
        /// The unit.
        unit: UnitId,
        /// The day.
        day: Date,
        /// Its half-days.
        hours: Vec<Hours>,
    },
    /// On a day a unit works as planned again.
    AsPlanned {
        /// The unit.
        unit: UnitId,
        /// The day.
        day: Date,
    },
    /// An officer is absent.
    Absent {
        /// The officer.
        officer: OfficerId,
        /// On these days.
        days: Absence,
        /// Whether it is compensatory leave (NĐ 118/2025 Art. 11).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        compensatory: bool,
    },
    /// An officer is present after all.
    Present {
        /// The officer.
        officer: OfficerId,
        /// On these days.
        days: Absence,
    },
    /// On a day an officer is there within these hours only. While their unit is closed nobody is: these hours open nothing.
    OfficerHours {
        /// The officer.
        officer: OfficerId,
        /// The day.
        day: Date,
        /// At least some.
        hours: Vec<Hours>,
        /// Whether the rest of the day is compensatory leave.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        compensatory: bool,
    },
    /// On a day an officer is there whenever their unit is open again, unless they are absent.
    OfficerAsPlanned {
        /// The officer.
        officer: OfficerId,
        /// The day.
        day: Date,
    },
    /// From now on so many can work at once at a unit.
    Workplaces {
        /// The unit.
        unit: UnitId,
        /// How many; none: as many as there are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<u32>,
        /// The revision of the register of equipment that tells it; none: it is set by hand. What is told late, behind a later
        /// revision, changes nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<i64>,
    },
}

/// What has to be planned again after a change. Nothing else moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replan {
    /// Nothing: whoever has work keeps it.
    Nothing,
    /// What could not be assigned may be possible now.
    Unassignable,
    /// What nobody has begun at this unit goes wherever the law allows.
    LeaveUnit(UnitId),
}

impl Change {
    /// Whether it makes sense, whoever it is about. Days that are over may be put right: nothing is planned for them any more,
    /// but what officers have worked is counted by them.
    ///
    /// # Errors
    /// `HOURS_INVALID` at the half-day that is reversed or overlaps the one before (`hours[1]`);
    /// `DATE_OUT_OF_RANGE` for a day that no calendar covers; `DAYS_REVERSED`; for the hours of an officer also
    /// `NO_HOURS` when there are none.
    pub fn check(&self) -> Result<(), Rejection> {
        let covered = |day: &Date, field| if is_covered(day) { Ok(()) } else { Err(out_of_range(field)) };
        match self {
            Self::Standing { .. } | Self::Workplaces { .. } => Ok(()),
            Self::Hours { day, hours, .. } => {
                covered(day, "day")?;
                check_new_hours(hours)
            }
            Self::AsPlanned { day, .. } | Self::OfficerAsPlanned { day, .. } => covered(day, "day"),
            Self::OfficerHours { day, hours, .. } => {
                covered(day, "day")?;
                if hours.is_empty() {
                    let expected = "the hours in which they are there; who is not there all day is absent";
                    return Err(Rejection::invalid("NO_HOURS", "hours", expected));
                }
                check_new_hours(hours)
            }
            Self::Absent { days, .. } | Self::Present { days, .. } => {
                covered(&days.from, "days.from")?;
                covered(&days.to, "days.to")?;
                if days.to < days.from {
                    return Err(Rejection::invalid("DAYS_REVERSED", "days.to", "a day not before the first"));
                }
                Ok(())
            }
        }
    }
}

impl Registry {
    /// Makes a change; answers whether anything is otherwise by it. What changes nothing has no revision.
    pub fn apply(&mut self, change: &Change) -> bool {
        let changed = match change {
            Change::Standing { unit, standing } => {
                let changed = self.standing(*unit) != *standing;
                self.standings.insert(*unit, standing.clone());
                self.standings.retain(|_, standing| *standing != Standing::default());
                changed
            }
            Change::Hours { unit, day, hours } => {
                let before = self.hours.entry(*unit).or_default().insert(*day, hours.clone());
                before.as_ref() != Some(hours)
            }
            Change::AsPlanned { unit, day } => {
                let changed = self.hours.get_mut(unit).is_some_and(|days| days.remove(day).is_some());
                self.hours.retain(|_, days| !days.is_empty());
                changed
            }
            Change::Absent { officer, days, compensatory } => {
                let more = set(&mut self.absences, *officer, |before| with(before, *days));
                let leave = if *compensatory { with } else { cut };
                set(&mut self.leave, *officer, |before| leave(before, *days)) || more
            }
            Change::Present { officer, days } => {
                set(&mut self.leave, *officer, |before| cut(before, *days));
                set(&mut self.absences, *officer, |before| cut(before, *days))
            }
            Change::OfficerHours { officer, day, hours, compensatory } => {
                let before = self.officer_hours.entry(*officer).or_default().insert(*day, hours.clone());
                self.set_part_leave(*officer, *day, *compensatory) || before.as_ref() != Some(hours)
            }
            Change::OfficerAsPlanned { officer, day } => {
                self.set_part_leave(*officer, *day, false);
                let changed =
                    self.officer_hours.get_mut(officer).is_some_and(|days| days.remove(day).is_some());
                self.officer_hours.retain(|_, days| !days.is_empty());
                changed
            }
            Change::Workplaces { unit, most, told } => {
                let before = self.workplaces.get(unit).copied().unwrap_or_default();
                let after = before.with(*most, *told);
                self.workplaces.insert(*unit, after);
                self.workplaces.retain(|_, workplaces| *workplaces != Workplaces::default());
                before != after
            }
        };
        self.revision += i64::from(changed);
        changed
    }

    /// What a change that is made to this registry makes worth planning again; `province` knows the planned
    /// hours.
    pub fn replan(&self, change: &Change, province: &Province) -> Replan {
        let more = match change {
            Change::Standing { unit, standing } => {
                let before = self.standing(*unit);
                if standing.availability == Availability::Emergency
                    && before.availability != Availability::Emergency
                {
                    return Replan::LeaveUnit(*unit);
                }
                takes_more(&before, standing)
            }
            Change::Hours { unit, day, hours } => works_more(self.hours_of(*unit, *day, province), hours),
            Change::AsPlanned { unit, day } => {
                let planned = province.capacity.get(unit).map_or(&[][..], |planned| planned.hours_of(*day));
                works_more(self.hours_of(*unit, *day, province), planned)
            }
            Change::Absent { .. } => false,
            Change::Present { .. } => true,
            Change::OfficerHours { officer, day, hours, .. } => {
                self.is_there_more(*officer, *day, Some(hours), province)
            }
            Change::OfficerAsPlanned { officer, day } => self.is_there_more(*officer, *day, None, province),
            Change::Workplaces { unit, most, told } => {
                let before = self.workplaces.get(unit).copied().unwrap_or_default();
                is_raised(before.most, before.with(*most, *told).most)
            }
        };
        if more { Replan::Unassignable } else { Replan::Nothing }
    }

    /// The half-days of a unit on a day: those that were set, else the planned ones.
    pub fn hours_of<'h>(&'h self, unit: UnitId, day: Date, province: &'h Province) -> &'h [Hours] {
        match self.hours.get(&unit).and_then(|days| days.get(&day)) {
            Some(set) => set,
            None => province.capacity.get(&unit).map_or(&[], |planned| planned.hours_of(day)),
        }
    }

    /// How many minutes of the hours that a change gives an officer lie outside those of their unit, as these are by now:
    /// they add nothing.
    pub fn minutes_outside(&self, change: &Change, province: &Province) -> i64 {
        let Change::OfficerHours { officer, day, hours, .. } = change else { return 0 };
        let outside = without(hours, self.opening(*officer, *day, province));
        outside.into_iter().map(Hours::minutes).sum()
    }

    /// Whether an officer would, with these hours of their own on a day, be there at some minute at which they are not
    /// now; none: as their unit.
    fn is_there_more(
        &self,
        officer: OfficerId,
        day: Date,
        hours: Option<&[Hours]>,
        province: &Province,
    ) -> bool {
        let opening = self.opening(officer, day, province);
        let away = |hours: Option<&[Hours]>| hours.map_or_else(Vec::new, |hours| without(opening, hours));
        let before = self.officer_hours.get(&officer).and_then(|days| days.get(&day));
        !self.is_absent(officer, day) && works_more(&away(hours), &away(before.map(Vec::as_slice)))
    }

    /// The half-days of an officer's unit on a day.
    fn opening<'h>(&'h self, officer: OfficerId, day: Date, province: &'h Province) -> &'h [Hours] {
        province.officers.get(&officer).map_or(&[], |officer| self.hours_of(officer.unit, day, province))
    }

    /// Notes whether the rest of an officer's day is leave; answers whether it was otherwise.
    fn set_part_leave(&mut self, officer: OfficerId, day: Date, leave: bool) -> bool {
        if leave {
            return self.part_leave.entry(officer).or_default().insert(day);
        }
        let changed = self.part_leave.get_mut(&officer).is_some_and(|days| days.remove(&day));
        self.part_leave.retain(|_, days| !days.is_empty());
        changed
    }
}

impl Workplaces {
    /// The same once it is set otherwise; what is told behind a later revision changes nothing.
    fn with(self, most: Option<u32>, told: Option<i64>) -> Self {
        match told {
            Some(told) if told <= self.told => self,
            _ => Self { most, told: told.unwrap_or(self.told) },
        }
    }
}

/// Whether a limit allows more now than before; none: any number.
fn is_raised(before: Option<u32>, now: Option<u32>) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => now > before,
        (before, now) => before.is_some() && now.is_none(),
    }
}

/// Whether a unit that stood as `before` might take anything now that it would not have taken then.
fn takes_more(before: &Standing, now: &Standing) -> bool {
    let rank = |standing: &Standing| match standing.availability {
        Availability::Open => 2,
        Availability::Closing => 1,
        Availability::Closed | Availability::Emergency => 0,
    };
    rank(now) > rank(before)
        || rank(now) > 0
            && (is_raised(before.most_open_items, now.most_open_items)
                || is_raised(before.most_borrowed_minutes, now.most_borrowed_minutes)
                || before.quarantined && !now.quarantined)
}

/// Refuses half-days that make no sense, and more of them than anybody works.
fn check_new_hours(hours: &[Hours]) -> Result<(), Rejection> {
    const MOST: usize = 12;
    if hours.len() > MOST {
        let place = format!("hours[{MOST}]");
        return Err(Rejection::invalid("HOURS_INVALID", &place, "at most 12 half-days"));
    }
    check_hours(hours, "hours")
}

/// Whether some minute of the day is worked now that was not before.
fn works_more(before: &[Hours], now: &[Hours]) -> bool {
    !without(now, before).is_empty()
}

/// Gives an officer other stretches of days; answers whether they are others.
fn set(
    days: &mut BTreeMap<OfficerId, Vec<Absence>>,
    officer: OfficerId,
    to: impl Fn(&[Absence]) -> Vec<Absence>,
) -> bool {
    let before = days.remove(&officer).unwrap_or_default();
    let after = to(&before);
    let changed = before != after;
    if !after.is_empty() {
        days.insert(officer, after);
    }
    changed
}

/// Absences and these days, in order; what touches becomes one.
fn with(before: &[Absence], days: Absence) -> Vec<Absence> {
    let (mut from, mut to) = (days.from, days.to);
    let mut apart = Vec::with_capacity(before.len() + 1);
    for absence in before {
        if moved(absence.to, 1.day()) < days.from || moved(days.to, 1.day()) < absence.from {
            apart.push(*absence);
        } else {
            (from, to) = (from.min(absence.from), to.max(absence.to));
        }
    }
    apart.push(Absence { from, to });
    apart.sort_unstable();
    apart
}

/// Absences without these days, in order.
fn cut(before: &[Absence], days: Absence) -> Vec<Absence> {
    let parts = before.iter().flat_map(|absence| {
        let first = Absence { from: absence.from, to: absence.to.min(moved(days.from, -1.day())) };
        let rest = Absence { from: absence.from.max(moved(days.to, 1.day())), to: absence.to };
        [first, rest]
    });
    parts.filter(|part| part.from <= part.to).collect()
}

fn moved(day: Date, by: Span) -> Date {
    day.saturating_add(by)
}

#[cfg(test)]
mod tests;
