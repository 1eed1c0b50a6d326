//! What a policy would do to the work that is open now: everything that nobody has begun is decided anew, the most
//! urgent first, over the board without it.

use jiff::Timestamp;
use phidia_domain::{
    case,
    id::UnitId,
    province::Province,
    route::{self, Explanation, Ground, Load, Policy, Request, Roster, Snapshot},
};

/// A work item that lies at a unit and that nobody has begun.
pub(crate) struct Unbegun {
    /// What the policy is asked.
    pub(crate) request: Request,
    /// Where it lies.
    pub(crate) at: UnitId,
    /// What it counts there.
    pub(crate) load: Load,
}

/// What would become of it.
pub(crate) struct Forecast {
    pub(crate) request: Request,
    pub(crate) from: UnitId,
    /// When it is predicted to be finished there.
    pub(crate) finish_before: Option<Timestamp>,
    /// Where it would be and why; where it is, when no unit can take it.
    pub(crate) to: UnitId,
    pub(crate) ground: Ground,
    pub(crate) finish_after: Option<Timestamp>,
}

impl Forecast {
    /// Whether it is predicted to be late where it is, and where it would be.
    pub(crate) fn is_late(&self) -> [bool; 2] {
        [self.finish_before, self.finish_after].map(|finish| match self.request.due_at {
            Some(due_at) => finish.is_none_or(|finish| finish > due_at),
            None => false,
        })
    }
}

/// Decides all of it anew; the most urgent first in the answer too. `snapshot` is the board with all of it on.
pub(crate) fn forecast(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    mut snapshot: Snapshot,
    mut unbegun: Vec<Unbegun>,
    now: Timestamp,
) -> Vec<Forecast> {
    // Nobody asks here who came first: among equal deadlines that is the order of the ids, which grow.
    unbegun.sort_by_cached_key(|item| (case::urgency(item.request.due_at, now), item.request.work_item));
    for item in &unbegun {
        if let Some(unit) = snapshot.units.get_mut(&item.at) {
            unit.remove(&item.load);
        }
    }
    let mut as_it_is = snapshot.clone();
    unbegun
        .into_iter()
        .map(|Unbegun { request, at, load }| {
            let able = roster.competent_officers(at, &request.field, request.level) > 0;
            let kept = route::keep(policy, province, roster, &as_it_is, &request, at, now);
            let kept = kept.ok().filter(|_| able);
            as_it_is.units.entry(at).or_default().add(&load);
            let decided = route::decide(policy, province, roster, &snapshot, &request, now);
            let (to, ground, finish_after, load) = match decided {
                Ok(plan) => {
                    let to = plan.explanation.chosen;
                    (to, plan.explanation.ground, finish(&plan.explanation, to), plan.load_at(to))
                }
                Err(_) => {
                    (at, Ground::Kept, kept.as_ref().and_then(|kept| finish(&kept.explanation, at)), load)
                }
            };
            snapshot.units.entry(to).or_default().add(&load);
            let finish_before = kept.and_then(|kept| finish(&kept.explanation, at));
            Forecast { request, from: at, finish_before, to, ground, finish_after }
        })
        .collect()
}

fn finish(explanation: &Explanation, unit: UnitId) -> Option<Timestamp> {
    explanation.candidate(unit).map(|candidate| candidate.predicted_finish_at)
}
