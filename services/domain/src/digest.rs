//! The letter of the day: what is not urgent goes into one letter, in the morning, instead of into one each.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
    tz::TimeZone,
};

/// So many things are told in one letter; more are counted only.
pub const MOST_THINGS: usize = 50;

/// So many days ahead is looked for a day on which there is a letter: no row of days off is longer.
const LONGEST_REST: i64 = 30;

/// When the letter is made that tells what came true at `from`: at this time of the first day on which there is one, no earlier than
/// `from`; at once where the next month has none.
pub fn next_letter(zone: &TimeZone, time: Time, is_day: impl Fn(Date) -> bool, from: Timestamp) -> Timestamp {
    let mut day = zone.to_datetime(from).date();
    for _ in 0..LONGEST_REST {
        let at = zone.to_timestamp(day.to_datetime(time)).ok();
        if let Some(at) = at.filter(|at| *at >= from && is_day(day)) {
            return at;
        }
        let Ok(next) = day.checked_add(1.day()) else { break };
        day = next;
    }
    from
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, time};
    use proptest::prelude::*;

    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Ho_Chi_Minh").unwrap()
    }

    fn is_working(day: Date) -> bool {
        // National day, which is a Wednesday, and the day before it.
        let holidays = ["2026-09-01", "2026-09-02"].map(|day| day.parse::<Date>().unwrap());
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&day)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_comes_before_the_letter_is_in_it_and_what_comes_after_is_in_the_next() {
        let morning = time(7, 30, 0, 0);
        for (from, letter) in [
            ("2026-08-25T07:29:59+07:00", "2026-08-25T07:30:00+07:00"),
            ("2026-08-25T07:30:00+07:00", "2026-08-25T07:30:00+07:00"),
            ("2026-08-25T07:30:01+07:00", "2026-08-26T07:30:00+07:00"),
            // A Friday afternoon, and the eve of the holidays.
            ("2026-08-28T16:00:00+07:00", "2026-08-31T07:30:00+07:00"),
            ("2026-08-31T09:00:00+07:00", "2026-09-03T07:30:00+07:00"),
        ] {
            assert_eq!(next_letter(&zone(), morning, is_working, at(from)), at(letter), "{from}");
        }
    }

    #[test]
    fn where_no_day_comes_nobody_waits_for_it() {
        let from = at("2026-08-25T09:00:00+07:00");
        assert_eq!(next_letter(&zone(), time(7, 30, 0, 0), |_| false, from), from);
    }

    proptest! {
        /// It is at its time, on a day that has one, never before what it tells, and there is none between.
        #[test]
        fn the_next_letter_is_the_first_one(
            second in 1_787_000_000_i64..1_790_000_000,
            later in 0_i64..700_000,
            hour in 0_i8..24,
            minute in 0_i8..60,
        ) {
            let time = time(hour, minute, 0, 0);
            let letter = |from| next_letter(&zone(), time, is_working, from);
            let from = Timestamp::from_second(second).unwrap();
            let first = letter(from);
            prop_assert!(first >= from);
            let local = zone().to_datetime(first);
            prop_assert!(local.time() == time && is_working(local.date()));
            prop_assert_eq!(letter(first), first);
            // What comes true between is in the same letter, what comes later in no earlier one.
            let then = Timestamp::from_second(second + later).unwrap();
            prop_assert!(letter(then) >= first);
            prop_assert!(then > first || letter(then) == first);
        }
    }
}
