//! How long somebody will wait: the line is played on by the rule by which it is called, over the counters that are open, with the times that
//! were measured. Who comes later with a priority is not foreseen.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    arrangement::Letter,
    hall::Hall,
    order::{self, Rank},
    ticket::{State, Ticket},
};
use crate::id::TicketId;

/// How many measured services the usual time weighs as much as.
const WEIGHT_OF_USUAL: f64 = 5.0;
/// Spread of one service in shares of its mean, as long as nothing better is known (a guess).
const SPREAD: f64 = 0.7;
/// Standard deviations on either side of the range: four of five waits are meant to lie in it.
const REACH: f64 = 1.28;
/// The least share of a service that is still ahead of whoever has been at a counter for longer than it takes.
const REST: f64 = 0.25;

/// How long a kind of business takes, in seconds, without want of equipment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace(f64);

impl Pace {
    /// The mean of what was measured, drawn to the usual time while there is little. A service that took longer for want of equipment
    /// counts as long as it would have taken without.
    pub fn of<'t>(usual_minutes: u32, served: impl IntoIterator<Item = &'t Ticket>) -> Self {
        let start = (f64::from(usual_minutes) * 60.0 * WEIGHT_OF_USUAL, WEIGHT_OF_USUAL);
        let measured = served.into_iter().filter_map(|ticket| {
            Some(f64::from(ticket.served_seconds()?) * 100.0 / f64::from(ticket.strain.max(100)))
        });
        let (sum, weight) = measured.fold(start, |(sum, weight), seconds| (sum + seconds, weight + 1.0));
        Self(sum / weight)
    }

    /// Seconds.
    pub fn seconds(self) -> f64 {
        self.0
    }
}

/// When somebody may expect to be called, in whole minutes from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The likely wait.
    pub minutes: u32,
    /// Seldom less.
    pub at_least: u32,
    /// Seldom more.
    pub at_most: u32,
}

/// What somebody who waits is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// How many who wait for the same kind of business are called before them.
    pub ahead: u32,
    /// None: no counter that is open serves them.
    pub expected: Option<Expected>,
}

struct Desk {
    number: u32,
    kinds: BTreeSet<Letter>,
    /// Seconds from now until it calls the next.
    free_in: f64,
}

impl Hall {
    /// What the holder of a ticket that waits is told. `paces`: of each kind; one that is not named takes its usual time.
    pub fn outlook(&self, id: TicketId, paces: &BTreeMap<Letter, Pace>, now: Timestamp) -> Option<Outlook> {
        let own = self.tickets.get(&id).filter(|ticket| ticket.state == State::Waiting)?;
        let same = |ticket: &&Ticket| ticket.state == State::Waiting && ticket.kind == own.kind;
        let before = |ticket: &&Ticket| Rank::of(ticket) < Rank::of(own);
        let ahead = self.tickets.values().filter(same).filter(before).count();
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        Some(Outlook { ahead, expected: self.expected(own, paces, now) })
    }

    fn expected(&self, own: &Ticket, paces: &BTreeMap<Letter, Pace>, now: Timestamp) -> Option<Expected> {
        let seconds = |kind: Letter| {
            let usual = || self.arrangement.kinds.get(&kind).map_or(0, |kind| kind.usual_minutes);
            let pace = paces.get(&kind).copied().unwrap_or_else(|| Pace::of(usual(), []));
            pace.seconds() * f64::from(self.strain(kind)) / 100.0
        };
        let mut desks = self.desks(seconds, now);
        let mut line: BTreeMap<_, _> = (self.tickets.iter())
            .filter(|(_, ticket)| ticket.state == State::Waiting)
            .map(|(id, ticket)| (*id, ticket))
            .collect();
        let (mut calls, mut squares) = (self.calls, 0.0);
        while !desks.is_empty() {
            let first = desks.iter().enumerate().min_by(|(_, one), (_, other)| {
                one.free_in.total_cmp(&other.free_in).then(one.number.cmp(&other.number))
            });
            let Some((index, desk)) = first else { break };
            let can_serve = |ticket: &Ticket| self.may_call(desk.number, &desk.kinds, ticket);
            let Some(next) = order::next(line.values().copied(), calls, can_serve) else {
                // Nobody else comes in this play.
                desks.swap_remove(index);
                continue;
            };
            if next.id == own.id {
                let serving = desks.iter().filter(|desk| desk.kinds.contains(&own.kind)).count().max(1);
                let serving = f64::from(u32::try_from(serving).unwrap_or(u32::MAX));
                let deviation = (squares * SPREAD * SPREAD).sqrt() / serving;
                // The one who is at the counter now, too, takes longer or shorter than is thought.
                let deviation = deviation.max(desk.free_in * SPREAD / 2.0 / serving);
                return Some(Expected {
                    minutes: minutes(desk.free_in),
                    at_least: minutes(desk.free_in - REACH * deviation),
                    at_most: minutes(desk.free_in + REACH * deviation),
                });
            }
            let (id, takes) = (next.id, seconds(next.kind));
            line.remove(&id);
            calls += 1;
            squares += takes * takes;
            desks.get_mut(index)?.free_in += takes;
        }
        None
    }

    /// The counters that are open and have a workplace, and when each of them calls the next.
    fn desks(&self, seconds: impl Fn(Letter) -> f64, now: Timestamp) -> Vec<Desk> {
        let most = self.most_at_once().and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let desk = |number: &u32| {
            let present = self.tickets.values().find(|ticket| {
                ticket.counter == Some(*number) && matches!(ticket.state, State::Called | State::Serving)
            });
            let free_in = present.map_or(0.0, |ticket| {
                let since = ticket.started_at.or(ticket.called_at).unwrap_or(now);
                let takes = seconds(ticket.kind);
                (takes - now.duration_since(since).as_secs_f64()).max(takes * REST)
            });
            Desk { number: *number, kinds: self.callable(*number), free_in }
        };
        self.seats.keys().take(most).map(desk).collect()
    }
}

fn minutes(seconds: f64) -> u32 {
    // Saturates: nobody waits for more.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded on both sides")]
    let minutes = (seconds / 60.0).round().clamp(0.0, 100_000.0) as u32;
    minutes
}
