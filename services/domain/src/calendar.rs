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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// The first open minute.
    pub opens: Time,
    /// The first closed minute; `00:00` is the end of the day (24:00).
    pub closes: Time,
}

impl Hours {
    /// Minutes of the local day at which it opens and closes.
    fn bounds(self) -> (i64, i64) {
        let minute = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
        let closes = if self.closes == Time::midnight() { 24 * 60 } else { minute(self.closes) };
        (minute(self.opens), closes)
    }
}

/// What the Government's yearly plan makes of a day, against the week (`holidays.csv`, column `kind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// Off: `holiday`, `swapped_off` or `compensatory_off`.
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
            Some(DayKind::Off) => return &[],
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
    time: OpenTime,
}

impl CapacityCalendar {
    /// The legal week and days off, with this unit's exceptional days in their place: no hours closes the
    /// day (a flood), hours on a Saturday open it. Months without an exception stay shared with the clock.
    #[expect(clippy::needless_pass_by_value, reason = "the same shape as LegalClock::new")]
    pub fn new(clock: &LegalClock, exceptions: BTreeMap<Date, Vec<Hours>>) -> Result<Self, Rejection> {
        check_covered(exceptions.keys())?;
        exceptions.iter().try_for_each(|(day, hours)| check_hours(hours, &format!("exceptions[{day}]")))?;
        let (rules, legal) = (&clock.rules, &clock.time.months);
        let hours_of = |day| exceptions.get(&day).map_or_else(|| rules.hours_of(day), Vec::as_slice);
        let time = OpenTime::assemble(&rules.time_zone, |index, first| match legal.get(index) {
            Some(month) if exceptions.range(first..=first.last_of_month()).next().is_none() => {
                Ok(month.windows.clone())
            }
            _ => compile_month(&rules.time_zone, first, hours_of),
        })?;
        Ok(Self { time })
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

            /// Whole working minutes from `from` to `to`, cut towards zero; negative when `to` is earlier.
            /// Time that is not covered counts as closed.
            pub fn minutes_between(&self, from: Timestamp, to: Timestamp) -> i64 {
                (self.time.position(to) - self.time.position(from)) / MINUTE
            }
        }
    )*};
}

answers_from_open_time!(LegalClock, CapacityCalendar);

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
        Ok(Self { months: months.into(), covers: begin(FIRST_DAY)?..begin(END_DAY)? })
    }

    /// The open time before an instant.
    fn position(&self, at: Timestamp) -> i64 {
        let at = nanoseconds(at);
        let Some(month) = last_where(&self.months, |month| month.from <= at) else { return 0 };
        let window = last_where(&month.windows, |window| window.start <= at);
        month.before + window.map_or(0, |window| window.before + at.min(window.end) - window.start)
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

/// The last of the items for which `holds`, where it holds for a first part of them only.
fn last_where<T>(items: &[T], holds: impl FnMut(&T) -> bool) -> Option<&T> {
    items.get(items.partition_point(holds).checked_sub(1)?)
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

fn is_covered(day: &Date) -> bool {
    (FIRST_DAY..END_DAY).contains(day)
}

fn check_covered<'a>(mut exceptions: impl Iterator<Item = &'a Date>) -> Result<(), Rejection> {
    if exceptions.all(is_covered) { Ok(()) } else { Err(out_of_range("exceptions")) }
}

fn out_of_range(field: &str) -> Rejection {
    Rejection::invalid("DATE_OUT_OF_RANGE", field, format!("from {FIRST_DAY} until before {END_DAY}"))
}

/// Refuses half-days that are empty, out of order, overlapping or not of whole minutes.
fn check_hours(hours: &[Hours], field: &str) -> Result<(), Rejection> {
    let whole = |time: Time| time.second() == 0 && time.subsec_nanosecond() == 0;
    let mut earliest = 0;
    let valid = hours.iter().all(|half_day| {
        let (opens, closes) = half_day.bounds();
        let in_order = earliest <= opens && opens < closes;
        earliest = closes;
        in_order && whole(half_day.opens) && whole(half_day.closes)
    });
    let expected = "half-days of whole minutes, in order, without overlap";
    if valid { Ok(()) } else { Err(Rejection::invalid("HOURS_INVALID", field, expected)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use jiff::{SignedDuration, civil::time};
    use proptest::prelude::*;

    use super::*;

    /// Days off in 2025, 2026 and 2027 by the Government's plans (2027 is computed).
    const OFF: [&str; 39] = [
        "2025-01-01",
        "2025-01-27",
        "2025-01-28",
        "2025-01-29",
        "2025-01-30",
        "2025-01-31",
        "2025-04-07",
        "2025-04-30",
        "2025-05-01",
        "2025-05-02",
        "2025-09-01",
        "2025-09-02",
        "2026-01-01",
        "2026-01-02",
        "2026-02-16",
        "2026-02-17",
        "2026-02-18",
        "2026-02-19",
        "2026-02-20",
        "2026-04-26",
        "2026-04-27",
        "2026-04-30",
        "2026-05-01",
        "2026-08-31",
        "2026-09-01",
        "2026-09-02",
        "2026-11-24",
        "2027-01-01",
        "2027-02-04",
        "2027-02-05",
        "2027-02-08",
        "2027-02-09",
        "2027-02-10",
        "2027-04-16",
        "2027-04-30",
        "2027-05-03",
        "2027-09-02",
        "2027-09-03",
        "2027-11-24",
    ];
    const SWAPPED: [&str; 3] = ["2025-04-26", "2026-01-10", "2026-08-22"];

    pub(crate) fn hours(opens: (i8, i8), closes: (i8, i8)) -> Hours {
        Hours { opens: time(opens.0, opens.1, 0, 0), closes: time(closes.0, closes.1, 0, 0) }
    }

    fn office_day() -> Vec<Hours> {
        vec![hours((7, 30), (11, 30)), hours((13, 30), (17, 30))]
    }

    fn plan() -> BTreeMap<Date, DayKind> {
        let off = OFF.iter().map(|day| (day.parse().unwrap(), DayKind::Off));
        off.chain(SWAPPED.iter().map(|day| (day.parse().unwrap(), DayKind::Working))).collect()
    }

    /// The province: Monday to Friday, 07:30–11:30 and 13:30–17:30.
    pub(crate) fn province() -> LegalClock {
        static CLOCK: LazyLock<LegalClock> = LazyLock::new(|| province_with(plan()));
        CLOCK.clone()
    }

    fn province_with(exceptions: BTreeMap<Date, DayKind>) -> LegalClock {
        let week = Week((1..=5).map(|day| (day, office_day())).collect());
        LegalClock::new("Asia/Ho_Chi_Minh", time(15, 0, 0, 0), week, exceptions).unwrap()
    }

    /// A clock that meets every oddity: nights across the changes of the clocks, a day that ends at 24:00 and
    /// touches the next, three shifts, a shift of one minute.
    fn odd() -> LegalClock {
        static CLOCK: LazyLock<LegalClock> = LazyLock::new(|| {
            let three = vec![hours((6, 0), (6, 1)), hours((9, 0), (12, 0)), hours((20, 0), (0, 0))];
            let week = BTreeMap::from([
                (1, three),
                (2, vec![hours((0, 0), (0, 30))]),
                (4, office_day()),
                (7, vec![hours((1, 0), (5, 0))]),
            ]);
            LegalClock::new("Europe/Paris", time(15, 0, 0, 0), Week(week), plan()).unwrap()
        });
        CLOCK.clone()
    }

    /// An instant by its local time in Vietnam, independent of any zone database.
    pub(crate) fn at(local: &str) -> Timestamp {
        format!("{local}+07:00").parse().unwrap()
    }

    fn add(from: &str, minutes: i64) -> Timestamp {
        province().add_minutes(at(from), minutes).unwrap()
    }

    #[test]
    fn a_window_is_open_from_its_first_instant_and_closed_at_its_last() {
        let clock = province();
        let open = |local: &str| clock.is_open(at(local));
        assert!(!open("2026-01-05T07:29:59.999999999") && open("2026-01-05T07:30"));
        assert!(open("2026-01-05T11:29:59.999999999") && !open("2026-01-05T11:30"));
        assert!(!open("2026-01-05T13:29:59") && open("2026-01-05T13:30"));
        assert!(open("2026-01-05T17:29:59") && !open("2026-01-05T17:30"));
        assert!(!open("2026-01-04T09:00") && !open("2026-02-17T09:00") && open("2026-01-10T09:00"));
    }

    #[test]
    fn lunch_is_no_working_time() {
        assert_eq!(add("2026-01-05T11:00", 29), at("2026-01-05T11:29"));
        assert_eq!(add("2026-01-05T11:00", 30), at("2026-01-05T11:30"));
        assert_eq!(add("2026-01-05T11:00", 31), at("2026-01-05T13:31"));
        assert_eq!(add("2026-01-05T12:10", 1), at("2026-01-05T13:31"));
        assert_eq!(province().minutes_between(at("2026-01-05T11:00"), at("2026-01-05T14:00")), 60);
    }

    #[test]
    fn a_result_at_closing_time_is_closing_time_and_backward_it_is_the_opening() {
        assert_eq!(add("2026-01-05T07:30", 480), at("2026-01-05T17:30"));
        assert_eq!(add("2026-01-05T17:30", 480), at("2026-01-06T17:30"));
        assert_eq!(add("2026-01-06T17:30", -480), at("2026-01-06T07:30"));
        assert_eq!(add("2026-01-06T07:31", -1), at("2026-01-06T07:30"));
        assert_eq!(add("2026-01-06T07:30", -1), at("2026-01-05T17:29"));
    }

    #[test]
    fn adding_nothing_moves_only_what_waits_for_an_opening() {
        for (from, to) in [
            ("2026-01-05T09:00:07", "2026-01-05T09:00:07"),
            ("2026-01-05T17:30", "2026-01-05T17:30"),
            ("2026-01-05T17:30:01", "2026-01-06T07:30"),
            ("2026-01-05T12:00", "2026-01-05T13:30"),
            ("2026-01-04T12:00", "2026-01-05T07:30"),
        ] {
            assert_eq!(add(from, 0), at(to), "{from}");
        }
    }

    #[test]
    fn seconds_are_kept_within_a_window_and_carried_across_a_break() {
        assert_eq!(add("2026-01-05T09:15:42", 10), at("2026-01-05T09:25:42"));
        assert_eq!(add("2026-01-05T11:29:42", 1), at("2026-01-05T13:30:42"));
        assert_eq!(add("2026-01-05T09:15:42.000001", 480), at("2026-01-06T09:15:42.000001"));
    }

    /// Each holiday of the plan that a reckoning once forgot (zammad #390), by hand.
    #[test]
    fn days_off_and_swapped_saturdays() {
        for (from, to) in [
            ("2025-04-25T17:00", "2025-04-26T08:00"), // Saturday worked for 2 May
            ("2025-04-29T17:00", "2025-05-05T08:00"), // 30 April to Sunday 4 May
            ("2025-08-29T17:00", "2025-09-03T08:00"), // week-end, 1 and 2 September
            ("2025-12-31T17:00", "2026-01-05T08:00"), // the year ends: 1 and 2 January, week-end
            ("2026-01-09T17:00", "2026-01-10T08:00"), // Saturday worked for 2 January
            ("2026-01-10T17:00", "2026-01-12T08:00"),
            ("2026-02-13T17:00", "2026-02-23T08:00"), // Tết: 14 to 22 February
            ("2026-04-24T17:00", "2026-04-28T08:00"), // Sunday holiday, Monday in lieu
            ("2026-08-21T17:00", "2026-08-22T08:00"), // Saturday worked for 31 August
            ("2026-08-28T17:00", "2026-09-03T08:00"),
            ("2026-11-23T17:00", "2026-11-25T08:00"), // Culture Day, new in 2026
            ("2026-06-05T17:00", "2026-06-08T08:00"), // an ordinary week-end
        ] {
            assert_eq!(add(from, 60), at(to), "{from}");
            assert_eq!(province().minutes_between(at(from), at(to)), 60, "{from}");
        }
    }

    /// The numbers of working days that the plans themselves amount to (domain.md, section 7).
    #[test]
    fn working_days_of_the_years() {
        let clock = province();
        for (year, days) in [(2025, 250), (2026, 249), (2027, 249)] {
            let first = date(year, 1, 1);
            let all = first.series(1.day()).take_while(|day| day.year() == year);
            assert_eq!(all.filter(|day| clock.is_working_day(*day)).count(), days, "{year}");
            let (from, to) = (at(&format!("{year}-01-01T00:00")), at(&format!("{}-01-01T00:00", year + 1)));
            assert_eq!(clock.minutes_between(from, to), i64::try_from(days).unwrap() * 480, "{year}");
        }
    }

    #[test]
    fn days_are_local_days() {
        let clock = province();
        // 06:30 in Vietnam is 23:30 of the day before in UTC.
        assert_eq!(clock.local_date("2026-01-05T23:30Z".parse().unwrap()), date(2026, 1, 6));
        assert_eq!(clock.close_of(date(2026, 1, 6)), Some(at("2026-01-06T17:30")));
        assert_eq!(clock.close_of(date(2026, 1, 10)), Some(at("2026-01-10T17:30")));
        assert_eq!(clock.close_of(date(2026, 2, 17)), None);
        assert_eq!(clock.next_working_day(date(2026, 2, 13)), Ok(date(2026, 2, 23)));
        assert_eq!(clock.next_working_day(date(2026, 1, 9)), Ok(date(2026, 1, 10)));
        assert_eq!(clock.minutes_per_day(), 480);
    }

    /// No minute is lost at 24:00 (zammad #3180), and changes of the clocks count what really passes.
    #[test]
    fn midnight_and_summer_time() {
        let clock = odd();
        let utc = |text: &str| text.parse::<Timestamp>().unwrap();
        // Monday 8 June 2026, 20:00 in Paris (UTC+2): 4 h to midnight, then 30 minutes of Tuesday.
        assert_eq!(clock.minutes_between(utc("2026-06-08T18:00Z"), utc("2026-06-09T12:00Z")), 270);
        assert_eq!(clock.add_minutes(utc("2026-06-08T21:59Z"), 1), Ok(utc("2026-06-08T22:00Z")));
        assert!(clock.is_open(utc("2026-06-08T22:00Z")));
        assert_eq!(clock.close_of(date(2026, 6, 8)), Some(utc("2026-06-08T22:00Z")));
        // Sunday 01:00 to 05:00: 3 h when summer time begins, 5 h when it ends.
        assert_eq!(clock.minutes_between(utc("2026-03-28T22:00Z"), utc("2026-03-29T12:00Z")), 180);
        assert_eq!(clock.minutes_between(utc("2026-10-24T21:00Z"), utc("2026-10-25T12:00Z")), 300);
    }

    #[test]
    fn what_is_not_covered_is_refused_or_closed() {
        let clock = province();
        for outside in ["2023-12-31T23:59:59", "2036-01-01T00:00"].map(at) {
            for refused in [clock.next_open(outside), clock.add_minutes(outside, 0)] {
                assert_eq!(refused.unwrap_err().reason, "DATE_OUT_OF_RANGE");
            }
            assert!(!clock.is_open(outside) && !clock.is_working_day(clock.local_date(outside)));
        }
        assert_eq!(add("2035-12-31T17:00", 30), at("2035-12-31T17:30"));
        for minutes in [31, 150_000_000, -150_000_000, 1_000_000_000, i64::MAX, i64::MIN] {
            assert!(clock.add_minutes(at("2035-12-31T17:00"), minutes).is_err(), "{minutes}");
        }
        assert!(clock.next_open(at("2035-12-31T17:30")).is_err());
        assert!(clock.add_minutes(at("2024-01-01T07:30"), -1).is_err());
        assert!(clock.next_working_day(date(2035, 12, 31)).is_err());
        assert_eq!(clock.minutes_between(Timestamp::MIN, at("2024-01-01T08:30")), 60);
        assert_eq!(clock.minutes_between(at("2035-12-31T16:30"), Timestamp::MAX), 60);
    }

    #[test]
    fn senseless_rules_are_refused() {
        let reason = |zone: &str, week: &[(u8, Vec<Hours>)], exceptions: &[Date]| {
            let week = Week(week.iter().cloned().collect());
            let exceptions = exceptions.iter().map(|day| (*day, DayKind::Off)).collect();
            LegalClock::new(zone, time(15, 0, 0, 0), week, exceptions).err().map(|refused| refused.reason)
        };
        let zone = "Asia/Ho_Chi_Minh";
        let monday = |hours: Vec<Hours>| reason(zone, &[(1, hours)], &[]);
        let overlapping = vec![hours((7, 30), (11, 30)), hours((11, 29), (17, 30))];
        let seconds = vec![Hours { opens: time(7, 30, 1, 0), closes: time(11, 30, 0, 0) }];
        assert_eq!(reason("Asia/Ninh_Binh", &[(1, office_day())], &[]).as_deref(), Some("TIME_ZONE_UNKNOWN"));
        assert_eq!(reason(zone, &[(0, office_day())], &[]).as_deref(), Some("WEEKDAY_UNKNOWN"));
        assert_eq!(reason(zone, &[(2, office_day())], &[]).as_deref(), Some("MONDAY_CLOSED"));
        assert_eq!(
            reason(zone, &[(1, office_day())], &[date(2206, 1, 1)]).as_deref(),
            Some("DATE_OUT_OF_RANGE")
        );
        for wrong in [overlapping, seconds, vec![hours((9, 0), (9, 0))], vec![hours((9, 0), (8, 0))]] {
            assert_eq!(monday(wrong).as_deref(), Some("HOURS_INVALID"));
        }
        assert_eq!(monday(vec![hours((0, 0), (0, 0))]), None, "a whole day");
    }

    #[test]
    fn a_shift_and_a_flood_move_the_capacity_calendar() {
        let exceptions = BTreeMap::from([
            (date(2026, 6, 6), vec![hours((8, 0), (11, 0))]), // a Saturday "for the people"
            (date(2026, 6, 8), vec![]),                       // Monday: the water stands in the hall
        ]);
        let unit = CapacityCalendar::new(&province(), exceptions).unwrap();
        assert_eq!(unit.add_minutes(at("2026-06-05T17:00"), 60), Ok(at("2026-06-06T08:30")));
        assert_eq!(unit.add_minutes(at("2026-06-06T10:30"), 60), Ok(at("2026-06-09T08:00")));
        assert_eq!(add("2026-06-05T17:00", 60), at("2026-06-08T08:00"));
        assert!(unit.is_open(at("2026-06-06T08:00")) && !unit.is_open(at("2026-06-08T08:00")));
        assert_eq!(unit.minutes_between(at("2026-07-01T07:30"), at("2026-07-02T17:30")), 960);
    }

    fn clocks() -> impl Strategy<Value = LegalClock> {
        prop_oneof![Just(province()), Just(odd())]
    }

    /// Instants well within the covered range, with seconds and microseconds, and often at a full half-hour.
    pub(crate) fn instants() -> impl Strategy<Value = Timestamp> {
        let days = 1_735_689_600_i64..1_861_920_000; // 2025-01-01 to 2028-12-31
        (days, prop_oneof![Just(None), (0..1_000_000_i64).prop_map(Some)]).prop_map(|(second, micro)| {
            match micro {
                None => Timestamp::from_second(second - second % 1800).unwrap(),
                Some(micro) => Timestamp::from_microsecond(second * 1_000_000 + micro).unwrap(),
            }
        })
    }

    fn days_of_2026() -> impl Strategy<Value = Date> {
        (0..365_i64).prop_map(|day| date(2026, 1, 1).saturating_add(day.days()))
    }

    /// Working minutes counted one by one on the local clock: the definition, slow and obvious.
    fn walk(clock: &LegalClock, from: Timestamp, minutes: i64) -> i64 {
        let open = |at: Timestamp| {
            let local = clock.time_zone().to_datetime(at);
            let (day, minute) = (local.date(), i64::from(local.hour()) * 60 + i64::from(local.minute()));
            let within = |hours: &Hours| (hours.bounds().0..hours.bounds().1).contains(&minute);
            i64::from(clock.rules.hours_of(day).iter().any(within))
        };
        (0..minutes).map(|minute| open(from + SignedDuration::from_mins(minute))).sum()
    }

    const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

    proptest! {
        #[test]
        fn counts_what_a_walk_over_every_minute_counts(
            clock in clocks(), from in instants(), minutes in 0..20_000_i64,
        ) {
            let from = from - SignedDuration::from_nanos(nanoseconds(from) % MINUTE);
            let to = from + SignedDuration::from_mins(minutes);
            prop_assert_eq!(clock.minutes_between(from, to), walk(&clock, from, minutes));
        }

        #[test]
        fn adding_then_subtracting_gives_the_minutes_back(
            clock in clocks(), from in instants(), minutes in -40_000..40_000_i64,
        ) {
            let to = clock.add_minutes(from, minutes).unwrap();
            prop_assert_eq!(clock.minutes_between(from, to), minutes);
            if minutes > 0 && clock.is_open(from) {
                prop_assert_eq!(clock.add_minutes(to, -minutes), Ok(from));
            }
        }

        #[test]
        fn adding_is_monotone_in_start_and_minutes(
            clock in clocks(),
            (a, b) in (instants(), instants()),
            (m, n) in (-9_999..9_999_i64, -9_999..9_999_i64),
        ) {
            let add = |from, minutes| clock.add_minutes(from, minutes).unwrap();
            prop_assert!(add(a.min(b), m) <= add(a.max(b), m));
            prop_assert!(add(a, m.min(n)) <= add(a, m.max(n)));
            prop_assert!(m == n || add(a, m) != add(a, n));
        }

        #[test]
        fn adding_is_additive(
            clock in clocks(), from in instants(), a in 0..20_000_i64, b in 0..20_000_i64,
        ) {
            let add = |from, minutes| clock.add_minutes(from, minutes).unwrap();
            prop_assert_eq!(add(add(from, a), b), add(from, a + b));
            if a > 0 && b > 0 {
                prop_assert_eq!(add(add(from, -a), -b), add(from, -a - b));
            }
        }

        #[test]
        fn adding_never_lands_outside_working_time(
            clock in clocks(), from in instants(), minutes in 0..20_000_i64,
        ) {
            let forward = clock.add_minutes(from, minutes).unwrap();
            prop_assert!(clock.is_open(forward) || clock.is_open(forward - INSTANT));
            prop_assert!(minutes == 0 || clock.is_open(forward - INSTANT));
            prop_assert!(minutes == 0 || clock.is_open(clock.add_minutes(from, -minutes).unwrap()));
        }

        #[test]
        fn differences_are_antisymmetric(clock in clocks(), a in instants(), b in instants()) {
            prop_assert_eq!(clock.minutes_between(a, b), -clock.minutes_between(b, a));
        }

        #[test]
        fn the_next_opening_is_the_first(clock in clocks(), at in instants()) {
            let open = clock.next_open(at).unwrap();
            prop_assert!(open >= at && clock.is_open(open));
            prop_assert_eq!(clock.next_open(open), Ok(open));
            prop_assert_eq!(clock.minutes_between(at, open), 0);
            prop_assert_eq!(open == at, clock.is_open(at));
            prop_assert!(open == at || !clock.is_open(open - INSTANT));
        }

        #[test]
        fn a_day_closes_where_its_working_time_ends(clock in clocks(), day in days_of_2026()) {
            prop_assert_eq!(clock.close_of(day).is_some(), clock.is_working_day(day));
            if let Some(close) = clock.close_of(day) {
                prop_assert!(clock.is_open(close - INSTANT));
                prop_assert_eq!(clock.local_date(close - INSTANT), day);
            }
        }
    }

    proptest! {
        // Each case compiles two calendars.
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Sharing unchanged months loses nothing: closing days in the capacity calendar is what taking them
        /// off in the legal clock would be.
        #[test]
        fn a_shared_month_is_a_compiled_month(
            days in prop::collection::btree_set(days_of_2026(), 0..8),
            from in instants(),
            minutes in -20_000..20_000_i64,
        ) {
            let closed = days.iter().map(|day| (*day, vec![])).collect();
            let unit = CapacityCalendar::new(&province(), closed).unwrap();
            let mut off = plan();
            off.extend(days.iter().map(|day| (*day, DayKind::Off)));
            let clock = province_with(off);
            let to = clock.add_minutes(from, minutes).unwrap();
            prop_assert_eq!(unit.add_minutes(from, minutes), Ok(to));
            prop_assert_eq!(unit.minutes_between(from, to), minutes);
            prop_assert_eq!(unit.next_open(from), clock.next_open(from));
            prop_assert_eq!(unit.is_open(from), clock.is_open(from));
        }
    }
}
