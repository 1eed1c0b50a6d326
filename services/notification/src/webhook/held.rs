//! What one subscriber has refused: applications that wait for their own event to be taken, while all others pass.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::id::ApplicationId;

use super::Held;

/// Applications that are held back, and when they are to be tried again: that is asked often, of many.
#[derive(Debug, Default)]
pub(super) struct HeldBack {
    all: BTreeMap<ApplicationId, Held>,
    /// Of those that were not given up.
    tried_at: BTreeSet<(Timestamp, ApplicationId)>,
}

impl HeldBack {
    pub(super) fn insert(&mut self, application: ApplicationId, held: Held) {
        self.remove(application);
        self.all.insert(application, held);
        if !held.is_dead {
            self.tried_at.insert((held.next_at, application));
        }
    }

    pub(super) fn remove(&mut self, application: ApplicationId) {
        if let Some(held) = self.all.remove(&application) {
            self.tried_at.remove(&(held.next_at, application));
        }
    }

    pub(super) fn contains(&self, application: ApplicationId) -> bool {
        self.all.contains_key(&application)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The one that is to be tried again first, where it is time by now.
    pub(super) fn due(&self, now: Timestamp) -> Option<(ApplicationId, Held)> {
        let (_, application) = self.tried_at.first().filter(|(at, _)| *at <= now)?;
        Some((*application, *self.all.get(application)?))
    }
}

impl FromIterator<(ApplicationId, Held)> for HeldBack {
    fn from_iter<T: IntoIterator<Item = (ApplicationId, Held)>>(all: T) -> Self {
        let mut held = Self::default();
        all.into_iter().for_each(|(application, one)| held.insert(application, one));
        held
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn application(number: u8) -> ApplicationId {
        format!("app_019ab0c00000700080000000000000{number:02x}").parse().unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        /// Whatever was done with them, what is due is the first of those that wait, and of no other.
        #[test]
        fn who_is_due_is_who_waits_longest(
            deeds in proptest::collection::vec((0_u8..5, 0_i64..20, 0_u8..4), 0..60), now in 0_i64..20,
        ) {
            let (mut held, mut plain) = (HeldBack::default(), BTreeMap::new());
            for (number, next_at, deed) in deeds {
                let one = Held {
                    position: 1, attempts: 1, since: at(0), next_at: at(next_at), is_dead: deed == 0,
                };
                match deed {
                    3 => (held.remove(application(number)), plain.remove(&application(number))).1,
                    _ => (held.insert(application(number), one), plain.insert(application(number), one)).1,
                };
            }
            let waits = plain.iter().filter(|(_, one)| !one.is_dead && one.next_at <= at(now));
            let first = waits.min_by_key(|(application, one)| (one.next_at, **application));
            prop_assert_eq!(held.due(at(now)), first.map(|(application, one)| (*application, *one)));
            prop_assert_eq!(held.len(), plain.len());
        }
    }
}
