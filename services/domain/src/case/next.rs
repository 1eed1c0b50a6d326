//! Which work item an officer takes up next, of all that waits at their unit and that they master: bound late, so that it
//! is what is most urgent when they are ready for it.
//!
//! Earliest deadline first is best while everything can be on time, and makes everything late once that is impossible
//! (Lam, Ngan, To: *Performance guarantee for EDF under overload*). So what can no longer be on time comes after what
//! can – but is not forgotten: every fourth turn of an officer is its own, oldest first. A green corridor goes in front, in
//! at most two turns of three.

use jiff::Timestamp;

use super::urgency;
use crate::calendar::LegalClock;

/// How many of an officer's turns before this one count: after so many without what is late, it is the turn of that.
pub const TURNS_BEFORE: usize = 3;

/// After so many turns in a row for a green corridor, one goes by what is most urgent.
const GREEN_IN_A_ROW: usize = 2;

/// What matters of a work item for when it is taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The promised instant of its case; none: nothing was promised.
    pub due_at: Option<Timestamp>,
    /// The date of its green corridor, which comes before that one; none: it has none.
    pub corridor_due_at: Option<Timestamp>,
    /// When its application was accepted.
    pub submitted_at: Timestamp,
    /// Working minutes of one officer.
    pub effort_minutes: u32,
    /// Whether its procedure is in a green corridor.
    pub green: bool,
}

impl Waiting {
    /// By when it is to be done: the earlier of its dates.
    pub fn urgent_by(&self) -> Option<Timestamp> {
        self.corridor_due_at.or(self.due_at)
    }

    /// Whether its step, taken up at this instant, is done by the promised one, on the legal clock. A green corridor that is
    /// missed leaves what law or decision promise.
    pub fn can_be_on_time(&self, clock: &LegalClock, now: Timestamp) -> bool {
        self.due_at.is_none_or(|due_at| {
            now <= due_at && clock.minutes_between(now, due_at) >= i64::from(self.effort_minutes)
        })
    }
}

/// What an officer took up in an earlier turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether it could no longer be on time.
    pub late: bool,
    /// Whether its procedure is in a green corridor.
    pub green: bool,
}

/// Why a work item is the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// The officer holds it already: one thing after the other.
    InHand,
    /// It is in a green corridor, and the most urgent of those.
    Green,
    /// The most urgent that can still be on time.
    Urgent,
    /// The oldest that can no longer be on time, in the turn that is kept for those.
    LateTurn,
    /// The oldest that can no longer be on time; nothing else waits.
    Late,
}

/// The place of the next one, and why it is; none: nothing waits. `before` is what the officer took up last, the last
/// first, [`TURNS_BEFORE`] of it.
pub fn next(
    clock: &LegalClock,
    waiting: &[Waiting],
    before: &[Taken],
    now: Timestamp,
) -> Option<(usize, Turn)> {
    let (on_time, late): (Vec<_>, Vec<_>) =
        waiting.iter().enumerate().partition(|(_, item)| item.can_be_on_time(clock, now));
    let oldest = late.iter().min_by_key(|(_, item)| item.submitted_at).map(|(place, _)| *place);
    let most_urgent = |green: bool| {
        let those = on_time.iter().filter(|(_, item)| item.green || !green);
        those.min_by_key(|(_, item)| urgency(item.urgent_by(), item.submitted_at)).map(|(place, _)| *place)
    };
    let late_turn = before.len() >= TURNS_BEFORE && before.iter().take(TURNS_BEFORE).all(|taken| !taken.late);
    let green_again =
        before.len() < GREEN_IN_A_ROW || before.iter().take(GREEN_IN_A_ROW).any(|taken| !taken.green);
    let of = |turn| move |place| (place, turn);
    (oldest.filter(|_| late_turn).map(of(Turn::LateTurn)))
        .or_else(|| most_urgent(true).filter(|_| green_again).map(of(Turn::Green)))
        .or_else(|| most_urgent(false).map(of(Turn::Urgent)))
        .or_else(|| oldest.map(of(Turn::Late)))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};

    use super::*;
    use crate::calendar::tests::province;

    /// Monday 2026-11-23, 09:00 in Việt Nam.
    fn now() -> Timestamp {
        "2026-11-23T02:00:00Z".parse().unwrap()
    }

    prop_compose! {
        fn items()(
            due_in in option::of(-10_000_i64..10_000),
            waited in 0..100_000_i64,
            effort_minutes in 1..200_u32,
            green in any::<bool>(),
            sooner in 0..5_000_i64,
        ) -> Waiting {
            let due_at = due_in.map(|minutes| now() + jiff::SignedDuration::from_mins(minutes));
            let submitted_at = now() - jiff::SignedDuration::from_mins(waited);
            let corridor_due_at =
                due_at.filter(|_| green).map(|due_at| due_at - jiff::SignedDuration::from_mins(sooner));
            Waiting { due_at, corridor_due_at, submitted_at, effort_minutes, green }
        }
    }

    /// All of it in the order in which one officer takes it up, while no time passes.
    fn played(mut waiting: Vec<Waiting>) -> Vec<(Waiting, Turn)> {
        let (mut order, mut before) = (Vec::new(), Vec::new());
        while let Some((place, turn)) = next(&province(), &waiting, &before, now()) {
            let item = waiting.swap_remove(place);
            before.insert(0, Taken { late: !item.can_be_on_time(&province(), now()), green: item.green });
            before.truncate(TURNS_BEFORE);
            order.push((item, turn));
        }
        assert!(waiting.is_empty(), "something waits, and nothing is next: {waiting:?}");
        order
    }

    fn is_late(item: &Waiting) -> bool {
        !item.can_be_on_time(&province(), now())
    }

    proptest! {
        /// Nobody is idle while something waits, and nothing is left for ever.
        #[test]
        fn everything_has_its_turn(waiting in vec(items(), 0..40)) {
            prop_assert_eq!(played(waiting.clone()).len(), waiting.len());
        }

        #[test]
        fn of_four_turns_one_is_for_what_is_late_while_something_late_waits(waiting in vec(items(), 0..40)) {
            let order = played(waiting);
            for (place, four) in order.windows(4).enumerate() {
                if order[place..].iter().filter(|(item, _)| is_late(item)).count() > 0 {
                    prop_assert!(four.iter().any(|(item, _)| is_late(item)), "{four:?}");
                }
            }
        }

        #[test]
        fn what_is_late_waits_for_what_can_be_on_time_but_in_its_turn(waiting in vec(items(), 0..40)) {
            let order = played(waiting);
            for (place, (item, turn)) in order.iter().enumerate() {
                let others_wait = order[place..].iter().any(|(other, _)| !is_late(other));
                prop_assert_eq!(is_late(item), matches!(turn, Turn::Late | Turn::LateTurn));
                prop_assert!(*turn != Turn::Late || !others_wait);
                // The oldest of them first.
                if is_late(item) {
                    let older = |(other, _): &(Waiting, Turn)| is_late(other) && other.submitted_at < item.submitted_at;
                    prop_assert!(!order[place..].iter().any(older));
                }
            }
        }

        #[test]
        fn a_green_corridor_goes_in_front_in_two_turns_of_three(waiting in vec(items(), 0..40)) {
            let order = played(waiting);
            for three in order.windows(3) {
                prop_assert!(three.iter().any(|(_, turn)| *turn != Turn::Green), "{three:?}");
            }
            for (place, (item, turn)) in order.iter().enumerate() {
                let left = order[place..].iter().filter(|(other, _)| !is_late(other));
                let ahead = |(other, _): &&(Waiting, Turn)| {
                    (*turn != Turn::Green || other.green)
                        && urgency(other.urgent_by(), other.submitted_at) < urgency(item.urgent_by(), item.submitted_at)
                };
                prop_assert!(is_late(item) || !left.clone().any(|other| ahead(&other)));
                prop_assert!(*turn != Turn::Green || item.green);
            }
        }
    }

    #[test]
    fn a_step_that_takes_longer_than_there_is_time_is_late_already() {
        let item = |due: &str| Waiting {
            due_at: Some(due.parse().unwrap()),
            corridor_due_at: None,
            submitted_at: now(),
            effort_minutes: 30,
            green: false,
        };
        // 11:30 is closing time on Monday morning; half an hour of work fits exactly, and no minute less.
        assert!(item("2026-11-23T02:30:00Z").can_be_on_time(&province(), now()));
        assert!(!item("2026-11-23T02:29:00Z").can_be_on_time(&province(), now()));
        assert!(!item("2026-11-23T01:59:00Z").can_be_on_time(&province(), now()));
        // Over lunch nothing is done: from 11:20 until 13:40 are twenty minutes.
        let late_morning = "2026-11-23T04:20:00Z".parse().unwrap();
        assert!(!item("2026-11-23T06:40:00Z").can_be_on_time(&province(), late_morning));
        assert!(item("2026-11-23T06:50:00Z").can_be_on_time(&province(), late_morning));
    }
}
