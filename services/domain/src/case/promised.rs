//! What was promised for a case, made again on any day from what it rests on.

use jiff::Timestamp;

use super::{Payment, Postponement, Reopening, Supplement};
use crate::{
    calendar::LegalClock,
    deadline::{Pause, PauseGround, Promise, corridor_promise, promise},
    procedure::{Corridor, TimeLimit},
    rejection::Rejection,
    report::Wait,
};

/// The legal clock stands still, or stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// What the citizen is to do.
    pub ground: PauseGround,
    /// Since when.
    pub from: Timestamp,
    /// Until when it will at the latest; none: nobody says.
    pub until: Option<Timestamp>,
    /// From when to when it did; none: it still does.
    pub over: Option<Pause>,
}

impl Standstill {
    /// The time for which it waits for its citizen, as a report counts it.
    pub fn wait(&self) -> Wait {
        Wait { from: self.from, to: self.over.map(|pause| pause.to) }
    }

    /// What a promise has become by it.
    fn on(&self, clock: &LegalClock, promise: Promise) -> Result<Promise, Rejection> {
        match self.over {
            Some(pause) => promise.paused(clock, self.ground, pause),
            None => Ok(promise.stands_still(clock, self.ground, self.from, self.until)),
        }
    }
}

impl From<&Supplement> for Standstill {
    fn from(supplement: &Supplement) -> Self {
        Self {
            ground: PauseGround::Supplement,
            from: supplement.requested_at,
            until: Some(supplement.until),
            over: supplement.pause(),
        }
    }
}

impl From<&Payment> for Standstill {
    fn from(payment: &Payment) -> Self {
        Self { ground: PauseGround::Payment, from: payment.requested_at, until: None, over: payment.pause() }
    }
}

/// What the promise of a case rests on, beside the clock that it follows.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// The limit of its procedure, as it is pinned.
    pub limit: Option<TimeLimit>,
    /// When the full and valid dossier was received.
    pub received_at: Timestamp,
    /// The last decision that opened it again: from then on its time counts.
    pub reopening: Option<&'a Reopening>,
    /// The green corridor that gave it a date of its own.
    pub corridor: Option<Corridor>,
    /// When the clock stood still since, in order.
    pub standstills: &'a [Standstill],
    /// The new appointment that was made.
    pub postponement: Option<&'a Postponement>,
}

/// What is promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// With the due date, and how it was reckoned.
    pub promise: Promise,
    /// The date of the corridor.
    pub corridor: Option<Promise>,
    /// The new appointment as it is by now; none: the citizen was told of none.
    pub appointment_at: Option<Timestamp>,
}

impl Grounds<'_> {
    /// What is promised by this clock.
    ///
    /// # Errors
    /// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
    pub fn promised(&self, clock: &LegalClock) -> Result<Promised, Rejection> {
        let counts_from = self.reopening.map_or(self.received_at, |reopening| reopening.at);
        let mut promise = promise(clock, self.limit, counts_from)?;
        let shorter = |corridor| corridor_promise(clock, corridor, self.limit, counts_from);
        let mut corridor = self.corridor.map_or(Ok(None), shorter)?;
        for standstill in self.standstills {
            promise = standstill.on(clock, promise)?;
            let shorter = corridor.map(|corridor| standstill.on(clock, corridor)).transpose()?;
            corridor = shorter.map(|corridor| corridor.within(clock, promise.due_at));
        }
        let again = |promise: Promise| match self.reopening {
            Some(Reopening { decision, at, .. }) => {
                promise.opened_again(clock, self.received_at, decision, *at)
            }
            None => promise,
        };
        let (promise, corridor) = (again(promise), corridor.map(again));
        let postponed = self.postponement.zip(promise.due_at);
        let postponed = postponed.map(|(postponement, due_at)| postponement.moved_to(clock, due_at));
        let Some(postponement) = postponed.transpose()? else {
            return Ok(Promised { promise, corridor, appointment_at: None });
        };
        let appointment_at = postponement.appointment_at;
        let promise = promise.postponed(clock, postponement.told_at, appointment_at);
        Ok(Promised { promise, corridor, appointment_at: Some(appointment_at) })
    }
}
