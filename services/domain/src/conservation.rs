//! Conservation: at any moment every accepted application is in exactly one place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::ApplicationId;

/// Where an application can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// intake: accepted.
    Accepted,
    /// routing: waits for a unit.
    Waiting,
    /// routing: has a unit.
    Assigned,
    /// processing: a case is open.
    InCase,
    /// processing: finished with a grant.
    Finished,
    /// processing: finished with a refusal.
    Refused,
    /// an event of it is parked.
    Parked,
}

/// What each service says that it holds.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// Accepted at intake.
    pub intake: Vec<ApplicationId>,
    /// At routing, one entry per current work item.
    pub routing: Vec<(ApplicationId, Place)>,
    /// At processing, one entry per case.
    pub processing: Vec<(ApplicationId, Place)>,
    /// Parked events by application, at any source.
    pub parked: Vec<ApplicationId>,
}

/// The sum of all holdings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Accepted applications.
    pub accepted: usize,
    /// How many are in which place.
    pub places: BTreeMap<Place, usize>,
    /// Accepted, and nowhere: lost.
    pub lost: Vec<ApplicationId>,
    /// In a place twice, or in a service without ever having been accepted: doubled.
    pub doubled: Vec<ApplicationId>,
}

impl Balance {
    /// Whether nothing is lost or doubled.
    pub fn holds(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty()
    }

    /// Adds up. A case outranks routing's entry (routing keeps the load of a case that is open); an
    /// application that is in neither must be parked, or it is lost. Ask only once the outboxes are handed
    /// over: what is on its way is in none of these places yet.
    pub fn of(holdings: &Holdings) -> Self {
        let mut found: BTreeMap<ApplicationId, Vec<Place>> =
            holdings.intake.iter().map(|id| (*id, Vec::new())).collect();
        let mut doubled = Vec::new();
        let mut accepted_twice = holdings.intake.clone();
        accepted_twice.sort_unstable();
        doubled.extend(accepted_twice.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]));

        let mut add = |id: ApplicationId, place: Place, services: &mut BTreeMap<ApplicationId, usize>| {
            *services.entry(id).or_default() += 1;
            match found.get_mut(&id) {
                Some(places) => places.push(place),
                None => doubled.push(id),
            }
        };
        let mut cases = BTreeMap::new();
        for (id, place) in &holdings.processing {
            add(*id, *place, &mut cases);
        }
        let mut items = BTreeMap::new();
        for (id, place) in holdings.routing.iter().filter(|(id, _)| !cases.contains_key(id)) {
            add(*id, *place, &mut items);
        }
        let mut parked = BTreeMap::new();
        for id in holdings.parked.iter().filter(|id| !cases.contains_key(id) && !items.contains_key(id)) {
            if !parked.contains_key(id) {
                add(*id, Place::Parked, &mut parked);
            }
        }
        doubled.extend(cases.iter().chain(&items).filter(|(_, count)| **count > 1).map(|(id, _)| *id));
        doubled.sort_unstable();
        doubled.dedup();

        let mut places = BTreeMap::new();
        let mut lost = Vec::new();
        for (id, at) in &found {
            match at.first() {
                Some(place) => *places.entry(*place).or_default() += 1,
                None => lost.push(*id),
            }
        }
        Self { accepted: found.len(), places, lost, doubled }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::Id as _;

    fn app(n: u128) -> ApplicationId {
        ApplicationId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn each_application_counts_once_where_it_is() {
        let balance = Balance::of(&Holdings {
            intake: vec![app(1), app(2), app(3), app(4)],
            routing: vec![(app(1), Place::Waiting), (app(2), Place::Assigned)],
            processing: vec![(app(2), Place::InCase), (app(3), Place::Finished)],
            parked: vec![app(4), app(4), app(3)],
        });
        assert!(balance.holds(), "{balance:?}");
        assert_eq!(balance.accepted, 4);
        let expected = [(Place::Waiting, 1), (Place::InCase, 1), (Place::Finished, 1), (Place::Parked, 1)];
        assert_eq!(balance.places, expected.into_iter().collect());
    }

    #[test]
    fn what_is_nowhere_is_lost() {
        let balance = Balance::of(&Holdings { intake: vec![app(1)], ..Holdings::default() });
        assert_eq!(balance.lost, [app(1)]);
    }

    #[test]
    fn two_cases_or_a_case_out_of_nothing_are_doubled() {
        let balance = Balance::of(&Holdings {
            intake: vec![app(1)],
            processing: vec![(app(1), Place::InCase), (app(1), Place::InCase), (app(9), Place::Finished)],
            ..Holdings::default()
        });
        assert_eq!(balance.doubled, [app(1), app(9)]);
    }
}
