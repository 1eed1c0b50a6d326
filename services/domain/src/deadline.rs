//! From a time limit to a promised instant, with its arithmetic.
//!
//! A promise is a function of the clock, the limit and the moment of reception and of nothing else, so that
//! the promise of any past day can be reckoned again. How each unit is counted:
//!
//! - **Working hours, half-days, working days** run on the legal clock from the moment of reception, or from
//!   the next opening when the office is closed. One working day is the clock's regular day: 8 working hours,
//!   as provincial cost sheets equate them (Đồng Nai, Quyết định 2816/2025: 10 days = 80 hours); a half-day
//!   is half of it. A time in hours begins at its moment (Civil Code 2015, art. 147.1): received at 09:15,
//!   due at 09:15 so many working days later. Leaving the day of reception out (art. 147.2) would give the
//!   office up to a day more; no provincial source does, so the citizen gets the earlier date.
//! - **The same day**: received before the cut-off of a working day, due when that day closes; later, or on a
//!   day off, due when the next working day closes.
//! - **Calendar days**: the day of reception does not count (art. 147.2); due when the last day
//!   closes, or, where that is a day off, when the next working day does (art. 148). The code would give it
//!   until midnight; nobody hands out results then.
//! - **No limit**: where no source states one, nothing is promised.

use jiff::{
    SignedDuration, Span, Timestamp,
    civil::{Date, Weekday},
};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{DayKind, LegalClock},
    procedure::{Text, TimeLimit},
    rejection::Rejection,
};

/// What is promised to a citizen, and how it was reckoned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// When the full, valid dossier was received (UTC).
    pub received_at: Timestamp,
    /// From when the time counts: `received_at`, or the opening after it (UTC).
    pub counted_from: Timestamp,
    /// When the result is due at the latest (UTC); none where no limit was found.
    pub due_at: Option<Timestamp>,
    /// The limit that was applied.
    pub limit: Option<TimeLimit>,
    /// The reckoning line by line, in local time, for a citizen to redo by hand.
    pub arithmetic: Vec<Text>,
}

/// Reckons the promise for a dossier received at `received_at`.
///
/// Refused are a limit of zero (it would be broken at birth) and instants outside the calendar's range.
pub fn promise(
    clock: &LegalClock,
    limit: Option<TimeLimit>,
    received_at: Timestamp,
) -> Result<Promise, Rejection> {
    let day = clock.minutes_per_day();
    let mut sheet = Sheet { clock, lines: Vec::new() };
    let (counted_from, due_at) = match limit {
        None => {
            sheet.received(received_at, None);
            sheet.line(
                "Chưa tìm thấy thời hạn giải quyết theo quy định: không hẹn ngày trả kết quả.",
                "No statutory time was found: nothing is promised.",
            );
            (received_at, None)
        }
        Some(
            TimeLimit::WorkingHours(0)
            | TimeLimit::HalfDays(0)
            | TimeLimit::WorkingDays(0)
            | TimeLimit::CalendarDays(0),
        ) => return Err(Rejection::invalid("LIMIT_ZERO", "limit", "at least one unit of time")),
        Some(TimeLimit::SameDay) => sheet.same_day(received_at)?,
        Some(TimeLimit::WorkingHours(n)) => {
            let limit = text(format!("{n} giờ làm việc"), plural(n, "working hour"));
            sheet.working(received_at, i64::from(n) * 60, &limit)?
        }
        Some(TimeLimit::HalfDays(n)) => {
            let minutes = i64::from(n) * day / 2;
            let limit = text(
                format!("{n} buổi làm việc = {}", vi(minutes)),
                format!("{} = {}", plural(n, "half-day"), en(minutes)),
            );
            sheet.working(received_at, minutes, &limit)?
        }
        Some(TimeLimit::WorkingDays(n)) => {
            let minutes = i64::from(n) * day;
            let limit = text(
                format!("{n} ngày làm việc × {} = {}", vi(day), vi(minutes)),
                format!("{} × {} = {}", plural(n, "working day"), en(day), en(minutes)),
            );
            sheet.working(received_at, minutes, &limit)?
        }
        Some(TimeLimit::CalendarDays(n)) => sheet.calendar(received_at, n)?,
    };
    Ok(Promise { received_at, counted_from, due_at, limit, arithmetic: sheet.lines })
}

/// Working minutes of the legal clock left until `due_at`, whole ones; negative when it has passed.
///
/// Zero is not yet late: after a due date at closing time it stays zero until the office opens again. What
/// is overdue is told by comparing the instants.
pub fn slack_minutes(clock: &LegalClock, now: Timestamp, due_at: Timestamp) -> i64 {
    clock.minutes_between(now, due_at)
}

/// From when the time counts, and until when.
type Interval = (Timestamp, Option<Timestamp>);

/// The reckoning while it is written down.
struct Sheet<'a> {
    clock: &'a LegalClock,
    lines: Vec<Text>,
}

impl Sheet<'_> {
    fn working(&mut self, received_at: Timestamp, minutes: i64, limit: &Text) -> Result<Interval, Rejection> {
        let from = self.clock.next_open(received_at)?;
        let due = self.clock.add_minutes(from, minutes)?;
        self.received(received_at, Some(from));
        self.line(format!("Thời hạn: {}.", limit.vi), format!("Time limit: {}.", limit.en));
        self.days_between(from, due, minutes);
        self.days_off(self.clock.local_date(received_at), self.last_day(due));
        self.due(due);
        Ok((from, Some(due)))
    }

    fn same_day(&mut self, received_at: Timestamp) -> Result<Interval, Rejection> {
        let today = self.clock.local_date(received_at);
        let cutoff = self.clock.same_day_cutoff();
        let time = self.clock.time_zone().to_datetime(received_at).time();
        // Too late for today is counted from the next opening after today, as if the office had closed.
        let counts_from = match self.clock.close_of(today) {
            Some(close) if time >= cutoff => close.max(received_at),
            _ => received_at,
        };
        let from = self.clock.next_open(counts_from)?;
        let day = self.clock.local_date(from);
        let due = self.clock.close_of(day).unwrap_or(from);
        self.received(received_at, Some(from));
        let cutoff = cutoff.strftime("%H:%M");
        self.line(
            format!("Thời hạn: trong ngày làm việc; nhận từ {cutoff} thì trả trong ngày làm việc tiếp theo."),
            format!("Time limit: the same working day; received from {cutoff} on, the next working day."),
        );
        self.days_off(today, day);
        self.due(due);
        Ok((from, Some(due)))
    }

    fn calendar(&mut self, received_at: Timestamp, days: u32) -> Result<Interval, Rejection> {
        let today = self.clock.local_date(received_at);
        let last = today
            .checked_add(Span::new().try_days(i64::from(days)).map_err(|_| too_long())?)
            .map_err(|_| too_long())?;
        let day = if self.clock.is_working_day(last) { last } else { self.clock.next_working_day(last)? };
        let due = self.clock.close_of(day).ok_or_else(too_long)?;
        self.received(received_at, None);
        self.line(
            format!(
                "Thời hạn: {days} ngày, kể cả ngày nghỉ, không tính ngày nhận; ngày cuối cùng là {}.",
                vi_day(last)
            ),
            format!(
                "Time limit: {}, days off included, the day of reception excluded; the last is {}.",
                plural(days, "day"),
                en_day(last)
            ),
        );
        if day != last {
            self.line(
                "Ngày cuối cùng là ngày nghỉ: thời hạn kết thúc vào ngày làm việc tiếp theo \
                 (Điều 148 Bộ luật Dân sự 2015).",
                "The last day is a day off: the time ends on the next working day \
                 (Civil Code 2015, art. 148).",
            );
            self.days_off(last, day);
        }
        self.due(due);
        Ok((received_at, Some(due)))
    }

    fn line(&mut self, vi: impl Into<String>, en: impl Into<String>) {
        self.lines.push(text(vi, en));
    }

    /// When it was received, and from when the time counts if that is later.
    fn received(&mut self, at: Timestamp, counted_from: Option<Timestamp>) {
        let (vi, en) = self.moment(at);
        self.line(format!("Nhận đủ hồ sơ hợp lệ: {vi}."), format!("Full and valid dossier received: {en}."));
        if let Some(from) = counted_from.filter(|from| *from != at) {
            let (vi, en) = self.moment(from);
            self.line(format!("Bắt đầu tính thời hạn: {vi}."), format!("Time counts from: {en}."));
        }
    }

    fn due(&mut self, at: Timestamp) {
        let (vi, en) = self.moment(at);
        self.line(format!("Hẹn trả kết quả chậm nhất: {vi}."), format!("Result due at the latest: {en}."));
    }

    /// How the working time falls on the first day, the working days between, and the last day.
    fn days_between(&mut self, from: Timestamp, due: Timestamp, minutes: i64) {
        // Seconds are carried over unchanged; without them the parts add up.
        let from = from - SignedDuration::from_secs(from.as_second().rem_euclid(60));
        let (first, last) = (self.clock.local_date(from), self.last_day(due));
        let Some(close) = self.clock.close_of(first).filter(|_| first < last) else { return };
        let between =
            days(first, last).filter(|day| first < *day && *day < last && self.clock.is_working_day(*day));
        let (count, until) = between
            .fold((0, close), |(count, until), day| (count + 1, self.clock.close_of(day).unwrap_or(until)));
        let on_first = self.clock.minutes_between(from, close);
        let on_between = self.clock.minutes_between(close, until);
        let on_last = minutes - on_first - on_between;
        let (mut parts_vi, mut parts_en) = (
            vec![format!("{} {}", vi_day(first), vi(on_first))],
            vec![format!("{} {}", en_day(first), en(on_first))],
        );
        if count > 0 {
            parts_vi.push(format!("{count} ngày làm việc ở giữa {}", vi(on_between)));
            parts_en.push(format!("{} between {}", plural(count, "working day"), en(on_between)));
        }
        parts_vi.push(format!("{} {}", vi_day(last), vi(on_last)));
        parts_en.push(format!("{} {}", en_day(last), en(on_last)));
        self.line(
            format!("Chia ra: {}.", parts_vi.join(" + ")),
            format!("Made up of: {}.", parts_en.join(" + ")),
        );
    }

    /// Names every day off from `first` to `last`, and every swapped day that counts.
    fn days_off(&mut self, first: Date, last: Date) {
        let mut runs: Vec<(Date, Date, u32)> = Vec::new();
        let (mut declared, mut swapped) = (Vec::new(), Vec::new());
        for day in days(first, last) {
            match self.clock.day_kind(day) {
                Some(DayKind::Off) => declared.push(day),
                Some(DayKind::Working) => swapped.push(day),
                None => {}
            }
            if self.clock.is_working_day(day) {
                continue;
            }
            match runs.last_mut() {
                Some((_, last, count)) if last.tomorrow().is_ok_and(|next| next == day) => {
                    (*last, *count) = (day, *count + 1);
                }
                _ => runs.push((day, day, 1)),
            }
        }
        let list = |name: &dyn Fn(&(Date, Date, u32)) -> String| {
            runs.iter().map(name).collect::<Vec<_>>().join("; ")
        };
        if !runs.is_empty() {
            self.line(
                format!("Không tính các ngày nghỉ: {}.", list(&vi_run)),
                format!("Days off that do not count: {}.", list(&en_run)),
            );
        }
        let list = |days: &[Date], name: fn(Date) -> String| {
            days.iter().map(|day| name(*day)).collect::<Vec<_>>().join("; ")
        };
        if !declared.is_empty() {
            self.line(
                format!("Trong đó nghỉ lễ, nghỉ bù, nghỉ hoán đổi: {}.", list(&declared, vi_day)),
                format!("Holidays and days off in lieu among them: {}.", list(&declared, en_day)),
            );
        }
        if !swapped.is_empty() {
            self.line(
                format!("Ngày làm bù được tính: {}.", list(&swapped, vi_day)),
                format!("Swapped working days that count: {}.", list(&swapped, en_day)),
            );
        }
    }

    /// The day on which a limit ends; what ends at 24:00 ends on the day before.
    fn last_day(&self, due: Timestamp) -> Date {
        self.clock.local_date(due - INSTANT)
    }

    /// A moment in local time, with its seconds if it has any.
    fn moment(&self, at: Timestamp) -> (String, String) {
        let local = self.clock.time_zone().to_datetime(at);
        let time = local.strftime(if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" });
        (format!("{time} {}", vi_day(local.date())), format!("{time} on {}", en_day(local.date())))
    }
}

/// The smallest step of time.
const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

/// The days from `first` to `last`, both included.
fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    first.series(Span::new().days(1)).take_while(move |day| *day <= last)
}

fn text(vi: impl Into<String>, en: impl Into<String>) -> Text {
    Text { vi: vi.into(), en: en.into() }
}

fn plural(n: u32, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn vi_day(day: Date) -> String {
    let weekday = match day.weekday() {
        Weekday::Monday => "thứ Hai",
        Weekday::Tuesday => "thứ Ba",
        Weekday::Wednesday => "thứ Tư",
        Weekday::Thursday => "thứ Năm",
        Weekday::Friday => "thứ Sáu",
        Weekday::Saturday => "thứ Bảy",
        Weekday::Sunday => "Chủ nhật",
    };
    format!("{weekday} {}", day.strftime("%d/%m/%Y"))
}

fn en_day(day: Date) -> String {
    day.strftime("%A %-d %B %Y").to_string()
}

fn vi_run(&(first, last, count): &(Date, Date, u32)) -> String {
    match count {
        1 => vi_day(first),
        _ => format!("{} đến {} ({count} ngày)", vi_day(first), vi_day(last)),
    }
}

fn en_run(&(first, last, count): &(Date, Date, u32)) -> String {
    match count {
        1 => en_day(first),
        _ => format!("{} to {} ({count} days)", en_day(first), en_day(last)),
    }
}

/// Minutes in hours and minutes, in Vietnamese.
fn vi(minutes: i64) -> String {
    duration(minutes, "giờ", "phút")
}

/// Minutes in hours and minutes, in English.
fn en(minutes: i64) -> String {
    duration(minutes, "h", "min")
}

fn duration(minutes: i64, hour: &str, minute: &str) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} {minute}"),
        (hours, 0) => format!("{hours} {hour}"),
        (hours, minutes) => format!("{hours} {hour} {minutes} {minute}"),
    }
}

fn too_long() -> Rejection {
    Rejection::invalid("DATE_OUT_OF_RANGE", "limit", "a limit that ends within the calendar")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
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
        // Each case compiles a calendar.
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Two calendars: a unit's Saturdays and closures move what it can do, never what was promised.
        #[test]
        fn a_saturday_shift_never_moves_a_legal_deadline(
            limit in limits(), week in 0..52_i64, received in instants(),
        ) {
            let clock = province();
            let before = promise(&clock, Some(limit), received).unwrap();
            let saturday = date(2026, 1, 3).saturating_add(week.weeks());
            let shift = BTreeMap::from([(saturday, vec![hours((8, 0), (11, 0))])]);
            let unit = CapacityCalendar::new(&clock, shift).unwrap();
            let open = saturday.at(9, 0, 0, 0).in_tz("Asia/Ho_Chi_Minh").unwrap().timestamp();
            prop_assert!(unit.is_open(open));
            prop_assert_eq!(clock.is_open(open), [1, 33].contains(&week), "only 10 January and 22 August");
            prop_assert_eq!(promise(&clock, Some(limit), received).unwrap(), before);
        }
    }
}
