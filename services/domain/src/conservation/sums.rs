//! Holdings summed up by day and place: what services compare, so that not every id has to be carried about.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Balance, Place};
use crate::id::{ApplicationId, Id as _};

/// Name space of the UUIDv5 that ids are digested to. Never change it: services of different versions compare
/// their sums.
const DIGEST: Uuid = Uuid::from_u128(0x7068_6964_6961_5000_8000_0000_0000_0038);
const MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// The day of an application by its id, counted from 1970-01-01 in UTC: UUIDv7 begins with the milliseconds at
/// which it was minted. Of any other id it is a number that every service agrees on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i32);

impl Day {
    /// The day of this application.
    pub fn of(id: ApplicationId) -> Self {
        // 48 bits of milliseconds are three million days.
        let millis = u64::try_from(id.uuid().as_u128() >> 80).unwrap_or_default();
        Self(i32::try_from(millis / MILLIS).unwrap_or(i32::MAX))
    }

    /// The last id that lies before this day; none: all ids are of this day or later.
    pub fn before(self) -> Option<ApplicationId> {
        let first = u128::from(u64::try_from(self.0).ok()? * MILLIS) << 80;
        first.checked_sub(1).map(|last| ApplicationId::from_uuid(Uuid::from_u128(last)))
    }
}

/// How many applications, and which: a digest that does not depend on their order, and of which the digests of
/// parts add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// The sum, modulo 2^128, of the UUIDv5 of each id. It finds mistakes, not forgers.
    pub digest: u128,
}

impl Sum {
    /// Counts an application in.
    pub fn count(&mut self, id: ApplicationId) {
        let digest = Uuid::new_v5(&DIGEST, id.uuid().as_bytes()).as_u128();
        self.add(Self { count: 1, digest });
    }

    /// Adds a part.
    pub fn add(&mut self, part: Self) {
        self.count = self.count.wrapping_add(part.count);
        self.digest = self.digest.wrapping_add(part.digest);
    }
}

/// The sums of a service.
pub type Sums = BTreeMap<(Day, Place), Sum>;

/// The sums of all services.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Of intake.
    pub intake: Sums,
    /// Of routing.
    pub routing: Sums,
    /// Of processing.
    pub processing: Sums,
}

impl Books {
    /// All days of which any service holds something.
    pub fn days(&self) -> BTreeSet<Day> {
        [&self.intake, &self.routing, &self.processing]
            .into_iter()
            .flatten()
            .map(|((day, _), _)| *day)
            .collect()
    }

    /// Whether the services agree on a day: what was accepted waits, is assigned or is done, and what is
    /// assigned is in a case. Where something is parked they may differ although all is well.
    pub fn agree_on(&self, day: Day) -> bool {
        let sum = |sums: &Sums, places: &[Place]| {
            places.iter().fold(Sum::default(), |mut all, place| {
                all.add(sums.get(&(day, *place)).copied().unwrap_or_default());
                all
            })
        };
        let (waiting, assigned) =
            (sum(&self.routing, &[Place::Waiting]), sum(&self.routing, &[Place::Assigned]));
        let mut found = sum(&self.processing, &[Place::Finished, Place::Refused, Place::Stopped]);
        found.add(waiting);
        found.add(assigned);
        sum(&self.intake, &[Place::Accepted]) == found && assigned == sum(&self.processing, &[Place::InCase])
    }

    /// What the days on which the services agree come to.
    pub fn balance_of_agreed(&self) -> Balance {
        let mut balance = Balance::default();
        for day in self.days().into_iter().filter(|day| self.agree_on(*day)) {
            let count = |sums: &Sums, place| sums.get(&(day, place)).map_or(0, |sum| sum.count);
            balance.accepted += count(&self.intake, Place::Accepted);
            for (sums, place) in [
                (&self.routing, Place::Waiting),
                (&self.processing, Place::InCase),
                (&self.processing, Place::Finished),
                (&self.processing, Place::Refused),
                (&self.processing, Place::Stopped),
            ] {
                match count(sums, place) {
                    0 => {}
                    some => *balance.places.entry(place).or_default() += some,
                }
            }
        }
        balance
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;
    use crate::conservation::Holdings;

    const MIDNIGHT: u128 = 20_000 * MILLIS as u128;

    fn minted(millis: u128, n: u128) -> ApplicationId {
        ApplicationId::from_uuid(Uuid::from_u128(millis << 80 | 7 << 76 | 2 << 62 | n))
    }

    fn sums(held: impl IntoIterator<Item = (ApplicationId, Place)>) -> Sums {
        let mut sums = Sums::new();
        for (id, place) in held {
            sums.entry((Day::of(id), place)).or_default().count(id);
        }
        sums
    }

    fn books(holdings: &Holdings) -> Books {
        Books {
            intake: sums(holdings.intake.iter().map(|id| (*id, Place::Accepted))),
            routing: sums(holdings.routing.iter().copied()),
            processing: sums(holdings.processing.iter().copied()),
        }
    }

    #[test]
    fn a_day_is_read_from_the_id_and_begins_at_midnight() {
        let (first, last) = (minted(MIDNIGHT, 0), minted(MIDNIGHT - 1, u128::from(u32::MAX)));
        assert_eq!((Day::of(first), Day::of(last)), (Day(20_000), Day(19_999)));
        let before = Day(20_000).before().unwrap();
        assert!(last < before && before < first);
        assert_eq!((Day(0).before(), Day(-1).before()), (None, None));
        let any = ApplicationId::from_uuid(Uuid::from_u128(u128::MAX));
        assert!(Day::of(any).before().unwrap() < any);
    }

    #[test]
    fn the_digest_is_the_same_for_good() {
        let mut sum = Sum::default();
        sum.count(ApplicationId::from_uuid(Uuid::from_u128(1)));
        // uuid5 of Python, of these 16 bytes.
        assert_eq!(sum.digest, 0xd658_f889_ab61_5b28_9502_616b_5aa5_8d9b);
    }

    proptest! {
        /// Of any faults at all, on days that differ: sums disagree on the very days on which ids do.
        #[test]
        fn sums_find_what_ids_find(
            stories in vec((0_u128..4, select(vec![
                (1, &[][..], &[][..]),
                (1, &[Place::Waiting][..], &[][..]),
                (1, &[Place::Assigned], &[Place::InCase]),
                (1, &[], &[Place::Finished]),
                (1, &[], &[Place::Refused]),
                (1, &[], &[Place::Stopped]),
                (1, &[Place::Assigned], &[Place::Stopped]),
                (1, &[Place::Assigned], &[]),
                (1, &[], &[Place::InCase]),
                (1, &[Place::Assigned], &[Place::Finished]),
                (1, &[Place::Waiting], &[Place::InCase]),
                (1, &[], &[Place::Finished, Place::Finished]),
                (2, &[Place::Waiting], &[]),
                (0, &[Place::Waiting], &[]),
                (0, &[], &[Place::Refused]),
            ])), 0..12),
            order in any::<u64>(),
        ) {
            let mut all = Holdings::default();
            let mut by_day = BTreeMap::<Day, Holdings>::new();
            for (n, (day, (accepted, routing, processing))) in (0_u128..).zip(&stories) {
                let id = minted(MIDNIGHT + day * u128::from(MILLIS), n);
                for holdings in [&mut all, by_day.entry(Day::of(id)).or_default()] {
                    holdings.intake.extend((0..*accepted).map(|_| id));
                    holdings.routing.extend(routing.iter().map(|place| (id, *place)));
                    holdings.processing.extend(processing.iter().map(|place| (id, *place)));
                }
            }
            let turn = |length: usize| usize::try_from(order).unwrap() % length.max(1);
            let (routed, worked) = (turn(all.routing.len()), turn(all.processing.len()));
            all.routing.rotate_left(routed);
            all.processing.rotate_left(worked);
            let books = books(&all);
            let mut sum = books.balance_of_agreed();
            for (day, holdings) in &by_day {
                let balance = Balance::of(holdings);
                prop_assert_eq!(books.agree_on(*day), balance.holds(), "{:?}", holdings);
                if !balance.holds() {
                    sum.add(balance);
                }
            }
            prop_assert_eq!(sum, Balance::of(&all));
        }
    }
}
