//! Rescue: what nobody has begun, will be late where it is, and is expected to be on time elsewhere, is moved there.
//!
//! It is careful by design, for every move costs the two units something and a citizen nothing is gained by a file that
//! travels: it moves only from late to on time, by a stated gain and with some slack, each step at most a few times and
//! never back to a unit that it was rescued from, and each unit loses and gains only so many at a time. What a person
//! has sent somewhere stays there.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Bid, Ground, Load, Order, Plan, Policy, Request, Roster, Snapshot,
    case::{Case, Seen},
    dispatch, keep,
    order::Ranking,
    predict::{Prediction, minutes},
    ring::Able,
};
use crate::{id::UnitId, province::Province, registry::Availability, work_item::WorkItem};

#[cfg(test)]
mod tests;

/// Who does it, as it stands in decisions.
const RESCUER: &str = "service/routing";

/// A work item that has its unit and that nobody has begun.
#[derive(Clone, Debug)]
pub struct Unstarted {
    /// The attempt that is there.
    pub work_item: WorkItem,
    /// What the policy is asked for the attempt that would take its place.
    pub request: Request,
    /// The unit that has it.
    pub at: UnitId,
    /// What it adds there.
    pub load: Load,
    /// Whether a person has sent it there.
    pub overridden: bool,
    /// The units that it was rescued from before.
    pub rescued_from: Vec<UnitId>,
}

/// What units have lost and gained by rescues not long ago: it counts towards the budget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Work items by the unit that lost them.
    pub lost: BTreeMap<UnitId, u32>,
    /// Work items by the unit that gained them.
    pub gained: BTreeMap<UnitId, u32>,
}

impl Spent {
    /// Notes one more.
    pub fn note(&mut self, from: UnitId, to: UnitId) {
        *self.lost.entry(from).or_default() += 1;
        *self.gained.entry(to).or_default() += 1;
    }

    fn may_lose(&self, policy: &Policy, unit: UnitId) -> bool {
        self.lost.get(&unit).copied().unwrap_or_default() < policy.rescue_budget
    }

    fn may_gain(&self, policy: &Policy, unit: UnitId) -> bool {
        self.gained.get(&unit).copied().unwrap_or_default() < policy.rescue_budget
    }
}

/// A move that rescues a work item.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescue {
    /// The attempt that it is about.
    pub work_item: WorkItem,
    /// The unit that loses it.
    pub from: UnitId,
    /// Where it goes; its one bid holds only while nothing has come to that unit meanwhile.
    pub plan: Plan,
}

/// Finds what is to be rescued, most late first. Each move is judged as things stand after those before it.
pub fn rescue(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    snapshot: &Snapshot,
    unstarted: &[Unstarted],
    mut spent: Spent,
    now: Timestamp,
) -> Vec<Rescue> {
    if policy.home_only {
        return Vec::new();
    }
    let mut look = Look { policy, province, roster, view: snapshot.clone(), now };
    let mut late: Vec<_> = unstarted
        .iter()
        .filter(|item| may_move(policy, item))
        .filter_map(|item| Some((look.lateness(item)?, item)))
        .collect();
    late.sort_by_key(|(late_by, item)| (std::cmp::Reverse(*late_by), item.work_item));
    let mut rescues = Vec::new();
    for (_, item) in late {
        // Those before it may have made room.
        if !spent.may_lose(policy, item.at) || look.lateness(item).is_none() {
            continue;
        }
        let Some(plan) = look.elsewhere(item, &spent) else { continue };
        let to = plan.explanation.chosen;
        look.without(item);
        look.view.units.entry(to).or_default().add(&plan.load_at(to));
        spent.note(item.at, to);
        rescues.push(Rescue { work_item: item.work_item, from: item.at, plan });
    }
    rescues
}

fn may_move(policy: &Policy, item: &Unstarted) -> bool {
    let rescued = u32::try_from(item.rescued_from.len()).unwrap_or(u32::MAX);
    !item.overridden && rescued < policy.rescue_most_moves
}

/// The province as it stands while rescues are found.
struct Look<'a> {
    policy: &'a Policy,
    province: &'a Province,
    roster: &'a Roster,
    view: Snapshot,
    now: Timestamp,
}

impl Look<'_> {
    /// By how many legal working minutes it will be late where it is; none: it is on time, or nothing was promised. What
    /// its unit cannot finish at all is as late as can be.
    fn lateness(&mut self, item: &Unstarted) -> Option<i64> {
        let due_at = item.request.due_at?;
        match self.finish_here(item) {
            None => Some(i64::MAX),
            Some(finish) if finish > due_at => Some(self.province.clock.minutes_between(due_at, finish)),
            Some(_) => None,
        }
    }

    /// When its unit will have finished it: what is there besides is ahead of it where it is due no later, for the
    /// order within a day is not known here. In an emergency a unit finishes nothing that is not begun, and never what nobody
    /// there masters any more.
    fn finish_here(&mut self, item: &Unstarted) -> Option<Timestamp> {
        let station = self.roster.station(item.at);
        if station.is_some_and(|station| station.standing.availability == Availability::Emergency) {
            return None;
        }
        let Request { field, level, .. } = &item.request;
        if self.roster.competent_officers(item.at, field, *level) == 0 {
            return None;
        }
        self.without(item);
        let Self { policy, province, roster, view, now } = self;
        let stays = keep(policy, province, roster, view, &item.request, item.at, *now);
        let finish =
            stays.ok().and_then(|plan| Some(plan.explanation.candidate(item.at)?.predicted_finish_at));
        self.with(item);
        finish
    }

    /// The best, as the policy orders them, of all those where it will be on time.
    fn elsewhere(&mut self, item: &Unstarted, spent: &Spent) -> Option<Plan> {
        let here = self.finish_here(item);
        self.without(item);
        let found = self.best(item, here, spent);
        self.with(item);
        found
    }

    fn best(&self, item: &Unstarted, here: Option<Timestamp>, spent: &Spent) -> Option<Plan> {
        let Self { policy, province, roster, view, now } = self;
        let due_at = item.request.due_at?;
        let between = |from, to| minutes(province.clock.minutes_between(from, to));
        let seed = item.request.seed(view.epoch);
        let case = Case::new(policy, province, roster, Seen::Board(view), &item.request, *now, seed);
        let rescues = |prediction: &Prediction<'_>| {
            let (unit, finish) = (prediction.id(), prediction.finish_at(&case));
            unit != item.at
                && spent.may_gain(policy, unit)
                && !item.rescued_from.contains(&unit)
                && finish <= due_at
                && between(finish, due_at) >= policy.rescue_slack_minutes
                && here
                    .is_none_or(|here| finish < here && between(finish, here) >= policy.rescue_gain_minutes)
        };
        // Whoever does it in good time is no reason to look no further, if it may not have it.
        let looked = Able::until(&case, |prediction| prediction.passes_gate(&case) && rescues(prediction));
        let able: Vec<_> = looked.predictions.into_iter().filter(rescues).collect();
        let best = Ranking::of(&case, &able).first()?.id();
        let order = Order {
            at: best,
            ground: Ground::Rescued,
            from: Some(item.at),
            by: RESCUER,
            reason: "",
            home_known: true,
        };
        let mut plan = dispatch(policy, province, roster, view, &item.request, order, *now).ok()?;
        // What comes there meanwhile might make it late, or be all that the unit may have.
        let ceiling_minutes = view.units.get(&best).map_or(0, |unit| unit.pool_minutes(&plan.key));
        let standing = &roster.station(best)?.standing;
        for bid in &mut plan.bids {
            *bid = Bid { ceiling_minutes, ..*bid }.within(standing, item.request.effort_minutes);
        }
        Some(plan)
    }

    fn without(&mut self, item: &Unstarted) {
        if let Some(unit) = self.view.units.get_mut(&item.at) {
            unit.remove(&item.load);
        }
    }

    fn with(&mut self, item: &Unstarted) {
        self.view.units.entry(item.at).or_default().add(&item.load);
    }
}
