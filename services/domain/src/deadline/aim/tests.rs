//! By when steps are to be done, by example and by law.

use proptest::prelude::*;

use super::*;
use crate::{
    calendar::tests::{amended, at, province},
    deadline::promise,
    procedure::TimeLimit,
};

fn aimed(limit: TimeLimit, received: &str, percent: u32) -> Timestamp {
    let promise = promise(&province(), Some(limit), at(received)).unwrap();
    let due_at = promise.due_at.unwrap();
    aim(&province(), &promise, due_at, percent).unwrap().unwrap()
}

#[test]
fn a_share_of_the_time_ends_in_working_time() {
    let days = TimeLimit::WorkingDays(5);
    // Of 40 hours: 4, 36, all. Tuesday the 24th is a holiday.
    assert_eq!(aimed(days, "2026-11-23T09:15", 10), at("2026-11-23T15:15"));
    assert_eq!(aimed(days, "2026-11-23T09:15", 90), at("2026-11-30T15:15"));
    assert_eq!(aimed(days, "2026-11-23T09:15", 100), at("2026-12-01T09:15"));
    // A share that is used up at the close of a day ends with it, not with the next morning.
    assert_eq!(aimed(days, "2026-11-25T07:30", 20), at("2026-11-25T17:30"));
    // What came on a day off counts from the next opening.
    assert_eq!(aimed(TimeLimit::SameDay, "2026-11-24T10:00", 50), at("2026-11-25T11:30"));
    // Calendar days, from Friday to Monday: 1 h 30 and a day, of which half.
    assert_eq!(aimed(TimeLimit::CalendarDays(3), "2026-11-27T16:00", 50), at("2026-11-30T10:45"));
}

#[test]
fn it_moves_along_with_the_due_date() {
    let (limit, received) = (Some(TimeLimit::WorkingDays(5)), at("2026-11-25T07:30"));
    let aimed = |clock: &LegalClock, due: &str| {
        aim(clock, &promise(clock, limit, received).unwrap(), at(due), 50).unwrap().unwrap()
    };
    assert_eq!(aimed(&province(), "2026-12-01T17:30"), at("2026-11-27T11:30"));
    // The citizen was waited for, for a day of working time.
    assert_eq!(aimed(&province(), "2026-12-02T17:30"), at("2026-11-30T11:30"));
    // The 26th became a day off: by the clock that the case follows then.
    let later = amended(&[("2026-11-26".parse().unwrap(), Some(crate::calendar::DayKind::Off))]);
    assert_eq!(aimed(&later, "2026-12-02T17:30"), at("2026-11-30T11:30"));
    // However early the due date became: not before the time begins.
    assert_eq!(aimed(&province(), "2026-11-25T08:00"), at("2026-11-25T07:30"));
}

#[test]
fn where_nothing_is_promised_nothing_is_aimed_at() {
    let promise = promise(&province(), None, at("2026-11-23T09:15")).unwrap();
    assert_eq!(aim(&province(), &promise, at("2026-11-23T09:15"), 50), Ok(None));
}

fn limits() -> impl Strategy<Value = TimeLimit> {
    prop_oneof![
        Just(TimeLimit::SameDay),
        (1..200_u32).prop_map(TimeLimit::WorkingHours),
        (1..60_u32).prop_map(TimeLimit::HalfDays),
        (1..60_u32).prop_map(TimeLimit::WorkingDays),
        (1..90_u32).prop_map(TimeLimit::CalendarDays),
    ]
}

proptest! {
    /// Whatever the time and whenever it came: a greater share is never due earlier, all lie between reception and the due date, and
    /// the working time up to it is that share of the whole, to the minute.
    #[test]
    fn a_greater_share_is_never_due_earlier(limit in limits(), minute in 0..500_000_i64, one in 0..=100_u32, two in 0..=100_u32) {
        let clock = province();
        let received = at("2026-01-05T00:00") + jiff::SignedDuration::from_mins(minute);
        let promise = promise(&clock, Some(limit), received).unwrap();
        let due_at = promise.due_at.unwrap();
        let aimed = |percent| aim(&clock, &promise, due_at, percent).unwrap().unwrap();
        let (less, more) = (one.min(two), one.max(two));
        prop_assert!(received <= aimed(less) && aimed(less) <= aimed(more) && aimed(more) <= due_at);
        let whole = clock.minutes_between(promise.counted_from, due_at);
        let used = clock.minutes_between(promise.counted_from, aimed(less));
        prop_assert_eq!(used, whole * i64::from(less) / 100);
    }
}
