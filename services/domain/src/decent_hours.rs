//! When somebody may be disturbed: what can wait for the morning waits for it.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
    tz::TimeZone,
};

use crate::rejection::Rejection;

/// So many days ahead is looked for a decent hour: no row of days off is longer.
const LONGEST_REST: i64 = 30;

/// The hours of the day at which citizens are told what can wait, by the clock of the province.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecentHours {
    /// From then on.
    from: Time,
    /// Not at or after that.
    until: Time,
    /// Whether also on public holidays.
    on_holidays: bool,
}

impl DecentHours {
    /// From one time of a day until a later one.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, of `until`, where it is not later.
    pub fn new(from: Time, until: Time, on_holidays: bool) -> Result<Self, Rejection> {
        if until <= from {
            return Err(Rejection::invalid("MALFORMED_HOURS", "until", "later than `from`"));
        }
        Ok(Self { from, until, on_holidays })
    }

    /// Whether this time of a day is one of them.
    pub fn include(self, time: Time) -> bool {
        (self.from..self.until).contains(&time)
    }

    /// The first decent instant in this zone that is no earlier than `at`; `at` itself where the next month has none.
    pub fn next(self, zone: &TimeZone, is_holiday: impl Fn(Date) -> bool, at: Timestamp) -> Timestamp {
        let mut day = zone.to_datetime(at).date();
        for _ in 0..LONGEST_REST {
            if self.on_holidays || !is_holiday(day) {
                let opens = instant(zone, day, self.from);
                let closes = instant(zone, day, self.until);
                match opens.zip(closes) {
                    Some((opens, _)) if at < opens => return opens,
                    Some((_, closes)) if at < closes => return at,
                    _ => {}
                }
            }
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        at
    }
}

fn instant(zone: &TimeZone, day: Date, time: Time) -> Option<Timestamp> {
    zone.to_timestamp(day.to_datetime(time)).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use proptest::prelude::*;

    use super::*;

    fn next(hours: DecentHours, at: Timestamp) -> Timestamp {
        // National day and the day before it.
        let holidays = ["2026-09-01", "2026-09-02"].map(|day| day.parse::<Date>().unwrap());
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        hours.next(&zone, |day| holidays.contains(&day), at)
    }

    fn hours(on_holidays: bool) -> DecentHours {
        DecentHours::new(time(7, 0, 0, 0), time(21, 0, 0, 0), on_holidays).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_happens_at_night_waits_for_the_morning() {
        for (happened, told) in [
            ("2026-08-25T08:00:00+07:00", "2026-08-25T08:00:00+07:00"),
            ("2026-08-25T23:10:00+07:00", "2026-08-26T07:00:00+07:00"),
            ("2026-08-25T04:00:00+07:00", "2026-08-25T07:00:00+07:00"),
            ("2026-08-25T21:00:00+07:00", "2026-08-26T07:00:00+07:00"),
            // Sundays are decent, holidays are not.
            ("2026-08-30T10:00:00+07:00", "2026-08-30T10:00:00+07:00"),
            ("2026-09-01T10:00:00+07:00", "2026-09-03T07:00:00+07:00"),
            ("2026-08-31T22:00:00+07:00", "2026-09-03T07:00:00+07:00"),
        ] {
            assert_eq!(next(hours(false), at(happened)), at(told), "{happened}");
        }
        let holiday = at("2026-09-01T10:00:00+07:00");
        assert_eq!(next(hours(true), holiday), holiday);
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        let noon = time(12, 0, 0, 0);
        assert_eq!(DecentHours::new(noon, noon, false).unwrap_err().violations[0].field, "until");
        let morning = DecentHours::new(time(7, 0, 0, 0), noon, false).unwrap();
        assert!(
            morning.include(time(7, 0, 0, 0))
                && !morning.include(noon)
                && !morning.include(time(6, 59, 0, 0))
        );
    }

    proptest! {
        /// It is never earlier than what happened, decent itself, and the first such.
        #[test]
        fn the_next_decent_instant_is_decent_and_none_lies_before_it(
            second in 1_787_000_000_i64..1_790_000_000,
            step in 1_i64..86_400,
            on_holidays in any::<bool>(),
        ) {
            let hours = hours(on_holidays);
            let at = Timestamp::from_second(second).unwrap();
            let first = next(hours, at);
            prop_assert!(first >= at);
            prop_assert_eq!(next(hours, first), first);
            let between = Timestamp::from_second(second + step).unwrap();
            prop_assert!(between >= first || next(hours, between) == first);
        }
    }
}
