//! The days that a report is about.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, ToSpan as _, civil::Date};

use crate::{
    calendar::{END_DAY, FIRST_DAY, LegalClock},
    rejection::Rejection,
};

/// Local days of the province, the first and the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: Date,
    to: Date,
}

/// A period as instants, seen at one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The beginning of its first day.
    pub from: Timestamp,
    /// The end of its last day, which is the beginning of the day after: the first instant that is outside.
    pub until: Timestamp,
    /// What runs is judged at this instant: the end of the period, or now where that is earlier.
    pub as_of: Timestamp,
}

impl Period {
    /// From one day to another, both included.
    ///
    /// # Errors
    /// `DAYS_REVERSED`; `DATE_OUT_OF_RANGE` for days that the calendar does not cover. Both on the field `period`.
    pub fn new(from: Date, to: Date) -> Result<Self, Rejection> {
        if to < from {
            let expected = "its last day is not before its first";
            return Err(Rejection::invalid("DAYS_REVERSED", "selection.period", expected));
        }
        if from < FIRST_DAY || to >= END_DAY {
            let expected = format!("days from {FIRST_DAY} on and before {END_DAY}");
            return Err(Rejection::invalid("DATE_OUT_OF_RANGE", "selection.period", expected));
        }
        Ok(Self { from, to })
    }

    /// The quarter of a day.
    ///
    /// # Errors
    /// As [`Period::new`].
    pub fn quarter_of(day: Date) -> Result<Self, Rejection> {
        months(day.year(), (day.month() - 1) / 3 * 3 + 1, 3)
    }

    /// The first day.
    pub fn from(self) -> Date {
        self.from
    }

    /// The last day.
    pub fn to(self) -> Date {
        self.to
    }

    /// As instants of a province, seen at `now`.
    ///
    /// # Errors
    /// `DATE_OUT_OF_RANGE` for a day that does not begin in its zone.
    pub fn window(self, clock: &LegalClock, now: Timestamp) -> Result<Window, Rejection> {
        let out_of_range =
            |_| Rejection::invalid("DATE_OUT_OF_RANGE", "selection.period", "days that the calendar covers");
        let begins = |day: Date| clock.time_zone().to_timestamp(day.at(0, 0, 0, 0)).map_err(out_of_range);
        let until = begins(self.to.tomorrow().map_err(out_of_range)?)?;
        Ok(Window { from: begins(self.from)?, until, as_of: until.min(now) })
    }
}

/// `2026`, `2026-H1` (half a year), `2026-Q4`, `2026-11`, `2026-11-23`, or `2026-10-01..2026-12-31`.
impl FromStr for Period {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let malformed = || {
            let expected =
                "2026, 2026-H1, 2026-Q4, 2026-11, 2026-11-23, or two days such as 2026-10-01..2026-12-31";
            Rejection::invalid("MALFORMED_PERIOD", "selection.period", expected)
        };
        let day = |text: &str| text.parse::<Date>().map_err(|_| malformed());
        if let Some((from, to)) = text.split_once("..") {
            return Self::new(day(from)?, day(to)?);
        }
        let mut parts = text.split('-');
        let year = parts.next().filter(|year| year.len() == 4).and_then(|year| year.parse().ok());
        let year: i16 = year.ok_or_else(malformed)?;
        let (part, day_of_month) = (parts.next(), parts.next());
        let number = |digits: &str, most: i8| {
            digits.parse::<i8>().ok().filter(|number| (1..=most).contains(number)).ok_or_else(malformed)
        };
        match (part, day_of_month) {
            (None, _) => months(year, 1, 12),
            (Some(_), Some(_)) => day(text).and_then(|day| Self::new(day, day)),
            (Some(part), None) => match part.split_at_checked(1) {
                Some(("H" | "h", half)) => months(year, number(half, 2)? * 6 - 5, 6),
                Some(("Q" | "q", quarter)) => months(year, number(quarter, 4)? * 3 - 2, 3),
                _ => months(year, number(part, 12)?, 1),
            },
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

/// So many whole months.
fn months(year: i16, first: i8, count: i32) -> Result<Period, Rejection> {
    let out_of_range =
        |_| Rejection::invalid("DATE_OUT_OF_RANGE", "selection.period", "days that the calendar covers");
    let from = Date::new(year, first, 1).map_err(out_of_range)?;
    let to = from.checked_add((count - 1).months()).map_err(out_of_range)?.last_of_month();
    Period::new(from, to)
}
