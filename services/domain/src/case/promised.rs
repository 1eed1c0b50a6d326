//! What was promised for a case, made again on any day from what it rests on.

use jiff::Timestamp;

use super::{Postponement, Supplement};
use crate::{
    calendar::LegalClock,
    deadline::{Promise, promise},
    procedure::TimeLimit,
    rejection::Rejection,
};

/// What the promise of a case rests on, beside the clock that it follows.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// The limit of its procedure, as it is pinned.
    pub limit: Option<TimeLimit>,
    /// When the full and valid dossier was received.
    pub received_at: Timestamp,
    /// What the citizen was asked to supplement.
    pub supplement: Option<&'a Supplement>,
    /// The new appointment that was made.
    pub postponement: Option<&'a Postponement>,
}

/// What is promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// With the due date, and how it was reckoned.
    pub promise: Promise,
    /// The new appointment as it is by now; none: the citizen was told of none.
    pub appointment_at: Option<Timestamp>,
}

impl Grounds<'_> {
    /// What is promised by this clock.
    ///
    /// # Errors
    /// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
    pub fn promised(&self, clock: &LegalClock) -> Result<Promised, Rejection> {
        let promise = promise(clock, self.limit, self.received_at)?;
        let promise = match self.supplement {
            None => promise,
            Some(supplement) => match supplement.pause() {
                Some(pause) => promise.paused(clock, pause)?,
                None => promise.stands_still(clock, supplement.requested_at, supplement.until),
            },
        };
        let postponed = self.postponement.zip(promise.due_at);
        let postponed = postponed.map(|(postponement, due_at)| postponement.moved_to(clock, due_at));
        let Some(postponement) = postponed.transpose()? else {
            return Ok(Promised { promise, appointment_at: None });
        };
        let appointment_at = postponement.appointment_at;
        let promise = promise.postponed(clock, postponement.told_at, appointment_at);
        Ok(Promised { promise, appointment_at: Some(appointment_at) })
    }
}
