//! The date of a *green corridor*: the shorter time that a province promises of its own accord. It stands beside the
//! statutory one, which the citizen is promised and lateness is measured by, and never comes after it.
//!
//! No text was found for the two corridors of Ninh Bình. *16 working hours* is read as the whole processing within 16 hours of
//! the legal clock. *50 %* is read as neighbours publish it (Hải Phòng, lists of 2026): 5 working days become 2.5 and 3 become
//! 1.5, in half-days, and what is due within one day is not cut.

use jiff::Timestamp;

use super::{Promise, Sheet, promise, text};
use crate::{
    calendar::LegalClock,
    procedure::{Corridor, Text, TimeLimit},
    rejection::Rejection,
};

/// Half-days have so many working hours.
const HOURS_PER_HALF_DAY: u32 = 4;

impl Corridor {
    /// The time that the corridor gives instead of a statutory one; none: it does not shorten that. Whether 16 working hours
    /// are shorter than days of the calendar is told by the dates alone ([`corridor_promise`]).
    pub fn limit(self, statutory: Option<TimeLimit>) -> Option<TimeLimit> {
        match (self, statutory) {
            (Self::Hours16, _) => Some(TimeLimit::WorkingHours(16)),
            (Self::HalfTime, None | Some(TimeLimit::SameDay)) => None,
            (Self::HalfTime, Some(TimeLimit::WorkingHours(hours))) => {
                let day = 2 * HOURS_PER_HALF_DAY;
                (hours > day).then(|| TimeLimit::HalfDays(hours.div_ceil(day)))
            }
            (Self::HalfTime, Some(TimeLimit::HalfDays(count))) => {
                (count > 2).then(|| TimeLimit::HalfDays(count.div_ceil(2)))
            }
            (Self::HalfTime, Some(TimeLimit::WorkingDays(count))) => {
                (count > 1).then_some(TimeLimit::HalfDays(count))
            }
            (Self::HalfTime, Some(TimeLimit::CalendarDays(count))) => {
                (count > 1).then(|| TimeLimit::CalendarDays(count.div_ceil(2)))
            }
        }
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            Self::Hours16 => text("Luồng xanh 16 giờ làm việc", "Green corridor 16 working hours"),
            Self::HalfTime => text("Luồng xanh 50 %", "Green corridor 50 %"),
        }
    }
}

/// What a corridor promises for a dossier received at `received_at`; none where that is no earlier than what law or decision
/// promise.
///
/// # Errors
/// Those of [`promise`].
pub fn corridor_promise(
    clock: &LegalClock,
    corridor: Corridor,
    statutory: Option<TimeLimit>,
    received_at: Timestamp,
) -> Result<Option<Promise>, Rejection> {
    let Some(limit) = corridor.limit(statutory) else { return Ok(None) };
    let within = promise(clock, statutory, received_at)?.due_at;
    let mut shorter = promise(clock, Some(limit), received_at)?;
    if within.is_some_and(|within| shorter.due_at.is_none_or(|due_at| due_at >= within)) {
        return Ok(None);
    }
    let Text { vi, en } = corridor.name();
    shorter.arithmetic.insert(0, text(format!("{vi}:"), format!("{en}:")));
    Ok(Some(shorter))
}

impl Promise {
    /// The same, but no later than the statutory date: a corridor never lengthens. The two may move by different amounts where one
    /// is counted in working time and the other in days.
    #[must_use]
    pub fn within(self, clock: &LegalClock, statutory: Option<Timestamp>) -> Self {
        let Some((_, within)) = self.due_at.zip(statutory).filter(|(due_at, within)| within < due_at) else {
            return self;
        };
        let mut sheet = Sheet { clock, lines: self.arithmetic };
        sheet.line("Không muộn hơn thời hạn theo quy định.", "No later than the statutory date.");
        sheet.due(within);
        Self { due_at: Some(within), arithmetic: sheet.lines, ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*};

    use super::{
        super::{Pause, PauseGround, due_after},
        *,
    };
    use crate::calendar::tests::{at, instants, province};

    fn due(corridor: Corridor, statutory: TimeLimit, received: &str) -> Option<Timestamp> {
        let promised = corridor_promise(&province(), corridor, Some(statutory), at(received)).unwrap();
        promised.map(|promise| promise.due_at.unwrap())
    }

    #[test]
    fn half_of_it_in_half_days_and_one_day_is_not_cut() {
        use TimeLimit::{CalendarDays, HalfDays, SameDay, WorkingDays, WorkingHours};
        let half = |limit| Corridor::HalfTime.limit(Some(limit));
        // As Hải Phòng publishes it.
        assert_eq!(half(WorkingDays(5)), Some(HalfDays(5)));
        assert_eq!(half(WorkingDays(3)), Some(HalfDays(3)));
        for uncut in [SameDay, WorkingDays(1), HalfDays(2), WorkingHours(8), CalendarDays(1)] {
            assert_eq!(half(uncut), None, "{uncut:?}");
        }
        assert_eq!(half(HalfDays(5)), Some(HalfDays(3)));
        assert_eq!(half(WorkingHours(20)), Some(HalfDays(3)));
        assert_eq!(half(CalendarDays(15)), Some(CalendarDays(8)));
        assert_eq!(Corridor::HalfTime.limit(None), None);
        let due = |received| due(Corridor::HalfTime, WorkingDays(3), received);
        assert_eq!(due("2026-01-05T07:30"), Some(at("2026-01-06T11:30")));
    }

    #[test]
    fn sixteen_working_hours_are_two_days_of_the_legal_clock() {
        let due = |statutory, received| due(Corridor::Hours16, statutory, received);
        assert_eq!(due(TimeLimit::WorkingDays(5), "2026-01-05T09:15"), Some(at("2026-01-07T09:15")));
        // Over Tết.
        assert_eq!(due(TimeLimit::WorkingDays(10), "2026-02-12T09:15"), Some(at("2026-02-23T09:15")));
        // No more than two days are given anyhow.
        assert_eq!(due(TimeLimit::WorkingDays(2), "2026-01-05T09:15"), None);
        assert_eq!(due(TimeLimit::SameDay, "2026-01-05T09:15"), None);
        // The same limit is shorter or not by the day on which it begins.
        assert_eq!(due(TimeLimit::CalendarDays(2), "2026-01-16T09:15"), None);
        assert_eq!(due(TimeLimit::CalendarDays(2), "2026-01-12T09:15"), Some(at("2026-01-14T09:15")));
        let alone = corridor_promise(&province(), Corridor::Hours16, None, at("2026-01-05T09:15")).unwrap();
        assert_eq!(alone.unwrap().due_at, Some(at("2026-01-07T09:15")));
    }

    fn limits() -> impl Strategy<Value = TimeLimit> {
        prop_oneof![
            Just(TimeLimit::SameDay),
            (1..200_u32).prop_map(TimeLimit::WorkingHours),
            (1..60_u32).prop_map(TimeLimit::HalfDays),
            (1..40_u32).prop_map(TimeLimit::WorkingDays),
            (1..60_u32).prop_map(TimeLimit::CalendarDays),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// A corridor shortens a time, or is none; nor does a pause bring it behind the statutory date.
        #[test]
        fn a_corridor_never_lengthens(
            limit in option::weighted(0.9, limits()),
            half in any::<bool>(),
            received in instants(),
            asked_after in 0..6_000_i64,
            waited in 0..6_000_i64,
        ) {
            let clock = province();
            let corridor = if half { Corridor::HalfTime } else { Corridor::Hours16 };
            let statutory = promise(&clock, limit, received).unwrap().due_at;
            if let Some(shorter) = corridor_promise(&clock, corridor, limit, received).unwrap() {
                let due_at = shorter.due_at.unwrap();
                prop_assert!(statutory.is_none_or(|within| due_at < within));
                prop_assert!(shorter.counted_from < due_at);
                let from = received + jiff::SignedDuration::from_mins(asked_after);
                let pause = Pause { from, to: from + jiff::SignedDuration::from_mins(waited) };
                let within = statutory.map(|due_at| due_after(&clock, limit, received, due_at, pause).unwrap());
                let paused = shorter.paused(&clock, PauseGround::Payment, pause).unwrap();
                let paused = paused.within(&clock, within).due_at.unwrap();
                prop_assert!(within.is_none_or(|within| paused <= within));
                // Nor does it come before what it was.
                prop_assert!(paused >= due_at);
            }
        }
    }
}
