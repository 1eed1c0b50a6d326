//! What is counted of a day, in sums that can be added up and need no ticket any more.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    arrangement::Letter,
    ticket::{State, Ticket},
};

/// Many spans of time: how long they were in all, and how many of each whole minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    seconds: u64,
    minutes: BTreeMap<u32, u32>,
}

impl Spread {
    fn add(&mut self, seconds: u32) {
        self.seconds += u64::from(seconds);
        *self.minutes.entry(seconds / 60).or_default() += 1;
    }

    /// How many.
    pub fn count(&self) -> u32 {
        self.minutes.values().sum()
    }

    /// Their mean, in whole seconds; none of none.
    pub fn mean_seconds(&self) -> Option<u64> {
        self.seconds.checked_div(u64::from(self.count()))
    }

    /// The whole minutes that this share of them, in hundredths, does not exceed; none of none.
    pub fn quantile_minutes(&self, hundredths: u32) -> Option<u32> {
        let place = (u64::from(self.count()) * u64::from(hundredths)).div_ceil(100).max(1);
        let mut passed = 0;
        let reached = self.minutes.iter().find(|(_, count)| {
            passed += u64::from(**count);
            passed >= place
        });
        reached.map(|(minutes, _)| *minutes)
    }

    fn merge(&mut self, other: &Self) {
        self.seconds += other.seconds;
        for (minutes, count) in &other.minutes {
            *self.minutes.entry(*minutes).or_default() += count;
        }
    }
}

/// What became of some tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many were drawn.
    pub taken: u32,
    /// Of these: with priority.
    pub prioritised: u32,
    /// Of these: sent on from another kind or counter.
    pub transferred: u32,
    /// Of these: served.
    pub served: u32,
    /// Of these: called twice in vain.
    pub no_shows: u32,
    /// Of these: given back.
    pub cancelled: u32,
    /// Of these: not called before the centre closed.
    pub unserved: u32,
    /// From drawing to the first call.
    pub waits: Spread,
    /// At the counter.
    pub services: Spread,
    /// The most of one kind of business who waited at once.
    pub longest_queue: u32,
}

impl Tally {
    /// Both together.
    pub fn merge(&mut self, other: &Self) {
        self.taken += other.taken;
        self.prioritised += other.prioritised;
        self.transferred += other.transferred;
        self.served += other.served;
        self.no_shows += other.no_shows;
        self.cancelled += other.cancelled;
        self.unserved += other.unserved;
        self.waits.merge(&other.waits);
        self.services.merge(&other.services);
        self.longest_queue = self.longest_queue.max(other.longest_queue);
    }

    fn count(&mut self, ticket: &Ticket) {
        self.taken += 1;
        self.prioritised += u32::from(ticket.priority.is_some());
        self.transferred += u32::from(ticket.transfers > 0);
        match ticket.state {
            State::Waiting | State::Called | State::Serving => {}
            State::Served => self.served += 1,
            State::NoShow => self.no_shows += 1,
            State::Cancelled => self.cancelled += 1,
            State::Unserved => self.unserved += 1,
        }
        ticket.waited_seconds().into_iter().for_each(|seconds| self.waits.add(seconds));
        ticket.served_seconds().into_iter().for_each(|seconds| self.services.add(seconds));
    }
}

/// Counts the tickets of one day in one hall, by the local hour in which they were drawn and the kind for which.
pub fn tally(tickets: &[Ticket], hour: impl Fn(Timestamp) -> u32) -> BTreeMap<(u32, Letter), Tally> {
    let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
    let mut steps: BTreeMap<Letter, Vec<(Timestamp, bool)>> = BTreeMap::new();
    for ticket in tickets {
        tallies.entry((hour(ticket.taken_at), ticket.drawn_for)).or_default().count(ticket);
        let left = ticket.first_called_at.or(ticket.ended_at);
        // Who is called at once never stood in the line.
        if left != Some(ticket.taken_at) {
            let line = steps.entry(ticket.drawn_for).or_default();
            line.push((ticket.taken_at, true));
            line.extend(left.map(|left| (left, false)));
        }
    }
    for (kind, mut line) in steps {
        // Who leaves at an instant goes before who comes.
        line.sort_unstable();
        let mut length = 0_u32;
        for (at, comes) in line {
            length = if comes { length + 1 } else { length.saturating_sub(1) };
            if let Some(tally) = tallies.get_mut(&(hour(at), kind)).filter(|_| comes) {
                tally.longest_queue = tally.longest_queue.max(length);
            }
        }
    }
    tallies
}
