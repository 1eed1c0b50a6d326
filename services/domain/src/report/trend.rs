//! A period point by point: by days, weeks or months.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

use super::Period;
use crate::{calendar::FIRST_DAY, rejection::Rejection};

/// So many points at most: two months of days.
pub const MOST_POINTS: usize = 62;

/// How long a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// A local day.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A month of the calendar.
    Month,
}

/// What a trend counts at one of its points, or of one more point before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accepted in it.
    pub received: u64,
    /// Ended in it no later than promised.
    pub in_time: u64,
    /// Ended in it later than promised.
    pub late: u64,
    /// Ended in it without a promise.
    pub undated: u64,
}

impl Interval {
    /// The interval of its kind in which a day lies: its first and its last day.
    fn around(self, day: Date) -> (Date, Date) {
        match self {
            Self::Day => (day, day),
            Self::Week => {
                let monday = day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days());
                (monday, monday.saturating_add(6.days()))
            }
            Self::Month => (day.first_of_month(), day.last_of_month()),
        }
    }

    /// What is looked at where no period is asked for: 30 days, 13 weeks or 12 months, the last with `today` in it.
    ///
    /// # Errors
    /// As [`Period::new`], for a day that the calendar does not cover.
    pub fn latest(self, today: Date) -> Result<Period, Rejection> {
        let (first, last) = self.around(today);
        let before = match self {
            Self::Day => 29.days(),
            Self::Week => 12.weeks(),
            Self::Month => 11.months(),
        };
        Period::new(first.saturating_sub(before).max(FIRST_DAY), last)
    }
}

impl Period {
    /// Its points, in the order of time: the days, weeks or months that lie in it, the first and the last as far as they do.
    ///
    /// # Errors
    /// `TOO_MANY_POINTS` of `selection.period`.
    pub fn points(self, interval: Interval) -> Result<Vec<Self>, Rejection> {
        let (mut points, mut from) = (Vec::new(), self.from());
        loop {
            if points.len() == MOST_POINTS {
                let expected = format!(
                    "at most {MOST_POINTS} days, weeks or months: a shorter period, or longer points"
                );
                let refusal = Rejection::invalid("TOO_MANY_POINTS", "selection.period", expected);
                return Err(refusal.in_vietnamese(format!("nhiều nhất {MOST_POINTS} ngày, tuần hoặc tháng")));
            }
            let to = interval.around(from).1.min(self.to());
            points.push(Self::new(from, to)?);
            if to == self.to() {
                return Ok(points);
            }
            from = to.saturating_add(1.day());
        }
    }
}

impl Counts {
    /// Ended in it.
    pub fn finished(&self) -> u64 {
        self.in_time + self.late + self.undated
    }
}

/// How many run at the end of each point, where so many ran before the first.
pub fn running(before: u64, points: &[Counts]) -> Vec<u64> {
    let after = |running: &mut u64, point: &Counts| {
        *running = (*running + point.received).saturating_sub(point.finished());
        Some(*running)
    };
    points.iter().scan(before, after).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::END_DAY;

    fn days(from: &str, to: &str) -> Period {
        Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    fn points(period: Period, interval: Interval) -> Vec<String> {
        period.points(interval).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn weeks_begin_on_mondays_and_what_is_cut_stays_cut() {
        let period = days("2026-11-25", "2026-12-08");
        let weeks = ["2026-11-25..2026-11-29", "2026-11-30..2026-12-06", "2026-12-07..2026-12-08"];
        assert_eq!(points(period, Interval::Week), weeks);
        let months = ["2026-11-25..2026-11-30", "2026-12-01..2026-12-08"];
        assert_eq!(points(period, Interval::Month), months);
        assert_eq!(points(period, Interval::Day).len(), 14);
    }

    #[test]
    fn what_nobody_narrows_down_ends_with_today() {
        let today = "2026-11-25".parse().unwrap();
        let latest = |interval: Interval| interval.latest(today).unwrap();
        assert_eq!(latest(Interval::Day).to_string(), "2026-10-27..2026-11-25");
        assert_eq!(latest(Interval::Week).to_string(), "2026-08-31..2026-11-29");
        assert_eq!(latest(Interval::Month).to_string(), "2025-12-01..2026-11-30");
        for (interval, count) in [(Interval::Day, 30), (Interval::Week, 13), (Interval::Month, 12)] {
            assert_eq!(latest(interval).points(interval).unwrap().len(), count);
        }
        // Nothing lies before the calendar.
        assert_eq!(Interval::Month.latest(FIRST_DAY).unwrap().from(), FIRST_DAY);
    }

    #[test]
    fn two_months_of_days_are_shown_and_no_more() {
        assert_eq!(points(days("2026-07-01", "2026-08-31"), Interval::Day).len(), MOST_POINTS);
        let refusal = days("2026-07-01", "2026-09-01").points(Interval::Day).unwrap_err();
        assert_eq!(
            (refusal.reason.as_str(), refusal.violations[0].field.as_str()),
            ("TOO_MANY_POINTS", "selection.period")
        );
    }

    #[test]
    fn what_runs_is_what_ran_with_what_came_and_without_what_ended() {
        let point = |received, in_time, late, undated| Counts { received, in_time, late, undated };
        assert_eq!(running(3, &[point(2, 1, 0, 1), point(0, 0, 1, 0), point(4, 0, 0, 0)]), [3, 2, 6]);
    }

    proptest! {
        /// Points follow each other without a gap, are the whole, and each lies in one interval.
        #[test]
        fn points_are_the_period(from in 0_i64..4_000, length in 0_i64..1_800, which in 0_usize..3) {
            let interval = [Interval::Day, Interval::Week, Interval::Month][which];
            let from = FIRST_DAY.saturating_add(from.days()).min(END_DAY.saturating_sub(1.day()));
            let to = from.saturating_add(length.days()).min(END_DAY.saturating_sub(1.day()));
            let period = Period::new(from, to).unwrap();
            let Ok(points) = period.points(interval) else {
                prop_assert!(length >= 62, "{period}");
                return Ok(());
            };
            prop_assert_eq!((points[0].from(), points.last().unwrap().to()), (from, to));
            for pair in points.windows(2) {
                prop_assert_eq!(pair[0].to().tomorrow().unwrap(), pair[1].from());
                prop_assert_ne!(interval.around(pair[0].to()), interval.around(pair[1].from()));
            }
            for point in points {
                prop_assert_eq!(interval.around(point.from()), interval.around(point.to()));
            }
        }
    }
}
