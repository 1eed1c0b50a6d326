//! The rule by which numbers are called. It is published as it is here:
//!
//! 1. Whoever came first is called first, of all whom the counter can serve.
//! 2. Whoever has priority by law is called as though they had come [`PRIORITY_LEAD_MINUTES`] earlier.
//! 3. Whoever did not come when called comes back once, after as many others as counters are open, three at the least.
//!
//! A rule of the kind "at most two with priority in a row" was not taken: what is in a row at one counter is not at the hall, and a
//! counter that serves two kinds can starve the others of one kind by the count of the other. Here each ticket has one instant, which never
//! changes: whoever came more than the lead after somebody never goes before them, whatever counter serves whom.

use jiff::{SignedDuration, Timestamp};

use super::{
    arrangement::Letter,
    ticket::{State, Ticket},
};

/// The lead of a priority. With the waits that centres have (minutes, not hours) it means: next.
pub const PRIORITY_LEAD_MINUTES: i64 = 60;
/// After how many other calls somebody comes back who did not come, at the least.
pub const COMES_BACK_AFTER: u32 = 3;

/// The place of a ticket in the line: the smaller, the sooner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    counts_from: Timestamp,
    taken_at: Timestamp,
    /// Of those who came at the same instant.
    number: u32,
    drawn_for: Letter,
}

impl Rank {
    pub(super) fn of(ticket: &Ticket) -> Self {
        let lead = ticket.priority.map_or(0, |_| PRIORITY_LEAD_MINUTES);
        let counts_from = ticket.taken_at.saturating_sub(SignedDuration::from_mins(lead));
        Self {
            counts_from: counts_from.unwrap_or(Timestamp::MIN),
            taken_at: ticket.taken_at,
            number: ticket.number,
            drawn_for: ticket.drawn_for,
        }
    }
}

/// Who is called next of those that a counter can serve, when so many calls were made on this day. Whoever is still to come back is
/// called sooner only where nobody else is there.
pub(super) fn next<'t>(
    line: impl Iterator<Item = &'t Ticket> + Clone,
    calls: u32,
    can_serve: impl Fn(&Ticket) -> bool,
) -> Option<&'t Ticket> {
    let waiting = line.filter(|ticket| ticket.state == State::Waiting && can_serve(ticket));
    let is_back = |ticket: &&Ticket| ticket.returns_after.is_none_or(|after| calls >= after);
    let present = waiting.clone().filter(is_back).min_by_key(|ticket| Rank::of(ticket));
    present.or_else(|| waiting.min_by_key(|ticket| Rank::of(ticket)))
}
