//! A claim is a lease: whoever took a work item up has it until the close of a working day of their unit, some days after
//! their last sign of life on it – a claim, or a renewal. Then it lies in the worklist again, under a new fence, as if they had
//! given it back: nobody waits for an officer whose machine has died, or who is not there. Whoever is there goes on as before: it
//! ends when the office closes, never under somebody's hands.
//!
//! It runs in business time. That is no time-out of a machine but a rule of an office, reckoned in its days, and is the same for a day
//! that is played (`services/decisions/0022-claims-are-leases.md`).

use jiff::Timestamp;

use super::{Held, Stage};
use crate::{
    calendar::{CapacityCalendar, LegalClock},
    deadline,
    id::OfficerId,
    rejection::Rejection,
};

/// What has become of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// It holds, or there is none.
    Holds,
    /// It was made when claims had no end: it gets one from now on.
    Unreckoned,
    /// It has run out: nobody has it from now on, under this fence.
    RunOut {
        /// The new fence.
        fence: u64,
    },
}

/// Until when a claim holds of which there is a sign of life now: the close of the `working_days`th working day after this day. The
/// days are those on which both the law and the unit work: who works beside a Saturday shift, or while the unit is flooded,
/// loses nothing over it.
///
/// # Errors
/// `DATE_OUT_OF_RANGE` where the calendars do not reach that far.
pub fn holds_until(
    clock: &LegalClock,
    calendar: Option<&CapacityCalendar>,
    now: Timestamp,
    working_days: u32,
) -> Result<Timestamp, Rejection> {
    let legal = || deadline::close_after(clock, now, working_days);
    // A unit that never opens again is one whose officers work elsewhere.
    calendar.map_or_else(legal, |calendar| calendar.close_after(now, working_days).or_else(|_| legal()))
}

impl Held {
    /// A sign of life of whoever holds it, whose claim would hold until `until` if it were made now; answers until when it
    /// does: never shorter than before.
    ///
    /// # Errors
    /// `STEP_DONE`, `STEP_PAUSED`, `CASE_STOPPED`; `OLD_FENCE` with the present holder, if any.
    pub fn renew(&self, officer: OfficerId, fence: u64, until: Timestamp) -> Result<Timestamp, Rejection> {
        if self.outcome().is_some() {
            return Err(self.refuses("STEP_DONE", "this step is done already"));
        }
        self.check_workable()?;
        if self.holder != Some(officer) || self.fence != fence {
            return Err(self.conflict());
        }
        Ok(self.held_until.map_or(until, |held| held.max(until)))
    }

    /// What has become of the claim on it by now.
    pub fn lease(&self, now: Timestamp) -> Lease {
        match (self.holder.filter(|_| self.stage == Stage::Open), self.held_until) {
            (Some(_), Some(until)) if now >= until => Lease::RunOut { fence: self.fence + 1 },
            (Some(_), None) => Lease::Unreckoned,
            _ => Lease::Holds,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::{SignedDuration, civil::date};
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        calendar::tests::{at, hours, instants, province},
        case::{
            Claim, Outcome, Return,
            tests::{complete, held, officer},
        },
    };

    #[test]
    fn a_claim_holds_until_the_office_closes_on_the_next_working_day() {
        let clock = province();
        let until = |calendar: Option<&CapacityCalendar>, now: &str| {
            holds_until(&clock, calendar, at(now), 1).unwrap()
        };
        // Monday, by day and by night; Friday; before Culture Day.
        for (now, closes) in [
            ("2026-01-12T09:15", "2026-01-13T17:30"),
            ("2026-01-12T23:15", "2026-01-13T17:30"),
            ("2026-01-16T16:00", "2026-01-19T17:30"),
            ("2026-11-23T16:00", "2026-11-25T17:30"),
        ] {
            assert_eq!(until(None, now), at(closes), "{now}");
        }
        // A Saturday on which some work besides counts for nobody, and while the water stands nobody has to be there.
        let days = BTreeMap::from([
            (date(2026, 1, 17), vec![hours((7, 30), (11, 30))]),
            (date(2026, 1, 19), Vec::new()),
            (date(2026, 1, 20), vec![hours((7, 30), (11, 30))]),
        ]);
        let unit = CapacityCalendar::new(&clock, days).unwrap();
        assert_eq!(until(Some(&unit), "2026-01-16T16:00"), at("2026-01-20T11:30"));
        assert_eq!(
            holds_until(&clock, Some(&unit), at("2026-01-16T16:00"), 2).unwrap(),
            at("2026-01-21T17:30")
        );
    }

    #[test]
    fn what_was_claimed_when_claims_had_no_end_gets_one() {
        let somebody = officer("1", "A", 3);
        let open = Held { holder: Some(somebody.id), fence: 1, ..held() };
        let now = at("2026-01-12T09:15");
        assert_eq!((open.lease(now), held().lease(now)), (Lease::Unreckoned, Lease::Holds));
        let until = open.renew(somebody.id, 1, at("2026-01-13T17:30")).unwrap();
        let open = Held { held_until: Some(until), ..open };
        assert_eq!(open.lease(until - SignedDuration::from_secs(1)), Lease::Holds);
        assert_eq!(open.lease(until), Lease::RunOut { fence: 2 });
        for stage in [Stage::Paused, Stage::Done(Outcome::Approved), Stage::Superseded, Stage::Stopped] {
            assert_eq!(Held { stage, ..open.clone() }.lease(until), Lease::Holds, "{stage:?}");
        }
    }

    #[derive(Clone, Debug)]
    enum Deed {
        Claim { officer: usize, fence: u64 },
        Renew { officer: usize, fence: u64 },
        Complete { officer: usize, fence: u64 },
        Return { officer: usize, fence: u64 },
        Look,
        Pass { hours: i64 },
    }

    fn deeds() -> impl Strategy<Value = Vec<Deed>> {
        let who = || (0..3_usize, 0..6_u64);
        let deed = prop_oneof![
            4 => who().prop_map(|(officer, fence)| Deed::Claim { officer, fence }),
            4 => who().prop_map(|(officer, fence)| Deed::Renew { officer, fence }),
            1 => who().prop_map(|(officer, fence)| Deed::Complete { officer, fence }),
            1 => who().prop_map(|(officer, fence)| Deed::Return { officer, fence }),
            3 => Just(Deed::Look),
            3 => (0..72_i64).prop_map(|hours| Deed::Pass { hours }),
        ];
        vec(deed, 0..60)
    }

    proptest! {
        /// A later sign of life never makes a claim shorter, and each leaves a whole working day at the least.
        #[test]
        fn a_claim_outlasts_a_working_day(now in instants(), later in 0..500_000_i64, working_days in 1..10_u32) {
            let clock = province();
            let until = holds_until(&clock, None, now, working_days).unwrap();
            let again = holds_until(&clock, None, now + SignedDuration::from_mins(later), working_days).unwrap();
            prop_assert!(until <= again);
            prop_assert!(clock.minutes_between(now, until) >= i64::from(working_days) * clock.minutes_per_day());
            let unit = CapacityCalendar::new(&clock, BTreeMap::new()).unwrap();
            prop_assert_eq!(holds_until(&clock, Some(&unit), now, working_days).unwrap(), until);
        }

        /// Whatever officers do, and whenever it is looked: a fence has one holder; a claim that was given until an instant stands
        /// until then, unless its holder ends it; and who lost it can do nothing under their fence any more.
        #[test]
        fn a_claim_stands_until_it_runs_out_and_then_for_nobody(deeds in deeds()) {
            let clock = province();
            let officers = [officer("1", "A", 3), officer("2", "A", 4), officer("3", "A", 5)];
            let (mut held, mut now) = (held(), at("2026-01-12T09:15"));
            let mut holders = BTreeMap::new();
            for deed in deeds {
                let before = held.clone();
                let until = holds_until(&clock, None, now, 1).unwrap();
                match deed {
                    Deed::Claim { officer, fence } => {
                        if let Ok(Claim::Taken { fence }) = held.claim(&officers[officer], fence) {
                            (held.fence, held.holder, held.held_until) = (fence, Some(officers[officer].id), Some(until));
                            prop_assert_eq!(holders.insert(fence, officers[officer].id), None);
                        }
                    }
                    Deed::Renew { officer, fence } => {
                        let mine = held.holder == Some(officers[officer].id) && held.fence == fence;
                        match held.renew(officers[officer].id, fence, until) {
                            Ok(until) => {
                                prop_assert!(mine && Some(until) >= held.held_until);
                                held.held_until = Some(until);
                            }
                            Err(_) => prop_assert!(!mine || held.outcome().is_some()),
                        }
                    }
                    Deed::Complete { officer, fence } => {
                        let ran_out = held.lease(now);
                        if complete(&held, officers[officer].id, fence, Outcome::Approved).is_ok() {
                            // Also after its time, as long as nobody has looked: of the two the first has it.
                            held.stage = Stage::Done(Outcome::Approved);
                            prop_assert_eq!(held.lease(now), Lease::Holds);
                        } else if let Lease::RunOut { fence } = ran_out {
                            prop_assert_eq!(fence, held.fence + 1);
                        }
                    }
                    Deed::Return { officer, fence } => {
                        if let Ok(Return::Free { fence }) = held.give_back(Some(officers[officer].id), fence) {
                            (held.fence, held.holder, held.held_until) = (fence, None, None);
                        }
                    }
                    Deed::Look => {
                        if let Lease::RunOut { fence } = held.lease(now) {
                            prop_assert!(before.held_until.is_some_and(|until| until <= now));
                            (held.fence, held.holder, held.held_until) = (fence, None, None);
                            let late = before.holder.unwrap();
                            prop_assert_eq!(held.renew(late, before.fence, until).unwrap_err().reason, "OLD_FENCE");
                            let refusal = complete(&held, late, before.fence, Outcome::Approved).unwrap_err();
                            prop_assert_eq!(refusal.reason, "OLD_FENCE");
                        } else if before.held_until.is_some_and(|until| now < until) {
                            prop_assert_eq!(&held, &before);
                        }
                    }
                    Deed::Pass { hours } => now += SignedDuration::from_hours(hours),
                }
                prop_assert!(held.fence >= before.fence);
                let kept = held.holder.is_none_or(|holder| holders.get(&held.fence) == Some(&holder));
                prop_assert!(kept, "of one fence comes one holder");
            }
        }
    }
}
