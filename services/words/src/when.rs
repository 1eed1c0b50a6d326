//! Days, instants and spans as people of a province read them.

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use crate::Words;

/// Working minutes of a day.
const A_DAY: i64 = 480;

impl Words {
    /// `24/11/2026`.
    pub fn day(self, day: Date) -> String {
        day.strftime("%d/%m/%Y").to_string()
    }

    /// A day as the contract writes it (`2026-11-24`); what is none stays as it is.
    pub fn day_of(self, text: &str) -> String {
        text.parse().map_or_else(|_| text.to_owned(), |day| self.day(day))
    }

    /// `15:05`.
    pub fn clock(self, at: Timestamp, zone: &TimeZone) -> String {
        zone.to_datetime(at).strftime("%H:%M").to_string()
    }

    /// As in lists: `15:05 24/11/2026`.
    pub fn instant(self, at: Timestamp, zone: &TimeZone) -> String {
        zone.to_datetime(at).strftime("%H:%M %d/%m/%Y").to_string()
    }

    /// As it is said to somebody: `15:05 thứ Ba, 24/11/2026`.
    pub fn appointment(self, at: Timestamp, zone: &TimeZone) -> String {
        let local = zone.to_datetime(at);
        format!("{} {}, {}", self.clock(at, zone), self.weekday(local.weekday()), self.day(local.date()))
    }

    /// `thứ Ba`.
    pub fn weekday(self, day: Weekday) -> &'static str {
        match day {
            Weekday::Monday => self.when_monday(),
            Weekday::Tuesday => self.when_tuesday(),
            Weekday::Wednesday => self.when_wednesday(),
            Weekday::Thursday => self.when_thursday(),
            Weekday::Friday => self.when_friday(),
            Weekday::Saturday => self.when_saturday(),
            Weekday::Sunday => self.when_sunday(),
        }
    }

    /// How long some working minutes are: `3 giờ 20 phút`, `2 ngày 3 giờ` of eight hours each.
    pub fn span(self, minutes: i64) -> String {
        let minutes = minutes.abs();
        let (days, hours, rest) = (minutes / A_DAY, minutes % A_DAY / 60, minutes % 60);
        match (days, hours, rest) {
            (0, 0, rest) => self.when_minutes(rest),
            (0, hours, 0) => self.when_hours(hours),
            (0, hours, rest) => format!("{} {}", self.when_hours(hours), self.when_minutes(rest)),
            (days, 0, _) => self.when_days(days),
            (days, hours, _) => format!("{} {}", self.when_days(days), self.when_hours(hours)),
        }
    }

    /// What is left until something is due, in working minutes; below 0 it is late.
    pub fn left(self, minutes: i64) -> String {
        match minutes {
            0.. => self.when_left(self.span(minutes)),
            _ => self.when_late(self.span(minutes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_as_people_say_it() {
        let said = |minutes| (Words::VI.left(minutes), Words::EN.left(minutes));
        assert_eq!(said(200).0, "còn 3 giờ 20 phút làm việc");
        assert_eq!(said(200).1, "3 hours 20 minutes of work left");
        assert_eq!(said(61).1, "1 hour 1 minute of work left");
        assert_eq!(said(0).0, "còn 0 phút làm việc");
        assert_eq!(said(2 * 480 + 185).0, "còn 2 ngày 3 giờ làm việc");
        assert_eq!(said(-65).0, "quá hạn 1 giờ 5 phút làm việc");
        assert_eq!(said(-480).1, "1 day of work late");
    }

    #[test]
    fn instants_are_told_in_the_zone_of_the_province() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let at: Timestamp = "2026-11-24T08:05:00Z".parse().unwrap();
        assert_eq!(Words::VI.instant(at, &zone), "15:05 24/11/2026");
        assert_eq!(Words::VI.appointment(at, &zone), "15:05 thứ Ba, 24/11/2026");
        assert_eq!(Words::EN.appointment(at, &zone), "15:05 Tuesday, 24/11/2026");
        assert_eq!(Words::VI.day_of("2026-11-24"), "24/11/2026");
        assert_eq!(Words::VI.day_of("sớm"), "sớm");
    }
}
