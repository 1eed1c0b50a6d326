//! Who hears that a case will soon be late, and when: in three stages, by the working time that is left.
//!
//! How much is left at a stage is our choice. It is a share of all the time that the law gives, for a long one takes long to
//! win back; no less than some half-days, for an office moves by the half-day, and Đồng Tháp (Quyết định 138/2025) has the
//! apology for what will be late written a day before; and no more than a larger share, so that what is due the same day is warned
//! of too, and nothing is at its birth:
//!
//! | the law gives | whoever works on it | the supervisor | the rescue |
//! |--|--|--|--|
//! | 1 working day | 4 h left | 2 h 40 min | 2 h |
//! | 3 working days | 12 h | 8 h | 4 h |
//! | 5 working days | 16 h | 8 h | 4 h |
//! | 30 working days | 60 h | 30 h | 20 h |
//!
//! Each is said once in the life of a case, and once more when it is opened again. A supplement leaves as much time as there
//! was, and another step or unit has the date before its eyes: neither is a reason to say it again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::State;
use crate::{calendar::LegalClock, deadline::Pause};

/// A stage. Their order is the order in which they are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// To whoever holds the work item, or to all at the unit in whose worklist it lies.
    Officer,
    /// To the supervisor of the unit.
    Supervisor,
    /// The last: to routing, which looks whether another unit would be on time; once it is too late, to the supervisor.
    Rescue,
}

/// How much is left at a stage.
struct Threshold {
    /// One part in so many of the whole time.
    share: i64,
    /// No less than so many half-days.
    half_days: i64,
    /// No more than one part in so many.
    most: i64,
}

impl Warning {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Officer, Self::Supervisor, Self::Rescue];

    fn threshold(self) -> Threshold {
        let (share, half_days, most) = match self {
            Self::Officer => (4, 4, 2),
            Self::Supervisor => (8, 2, 3),
            Self::Rescue => (12, 1, 4),
        };
        Threshold { share, half_days, most }
    }

    /// Working minutes that are left when it is said, of so many in all.
    fn minutes_left(self, clock: &LegalClock, whole_minutes: i64) -> i64 {
        let Threshold { share, half_days, most } = self.threshold();
        let whole = whole_minutes.max(0);
        (whole / share).max(half_days * clock.minutes_per_day() / 2).min(whole / most)
    }
}

impl State {
    /// Whether it can be late by somebody's doing or leaving: neither while its citizen is asked, when the clock stands
    /// still, nor while routing looks for a unit, nor when it has ended. While another office is asked, the clock runs, and the
    /// question may be taken back.
    pub fn is_warned_of(self) -> bool {
        matches!(self, Self::Queued | Self::InProgress | Self::Referred)
    }
}

/// When the stages of a case are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warnings {
    /// By stage, in order; none later than `due_at`.
    at: [Timestamp; 3],
    due_at: Timestamp,
}

impl Warnings {
    /// Those of a case with this promised instant, to which the law gives so many working minutes in all ([`whole_minutes`]). A
    /// stage that would come outside office hours comes when the office opens.
    pub fn of(clock: &LegalClock, due_at: Timestamp, whole_minutes: i64) -> Self {
        let at = Warning::ALL.map(|stage| {
            let before = clock.add_minutes(due_at, -stage.minutes_left(clock, whole_minutes));
            // A promised instant lies within the calendar, and so does what comes before it since the acceptance.
            before.and_then(|at| clock.next_open(at)).map_or(due_at, |at| at.min(due_at))
        });
        Self { at, due_at }
    }

    /// When there is something to say next, after `said`, the last that was; none: all is said.
    pub fn next(&self, said: Option<Warning>) -> Option<Timestamp> {
        self.left(said).map(|(_, at)| at).next()
    }

    /// What is to be said now, in this order, and `said` was the last before. Once the promised instant has passed, it is the
    /// last stage alone: the others would warn of what has happened.
    pub fn due(&self, said: Option<Warning>, now: Timestamp) -> Vec<Warning> {
        let due = self.left(said).filter(|(_, at)| *at <= now).map(|(stage, _)| stage);
        due.filter(|stage| !self.is_overdue(now) || *stage == Warning::Rescue).collect()
    }

    /// Whether the promised instant has passed.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        now > self.due_at
    }

    fn left(&self, said: Option<Warning>) -> impl Iterator<Item = (Warning, Timestamp)> {
        Warning::ALL.into_iter().zip(self.at).filter(move |(stage, _)| said.is_none_or(|said| *stage > said))
    }
}

/// The working minutes that the law gives a case in all: from its acceptance to the promised instant, without those for which
/// the clock stood still.
pub fn whole_minutes(
    clock: &LegalClock,
    submitted_at: Timestamp,
    due_at: Timestamp,
    pauses: impl IntoIterator<Item = Pause>,
) -> i64 {
    // What was late when the citizen was asked has kept its date.
    let stood_still = pauses.into_iter().filter(|pause| pause.from <= due_at);
    let paused: i64 = stood_still.map(|pause| clock.minutes_between(pause.from, pause.to).max(0)).sum();
    (clock.minutes_between(submitted_at, due_at) - paused).max(0)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        calendar::tests::{at, instants, province},
        deadline::{due_after, promise},
        procedure::TimeLimit,
    };

    fn limits() -> impl Strategy<Value = TimeLimit> {
        prop_oneof![
            Just(TimeLimit::SameDay),
            (1..40_u32).prop_map(TimeLimit::WorkingHours),
            (1..9_u32).prop_map(TimeLimit::HalfDays),
            (1..60_u32).prop_map(TimeLimit::WorkingDays),
            (1..90_u32).prop_map(TimeLimit::CalendarDays),
        ]
    }

    fn promised(limit: TimeLimit, submitted_at: Timestamp) -> Timestamp {
        promise(&province(), Some(limit), submitted_at).unwrap().due_at.unwrap()
    }

    fn warnings(limit: TimeLimit, submitted_at: Timestamp) -> Warnings {
        let (clock, due_at) = (province(), promised(limit, submitted_at));
        Warnings::of(&clock, due_at, whole_minutes(&clock, submitted_at, due_at, []))
    }

    #[test]
    fn each_time_limit_has_sensible_stages() {
        for (limit, left) in [
            (TimeLimit::WorkingDays(1), [240, 160, 120]),
            (TimeLimit::WorkingDays(3), [720, 480, 240]),
            (TimeLimit::WorkingDays(5), [960, 480, 240]),
            (TimeLimit::WorkingDays(30), [3600, 1800, 1200]),
        ] {
            let warnings = warnings(limit, at("2026-01-05T07:30"));
            let minutes = warnings.at.map(|at| province().minutes_between(at, warnings.due_at));
            assert_eq!(minutes, left, "{limit:?}");
        }
        // Half an hour before the cut-off: due at 17:30.
        let same_day = warnings(TimeLimit::SameDay, at("2026-01-05T14:30"));
        assert_eq!(same_day.at, ["16:00", "16:30", "16:45"].map(|time| at(&format!("2026-01-05T{time}"))));
    }

    #[test]
    fn what_would_come_at_night_comes_when_the_office_opens() {
        // Due on Friday at 17:30; two days before is where Wednesday begins, not where Tuesday ended.
        let warnings = warnings(TimeLimit::WorkingDays(5), at("2026-01-12T07:30"));
        assert_eq!(warnings.next(None), Some(at("2026-01-15T07:30")));
    }

    #[test]
    fn who_looks_too_late_says_the_last_alone() {
        let warnings = warnings(TimeLimit::WorkingDays(1), at("2026-01-05T07:30"));
        let late = at("2026-01-06T07:30");
        assert!(!warnings.is_overdue(warnings.due_at) && warnings.is_overdue(late));
        assert_eq!(warnings.due(None, warnings.due_at), Warning::ALL);
        assert_eq!(warnings.due(None, late), [Warning::Rescue]);
        assert_eq!(warnings.due(Some(Warning::Officer), late), [Warning::Rescue]);
        assert_eq!(warnings.due(Some(Warning::Rescue), late), []);
    }

    #[test]
    fn only_what_somebody_can_do_something_about_is_warned_of() {
        for state in [State::Queued, State::InProgress, State::Referred] {
            assert!(state.is_warned_of());
        }
        for state in [
            State::AwaitingUnit,
            State::AwaitingSupplement,
            State::AwaitingPayment,
            State::Granted,
            State::Refused,
            State::Withdrawn,
            State::Lapsed,
        ] {
            assert!(!state.is_warned_of(), "{state:?}");
        }
    }

    /// What those say who look at these instants, one after the other.
    fn looked(warnings: &Warnings, looks: &[Timestamp]) -> Vec<(Warning, Timestamp)> {
        let mut told = Vec::new();
        for now in looks {
            let said = told.last().map(|(stage, _)| *stage);
            told.extend(warnings.due(said, *now).into_iter().map(|stage| (stage, *now)));
        }
        told
    }

    proptest! {
        /// However often, and in whatever order of instants, is looked: each stage is said once at most, the officer's before the
        /// supervisor's before the last; and none but the last when it is too late.
        #[test]
        fn each_is_said_once_in_order_and_in_time(
            limit in limits(),
            submitted_at in instants(),
            minutes in vec(0..200_000_i64, 0..30),
        ) {
            let warnings = warnings(limit, submitted_at);
            let looks: Vec<_> =
                minutes.iter().map(|minutes| submitted_at + jiff::SignedDuration::from_mins(*minutes)).collect();
            let told = looked(&warnings, &looks);
            prop_assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0), "{:?}", told);
            for (stage, at) in told {
                prop_assert!(at <= warnings.due_at || stage == Warning::Rescue);
            }
        }

        /// Who looks whenever there is something to say says all three, at their instants, and then never again.
        #[test]
        fn who_looks_in_time_says_all(limit in limits(), submitted_at in instants()) {
            let warnings = warnings(limit, submitted_at);
            let (mut told, mut said) = (Vec::new(), None);
            while let Some(next) = warnings.next(said) {
                let just_before = next - jiff::SignedDuration::from_micros(1);
                prop_assert!(warnings.due(said, just_before).is_empty());
                let due = warnings.due(said, next);
                prop_assert!(!due.is_empty());
                said = due.last().copied();
                told.extend(due);
            }
            prop_assert_eq!(told, Warning::ALL);
            prop_assert!(warnings.due(said, Timestamp::MAX).is_empty());
        }

        /// Nothing is warned of at its birth, and nothing after the promised instant.
        #[test]
        fn stages_lie_between_birth_and_breach(limit in limits(), submitted_at in instants()) {
            let warnings = warnings(limit, submitted_at);
            prop_assert!(warnings.at.is_sorted());
            prop_assert!(warnings.at.iter().all(|at| submitted_at < *at && *at <= warnings.due_at));
            prop_assert!(warnings.due(None, submitted_at).is_empty());
        }

        /// A supplement, whenever it is asked for and handed in, moves what was not said with the promised instant, and brings back
        /// nothing that was.
        #[test]
        fn a_supplement_repeats_nothing(
            days in 1..40_u32,
            submitted_at in instants(),
            after in 0..20_000_i64,
            takes in 0..40_000_i64,
        ) {
            let (clock, limit) = (province(), TimeLimit::WorkingDays(days));
            let first = warnings(limit, submitted_at);
            let from = submitted_at + jiff::SignedDuration::from_mins(after);
            let pause = Pause { from, to: from + jiff::SignedDuration::from_mins(takes) };
            let said = first.due(None, from).last().copied();
            let due_at = due_after(&clock, Some(limit), submitted_at, first.due_at, pause).unwrap();
            let whole = whole_minutes(&clock, submitted_at, due_at, [pause]);
            prop_assert!((whole - whole_minutes(&clock, submitted_at, first.due_at, [])).abs() <= 1);
            let second = Warnings::of(&clock, due_at, whole);
            prop_assert!(second.due(said, Timestamp::MAX).iter().all(|stage| Some(*stage) > said));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// Whoever answers brings no warning on by it: however long they took, what had not been said when they were asked is as
        /// much working time away as it was then, to the two minutes that are cut. Calendar days are left out, for the law moves
        /// these by days, of which some are off.
        #[test]
        fn an_answer_brings_no_warning_on(
            limit in limits().prop_filter("working time", |limit| !matches!(limit, TimeLimit::CalendarDays(_))),
            submitted_at in instants(),
            thousandths in 0..=1_000_i32,
            takes in 0..60_000_i64,
        ) {
            let (clock, first) = (province(), warnings(limit, submitted_at));
            let from = submitted_at + first.due_at.duration_since(submitted_at) / 1_000 * thousandths;
            let pause = Pause { from, to: from + jiff::SignedDuration::from_mins(takes) };
            let due_at = due_after(&clock, Some(limit), submitted_at, first.due_at, pause).unwrap();
            let second = Warnings::of(&clock, due_at, whole_minutes(&clock, submitted_at, due_at, [pause]));
            let said = first.due(None, from).last().copied();
            for ((stage, before), (_, after)) in first.left(said).zip(second.left(said)) {
                let away = (clock.minutes_between(from, before), clock.minutes_between(pause.to, after));
                prop_assert!((away.0 - away.1).abs() <= 2, "{stage:?}: {away:?}");
            }
        }
    }
}
