//! Promises by example, and their laws over limits made by chance.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::date};
use proptest::prelude::*;

use super::*;
use crate::calendar::{
    CapacityCalendar,
    tests::{at, hours, instants, province},
};

const UNITS: [fn(u32) -> TimeLimit; 4] =
    [TimeLimit::WorkingHours, TimeLimit::HalfDays, TimeLimit::WorkingDays, TimeLimit::CalendarDays];

fn due(limit: TimeLimit, received: &str) -> Timestamp {
    promise(&province(), Some(limit), at(received)).unwrap().due_at.unwrap()
}

#[track_caller]
fn check(limit: TimeLimit, cases: &[(&str, &str)]) {
    for (received, expected) in cases {
        assert_eq!(due(limit, received), at(expected), "{limit:?} received {received}");
    }
}

#[test]
fn the_same_day_until_the_cut_off() {
    check(
        TimeLimit::SameDay,
        &[
            ("2026-01-05T06:00", "2026-01-05T17:30"), // before opening
            ("2026-01-05T12:00", "2026-01-05T17:30"), // at lunch
            ("2026-01-05T14:59", "2026-01-05T17:30"),
            ("2026-01-05T14:59:59.999999", "2026-01-05T17:30"),
            ("2026-01-05T15:00", "2026-01-06T17:30"),
            ("2026-01-05T15:01", "2026-01-06T17:30"),
            ("2026-01-05T23:59", "2026-01-06T17:30"), // still the 5th, in UTC too
            ("2026-01-06T06:59", "2026-01-06T17:30"), // the 5th in UTC
            ("2026-01-09T15:01", "2026-01-10T17:30"), // the next day is a swapped Saturday
            ("2026-01-10T14:59", "2026-01-10T17:30"), // received on it
            ("2026-01-11T09:00", "2026-01-12T17:30"), // Sunday
            ("2026-01-16T15:00", "2026-01-19T17:30"), // Friday
            ("2026-02-13T15:00", "2026-02-23T17:30"), // before Tết
            ("2026-02-17T09:00", "2026-02-23T17:30"), // on the first day of Tết
            ("2026-11-23T16:00", "2026-11-25T17:30"), // before Culture Day
            ("2025-12-31T15:00", "2026-01-05T17:30"),
        ],
    );
}

#[test]
fn working_days_run_from_the_moment_of_reception() {
    check(
        TimeLimit::WorkingDays(1),
        &[
            ("2026-01-05T09:15", "2026-01-06T09:15"),
            ("2026-01-05T09:15:42", "2026-01-06T09:15:42"),
            ("2026-01-16T17:29", "2026-01-19T17:29"), // Friday, the last minute
            ("2026-01-16T17:30", "2026-01-19T17:30"), // Friday, closed: counts from Monday 07:30
            ("2026-01-18T10:00", "2026-01-19T17:30"), // Sunday
            ("2026-01-05T12:00", "2026-01-06T11:30"), // at lunch: counts from 13:30
            ("2026-01-09T10:00", "2026-01-10T10:00"), // to a swapped Saturday
            ("2026-11-23T10:00", "2026-11-25T10:00"), // over Culture Day
        ],
    );
    check(
        TimeLimit::WorkingDays(5),
        &[
            ("2026-02-12T09:15", "2026-02-26T09:15"), // Tết, 14 to 22 February
            ("2025-12-30T14:00", "2026-01-08T14:00"), // the year ends: off on 1, 2, 3 and 4 January
            ("2025-04-25T08:00", "2025-05-06T08:00"), // swapped 26 April, then 30 April to 4 May off
            ("2026-08-21T08:00", "2026-08-27T08:00"), // swapped 22 August counts
        ],
    );
}

#[test]
fn hours_and_half_days() {
    check(
        TimeLimit::WorkingHours(8),
        &[("2026-01-05T17:00", "2026-01-06T17:00"), ("2026-01-16T17:29", "2026-01-19T17:29")],
    );
    check(TimeLimit::WorkingHours(2), &[("2026-01-05T10:30", "2026-01-05T14:30")]);
    check(
        TimeLimit::HalfDays(3),
        &[("2026-01-05T07:30", "2026-01-06T11:30"), ("2026-01-05T09:00", "2026-01-06T15:00")],
    );
}

#[test]
fn calendar_days_end_on_a_working_day() {
    check(
        TimeLimit::CalendarDays(10),
        &[
            ("2026-01-05T09:00", "2026-01-15T17:30"),
            ("2026-01-05T23:30", "2026-01-15T17:30"), // local day, late
            ("2026-01-06T06:30", "2026-01-16T17:30"), // local day, early: the 5th in UTC
            ("2026-04-20T09:00", "2026-05-04T17:30"), // 30 April, then 1 to 3 May
            ("2025-12-22T09:00", "2026-01-05T17:30"), // New Year, a swapped day off, a week-end
            ("2025-12-31T09:00", "2026-01-10T17:30"), // ends on a swapped Saturday
            ("2026-02-07T09:00", "2026-02-23T17:30"), // received on a Saturday, ends in Tết
            ("2026-04-16T09:00", "2026-04-28T17:30"), // Sunday holiday, Monday in lieu
        ],
    );
}

/// GLPI #15429: a wrong zone made tickets late at birth.
#[test]
fn nothing_is_late_at_birth() {
    let clock = province();
    let received = "2026-01-05T10:00Z".parse().unwrap(); // 17:00 in Vietnam
    let promised = promise(&clock, Some(TimeLimit::WorkingHours(8)), received).unwrap();
    assert_eq!(promised.counted_from, received);
    assert_eq!(promised.due_at, Some("2026-01-06T10:00Z".parse().unwrap()));
    assert_eq!(slack_minutes(&clock, received, promised.due_at.unwrap()), 480);
}

#[test]
fn slack_is_working_time() {
    let slack = |now: &str, due: &str| slack_minutes(&province(), at(now), at(due));
    assert_eq!(slack("2026-02-13T17:00", "2026-02-23T08:00"), 60, "Tết lies between");
    assert_eq!(slack("2026-01-16T20:00", "2026-01-16T17:30"), 0, "closed since it was due");
    assert_eq!(slack("2026-01-19T08:00", "2026-01-16T17:30"), -30);
}

#[test]
fn without_a_limit_nothing_is_promised() {
    let promised = promise(&province(), None, at("2026-01-05T09:00")).unwrap();
    assert_eq!(promised.due_at, None);
    assert!(promised.arithmetic[1].en.contains("nothing is promised"));
    assert!(promised.arithmetic[1].vi.contains("không hẹn ngày trả kết quả"));
}

#[test]
fn senseless_limits_are_refused() {
    let refused = |limit| promise(&province(), Some(limit), at("2026-01-05T09:00")).unwrap_err().reason;
    for zero in UNITS {
        assert_eq!(refused(zero(0)), "LIMIT_ZERO");
        assert_eq!(refused(zero(u32::MAX)), "DATE_OUT_OF_RANGE");
    }
}

#[test]
fn a_citizen_can_redo_the_reckoning() {
    let lines = |limit, received| {
        let promised = promise(&province(), Some(limit), at(received)).unwrap();
        promised.arithmetic.into_iter().map(|line| (line.vi, line.en)).unzip::<_, _, Vec<_>, Vec<_>>()
    };
    let (vi, en) = lines(TimeLimit::WorkingDays(5), "2026-02-12T09:15");
    assert_eq!(
        vi,
        [
            "Nhận đủ hồ sơ hợp lệ: 09:15 thứ Năm 12/02/2026.",
            "Thời hạn: 5 ngày làm việc × 8 giờ = 40 giờ.",
            "Chia ra: thứ Năm 12/02/2026 6 giờ 15 phút + 4 ngày làm việc ở giữa 32 giờ \
             + thứ Năm 26/02/2026 1 giờ 45 phút.",
            "Không tính các ngày nghỉ: thứ Bảy 14/02/2026 đến Chủ nhật 22/02/2026 (9 ngày).",
            "Trong đó nghỉ lễ, nghỉ bù, nghỉ hoán đổi: thứ Hai 16/02/2026; thứ Ba 17/02/2026; \
             thứ Tư 18/02/2026; thứ Năm 19/02/2026; thứ Sáu 20/02/2026.",
            "Hẹn trả kết quả chậm nhất: 09:15 thứ Năm 26/02/2026.",
        ]
    );
    assert_eq!(en[1], "Time limit: 5 working days × 8 h = 40 h.");
    assert_eq!(
        en[3],
        "Days off that do not count: Saturday 14 February 2026 to Sunday 22 February 2026 (9 days)."
    );
    let (_, en) = lines(TimeLimit::WorkingDays(1), "2026-01-09T18:00:05");
    assert_eq!(
        en,
        [
            "Full and valid dossier received: 18:00:05 on Friday 9 January 2026.",
            "Time counts from: 07:30 on Saturday 10 January 2026.",
            "Time limit: 1 working day × 8 h = 8 h.",
            "Swapped working days that count: Saturday 10 January 2026.",
            "Result due at the latest: 17:30 on Saturday 10 January 2026.",
        ]
    );
    let (vi, _) = lines(TimeLimit::CalendarDays(10), "2026-04-16T09:00");
    assert_eq!(
        vi,
        [
            "Nhận đủ hồ sơ hợp lệ: 09:00 thứ Năm 16/04/2026.",
            "Thời hạn: 10 ngày, kể cả ngày nghỉ, không tính ngày nhận; \
             ngày cuối cùng là Chủ nhật 26/04/2026.",
            "Ngày cuối cùng là ngày nghỉ: thời hạn kết thúc vào ngày làm việc tiếp theo \
             (Điều 148 Bộ luật Dân sự 2015).",
            "Không tính các ngày nghỉ: Chủ nhật 26/04/2026 đến thứ Hai 27/04/2026 (2 ngày).",
            "Trong đó nghỉ lễ, nghỉ bù, nghỉ hoán đổi: Chủ nhật 26/04/2026; thứ Hai 27/04/2026.",
            "Hẹn trả kết quả chậm nhất: 17:30 thứ Ba 28/04/2026.",
        ]
    );
}

fn limits() -> impl Strategy<Value = TimeLimit> {
    prop_oneof![
        Just(TimeLimit::SameDay),
        (1..200_u32).prop_map(TimeLimit::WorkingHours),
        (1..60_u32).prop_map(TimeLimit::HalfDays),
        (1..90_u32).prop_map(TimeLimit::WorkingDays),
        (1..120_u32).prop_map(TimeLimit::CalendarDays),
    ]
}

/// The hours and minutes that an English line names, added up.
fn minutes_named(line: &str) -> i64 {
    let words: Vec<&str> = line.split([' ', '.']).collect();
    let named = words.windows(2).map(|pair| match (pair[0].parse::<i64>(), pair[1]) {
        (Ok(hours), "h") => hours * 60,
        (Ok(minutes), "min") => minutes,
        _ => 0,
    });
    named.sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_promise_is_monotone_in_the_moment_of_reception(
        limit in limits(),
        (a, b) in (instants(), instants()),
        (apart, near) in (0..200_000_i64, any::<bool>()),
    ) {
        let b = if near { a + SignedDuration::from_secs(apart) } else { b };
        let promised = |at| promise(&province(), Some(limit), at).unwrap();
        let (early, late) = (promised(a.min(b)), promised(a.max(b)));
        prop_assert!(early.counted_from <= late.counted_from);
        prop_assert!(early.due_at <= late.due_at);
    }

    #[test]
    fn a_due_date_lies_ahead_on_a_working_day(limit in limits(), received in instants()) {
        let clock = province();
        let promised = promise(&clock, Some(limit), received).unwrap();
        let due = promised.due_at.unwrap();
        prop_assert!(received <= promised.counted_from && promised.counted_from < due);
        prop_assert!(clock.is_working_day(clock.local_date(due)));
        prop_assert!(clock.is_open(due - INSTANT));
    }

    #[test]
    fn working_time_is_given_in_full(hours in 1..400_u32, received in instants()) {
        let clock = province();
        let promised = promise(&clock, Some(TimeLimit::WorkingHours(hours)), received).unwrap();
        prop_assert_eq!(slack_minutes(&clock, received, promised.due_at.unwrap()), i64::from(hours) * 60);
        for line in &promised.arithmetic {
            if line.en.starts_with("Made up of") {
                prop_assert_eq!(minutes_named(&line.en), i64::from(hours) * 60, "{}", line.en);
            }
        }
    }

    /// Counted on a sheet of paper: so many working days later, at the same time of day.
    #[test]
    fn working_days_end_at_the_same_time_of_day(days in 1..60_u32, received in instants()) {
        let clock = province();
        let zone = clock.time_zone();
        // An open instant, and not an opening: what begins with one ends with a closing.
        let received = clock.next_open(received).unwrap() + SignedDuration::from_micros(1);
        let due = promise(&clock, Some(TimeLimit::WorkingDays(days)), received).unwrap().due_at.unwrap();
        prop_assert_eq!(zone.to_datetime(due).time(), zone.to_datetime(received).time());
        let later = clock.local_date(received).series(1.day()).skip(1);
        let working = later.filter(|day| clock.is_working_day(*day));
        prop_assert_eq!(working.take(usize::try_from(days).unwrap()).last(), Some(clock.local_date(due)));
    }

    #[test]
    fn longer_limits_are_due_later(n in 1..100_u32, received in instants()) {
        for unit in UNITS {
            let due = |n| promise(&province(), Some(unit(n)), received).unwrap().due_at;
            prop_assert!(due(n) <= due(n + 1));
        }
    }
}

proptest! {
    // Each case compiles a calendar of its own, and asks it more than once.
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Two calendars: a unit's Saturdays and closures move what it can do, never what was promised.
    #[test]
    fn a_saturday_shift_never_moves_a_legal_deadline(
        week in 0..52_i64, questions in prop::collection::vec((limits(), instants()), 10),
    ) {
        let clock = province();
        let promised = |(limit, received): &(TimeLimit, Timestamp)| promise(&clock, Some(*limit), *received);
        let before: Vec<_> = questions.iter().map(promised).collect();
        let saturday = date(2026, 1, 3).saturating_add(week.weeks());
        let shift = BTreeMap::from([(saturday, vec![hours((8, 0), (11, 0))])]);
        let unit = CapacityCalendar::new(&clock, shift).unwrap();
        let open = saturday.at(9, 0, 0, 0).in_tz("Asia/Ho_Chi_Minh").unwrap().timestamp();
        prop_assert!(unit.is_open(open));
        prop_assert_eq!(clock.is_open(open), [1, 33].contains(&week), "only 10 January and 22 August");
        prop_assert_eq!(questions.iter().map(promised).collect::<Vec<_>>(), before);
    }
}

/// The same procedure, asked for a supplement and given one.
#[track_caller]
fn after_pause(limit: TimeLimit, received: &str, from: &str, to: &str) -> Timestamp {
    let promise = promise(&province(), Some(limit), at(received)).unwrap();
    promise
        .paused(&province(), PauseGround::Supplement, Pause { from: at(from), to: at(to) })
        .unwrap()
        .due_at
        .unwrap()
}

#[test]
fn the_clock_stands_still_while_the_citizen_is_to_answer() {
    for (limit, received, from, to, expected) in [
        // Due on Tuesday at 09:15; two hours of it are the citizen's.
        (
            TimeLimit::WorkingDays(1),
            "2026-01-05T09:15",
            "2026-01-05T14:00",
            "2026-01-05T16:00",
            "2026-01-06T11:15",
        ),
        // Asked on Friday, answered on Sunday: an hour and a half of working time.
        (
            TimeLimit::WorkingDays(2),
            "2026-01-16T09:00",
            "2026-01-16T16:00",
            "2026-01-18T10:00",
            "2026-01-20T10:30",
        ),
        // The same day: what was left of it, on the next.
        (TimeLimit::SameDay, "2026-01-05T08:00", "2026-01-05T16:00", "2026-01-06T08:00", "2026-01-06T09:30"),
        // Over Tết only its working time counts.
        (
            TimeLimit::WorkingHours(8),
            "2026-02-13T07:30",
            "2026-02-13T16:30",
            "2026-02-23T08:30",
            "2026-02-23T09:30",
        ),
        // Three calendar days more, which end on a Saturday.
        (
            TimeLimit::CalendarDays(5),
            "2026-01-15T09:00",
            "2026-01-16T09:00",
            "2026-01-20T07:00",
            "2026-01-26T17:30",
        ),
        // Its last day was a Saturday, so that it was due on Monday: a day more is a Sunday, and no later.
        (
            TimeLimit::CalendarDays(2),
            "2026-01-15T09:00",
            "2026-01-15T10:00",
            "2026-01-16T10:00",
            "2026-01-19T17:30",
        ),
        // In at once: nothing moves.
        (
            TimeLimit::CalendarDays(5),
            "2026-01-05T09:00",
            "2026-01-06T09:00",
            "2026-01-06T17:00",
            "2026-01-10T17:30",
        ),
    ] {
        assert_eq!(after_pause(limit, received, from, to), at(expected), "{limit:?} {received} {from} {to}");
    }
}

#[test]
fn a_pause_is_told_and_what_was_late_before_it_stays_late() {
    let promised = promise(&province(), Some(TimeLimit::WorkingDays(1)), at("2026-01-05T09:15")).unwrap();
    let lines = promised.arithmetic.len();
    let pause = Pause { from: at("2026-01-05T14:00"), to: at("2026-01-05T16:00") };
    let paused = promised.clone().paused(&province(), PauseGround::Supplement, pause).unwrap();
    let told: Vec<_> = paused.arithmetic.iter().skip(lines).map(|line| line.en.as_str()).collect();
    assert_eq!(
        told,
        [
            "The clock stood still for a supplement: from 14:00 on Monday 5 January 2026 to 16:00 on Monday 5 January \
             2026.",
            "The due date moves by: 2 h of working time.",
            "Result due at the latest: 11:15 on Tuesday 6 January 2026.",
        ]
    );
    let pause = Pause { from: at("2026-01-06T09:16"), to: at("2026-01-09T09:00") };
    let late = promised.clone().paused(&province(), PauseGround::Supplement, pause).unwrap();
    assert_eq!(late.due_at, promised.due_at);
    assert!(late.arithmetic.iter().any(|line| line.vi.contains("quá hạn")));
}

#[test]
fn fifteen_working_days_leave_out_days_off() {
    // Friday the 2nd is off, Saturday the 10th works in its place.
    assert_eq!(close_after(&province(), at("2025-12-31T09:00"), 15), Ok(at("2026-01-22T17:30")));
    assert_eq!(close_after(&province(), at("2026-01-11T23:00"), 1), Ok(at("2026-01-12T17:30")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Whatever was left when the citizen was asked is left when they have answered; to the minute.
    #[test]
    fn a_pause_takes_nothing_from_the_office_and_nothing_from_the_citizen(
        unit in 0..3_usize,
        count in 1..40_u32,
        received in instants(),
        thousandths in 0..=1_000_i32,
        pause in 0..60_000_i64,
    ) {
        let (clock, limit) = (province(), UNITS[unit](count));
        let Ok(Promise { due_at: Some(due_at), .. }) = promise(&clock, Some(limit), received) else { return Ok(()) };
        let from = received + due_at.duration_since(received) / 1_000 * thousandths;
        let pause = Pause { from, to: from + SignedDuration::from_mins(pause) };
        let Ok(after) = due_after(&clock, Some(limit), received, due_at, pause) else { return Ok(()) };
        let (left, then) = (clock.minutes_between(from, due_at), clock.minutes_between(pause.to, after));
        prop_assert!((left - then).abs() <= 1, "{left} were left, and {then} are");
    }

    /// Of any limit: whoever answers later is never served earlier, and the date lies on a working day.
    #[test]
    fn a_longer_pause_never_makes_it_earlier(
        unit in 0..4_usize,
        count in 1..40_u32,
        received in instants(),
        wait in 0..30_000_i64,
        short in 0..30_000_i64,
        more in 0..30_000_i64,
    ) {
        let (clock, limit) = (province(), UNITS[unit](count));
        let Ok(Promise { due_at: Some(due_at), .. }) = promise(&clock, Some(limit), received) else { return Ok(()) };
        let from = received + SignedDuration::from_mins(wait);
        let until = |minutes| Pause { from, to: from + SignedDuration::from_mins(minutes) };
        let (Ok(short), Ok(long)) = (
            due_after(&clock, Some(limit), received, due_at, until(short)),
            due_after(&clock, Some(limit), received, due_at, until(short + more)),
        ) else { return Ok(()) };
        prop_assert!(due_at <= short && short <= long);
        prop_assert!(clock.is_working_day(last_day(&clock, long)));
    }
}
