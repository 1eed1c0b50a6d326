//! The quarter that is played.

use std::str::FromStr;

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use phidia_domain::{
    Rejection,
    calendar::{END_DAY, FIRST_DAY, LegalClock},
};

/// A quarter as it is written, `2025Q3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarterName {
    year: i16,
    /// From 1 to 4.
    number: i8,
}

impl FromStr for QuarterName {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let unknown = || {
            let expected = format!("a quarter such as 2025Q3, from {FIRST_DAY} until before {END_DAY}");
            Rejection::invalid("UNKNOWN_QUARTER", "quarter", expected)
        };
        let (year, number) = text.split_once('Q').ok_or_else(unknown)?;
        let (year, number) = (year.parse().map_err(|_| unknown())?, number.parse().map_err(|_| unknown())?);
        let named = Self { year, number };
        let covered = i32::from(FIRST_DAY.year())..i32::from(END_DAY.year());
        if text.len() == 6 && (1..=4).contains(&number) && covered.contains(&i32::from(year)) {
            Ok(named)
        } else {
            Err(unknown())
        }
    }
}

impl std::fmt::Display for QuarterName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}Q{}", self.year, self.number)
    }
}

/// The days of a quarter, or its first few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quarter {
    pub(crate) first: Date,
    /// The working days that are played.
    pub(crate) days: Vec<Date>,
    /// How many working days the whole quarter has.
    pub(crate) working_days: usize,
}

impl Quarter {
    /// The first `most` working days of a quarter; all of them, when that is none.
    pub(crate) fn of(name: QuarterName, clock: &LegalClock, most: Option<usize>) -> Self {
        let first = date(name.year, (name.number - 1) * 3 + 1, 1);
        let days = first.series(1.day()).take_while(|day| *day < first.saturating_add(3.months()));
        let mut days: Vec<Date> = days.filter(|day| clock.is_working_day(*day)).collect();
        let working_days = days.len();
        days.truncate(most.unwrap_or(working_days));
        Self { first, days, working_days }
    }
}
