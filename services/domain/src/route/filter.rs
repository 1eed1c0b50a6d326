//! Who may lawfully and practically do it: one reason per filter, and one question for all of them, asked by
//! the decision and by whoever has to know whether it still holds.

use super::{
    case::Case,
    explanation::Refused,
    facts::Queue,
    predict::{Prediction, somebody_is_there_in_time},
    roster::Station,
};
use crate::{
    id::UnitId,
    procedure::{Papers, Scope},
    registry::Availability,
};

/// A reason that needs no look at what is queued.
type Right = fn(&Case<'_>, &Station) -> Option<Refused>;
/// A reason that lies in what is queued.
type Limit = fn(&Case<'_>, &Station, &Queue) -> Option<Refused>;

/// In the order in which they count: of several reasons the first is told.
const RIGHTS: [Right; 7] = [scope, conflict, originals, availability, quarantine, competence, presence];
const LIMITS: [Limit; 2] = [capacity, borrowed];

/// What is to be expected of a unit that may do it, or why it may not. What is found queued there goes to the
/// facts.
pub(super) fn sort_out<'a>(
    case: &Case<'a>,
    station: &'a Station,
    facts: &mut Vec<(UnitId, Queue)>,
) -> Result<Prediction<'a>, Refused> {
    right(case, station).map_or(Ok(()), Err)?;
    let queue = case.queue(station);
    if queue != Queue::default() {
        facts.push((station.unit, queue));
    }
    room(case, station, queue)
}

/// Whether the unit that did the step before goes on with this one, whatever else might be better: it may, and somebody
/// there masters it (`case::Course::may_stay` for one that is known).
pub(super) fn goes_on(case: &Case<'_>, station: &Station) -> bool {
    let lasting: [Right; 4] = [scope, conflict, originals, competence];
    lasting.iter().all(|right| right(case, station).is_none())
}

/// Why a unit may not do it, whatever is queued there.
pub(super) fn right(case: &Case<'_>, station: &Station) -> Option<Refused> {
    RIGHTS.iter().find_map(|right| right(case, station))
}

/// What is to be expected of a unit that has the right to do it and where this is queued, or why it has no room.
pub(super) fn room<'a>(
    case: &Case<'a>,
    station: &'a Station,
    queue: Queue,
) -> Result<Prediction<'a>, Refused> {
    match LIMITS.iter().find_map(|limit| limit(case, station, &queue)) {
        Some(refused) => Err(refused),
        None => Prediction::of(case, station, queue).ok_or(Refused::Closed),
    }
}

/// All that speaks against a unit at which this is queued, for somebody who sends work there nevertheless.
pub(super) fn violations(case: &Case<'_>, station: &Station, queue: Queue) -> Vec<Refused> {
    let rights = RIGHTS.iter().filter_map(|right| right(case, station));
    rights.chain(LIMITS.iter().filter_map(|limit| limit(case, station, &queue))).collect()
}

/// The law's limits of a step. A home without a cluster is alone in it.
fn scope(case: &Case<'_>, station: &Station) -> Option<Refused> {
    let allowed = case.is_home(station)
        || match case.request.scope {
            Scope::Home => false,
            Scope::Cluster => case.home.is_some_and(|home| home.shares_cluster(station)),
            Scope::Listed => case.request.listed.contains(&station.unit),
            Scope::Province => true,
        };
    (!allowed).then_some(Refused::OutOfScope)
}

/// Whoever has a stake in it does not decide it, nor work on it.
fn conflict(case: &Case<'_>, station: &Station) -> Option<Refused> {
    case.request.conflicts.contains(&station.unit).then_some(Refused::Conflicted)
}

/// Originals lie where they were handed over, and go nowhere but home.
fn originals(case: &Case<'_>, station: &Station) -> Option<Refused> {
    let lie_there = case.is_home(station) || station.unit == case.request.received_at;
    (case.request.papers == Papers::Originals && !lie_there).then_some(Refused::OriginalsElsewhere)
}

/// Whether it takes new work, and whose.
fn availability(case: &Case<'_>, station: &Station) -> Option<Refused> {
    let takes = match station.standing.availability {
        Availability::Open => true,
        Availability::Closing => case.is_home(station),
        Availability::Closed | Availability::Emergency => false,
    };
    (!takes).then_some(Refused::NotAccepting)
}

/// What was sent there came back too often.
fn quarantine(case: &Case<'_>, station: &Station) -> Option<Refused> {
    (station.standing.quarantined && !case.is_home(station)).then_some(Refused::Quarantined)
}

/// Whether anybody there masters it.
fn competence(case: &Case<'_>, station: &Station) -> Option<Refused> {
    (case.post(station).is_none_or(|post| post.officers == 0)).then_some(Refused::NotCompetent)
}

/// Whether any of them works there before it is due.
fn presence(case: &Case<'_>, station: &Station) -> Option<Refused> {
    (!somebody_is_there_in_time(case, station)).then_some(Refused::Absent)
}

/// Whether it may have one more open work item.
fn capacity(_: &Case<'_>, station: &Station, queue: &Queue) -> Option<Refused> {
    let most = station.standing.most_open_items?;
    (queue.open_items >= most).then_some(Refused::AtCapacity)
}

/// Whether it may borrow so many more minutes.
fn borrowed(case: &Case<'_>, station: &Station, queue: &Queue) -> Option<Refused> {
    let most = station.standing.most_borrowed_minutes.map(i64::from).filter(|_| !case.is_home(station))?;
    (queue.borrowed + i64::from(case.request.effort_minutes) > most).then_some(Refused::BorrowedEnough)
}
