//! Conservation: at any moment every accepted application is in exactly one place.
//!
//! Three services know of an application: intake accepted it, routing holds it until its case is completed,
//! processing has its case as soon as it has got a unit, for good. What is opened again routing holds once more, until it is
//! completed anew. Once what was told has arrived, they agree:
//!
//! | intake | routing | processing |
//! |---|---|---|
//! | accepted | waiting | |
//! | accepted | assigned | in case |
//! | accepted | | finished, refused, or stopped |
//!
//! Everything else is a fault, unless an event of the application is parked. Services are compared by [`sums`];
//! only where these differ the ids are needed, for a [`Balance`]. What the board counts is compared with the
//! open decisions by [`drifts`]. What of it is published for citizens, centre by centre, is [`Published`].

mod board;
mod published;
mod sums;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::ApplicationId;
pub use board::{Drift, drifts};
pub use published::{CentreSum, Published};
pub use sums::{Books, Day, Sum, Sums};

/// Where an application can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// intake: accepted.
    Accepted,
    /// routing: waits for its first unit.
    Waiting,
    /// routing: has got a unit, and its case is not completed.
    Assigned,
    /// processing: a case is open.
    InCase,
    /// processing: finished with a grant.
    Finished,
    /// processing: finished with a refusal.
    Refused,
    /// processing: ended without a decision.
    Stopped,
    /// an event of it is parked.
    Parked,
}

/// What each service says that it holds.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// Accepted at intake.
    pub intake: Vec<ApplicationId>,
    /// At routing, one entry per application whose case is not completed.
    pub routing: Vec<(ApplicationId, Place)>,
    /// At processing, one entry per case that was opened.
    pub processing: Vec<(ApplicationId, Place)>,
    /// Parked events by application, at any source.
    pub parked: Vec<ApplicationId>,
}

/// The sum of all holdings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Accepted applications.
    pub accepted: u64,
    /// How many are in which place.
    pub places: BTreeMap<Place, u64>,
    /// Accepted, and missing where they have to be; in the order of ids.
    pub lost: Vec<ApplicationId>,
    /// In two places at once, in one of them twice, or in a service without ever having been accepted; in the
    /// order of ids.
    pub doubled: Vec<ApplicationId>,
}

/// What is known of one application.
#[derive(Default)]
struct Known {
    accepted: usize,
    routing: Vec<Place>,
    processing: Vec<Place>,
    parked: bool,
}

enum Verdict {
    Well,
    Lost,
    Doubled,
}

impl Balance {
    /// Whether nothing is lost or doubled.
    pub fn holds(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty()
    }

    /// Adds up. Ask only once what was told has arrived: what is on its way looks lost, or doubled.
    pub fn of(holdings: &Holdings) -> Self {
        let mut all = BTreeMap::<ApplicationId, Known>::new();
        for id in &holdings.intake {
            all.entry(*id).or_default().accepted += 1;
        }
        for (id, place) in &holdings.routing {
            all.entry(*id).or_default().routing.push(*place);
        }
        for (id, place) in &holdings.processing {
            all.entry(*id).or_default().processing.push(*place);
        }
        for id in &holdings.parked {
            all.entry(*id).or_default().parked = true;
        }
        let mut balance = Self::default();
        for (id, known) in all {
            if known.accepted > 0 {
                balance.accepted += 1;
                if let Some(place) = known.place() {
                    *balance.places.entry(place).or_default() += 1;
                }
            }
            match known.verdict() {
                Verdict::Well => {}
                Verdict::Lost => balance.lost.push(id),
                Verdict::Doubled => balance.doubled.push(id),
            }
        }
        balance
    }

    /// Adds what another part of the applications came to.
    pub fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        for (place, count) in other.places {
            *self.places.entry(place).or_default() += count;
        }
        for (own, others) in [(&mut self.lost, other.lost), (&mut self.doubled, other.doubled)] {
            own.extend(others);
            own.sort_unstable();
        }
    }

    /// Keeps of what is lost or doubled only what is so in `again` too: who looks twice is not taken in by what
    /// was on its way.
    pub fn only_if_still(&mut self, again: &Self) {
        let still: BTreeSet<_> = again.lost.iter().chain(&again.doubled).collect();
        self.lost.retain(|id| still.contains(id));
        self.doubled.retain(|id| still.contains(id));
    }
}

impl Known {
    /// A case outranks routing's entry, and both what is parked.
    fn place(&self) -> Option<Place> {
        let held = self.processing.first().or(self.routing.first()).copied();
        held.or(self.parked.then_some(Place::Parked))
    }

    fn verdict(&self) -> Verdict {
        if self.accepted > 1 || self.routing.len() > 1 || self.processing.len() > 1 {
            return Verdict::Doubled;
        }
        let held = (self.routing.first(), self.processing.first());
        match held {
            // Of an application that is only parked nobody here knows more than its source.
            (None, None) if self.parked => Verdict::Well,
            _ if self.accepted == 0 => Verdict::Doubled,
            // The services follow once its events are replayed.
            _ if self.parked => Verdict::Well,
            (Some(Place::Waiting), None)
            | (Some(Place::Assigned), Some(Place::InCase))
            | (None, Some(Place::Finished | Place::Refused | Place::Stopped)) => Verdict::Well,
            (None, None) | (Some(_), None) | (None, Some(_)) => Verdict::Lost,
            (Some(_), Some(_)) => Verdict::Doubled,
        }
    }
}

#[cfg(test)]
mod tests;
