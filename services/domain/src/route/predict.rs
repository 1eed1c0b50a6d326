//! When a unit would be finished with it.

use jiff::Timestamp;

use super::{
    Request,
    load::Snapshot,
    policy::Policy,
    roster::{Crew, Pool, Queue, Roster},
};
use crate::{calendar::CapacityCalendar, id::UnitId, province::Province, unit::Unit};

/// What a decision is about, with what follows from it for all units alike.
pub(super) struct Case<'a> {
    pub(super) policy: &'a Policy,
    pub(super) province: &'a Province,
    pub(super) roster: &'a Roster,
    /// The officers who are asked for.
    pub(super) pool: Pool<'a>,
    pub(super) snapshot: &'a Snapshot,
    pub(super) request: &'a Request,
    pub(super) now: Timestamp,
    /// Local due date in days since 1970-01-01.
    pub(super) due_day: Option<i32>,
    /// Home of the step; none when the province does not know it.
    pub(super) home: Option<&'a Unit>,
    /// Legal working minutes until it is due; negative when it is overdue, none when nothing was promised.
    pub(super) remaining_minutes: Option<i64>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        policy: &'a Policy,
        province: &'a Province,
        roster: &'a Roster,
        snapshot: &'a Snapshot,
        request: &'a Request,
        now: Timestamp,
    ) -> Self {
        Self {
            policy,
            province,
            roster,
            pool: roster.pool(&request.field, request.level),
            snapshot,
            request,
            now,
            due_day: request.due_day(province),
            home: province.units.get(&request.home),
            remaining_minutes: request.due_at.map(|due_at| province.clock.minutes_between(now, due_at)),
        }
    }
}

/// What is to be expected of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prediction<'a> {
    pub(super) unit: &'a Unit,
    calendar: &'a CapacityCalendar,
    /// Officers who share the queue; at least 1.
    pub(super) officers: u32,
    pub(super) queue: Queue,
    pub(super) finish_at: Timestamp,
    /// Legal working minutes from now to then.
    pub(super) finish_minutes: i64,
}

impl<'a> Prediction<'a> {
    /// None when the unit has no working time left in which it could finish it.
    pub(super) fn of(case: &Case<'a>, unit: &'a Unit, crew: &Crew) -> Option<Self> {
        let queue = match case.snapshot.units.get(&unit.id) {
            Some(load) => crew.queue(&case.pool, case.due_day, load),
            None => Queue::default(),
        };
        let calendar = case.province.capacity.get(&unit.id)?;
        let officers = crew.officers(&case.pool).max(1);
        Self { unit, calendar, officers, queue, finish_at: case.now, finish_minutes: 0 }.with_more(case, 0)
    }

    /// The same with so many more minutes of work in the same pool, all of them ahead.
    pub(super) fn with_more(&self, case: &Case<'_>, minutes: i64) -> Option<Self> {
        let queue = Queue {
            ahead: self.queue.ahead + minutes,
            committed: self.queue.committed + minutes,
            own: self.queue.own + minutes,
        };
        let officers = i64::from(self.officers);
        let wait = (queue.ahead + officers - 1) / officers;
        let finish_at =
            self.calendar.add_minutes(case.now, wait + i64::from(case.request.effort_minutes)).ok()?;
        let finish_minutes = case.province.clock.minutes_between(case.now, finish_at);
        Some(Self { queue, finish_at, finish_minutes, ..*self })
    }

    pub(super) fn id(&self) -> UnitId {
        self.unit.id
    }

    /// Whether it is home, and not another unit.
    pub(super) fn is_home(&self, case: &Case<'_>) -> bool {
        self.unit.id == case.request.home
    }

    /// Queued minutes per competent officer, whatever day they are due.
    pub(super) fn burden(&self) -> f64 {
        minutes(self.queue.committed) / f64::from(self.officers)
    }

    /// Whether it is good enough for home to keep it.
    pub(super) fn passes_gate(&self, case: &Case<'_>) -> bool {
        match (case.remaining_minutes, case.request.due_at) {
            _ if case.policy.home_only => true,
            (Some(remaining), Some(due_at)) => {
                self.finish_at <= due_at
                    && minutes(self.finish_minutes) <= case.policy.gate_share * minutes(remaining)
            }
            _ => true,
        }
    }

    /// Whether it has too much work of its own to take this for gain. Need knows no such limit: somebody has
    /// to do it.
    pub(super) fn is_full(&self, case: &Case<'_>) -> bool {
        let cap = case.policy.borrowed_cap_minutes.saturating_mul(i64::from(self.officers));
        !self.is_home(case) && self.queue.committed > cap
    }
}

/// Minutes as the scores have them.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 minutes")]
pub(super) fn minutes(whole: i64) -> f64 {
    whole as f64
}
