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
//!
//! While the citizen is the one to answer, the clock stands still: [`pause`]. A green corridor has a date of its own beside the
//! statutory one: [`corridor`]; a step has the part of the time that its process gives it: [`aim()`]. Of a case that is opened
//! again the time counts anew: [`reopening`].

mod aim;
mod appointment;
mod corridor;
mod pause;
mod reopening;

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

pub use aim::aim;
pub use corridor::corridor_promise;
pub use pause::{Pause, PauseGround, close_after, due_after};

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
        self.days_off(self.clock.local_date(received_at), last_day(self.clock, due));
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
        let last = later(today, i64::from(days))?;
        let due = close_on_or_after(self.clock, last)?;
        let day = last_day(self.clock, due);
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
        let (first, last) = (self.clock.local_date(from), last_day(self.clock, due));
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
                Some(DayKind::Holiday | DayKind::Off) => declared.push(day),
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

    /// A moment in local time, with its seconds if it has any.
    fn moment(&self, at: Timestamp) -> (String, String) {
        let local = self.clock.time_zone().to_datetime(at);
        let time = local.strftime(if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" });
        (format!("{time} {}", vi_day(local.date())), format!("{time} on {}", en_day(local.date())))
    }
}

/// The day on which a limit ends; what ends at 24:00 ends on the day before.
fn last_day(clock: &LegalClock, due: Timestamp) -> Date {
    clock.local_date(due - INSTANT)
}

/// The close of this day, or, where it is a day off, of the next working day (Civil Code 2015, art. 148).
fn close_on_or_after(clock: &LegalClock, last: Date) -> Result<Timestamp, Rejection> {
    let day = if clock.is_working_day(last) { last } else { clock.next_working_day(last)? };
    clock.close_of(day).ok_or_else(too_long)
}

/// So many days later.
fn later(day: Date, days: i64) -> Result<Date, Rejection> {
    day.checked_add(Span::new().try_days(days).map_err(|_| too_long())?).map_err(|_| too_long())
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
mod tests;
