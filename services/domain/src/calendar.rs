//! Working time: the legal clock of a province and the capacity calendar of a unit.
//!
//! The **legal clock** gives due dates: the province's week, its holidays, its swapped Saturdays. The
//! **capacity calendar** gives predictions and claims: the week as one unit really works it, with Saturday
//! shifts and flood closures. Nothing leads from the second back to the first: no shift moves a due date.
//!
//! Both compile into the same thing: open windows as UTC instants, each with the open time before it. Zones,
//! summer time, lunch breaks and holidays are dealt with once, and reckoning is a few binary searches.
//!
//! # The rules
//!
//! - A window is open from its first instant on and closed at its last: 07:30:00 is open, 17:30:00 is not.
//! - An instant counts from its own second: adding minutes within a window keeps the seconds.
//! - Whatever is added to a closed instant counts from the next opening.
//! - Forward, a result at a window's end **is** that end (17:30), not the next opening (07:30). Backward, it
//!   is the opening: the last instant from which the time still suffices.
//! - Adding nothing leaves an open instant or a window's end alone, and moves any other to the next opening.
//! - Working time is real elapsed time: a window across a change to summer time is an hour shorter.
//! - Days from [`FIRST_DAY`] until [`END_DAY`] are covered; a result outside is `DATE_OUT_OF_RANGE`.

use std::{collections::BTreeMap, fmt, ops::Range, sync::Arc};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, date},
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Serialize};

use crate::rejection::Rejection;

/// The first local day that is covered: well before the two-tier communes of 2025-07-01 took over open files.
pub const FIRST_DAY: Date = date(2024, 1, 1);

/// The first local day that is no longer covered.
pub const END_DAY: Date = date(2036, 1, 1);

/// Nanoseconds, the unit of [`Timestamp`]; an `i64` of them reaches the year 2262.
const MINUTE: i64 = 60_000_000_000;

/// One half-day, in local time and whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hours {
    /// The first open minute.
    pub opens: Time,
    /// The first closed minute; `00:00` is the end of the day (24:00).
    pub closes: Time,
}

impl Hours {
    /// Minutes of the local day at which it opens and closes.
    pub(crate) fn bounds(self) -> (i64, i64) {
        let minute = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
        let closes = if self.closes == Time::midnight() { 24 * 60 } else { minute(self.closes) };
        (minute(self.opens), closes)
    }

    /// Its minutes.
    pub(crate) fn minutes(self) -> i64 {
        let (opens, closes) = self.bounds();
        closes - opens
    }

    /// From one minute of the local day until another; none when there is nothing between.
    fn between(opens: i64, closes: i64) -> Option<Self> {
        let at = |minute: i64| Time::midnight().wrapping_add(minute.minutes());
        (opens < closes).then(|| Self { opens: at(opens), closes: at(closes) })
    }
}

/// What the Government's yearly plan makes of a day, against the week (`holidays.csv`, column `kind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// A public holiday: `holiday`. Off.
    Holiday,
    /// Off without being one: `swapped_off` or `compensatory_off`.
    Off,
    /// A `working_saturday`, in exchange for a swapped day off: it has Monday's hours.
    Working,
}

/// The hours of a week: weekday (1 = Monday … 7 = Sunday) to its half-days in order; a missing day is off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week(pub BTreeMap<u8, Vec<Hours>>);

/// The legal clock of a province: the only source of due dates. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LegalClock {
    rules: Arc<Rules>,
    time: OpenTime,
}

/// What the legal clock was made from.
#[derive(Debug)]
struct Rules {
    time_zone: TimeZone,
    same_day_cutoff: Time,
    week: Week,
    exceptions: BTreeMap<Date, DayKind>,
}

impl Rules {
    fn hours_of(&self, day: Date) -> &[Hours] {
        let weekday = match self.exceptions.get(&day) {
            Some(DayKind::Holiday | DayKind::Off) => return &[],
            Some(DayKind::Working) => 1,
            None => day.weekday().to_monday_one_offset().unsigned_abs(),
        };
        self.week.0.get(&weekday).map_or(&[], Vec::as_slice)
    }
}

impl LegalClock {
    /// Compiles the clock of a province.
    ///
    /// `time_zone` is an IANA name, looked up in the bundled database so that every replica reckons alike;
    /// `same_day_cutoff` is the local time from which a same-day procedure is due on the next working day.
    /// Hours must be whole minutes, in order, without overlap; Monday must have some: they are those of a
    /// working Saturday and make the regular day. Exceptional days must be covered (no mistyped year).
    pub fn new(
        time_zone: &str,
        same_day_cutoff: Time,
        week: Week,
        exceptions: BTreeMap<Date, DayKind>,
    ) -> Result<Self, Rejection> {
        let time_zone = TimeZoneDatabase::bundled().get(time_zone).map_err(|_| {
            Rejection::invalid("TIME_ZONE_UNKNOWN", "time_zone", "an IANA name such as Asia/Ho_Chi_Minh")
        })?;
        if !week.0.keys().all(|weekday| (1..=7).contains(weekday)) {
            return Err(Rejection::invalid("WEEKDAY_UNKNOWN", "week", "weekdays are 1 (Monday) to 7"));
        }
        week.0.iter().try_for_each(|(weekday, hours)| check_hours(hours, &format!("week[{weekday}]")))?;
        if week.0.get(&1).is_none_or(Vec::is_empty) {
            return Err(Rejection::invalid("MONDAY_CLOSED", "week[1]", "Monday must be a working day"));
        }
        check_covered(exceptions.keys())?;
        let rules = Rules { time_zone, same_day_cutoff, week, exceptions };
        let time = OpenTime::assemble(&rules.time_zone, |_, first| {
            compile_month(&rules.time_zone, first, |day| rules.hours_of(day))
        })?;
        Ok(Self { rules: Arc::new(rules), time })
    }

    /// The zone in which days, hours and the cut-off are meant.
    pub fn time_zone(&self) -> &TimeZone {
        &self.rules.time_zone
    }

    /// The local day of an instant.
    pub fn local_date(&self, at: Timestamp) -> Date {
        self.rules.time_zone.to_datetime(at).date()
    }

    /// What the yearly plan says of a day; none for a day that is as its weekday is.
    pub fn day_kind(&self, day: Date) -> Option<DayKind> {
        self.rules.exceptions.get(&day).copied()
    }

    /// Whether any office hour lies on this local day. A day that is not covered is no working day.
    pub fn is_working_day(&self, day: Date) -> bool {
        is_covered(&day) && !self.rules.hours_of(day).is_empty()
    }

    /// The half-days of a local day; none on a day off.
    pub(crate) fn hours_of(&self, day: Date) -> &[Hours] {
        self.rules.hours_of(day)
    }

    /// How many minutes of these half-days of a local day are over at an instant, whole ones, and how many are not.
    pub(crate) fn elapsed(&self, day: Date, hours: &[Hours], at: Timestamp) -> (i64, i64) {
        let minutes = |from: Timestamp, until: Timestamp| until.duration_since(from).as_mins();
        let spans = hours.iter().filter_map(|half_day| span(&self.rules.time_zone, day, *half_day));
        spans.fold((0, 0), |(over, ahead), span| {
            let passed = minutes(span.start, at.clamp(span.start, span.end));
            (over + passed, ahead + minutes(span.start, span.end) - passed)
        })
    }

    /// The end of this working day's last half-day; none on a day off or a day that is not covered.
    pub fn close_of(&self, day: Date) -> Option<Timestamp> {
        let last = self.rules.hours_of(day).last().filter(|_| is_covered(&day))?;
        Timestamp::from_nanosecond(closing(&self.rules.time_zone, day, *last).ok()?.into()).ok()
    }

    /// The first working day strictly after this local day.
    pub fn next_working_day(&self, after: Date) -> Result<Date, Rejection> {
        let mut days = after.series(1.day()).skip(1).take_while(is_covered);
        days.find(|day| self.is_working_day(*day)).ok_or_else(|| out_of_range("date"))
    }

    /// Working minutes of a regular working day, which is Monday's: 480 where it is 8 hours.
    pub fn minutes_per_day(&self) -> i64 {
        let monday = self.rules.week.0.get(&1).into_iter().flatten();
        monday.map(|hours| hours.bounds()).map(|(opens, closes)| closes - opens).sum()
    }

    /// Local time from which a same-day procedure is due on the next working day.
    pub fn same_day_cutoff(&self) -> Time {
        self.rules.same_day_cutoff
    }
}

/// When one unit really works: for predictions and claims, never for due dates. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CapacityCalendar {
    rules: Arc<Rules>,
    exceptions: Arc<BTreeMap<Date, Vec<Hours>>>,
    time: OpenTime,
}

impl CapacityCalendar {
    /// The legal week and days off, with this unit's exceptional days in their place: no hours closes the
    /// day (a flood), hours on a Saturday open it. Months without an exception stay shared with the clock.
    #[expect(clippy::needless_pass_by_value, reason = "the same shape as LegalClock::new")]
    pub fn new(clock: &LegalClock, exceptions: BTreeMap<Date, Vec<Hours>>) -> Result<Self, Rejection> {
        let (rules, time) = (Arc::clone(&clock.rules), clock.time.clone());
        Self { rules, exceptions: Arc::default(), time }.with_hours(&exceptions)
    }

    /// The same calendar with other hours on some days. All other days stay as they are, also the exceptional
    /// ones; months in which nothing changes stay shared.
    pub fn with_hours(&self, days: &BTreeMap<Date, Vec<Hours>>) -> Result<Self, Rejection> {
        if days.is_empty() {
            return Ok(self.clone());
        }
        check_covered(days.keys())?;
        days.iter().try_for_each(|(day, hours)| check_hours(hours, &format!("exceptions[{day}]")))?;
        let mut exceptions = BTreeMap::clone(&self.exceptions);
        exceptions.extend(days.iter().map(|(day, hours)| (*day, hours.clone())));
        let rules = &self.rules;
        let hours_of = |day| exceptions.get(&day).map_or_else(|| rules.hours_of(day), Vec::as_slice);
        let time = OpenTime::assemble(&rules.time_zone, |index, first| match self.time.months.get(index) {
            Some(month) if days.range(first..=first.last_of_month()).next().is_none() => {
                Ok(month.windows.clone())
            }
            _ => compile_month(&rules.time_zone, first, hours_of),
        })?;
        Ok(Self { rules: Arc::clone(rules), exceptions: Arc::new(exceptions), time })
    }

    /// Whether the unit works as the law has it, without any exceptional day: both calendars then answer alike.
    pub(crate) fn is_legal(&self, clock: &LegalClock) -> bool {
        Arc::ptr_eq(&self.time.months, &clock.time.months)
    }

    /// The exceptional days: by them calendars of one province differ.
    pub(crate) fn exceptions(&self) -> &BTreeMap<Date, Vec<Hours>> {
        &self.exceptions
    }

    /// The instant at which so much time has run; none when the calendar ends before.
    pub(crate) fn end_at(&self, position: Position) -> Option<Timestamp> {
        self.time.instant(position.0, Side::End).ok()
    }

    /// How much time has run on the legal clock, from which this calendar was made, once so much has run here; none when the
    /// calendar ends before.
    pub(crate) fn on_clock(&self, clock: &LegalClock, position: Position) -> Option<Position> {
        self.time.carried_to(&clock.time, position.0).map(Position)
    }

    /// Whether an instant is covered.
    pub(crate) fn covers(&self, at: Timestamp) -> bool {
        self.time.covers.contains(&nanoseconds(at))
    }

    /// Whether the calendar lasts until so much time has run.
    pub(crate) fn lasts_until(&self, position: Position) -> bool {
        position.0 <= self.time.total
    }

    /// The close of the `working_days`th day, at least the first, after that of an instant on which both the law and the unit work. A
    /// day on which the unit works besides does not count.
    pub fn close_after(&self, at: Timestamp, working_days: u32) -> Result<Timestamp, Rejection> {
        let zone = &self.rules.time_zone;
        let days = zone.to_datetime(at).date().series(1.day()).skip(1).take_while(is_covered);
        let both = |day: &Date| !self.hours_of(*day).is_empty() && !self.rules.hours_of(*day).is_empty();
        let count = usize::try_from(working_days.max(1)).unwrap_or(usize::MAX);
        let day = days.filter(both).nth(count - 1).ok_or_else(|| out_of_range("date"))?;
        let last = self.hours_of(day).last().ok_or_else(|| out_of_range("date"))?;
        let close = closing(zone, day, *last)?;
        Timestamp::from_nanosecond(close.into()).map_err(|_| out_of_range("date"))
    }

    /// The half-days of a local day.
    pub fn hours_of(&self, day: Date) -> &[Hours] {
        self.exceptions.get(&day).map_or_else(|| self.rules.hours_of(day), Vec::as_slice)
    }

    /// From the beginning of one local day to the end of another.
    pub(crate) fn days(&self, from: Date, to: Date) -> Range<Timestamp> {
        let midnight = |day: Date| self.rules.time_zone.to_timestamp(day.at(0, 0, 0, 0)).ok();
        let until = to.tomorrow().ok().and_then(midnight).unwrap_or(Timestamp::MAX);
        midnight(from).unwrap_or(Timestamp::MIN)..until
    }

    /// When it is open on a local day outside these hours, in order.
    pub(crate) fn outside(&self, day: Date, hours: &[Hours]) -> Vec<Range<Timestamp>> {
        let left = without(self.hours_of(day), hours).into_iter();
        left.filter_map(|left| span(&self.rules.time_zone, day, left)).collect()
    }
}

/// What both calendars answer, each from its own windows.
macro_rules! answers_from_open_time {
    ($($calendar:ty),*) => {$(
        impl $calendar {
            /// Whether working time runs at this instant.
            pub fn is_open(&self, at: Timestamp) -> bool {
                // Of all instants with its position, only the opening is open.
                self.time.instant(self.time.position(at), Side::Opening) == Ok(at)
            }

            /// The first open instant from `at` on: `at` itself when open.
            pub fn next_open(&self, at: Timestamp) -> Result<Timestamp, Rejection> {
                self.time.instant(self.time.covered_position(at)?, Side::Opening)
            }

            /// The instant that so many working minutes lie after `from` (before it, when negative).
            pub fn add_minutes(&self, from: Timestamp, working_minutes: i64) -> Result<Timestamp, Rejection> {
                self.time.add_minutes(from, working_minutes)
            }

            /// How much time has run before an instant; what is not covered counts as closed.
            pub(crate) fn position(&self, at: Timestamp) -> Position {
                Position(self.time.position(at))
            }

            /// Whole working minutes from `from` to `to`, cut towards zero; negative when `to` is earlier.
            /// Time that is not covered counts as closed.
            pub fn minutes_between(&self, from: Timestamp, to: Timestamp) -> i64 {
                (self.time.position(to) - self.time.position(from)) / MINUTE
            }
        }
    )*};
}

answers_from_open_time!(LegalClock, CapacityCalendar);

/// The working time before an instant, on one calendar. Whoever reckons much from one instant looks its position up
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(i64);

impl Position {
    /// So many working minutes later.
    pub(crate) fn plus(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(MINUTE)))
    }

    /// Whole working minutes since then, cut towards zero.
    pub(crate) fn minutes_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0) / MINUTE
    }
}

/// The compiled form of both calendars.
///
/// Every instant has a *position*: the open time before it. A closed stretch has one position from the end
/// of a window to the next opening; [`Side`] says which of the two is meant. All numbers are nanoseconds.
#[derive(Clone)]
struct OpenTime {
    /// The local months from [`FIRST_DAY`] on. Months, because one with its own hours is compiled alone.
    months: Arc<[Month]>,
    /// The instants from the beginning of [`FIRST_DAY`] until that of [`END_DAY`].
    covers: Range<i64>,
    /// All open time.
    total: i64,
}

/// One local month: the instant and the position at which it begins, and its windows.
struct Month {
    from: i64,
    before: i64,
    windows: Arc<[Window]>,
}

/// One stretch of open time, with the open time before it in its month.
struct Window {
    start: i64,
    end: i64,
    before: i64,
}

/// Which instant of a closed stretch a position stands for: the end of the window before it, or the opening.
#[derive(Clone, Copy)]
enum Side {
    End,
    Opening,
}

impl OpenTime {
    /// Strings the months together; `windows` gives those of the month with this index and first day.
    fn assemble(
        time_zone: &TimeZone,
        mut windows: impl FnMut(usize, Date) -> Result<Arc<[Window]>, Rejection>,
    ) -> Result<Self, Rejection> {
        let mut months = Vec::new();
        let mut total = 0;
        let begin = |day| instant(time_zone, day, Time::midnight());
        for (index, first) in FIRST_DAY.series(1.month()).take_while(|first| *first < END_DAY).enumerate() {
            let windows = windows(index, first)?;
            let open = windows.last().map_or(0, |last| last.before + last.end - last.start);
            months.push(Month { from: begin(first)?, before: total, windows });
            total += open;
        }
        Ok(Self { months: months.into(), covers: begin(FIRST_DAY)?..begin(END_DAY)?, total })
    }

    /// The open time before an instant.
    fn position(&self, at: Timestamp) -> i64 {
        let at = nanoseconds(at);
        let Some(month) = last_where(&self.months, |month| month.from <= at) else { return 0 };
        month.before + open_before(&month.windows, at)
    }

    /// The instant at a position. There is no end before the first window and no opening after the last.
    fn instant(&self, position: i64, side: Side) -> Result<Timestamp, Rejection> {
        let reached = |before: i64, position: i64| match side {
            Side::End => before < position,
            Side::Opening => before <= position,
        };
        let find = || {
            let month = last_where(&self.months, |month| reached(month.before, position))?;
            let within = position - month.before;
            let window = last_where(&month.windows, |window| reached(window.before, within))?;
            let at = window.start.saturating_add(within - window.before);
            let found = at < window.end || (at == window.end && matches!(side, Side::End));
            Timestamp::from_nanosecond(at.into()).ok().filter(|_| found)
        };
        find().ok_or_else(|| out_of_range("instant"))
    }

    /// What another calendar of the same months has counted at the instant at which so much has been counted here: its
    /// position of what [`Self::instant`] answers.
    fn carried_to(&self, other: &Self, position: i64) -> Option<i64> {
        if position > self.total {
            return None;
        }
        let index = self.months.partition_point(|month| month.before < position).checked_sub(1)?;
        let (own, theirs) = (self.months.get(index)?, other.months.get(index)?);
        let within = position - own.before;
        // Most months are shared: what has run in them is the same.
        if Arc::ptr_eq(&own.windows, &theirs.windows) {
            return Some(theirs.before + within);
        }
        let window = last_where(&own.windows, |window| window.before < within)?;
        Some(theirs.before + open_before(&theirs.windows, window.start + within - window.before))
    }

    /// The position of an instant that must be covered.
    fn covered_position(&self, at: Timestamp) -> Result<i64, Rejection> {
        let covered = self.covers.contains(&nanoseconds(at)).then(|| self.position(at));
        covered.ok_or_else(|| out_of_range("instant"))
    }

    fn add_minutes(&self, from: Timestamp, working_minutes: i64) -> Result<Timestamp, Rejection> {
        let position = self.covered_position(from)?;
        let side = match working_minutes {
            1.. => Side::End,
            0 if self.instant(position, Side::End) == Ok(from) => Side::End,
            _ => Side::Opening,
        };
        // What saturates lies beyond every window, as the sum would.
        self.instant(position.saturating_add(working_minutes.saturating_mul(MINUTE)), side)
    }
}

impl fmt::Debug for OpenTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenTime").finish_non_exhaustive()
    }
}

/// The open time of a month's windows before an instant.
fn open_before(windows: &[Window], at: i64) -> i64 {
    let window = last_where(windows, |window| window.start <= at);
    window.map_or(0, |window| window.before + at.min(window.end) - window.start)
}

/// The last of the items for which `holds`, where it holds for a first part of them only.
fn last_where<T>(items: &[T], holds: impl FnMut(&T) -> bool) -> Option<&T> {
    items.get(items.partition_point(holds).checked_sub(1)?)
}

/// What is left of some half-days without others; all in order, without overlap.
pub(crate) fn without(hours: &[Hours], others: &[Hours]) -> Vec<Hours> {
    let mut left = Vec::new();
    for half_day in hours {
        let (mut from, closes) = half_day.bounds();
        for (opens, until) in others.iter().map(|other| other.bounds()).chain([(closes, closes)]) {
            left.extend(Hours::between(from, opens.min(closes)));
            from = from.max(until);
        }
    }
    left
}

/// What some half-days have in common with others; all in order, without overlap.
pub(crate) fn within(hours: &[Hours], others: &[Hours]) -> Vec<Hours> {
    without(hours, &without(hours, others))
}

/// A half-day of a local day as instants; none where a change of the clocks swallows it.
fn span(time_zone: &TimeZone, day: Date, hours: Hours) -> Option<Range<Timestamp>> {
    let (from, until) = (instant(time_zone, day, hours.opens).ok()?, closing(time_zone, day, hours).ok()?);
    let at = |nanosecond: i64| Timestamp::from_nanosecond(nanosecond.into()).ok();
    Some(at(from)?..at(until)?).filter(|span| !span.is_empty())
}

/// The windows of the month that begins on `first`.
fn compile_month<'a>(
    time_zone: &TimeZone,
    first: Date,
    hours_of: impl Fn(Date) -> &'a [Hours],
) -> Result<Arc<[Window]>, Rejection> {
    let mut windows: Vec<Window> = Vec::new();
    let mut open = 0;
    for day in first.series(1.day()).take(first.days_in_month().unsigned_abs().into()) {
        for hours in hours_of(day) {
            // Two half-days may touch or overlap where a change of the clocks swallows the time between.
            let earliest = windows.last().map_or(i64::MIN, |window| window.end);
            let start = instant(time_zone, day, hours.opens)?.max(earliest);
            let end = closing(time_zone, day, *hours)?;
            if start < end {
                windows.push(Window { start, end, before: open });
                open += end - start;
            }
        }
    }
    Ok(windows.into())
}

/// The instant of a local time; one that the clocks skip or repeat is taken as RFC 5545 says.
fn instant(time_zone: &TimeZone, day: Date, time: Time) -> Result<i64, Rejection> {
    time_zone.to_timestamp(day.to_datetime(time)).map(nanoseconds).map_err(|_| out_of_range("date"))
}

/// The instant at which a half-day of `day` closes.
fn closing(time_zone: &TimeZone, day: Date, hours: Hours) -> Result<i64, Rejection> {
    let ends_next_day = i64::from(hours.closes == Time::midnight());
    instant(time_zone, day.saturating_add(ends_next_day.days()), hours.closes)
}

/// Nanoseconds since 1970; what lies beyond `i64` lies beyond every calendar too, on the same side.
fn nanoseconds(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(if at.signum() < 0 { i64::MIN } else { i64::MAX })
}

pub(crate) fn is_covered(day: &Date) -> bool {
    (FIRST_DAY..END_DAY).contains(day)
}

fn check_covered<'a>(mut exceptions: impl Iterator<Item = &'a Date>) -> Result<(), Rejection> {
    if exceptions.all(is_covered) { Ok(()) } else { Err(out_of_range("exceptions")) }
}

pub(crate) fn out_of_range(field: &str) -> Rejection {
    Rejection::invalid("DATE_OUT_OF_RANGE", field, format!("from {FIRST_DAY} until before {END_DAY}"))
}

/// Refuses half-days that are empty, out of order, overlapping or not of whole minutes, and says which.
pub(crate) fn check_hours(hours: &[Hours], field: &str) -> Result<(), Rejection> {
    let whole = |time: Time| time.second() == 0 && time.subsec_nanosecond() == 0;
    let mut earliest = 0;
    let wrong = hours.iter().position(|half_day| {
        let (opens, closes) = half_day.bounds();
        let in_order = earliest <= opens && opens < closes;
        earliest = closes;
        !(in_order && whole(half_day.opens) && whole(half_day.closes))
    });
    let expected = "half-days of whole minutes, in order, without overlap";
    match wrong {
        Some(index) => Err(Rejection::invalid("HOURS_INVALID", &format!("{field}[{index}]"), expected)),
        None => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
