//! A day off is announced late, or taken back: what was promised for a case may be another date by the clock of that decision.
//! Everything else that the promise rests on stays: the limit as it is pinned, the moment of reception, the pauses, and the new
//! appointment, which lies so much working time behind.
//!
//! What the law says of a day off that is announced after a date was promised, no source says that we know. Our choice: a date
//! that gets later moves, and the citizen is told; what a citizen was promised is never shortened by a later decision, unless an
//! operator says so, and then never to before now. A date that nobody can explain is not touched.

use jiff::Timestamp;

use super::{Grounds, Promised};
use crate::calendar::LegalClock;

/// The dates that a citizen was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// The promised instant.
    pub due_at: Timestamp,
    /// The new appointment beside it.
    pub appointment_at: Option<Timestamp>,
}

/// What another clock makes of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replanned {
    /// Nothing was promised.
    Nothing,
    /// The same dates.
    Same,
    /// Later ones, from now on.
    Later(Dates),
    /// Earlier ones, from now on: an operator has said so.
    Earlier(Dates),
    /// They would be earlier, and stay.
    Kept(Dates, Why),
    /// They are not what the clock that the case follows makes of them, and stay.
    Unexplained,
}

/// Why an earlier date does not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody has said that promises may be shortened.
    Promised,
    /// It would lie before now.
    BeforeNow,
}

/// What another clock makes of what was promised for a case.
///
/// `own`: the clock that the case follows. `earlier`: whether promises may be shortened.
pub fn replan(
    promised: Option<Dates>,
    grounds: &Grounds<'_>,
    own: &LegalClock,
    other: &LegalClock,
    earlier: bool,
    now: Timestamp,
) -> Replanned {
    let Some(before) = promised else { return Replanned::Nothing };
    if dates(grounds, own) != Some(before) {
        return Replanned::Unexplained;
    }
    // Out of the calendar's reach is nothing that could be promised.
    let Some(after) = dates(grounds, other) else { return Replanned::Unexplained };
    match Replanned::of(before, after) {
        Replanned::Earlier(_) if !earlier => Replanned::Kept(after, Why::Promised),
        Replanned::Earlier(_) if shortened(before, after).any(|then| then < now) => {
            Replanned::Kept(after, Why::BeforeNow)
        }
        promised => promised,
    }
}

impl Replanned {
    /// What it is to be promised these dates instead of those before.
    pub fn of(before: Dates, after: Dates) -> Self {
        if after == before {
            return Self::Same;
        }
        match shortened(before, after).next() {
            None => Self::Later(after),
            Some(_) => Self::Earlier(after),
        }
    }
}

/// Those of the dates that get earlier, as they are then.
fn shortened(before: Dates, after: Dates) -> impl Iterator<Item = Timestamp> {
    let pairs = [Some((before.due_at, after.due_at)), before.appointment_at.zip(after.appointment_at)];
    pairs.into_iter().flatten().filter(|(before, after)| after < before).map(|(_, after)| after)
}

/// What this clock makes of it; none: nothing, or nothing that it reaches.
fn dates(grounds: &Grounds<'_>, clock: &LegalClock) -> Option<Dates> {
    let Promised { promise, appointment_at, .. } = grounds.promised(clock).ok()?;
    Some(Dates { due_at: promise.due_at?, appointment_at })
}
