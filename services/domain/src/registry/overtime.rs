//! The register of overtime and compensatory leave: what officers have worked beyond the legal hours, and what leave
//! they are owed for it (NĐ 118/2025 Art. 11).
//!
//! # The rules
//!
//! - An officer works while their unit is open, unless they are absent or have hours of their own: as predictions have it.
//! - **Overtime** is what they work while the legal clock stands. Of a working day that is before, between and after its
//!   hours; a Saturday that is worked for a swapped day is a working day.
//! - Art. 11 gives leave for shifts on days off and on holidays, minute for minute. Overtime of a working day is counted
//!   apart; it is paid, and no leave is owed for it.
//! - **Leave taken** is what an officer would have worked within the legal hours on a day, or the rest of a day, that was
//!   marked as compensatory leave. Of a day on which the unit is closed it uses up nothing.
//! - More may be taken than is owed: no rule forbids leave in advance of a shift, and what was, is to be written down. The
//!   balance is negative then.
//! - What is over at an instant is done, the rest is planned. All of it is as hours and absences are known by now: whoever
//!   puts a past day right changes what was worked on it.

use std::{collections::BTreeSet, iter::Sum, ops::Add};

use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::Registry;
use crate::{
    calendar::{DayKind, FIRST_DAY, Hours, within, without},
    officer::Officer,
    province::Province,
    report::Period,
};

/// Working minutes: until an instant, and from it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minutes {
    /// Over.
    pub done: i64,
    /// Not yet.
    pub planned: i64,
}

impl Minutes {
    /// Nothing before, and nothing to come.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// Without these.
    #[must_use]
    pub fn less(self, others: Self) -> Self {
        Self { done: self.done - others.done, planned: self.planned - others.planned }
    }
}

impl Add for Minutes {
    type Output = Self;

    fn add(self, others: Self) -> Self {
        Self { done: self.done + others.done, planned: self.planned + others.planned }
    }
}

impl From<(i64, i64)> for Minutes {
    fn from((done, planned): (i64, i64)) -> Self {
        Self { done, planned }
    }
}

/// On what kind of day overtime is worked: they are paid differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OvertimeKind {
    /// On a working day, outside its hours: an evening.
    WorkingDay,
    /// On a day of the week that is off, a swapped one, or one in lieu of a holiday.
    DayOff,
    /// On a public holiday.
    Holiday,
}

/// What one officer has worked beyond the legal hours on a day, or what leave they took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OvertimeDay {
    /// The local day.
    pub day: Date,
    /// What kind of day it is.
    pub kind: OvertimeKind,
    /// When they work although the legal clock stands.
    pub hours: Vec<Hours>,
    /// How long that is.
    pub overtime: Minutes,
    /// Compensatory leave.
    pub leave: Minutes,
}

/// What officers have worked beyond the legal hours, and what leave they took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overtime {
    /// On working days, outside their hours.
    pub working_days: Minutes,
    /// On days off.
    pub days_off: Minutes,
    /// On public holidays.
    pub holidays: Minutes,
    /// Compensatory leave.
    pub leave: Minutes,
}

impl Overtime {
    /// What leave it gives beyond what was taken; negative where more was taken.
    pub fn owed(&self) -> Minutes {
        (self.days_off + self.holidays).less(self.leave)
    }
}

impl Add for Overtime {
    type Output = Self;

    fn add(self, others: Self) -> Self {
        Self {
            working_days: self.working_days + others.working_days,
            days_off: self.days_off + others.days_off,
            holidays: self.holidays + others.holidays,
            leave: self.leave + others.leave,
        }
    }
}

impl Sum for Overtime {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl From<&OvertimeDay> for Overtime {
    fn from(day: &OvertimeDay) -> Self {
        let mut overtime = Self { leave: day.leave, ..Self::default() };
        *match day.kind {
            OvertimeKind::WorkingDay => &mut overtime.working_days,
            OvertimeKind::DayOff => &mut overtime.days_off,
            OvertimeKind::Holiday => &mut overtime.holidays,
        } = day.overtime;
        overtime
    }
}

/// The account of one officer, or of many, over a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// What leave was owed when the period began, over all days before it.
    pub carried: Minutes,
    /// What was added in the period.
    pub overtime: Overtime,
}

impl Account {
    /// What leave is owed at the end of the period; `done`: now, or at its end where that is over.
    pub fn owed(&self) -> Minutes {
        self.carried + self.overtime.owed()
    }
}

impl Add for Account {
    type Output = Self;

    fn add(self, others: Self) -> Self {
        Self { carried: self.carried + others.carried, overtime: self.overtime + others.overtime }
    }
}

impl Sum for Account {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl Registry {
    /// The account of an officer over a period, seen at `now`.
    pub fn overtime(
        &self,
        officer: &Officer,
        province: &Province,
        period: Period,
        now: Timestamp,
    ) -> Account {
        let sum = |from, to| {
            let days = self.overtime_days(officer, province, from, to, now);
            days.iter().map(Overtime::from).sum::<Overtime>()
        };
        Account {
            carried: sum(FIRST_DAY, period.from().saturating_sub(1.day())).owed(),
            overtime: sum(period.from(), period.to()),
        }
    }

    /// The days from one to another, both included, on which an officer works beyond the legal hours or takes compensatory
    /// leave, in order, seen at `now`.
    pub fn overtime_days(
        &self,
        officer: &Officer,
        province: &Province,
        from: Date,
        to: Date,
        now: Timestamp,
    ) -> Vec<OvertimeDay> {
        let days = self.days_apart(officer, province, from, to).into_iter();
        let of_day = days.map(|day| self.overtime_of(officer, province, day, now));
        of_day.filter(|day| !(day.overtime.is_nothing() && day.leave.is_nothing())).collect()
    }

    /// The only days on which there can be either: those on which the unit works otherwise than the law has it, and those of
    /// leave.
    fn days_apart(&self, officer: &Officer, province: &Province, from: Date, to: Date) -> BTreeSet<Date> {
        if to < from {
            return BTreeSet::new();
        }
        let planned = province.capacity.get(&officer.unit).into_iter();
        let planned = planned.flat_map(|calendar| calendar.exceptions().range(from..=to));
        let set = self.hours.get(&officer.unit).into_iter().flat_map(|days| days.range(from..=to));
        let leave = self.leave.get(&officer.id).into_iter().flatten().flat_map(|leave| {
            let last = leave.to.min(to);
            leave.from.max(from).series(1.day()).take_while(move |day| *day <= last)
        });
        let part_leave =
            self.part_leave.get(&officer.id).into_iter().flat_map(|days| days.range(from..=to).copied());
        planned.chain(set).map(|(day, _)| *day).chain(leave).chain(part_leave).collect()
    }

    fn overtime_of(&self, officer: &Officer, province: &Province, day: Date, now: Timestamp) -> OvertimeDay {
        let (clock, opening) = (&province.clock, self.hours_of(officer.unit, day, province));
        let legal = clock.hours_of(day);
        let own = self.officer_hours.get(&officer.id).and_then(|days| days.get(&day));
        let there = match (self.is_absent(officer.id, day), own) {
            (true, _) => Vec::new(),
            (false, Some(own)) => within(opening, own),
            (false, None) => opening.to_vec(),
        };
        let hours = without(&there, legal);
        let away = match self.is_on_leave(officer.id, day) {
            true => without(&within(opening, legal), &there),
            false => Vec::new(),
        };
        let kind = match clock.day_kind(day) {
            Some(DayKind::Holiday) => OvertimeKind::Holiday,
            _ if legal.is_empty() => OvertimeKind::DayOff,
            _ => OvertimeKind::WorkingDay,
        };
        let overtime = clock.elapsed(day, &hours, now).into();
        OvertimeDay { day, kind, hours, overtime, leave: clock.elapsed(day, &away, now).into() }
    }
}

#[cfg(test)]
mod tests;
