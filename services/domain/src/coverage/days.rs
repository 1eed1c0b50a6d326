//! The working days of the year, by what makes them different: which units work on them, and when the others do
//! again.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, civil::Date};

use crate::{
    deadline,
    procedure::{Procedure, Step, TimeLimit},
    province::Province,
    rejection::Rejection,
};

/// All working days.
pub(super) struct Days {
    all: Vec<Day>,
    /// By time limit, for each day: the units that work again only when it is due.
    late: BTreeMap<String, Vec<Vec<usize>>>,
}

struct Day {
    date: Date,
    /// The units that do not work on it, and when they do again; none: never.
    away: Vec<(usize, Option<Timestamp>)>,
}

/// Days that are alike for a procedure.
#[derive(Debug)]
pub(super) struct Kind {
    /// Units that do not work on them and never do again.
    pub(super) never: Vec<usize>,
    /// Units that work again when what was received on that day is due already.
    pub(super) late: Vec<usize>,
    pub(super) first: Date,
    pub(super) days: u64,
}

impl Days {
    /// Looks at every working day of the legal clock from `from` until `until`.
    pub(super) fn between(province: &Province, from: Date, until: Date) -> Result<Self, Rejection> {
        let clock = &province.clock;
        let mut all = Vec::new();
        let dates = from.series(1.day()).take_while(|date| *date < until);
        for date in dates.filter(|date| clock.is_working_day(*date)) {
            let morning = beginning(province, date)?;
            let midnight = date.tomorrow().ok().and_then(|next| beginning(province, next).ok());
            let mut away = Vec::new();
            for (index, id) in province.units.keys().enumerate() {
                let opens = province.capacity.get(id).and_then(|hours| hours.next_open(morning).ok());
                let works = opens.zip(midnight).is_some_and(|(opens, midnight)| opens < midnight);
                if !works {
                    away.push((index, opens));
                }
            }
            all.push(Day { date, away });
        }
        if all.is_empty() && clock.next_working_day(from).is_err() {
            return Err(Rejection::invalid("DATE_OUT_OF_RANGE", "from", "a day that the calendars cover"));
        }
        let mut days = Self { all, late: BTreeMap::new() };
        for procedure in province.procedures.values() {
            days.reckon(province, procedure.limit)?;
        }
        Ok(days)
    }

    pub(super) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// The days on which a procedure is in force and a step is as `step` says, by kind.
    pub(super) fn kinds(&self, procedure: &Procedure, step: &Step) -> Vec<Kind> {
        let late = self.late.get(&key(procedure.limit));
        let mut kinds: BTreeMap<(Vec<usize>, &[usize]), Kind> = BTreeMap::new();
        for (index, day) in self.all.iter().enumerate() {
            if !step.is_in_force(day.date) || procedure.check_in_force(day.date).is_err() {
                continue;
            }
            let never: Vec<_> =
                day.away.iter().filter(|(_, again)| again.is_none()).map(|(unit, _)| *unit).collect();
            let late = late.and_then(|late| late.get(index)).map_or(&[][..], Vec::as_slice);
            let kind = kinds.entry((never.clone(), late)).or_insert_with(|| Kind {
                never,
                late: late.to_vec(),
                first: day.date,
                days: 0,
            });
            kind.days += 1;
        }
        kinds.into_values().collect()
    }

    /// Finds who is closed until it is due, for everything with this limit.
    fn reckon(&mut self, province: &Province, limit: Option<TimeLimit>) -> Result<(), Rejection> {
        let key = key(limit);
        if self.late.contains_key(&key) {
            return Ok(());
        }
        let mut late = Vec::with_capacity(self.all.len());
        for day in &self.all {
            let mut units = Vec::new();
            if day.away.iter().any(|(_, again)| again.is_some()) {
                let received_at = province.clock.next_open(beginning(province, day.date)?)?;
                let due_at = deadline::promise(&province.clock, limit, received_at)?.due_at;
                let too_late = |again: Timestamp| due_at.is_some_and(|due_at| again >= due_at);
                units.extend(
                    day.away.iter().filter(|(_, again)| again.is_some_and(too_late)).map(|(unit, _)| *unit),
                );
            }
            late.push(units);
        }
        self.late.insert(key, late);
        Ok(())
    }
}

/// Limits have no order; their words are as good.
fn key(limit: Option<TimeLimit>) -> String {
    limit.map_or_else(String::new, |limit| limit.in_words().en)
}

fn beginning(province: &Province, date: Date) -> Result<Timestamp, Rejection> {
    let begins = province.clock.time_zone().to_timestamp(date.at(0, 0, 0, 0));
    begins.map_err(|_| Rejection::invalid("DATE_OUT_OF_RANGE", "from", "a day that the calendars cover"))
}
