//! `legal_calendar.csv`, `working_hours.csv`, `capacity.csv`: the legal clock and the units' own hours.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};

use super::{
    table::{Row, Table, Values, date, one_of, phrase, time},
    units::Settings,
};
use crate::{
    calendar::{CapacityCalendar, DayKind, Hours, LegalClock, Week},
    id::UnitId,
    unit::Unit,
};

const WEEKDAYS: [(&str, u8); 7] =
    [("mon", 1), ("tue", 2), ("wed", 3), ("thu", 4), ("fri", 5), ("sat", 6), ("sun", 7)];
const DAY_KINDS: [(&str, DayKind); 4] = [
    ("holiday", DayKind::Holiday),
    ("swapped_off", DayKind::Off),
    ("compensatory_off", DayKind::Off),
    ("working_saturday", DayKind::Working),
];

/// Exceptional days of the units; a day without hours is closed.
pub(super) type Exceptions = BTreeMap<UnitId, BTreeMap<Date, Vec<Hours>>>;

/// The legal clock; none where its files have errors.
pub(super) fn clock(calendar: &Table<'_>, hours: &Table<'_>, settings: &Settings<'_>) -> Option<LegalClock> {
    calendar.unique("date");
    let mut exceptions = BTreeMap::new();
    for row in calendar.rows() {
        let (day, kind) = (row.take("date", date), row.take("kind", one_of(&DAY_KINDS)));
        for column in ["name_vi", "name_en", "basis"] {
            row.take(column, phrase);
        }
        let Some((day, kind)) = day.zip(kind) else { continue };
        if kind == DayKind::Working && day.weekday() != Weekday::Saturday {
            row.fail("date", "a Saturday for a working_saturday");
        }
        exceptions.insert(day, kind);
    }
    let mut week = BTreeMap::new();
    for row in hours.rows() {
        let (weekday, hours) = (row.take("weekday", one_of(&WEEKDAYS)), half_day(row));
        if let Some((weekday, hours)) = weekday.zip(hours) {
            append(week.entry(weekday).or_default(), hours, row);
        }
    }
    let zone = settings.time_zone?;
    LegalClock::new(zone.text("value"), settings.same_day_cutoff, Week(week), exceptions)
        .map_err(|rejection| {
            // Days and hours are checked above, with their lines, but for the one that Monday must have.
            if rejection.reason == "TIME_ZONE_UNKNOWN" {
                zone.fail("value", "an IANA time zone such as Asia/Ho_Chi_Minh");
            } else if hours.is_complete() {
                hours.fail(rejection.message);
            }
        })
        .ok()
}

/// The exceptional days of `capacity.csv`.
pub(super) fn exceptions(table: &Table<'_>, units: &Values<'_>, province: &str) -> Exceptions {
    let mut exceptions = Exceptions::new();
    for row in table.rows() {
        let unit = row.reference("unit", units, "the code of a unit (units.csv)");
        let day = row.take("date", date);
        row.take("reason", phrase);
        let closed = row.text("opens").is_empty() && row.text("closes").is_empty();
        let hours = if closed { Some(None) } else { half_day(row).map(Some) };
        let (Some(unit), Some(day), Some(hours)) = (unit, day, hours) else { continue };
        let days = exceptions.entry(UnitId::of(province, unit)).or_default();
        match (days.get_mut(&day), hours) {
            (None, hours) => drop(days.insert(day, Vec::from_iter(hours))),
            (Some(before), Some(hours)) if !before.is_empty() => append(before, hours, row),
            (Some(_), _) => row.fail("date", "a day that the unit is closed only once, and not open"),
        }
    }
    exceptions
}

/// The capacity calendar of every unit; none where one was refused.
pub(super) fn capacity(
    table: &Table<'_>,
    clock: &LegalClock,
    units: &BTreeMap<UnitId, Unit>,
    mut exceptions: Exceptions,
) -> Option<BTreeMap<UnitId, CapacityCalendar>> {
    let mut calendar = |unit: &UnitId| {
        CapacityCalendar::new(clock, exceptions.remove(unit).unwrap_or_default())
            .map_err(|rejection| table.fail(rejection.message))
            .ok()
    };
    units.keys().map(|unit| Some((*unit, calendar(unit)?))).collect()
}

fn half_day(row: Row<'_>) -> Option<Hours> {
    let opens = row.take("opens", time);
    let closes = row.take("closes", |text| if text == "24:00" { Ok(Time::midnight()) } else { time(text) });
    let hours = Hours { opens: opens?, closes: closes? };
    if hours.closes <= hours.opens && row.text("closes") != "24:00" {
        row.fail("closes", "a time after `opens`, 24:00 at the latest");
        return None;
    }
    Some(hours)
}

/// Puts a half-day behind those of the same day.
fn append(day: &mut Vec<Hours>, hours: Hours, row: Row<'_>) {
    let ended = |last: &Hours| last.closes != Time::midnight() && last.closes <= hours.opens;
    if day.last().is_none_or(ended) {
        day.push(hours);
    } else {
        row.fail("opens", "half-days in order, without overlap");
    }
}
