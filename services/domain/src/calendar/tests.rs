//! The calendars by example, and their laws over days made by chance.

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

/// The province by a plan that was amended: what these days are from now on, or that they are as their weekday is.
pub(crate) fn amended(days: &[(Date, Option<DayKind>)]) -> LegalClock {
    let mut plan = plan();
    for (day, kind) in days {
        match kind {
            Some(kind) => plan.insert(*day, *kind),
            None => plan.remove(day),
        };
    }
    province_with(plan)
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
    assert_eq!(reason(zone, &[(1, office_day())], &[date(2206, 1, 1)]).as_deref(), Some("DATE_OUT_OF_RANGE"));
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

#[test]
fn changed_hours_lie_over_planned_ones_and_leave_all_others() {
    let planned = BTreeMap::from([
        (date(2026, 6, 6), vec![hours((8, 0), (11, 0))]),
        (date(2026, 6, 8), vec![]),
        (date(2026, 7, 4), vec![hours((8, 0), (11, 0))]),
    ]);
    let unit = CapacityCalendar::new(&province(), planned.clone()).unwrap();
    let changed = BTreeMap::from([
        (date(2026, 6, 6), vec![]),                        // no Saturday shift after all
        (date(2026, 6, 9), vec![hours((7, 30), (20, 0))]), // a long Tuesday instead
        (date(2026, 8, 3), vec![]),
    ]);
    let layered = unit.with_hours(&changed).unwrap();
    let all = planned.into_iter().chain(changed).collect();
    let at_once = CapacityCalendar::new(&province(), all).unwrap();
    let (first, last) = (at("2026-06-01T07:30"), at("2026-12-31T17:30"));
    for minutes in (0..60_000).step_by(97) {
        assert_eq!(layered.add_minutes(first, minutes), at_once.add_minutes(first, minutes));
    }
    assert_eq!(layered.minutes_between(first, last), unit.minutes_between(first, last) - 180 + 270 - 480);
    assert!(!layered.is_open(at("2026-06-06T08:30")) && layered.is_open(at("2026-07-04T08:30")));
    assert_eq!(layered.hours_of(date(2026, 6, 9)), [hours((7, 30), (20, 0))]);
    assert_eq!(layered.hours_of(date(2026, 6, 8)), []);
    assert_eq!(layered.hours_of(date(2026, 6, 10)), office_day());
}

fn clocks() -> impl Strategy<Value = LegalClock> {
    prop_oneof![Just(province()), Just(odd())]
}

/// Instants well within the covered range, with seconds and microseconds, and often at a full half-hour.
pub(crate) fn instants() -> impl Strategy<Value = Timestamp> {
    let days = 1_735_689_600_i64..1_861_920_000; // 2025-01-01 to 2028-12-31
    (days, prop_oneof![Just(None), (0..1_000_000_i64).prop_map(Some)]).prop_map(|(second, micro)| match micro
    {
        None => Timestamp::from_second(second - second % 1800).unwrap(),
        Some(micro) => Timestamp::from_microsecond(second * 1_000_000 + micro).unwrap(),
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
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn counts_what_a_walk_over_every_minute_counts(
        clock in clocks(),
        from in instants(),
        // A walk of weeks, over holidays and swapped days, now and then: it is a long one.
        minutes in prop_oneof![19 => 0..1_500_i64, 1 => 0..20_000_i64],
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
    // Each case compiles calendars of its own, and asks them more than once.
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Sharing unchanged months loses nothing: closing days in the capacity calendar is what taking them
    /// off in the legal clock would be.
    #[test]
    fn a_shared_month_is_a_compiled_month(
        days in prop::collection::btree_set(days_of_2026(), 0..8),
        questions in prop::collection::vec((instants(), -20_000..20_000_i64), 10),
    ) {
        let closed = days.iter().map(|day| (*day, vec![])).collect();
        let unit = CapacityCalendar::new(&province(), closed).unwrap();
        let mut off = plan();
        off.extend(days.iter().map(|day| (*day, DayKind::Off)));
        let clock = province_with(off);
        for (from, minutes) in questions {
            let to = clock.add_minutes(from, minutes).unwrap();
            prop_assert_eq!(unit.add_minutes(from, minutes), Ok(to));
            prop_assert_eq!(unit.minutes_between(from, to), minutes);
            prop_assert_eq!(unit.next_open(from), clock.next_open(from));
            prop_assert_eq!(unit.is_open(from), clock.is_open(from));
        }
    }

    /// Whatever hours a unit has, what the legal clock has counted by then is what it counts up to that instant.
    #[test]
    fn what_runs_at_a_unit_is_carried_over_to_the_legal_clock(
        days in prop::collection::btree_map(days_of_2026(), prop::bool::ANY, 0..8),
        questions in prop::collection::vec((instants(), 0..20_000_i64), 10),
    ) {
        let clock = province();
        let hours = days.iter().map(|(day, shift)| (*day, if *shift { office_day() } else { vec![] })).collect();
        let unit = CapacityCalendar::new(&clock, hours).unwrap();
        let positions = questions.into_iter().map(|(from, minutes)| unit.position(from).plus(minutes));
        for position in positions.chain([Position(0), Position(i64::MAX)]) {
            let at = unit.end_at(position);
            prop_assert_eq!(unit.on_clock(&clock, position), at.map(|at| clock.position(at)));
        }
    }
}
