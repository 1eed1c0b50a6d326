//! While the citizen is the one to answer, the clock stands still: a limit in working time ends so much working time
//! later as the pause took, one in calendar days so many days later. What was late when they were asked stays late. Time is counted
//! from a full and valid dossier; some provinces let all of it begin again after a supplement. What is left of it is the
//! earlier date, and what Decision 766/QĐ-TTg measures (the interval is subtracted).

use jiff::Timestamp;

use super::{Promise, Sheet, close_on_or_after, en, later, plural, too_long, vi};
use crate::{calendar::LegalClock, procedure::TimeLimit, rejection::Rejection};

/// The clock stands still from one instant to another: the citizen is asked for something, until they have handed it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When they were asked.
    pub from: Timestamp,
    /// When it was received.
    pub to: Timestamp,
}

/// What the citizen is to do while the clock stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseGround {
    /// To supplement the dossier (national code 5).
    Supplement,
    /// To pay something (national code 6).
    Payment,
}

impl PauseGround {
    /// What the clock stands still for.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Supplement => ("chờ bổ sung hồ sơ", "a supplement"),
            Self::Payment => ("chờ thực hiện nghĩa vụ tài chính", "a payment"),
        }
    }
}

/// The promised instant of a dossier after a pause.
///
/// # Errors
/// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
pub fn due_after(
    clock: &LegalClock,
    limit: Option<TimeLimit>,
    received_at: Timestamp,
    due_at: Timestamp,
    pause: Pause,
) -> Result<Timestamp, Rejection> {
    let Pause { from, to } = pause;
    if from > due_at {
        return Ok(due_at);
    }
    if let Some(TimeLimit::CalendarDays(limit)) = limit {
        return match days_paused(clock, pause) {
            0 => Ok(due_at),
            // From the last day itself, which may have been a day off.
            days => close_on_or_after(
                clock,
                later(clock.local_date(received_at), i64::from(limit) + i64::from(days))?,
            ),
        };
    }
    match clock.minutes_between(from, to) {
        ..=0 => Ok(due_at),
        minutes => clock.add_minutes(due_at, minutes),
    }
}

/// The close of the `working_days`th working day after the day of an instant.
///
/// # Errors
/// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
pub fn close_after(clock: &LegalClock, at: Timestamp, working_days: u32) -> Result<Timestamp, Rejection> {
    let last = (0..working_days).try_fold(clock.local_date(at), |day, _| clock.next_working_day(day))?;
    clock.close_of(last).ok_or_else(too_long)
}

impl Promise {
    /// The same while the clock stands still, with the line that says so.
    #[must_use]
    pub fn stands_still(
        self,
        clock: &LegalClock,
        ground: PauseGround,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Self {
        let mut sheet = Sheet { clock, lines: self.arithmetic };
        let ((since_vi, since_en), (for_vi, for_en)) = (sheet.moment(since), ground.words());
        let (until_vi, until_en) =
            until.map(|until| sheet.moment(until)).map_or_else(<(String, String)>::default, |(vi, en)| {
                (format!(", chậm nhất đến {vi}"), format!(", until {en} at the latest"))
            });
        sheet.line(
            format!("Dừng tính thời hạn từ {since_vi} vì {for_vi}{until_vi}."),
            format!("The clock stands still since {since_en} for {for_en}{until_en}."),
        );
        Self { arithmetic: sheet.lines, ..self }
    }

    /// The same after a pause, with the lines that say so.
    ///
    /// # Errors
    /// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
    pub fn paused(self, clock: &LegalClock, ground: PauseGround, pause: Pause) -> Result<Self, Rejection> {
        let Some(due_at) = self.due_at else { return Ok(self) };
        let mut sheet = Sheet { clock, lines: self.arithmetic };
        let ((from_vi, from_en), (to_vi, to_en)) = (sheet.moment(pause.from), sheet.moment(pause.to));
        let (for_vi, for_en) = ground.words();
        sheet.line(
            format!("Dừng tính thời hạn vì {for_vi}: từ {from_vi} đến {to_vi}."),
            format!("The clock stood still for {for_en}: from {from_en} to {to_en}."),
        );
        let after = due_after(clock, self.limit, self.received_at, due_at, pause)?;
        if pause.from > due_at {
            sheet.line(
                "Khi đó đã quá hạn: ngày hẹn trả không thay đổi.",
                "It was overdue by then: the due date stays as it is.",
            );
        } else {
            let (vi_took, en_took) = if let Some(TimeLimit::CalendarDays(_)) = self.limit {
                let days = days_paused(clock, pause);
                (format!("{days} ngày"), plural(days, "day"))
            } else {
                let minutes = clock.minutes_between(pause.from, pause.to).max(0);
                (format!("{} làm việc", vi(minutes)), format!("{} of working time", en(minutes)))
            };
            sheet
                .line(format!("Lùi thời hạn thêm: {vi_took}."), format!("The due date moves by: {en_took}."));
        }
        sheet.due(after);
        Ok(Self { due_at: Some(after), arithmetic: sheet.lines, ..self })
    }
}

/// From the day of its beginning to that of its end.
fn days_paused(clock: &LegalClock, Pause { from, to }: Pause) -> u32 {
    let (first, last) = (clock.local_date(from), clock.local_date(to));
    u32::try_from((last - first).get_days()).unwrap_or_default()
}
