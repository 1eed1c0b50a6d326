//! Citizen reception (*tiếp công dân*, law 42/2013/QH13): the days on which somebody in office receives people, the times of a day that can be
//! booked, and what becomes of a booking.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::LegalClock,
    rejection::{Kind, Rejection},
};

/// So many days ahead at most a day is opened.
pub const FURTHEST_DAYS: i32 = 366;

/// So many bookings at most one telephone number has that are still to come.
pub const MOST_BOOKINGS: u64 = 2;

/// The hours of one day. All times are local.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// The day.
    pub date: Date,
    /// When it begins.
    pub opens: Time,
    /// When it ends, on the same day.
    pub closes: Time,
    /// Minutes for each.
    pub minutes: u32,
    /// How many are received at the same time.
    pub places: u32,
}

impl Hours {
    /// Holds the hours against what can be held: a working day to come, at least one time.
    ///
    /// # Errors
    /// Violations of `minutes`, `places`, `closes`, `from`: `OUT_OF_RANGE`, `HOURS_INVALID`, `DATE_OUT_OF_RANGE`, `DAY_OFF`.
    pub fn check(&self, clock: &LegalClock, now: Timestamp) -> Result<(), Rejection> {
        if !(5..=240).contains(&self.minutes) {
            return Err(Rejection::invalid("OUT_OF_RANGE", "minutes", "must be 5 to 240"));
        }
        if !(1..=20).contains(&self.places) {
            return Err(Rejection::invalid("OUT_OF_RANGE", "places", "must be 1 to 20"));
        }
        if self.slots().next().is_none() {
            return Err(Rejection::invalid("HOURS_INVALID", "closes", "must leave time for one at least"));
        }
        let today = clock.local_date(now);
        let furthest = today.saturating_add(FURTHEST_DAYS.days());
        if self.date < today || self.date > furthest {
            let expected = format!("a day from today on, {FURTHEST_DAYS} days ahead at most");
            return Err(Rejection::invalid("DATE_OUT_OF_RANGE", "from", expected));
        }
        if !clock.is_working_day(self.date) {
            return Err(Rejection::invalid("DAY_OFF", "from", "is a day off by the legal calendar"));
        }
        Ok(())
    }

    /// The times at which somebody may be received.
    pub fn slots(&self) -> impl Iterator<Item = Time> {
        let minute = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
        let (opens, closes, each) = (minute(self.opens), minute(self.closes), i64::from(self.minutes.max(1)));
        let count = (closes - opens).max(0) / each;
        (0..count).map(move |index| Time::midnight().wrapping_add((opens + index * each).minutes()))
    }

    /// The instant of one of its times.
    ///
    /// # Errors
    /// A violation of `time`, which is none of its times.
    pub fn starts_at(&self, clock: &LegalClock, time: Time) -> Result<Timestamp, Rejection> {
        let unknown = || Rejection::invalid("UNKNOWN_SLOT", "time", "is none of the times of this day");
        if !self.slots().any(|slot| slot == time) {
            return Err(unknown());
        }
        clock.time_zone().to_timestamp(self.date.to_datetime(time)).map_err(|_| unknown())
    }

    /// Whether one more may come at this time, when `taken` do.
    ///
    /// # Errors
    /// `UNKNOWN_SLOT`; `SLOT_PAST`; `DAY_OFF` where it became one after it was opened; `SLOT_TAKEN`.
    pub fn check_free(
        &self,
        clock: &LegalClock,
        time: Time,
        taken: u64,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        if self.starts_at(clock, time)? <= now {
            return Err(Rejection::new(Kind::Precondition, "SLOT_PAST", "this time is over"));
        }
        if !clock.is_working_day(self.date) {
            return Err(Rejection::new(
                Kind::Precondition,
                "DAY_OFF",
                "this is a day off by the legal calendar",
            ));
        }
        if taken >= u64::from(self.places) {
            return Err(Rejection::new(
                Kind::Precondition,
                "SLOT_TAKEN",
                "this time is taken; choose another",
            ));
        }
        Ok(())
    }
}

/// What became of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Booking {
    /// They are to come.
    Booked,
    /// The day was cancelled: they have to be given another time.
    ToBeMoved,
    /// They came.
    Came,
    /// They did not.
    NoShow,
    /// They cancelled.
    Cancelled,
}

/// What is done about a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It has another time.
    Move,
    /// Whoever booked cancels.
    Cancel,
    /// The day is cancelled.
    DayCancelled,
    /// The day is opened again.
    DayReopened,
    /// They came.
    Come,
    /// They did not come, and their time is over.
    Miss,
}

impl Booking {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Booked, Self::ToBeMoved, Self::Came, Self::NoShow, Self::Cancelled];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::ToBeMoved => "to_be_moved",
            Self::Came => "came",
            Self::NoShow => "no_show",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether somebody may still come.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Booked | Self::ToBeMoved)
    }

    /// The RPCs that move on what stands so.
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Booked => &["MoveBooking", "CancelBooking", "CancelReceptionDay", "RecordReception"],
            Self::ToBeMoved => &["MoveBooking", "CancelBooking", "OpenReceptionDays"],
            Self::Came | Self::NoShow | Self::Cancelled => &[],
        }
    }

    /// What becomes of it. `starts_at`: the time that it has. Who comes does so on that day, if not to the minute.
    ///
    /// # Errors
    /// `BOOKING_STATE` (with `state` and `allowed`); `TOO_EARLY` for what is only known once the time has come.
    pub fn after(
        self,
        clock: &LegalClock,
        turn: Turn,
        starts_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let refuses = |reason, message| {
            let refusal = Rejection::new(Kind::Precondition, reason, message).with("state", self.as_str());
            Err(refusal.with("allowed", self.allowed().join(",")))
        };
        let next = match (self, turn) {
            (Self::Booked | Self::ToBeMoved, Turn::Move) => Self::Booked,
            (Self::Booked | Self::ToBeMoved, Turn::Cancel) => Self::Cancelled,
            (Self::Booked, Turn::DayCancelled) => Self::ToBeMoved,
            (Self::ToBeMoved, Turn::DayReopened) => Self::Booked,
            (Self::Booked, Turn::Come) if clock.local_date(now) < clock.local_date(starts_at) => {
                return refuses("TOO_EARLY", "their day has not come yet");
            }
            (Self::Booked, Turn::Come) => Self::Came,
            (Self::Booked, Turn::Miss) if now < starts_at => {
                return refuses("TOO_EARLY", "their time has not come yet");
            }
            (Self::Booked, Turn::Miss) => Self::NoShow,
            _ => return refuses("BOOKING_STATE", "the booking does not stand so that this can be done"),
        };
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::tests::{at, province};

    fn hours(date: &str) -> Hours {
        let date = date.parse().unwrap();
        Hours { date, opens: time(8, 0, 0, 0), closes: time(9, 10, 0, 0), minutes: 30, places: 1 }
    }

    #[test]
    fn a_day_has_whole_times_only_and_days_off_have_none() {
        let clock = province();
        let now = at("2026-11-23T09:00");
        let day = hours("2026-11-25");
        assert_eq!(day.slots().collect::<Vec<_>>(), [time(8, 0, 0, 0), time(8, 30, 0, 0)]);
        assert_eq!(day.check(&clock, now), Ok(()));
        for (wrong, reason) in [
            (hours("2026-11-24"), "DAY_OFF"),
            (hours("2026-11-28"), "DAY_OFF"),
            (hours("2026-11-22"), "DATE_OUT_OF_RANGE"),
            (hours("2028-01-03"), "DATE_OUT_OF_RANGE"),
            (Hours { minutes: 4, ..day.clone() }, "OUT_OF_RANGE"),
            (Hours { places: 0, ..day.clone() }, "OUT_OF_RANGE"),
            (Hours { minutes: 71, ..day.clone() }, "HOURS_INVALID"),
            (Hours { closes: time(7, 0, 0, 0), ..day.clone() }, "HOURS_INVALID"),
        ] {
            assert_eq!(wrong.check(&clock, now).unwrap_err().reason, reason, "{wrong:?}");
        }
        let free =
            |time, taken, now| day.check_free(&clock, time, taken, at(now)).map_err(|refusal| refusal.reason);
        assert_eq!(free(time(8, 30, 0, 0), 0, "2026-11-25T08:29"), Ok(()));
        assert_eq!(free(time(8, 30, 0, 0), 0, "2026-11-25T08:30"), Err("SLOT_PAST".into()));
        assert_eq!(free(time(8, 30, 0, 0), 1, "2026-11-23T08:30"), Err("SLOT_TAKEN".into()));
        assert_eq!(free(time(8, 15, 0, 0), 0, "2026-11-23T08:30"), Err("UNKNOWN_SLOT".into()));
    }

    proptest! {
        /// What has ended stays so, and what is refused says what is allowed.
        #[test]
        fn a_booking_ends_once(turns in prop::collection::vec(0..6_usize, 0..12)) {
            let all =
                [Turn::Move, Turn::Cancel, Turn::DayCancelled, Turn::DayReopened, Turn::Come, Turn::Miss];
            let clock = province();
            let mut booking = Booking::Booked;
            for turn in turns {
                match booking.after(&clock, all[turn], at("2026-11-25T08:00"), at("2026-11-25T08:30")) {
                    Ok(next) => {
                        prop_assert!(booking.is_open());
                        booking = next;
                    }
                    Err(refusal) => {
                        prop_assert_eq!(refusal.reason.as_str(), "BOOKING_STATE");
                        let allowed = refusal.metadata.iter().find(|(key, _)| key == "allowed").unwrap();
                        prop_assert_eq!(allowed.1.is_empty(), !booking.is_open());
                    }
                }
            }
        }
    }
}
