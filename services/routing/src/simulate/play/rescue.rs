//! The rescue as it is played: what would be late is looked for as often as the service does (`crate::rescue`), and
//! moved within the same budget.
//!
//! Nobody looks while the legal clock stands, for what is found in the night is moved in time when the day begins, nor
//! while nothing waits. And what its unit will finish in time even behind itself is passed over before the rule is asked,
//! which looks at each work item over a board without it: of thousands that wait a few are in doubt. Where there is too
//! much to do everywhere, all are, and nothing can be done for them: what was looked for in vain is therefore looked for
//! again after twice as long each time, which the service does not do.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, VecDeque},
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    id::UnitId,
    procedure::Scope,
    registry::Availability,
    route::{self, Policy, Request, Rescue, Spent, Unstarted},
};

use super::{Event, Open, Play};
use crate::{Config, rescue::MOST};

/// What was looked for in vain is looked for again after twice as long each time, so often at most: after a working day.
const MOST_DOUBLINGS: u32 = 5;

/// What is remembered between two looks.
pub(super) struct Rescuer {
    /// Whether the policy rescues anything at all.
    is_at_work: bool,
    /// How often it is looked; so long, too, what was rescued counts towards the budget.
    every: SignedDuration,
    /// Whether the next look is an event.
    is_expected: bool,
    /// From where to where was rescued, and when.
    recent: VecDeque<(Timestamp, UnitId, UnitId)>,
}

impl Rescuer {
    pub(super) fn of(policy: &Policy) -> Self {
        Self {
            is_at_work: !policy.home_only && policy.rescue_most_moves > 0 && policy.rescue_budget > 0,
            every: SignedDuration::from_secs(Config::default().rescue_seconds.into()),
            is_expected: false,
            recent: VecDeque::new(),
        }
    }

    /// What units have lost and gained since one look ago.
    fn spent(&mut self, now: Timestamp) -> Spent {
        let is_over = |(at, ..): &mut (Timestamp, UnitId, UnitId)| *at + self.every <= now;
        while self.recent.pop_front_if(is_over).is_some() {}
        let mut spent = Spent::default();
        self.recent.iter().for_each(|(_, from, to)| spent.note(*from, *to));
        spent
    }
}

impl Play<'_> {
    /// Something waits: it is looked at when the time has come.
    pub(super) fn expect_look(&mut self) {
        let Rescuer { is_at_work, every, is_expected, .. } = self.rescuer;
        if is_at_work && !is_expected
            // Behind the end of the calendar nobody works.
            && let Ok(at) = self.world.province.clock.next_open(self.now + every)
        {
            self.rescuer.is_expected = true;
            self.events.push(Reverse((at, Event::Look)));
        }
    }

    /// One look.
    pub(super) fn look(&mut self) {
        self.rescuer.is_expected = false;
        let mut in_doubt = self.in_doubt();
        in_doubt.retain(|(index, _)| self.open[*index].as_ref().is_some_and(|open| open.look_at <= self.now));
        in_doubt.sort_by_key(|(index, _)| self.arrivals.urgency[*index]);
        in_doubt.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let (mut left, unstarted): (BTreeMap<_, _>, Vec<_>) = (in_doubt.into_iter())
            .map(|(index, unstarted)| ((unstarted.work_item, index), unstarted))
            .unzip();
        if !unstarted.is_empty() {
            let mut spent = self.rescuer.spent(self.now);
            for rescue in self.found(&unstarted, spent.clone()) {
                if let Some(index) = left.remove(&rescue.work_item) {
                    spent.note(rescue.from, rescue.plan.explanation.chosen);
                    self.relieve(index, &rescue);
                }
            }
            self.looked_in_vain(left.into_values(), &spent);
        }
        if self.desks.iter().any(|desk| !desk.is_empty()) {
            self.expect_look();
        }
    }

    /// For these nothing was found, unless it is the budget that is to blame, or they may be on time where they are.
    fn looked_in_vain(&mut self, left: impl Iterator<Item = usize>, spent: &Spent) {
        let budget = self.policy.rescue_budget;
        if spent.gained.values().any(|gained| *gained >= budget) {
            return;
        }
        for index in left {
            let Some(open) = self.open[index].as_deref() else { continue };
            let might_go = spent.lost.get(&open.at).is_none_or(|lost| *lost < budget);
            if might_go
                && self.is_plainly_late(open)
                && let Some(open) = self.open[index].as_deref_mut()
            {
                open.in_vain = (open.in_vain + 1).min(MOST_DOUBLINGS);
                open.look_at = self.now + self.rescuer.every * 2_i32.pow(open.in_vain);
            }
        }
    }

    /// Whether it is by more than it takes itself, behind which it was reckoned.
    fn is_plainly_late(&self, open: &Open) -> bool {
        let late_by = |finish| {
            open.request.due_at.map(|due_at| self.world.province.clock.minutes_between(due_at, finish))
        };
        self.finish_after_all(open).is_none_or(|finish| late_by(finish) > Some(open.load.minutes.into()))
    }

    fn found(&self, unstarted: &[Unstarted], spent: Spent) -> Vec<Rescue> {
        let Self { policy, world, roster, snapshot, now, .. } = self;
        route::rescue(policy, &world.province, roster, snapshot, unstarted, spent, *now)
    }

    /// Takes a step back from its unit and gives it to another one.
    fn relieve(&mut self, index: usize, rescue: &Rescue) {
        let Some(open) = self.open[index].take() else { return };
        if let Some((office, skill)) = self.place(&open) {
            self.desks[office].take_back(skill, self.arrivals.urgency[index], index);
        }
        let Open { step, request, at: from, load, mut rescued_from, .. } = *open;
        if let Some(queued) = self.snapshot.units.get_mut(&from) {
            queued.remove(&load);
        }
        let to = rescue.plan.explanation.chosen;
        self.rescuer.recent.push_back((self.now, from, to));
        self.outcome.fates[index].rescues += 1;
        rescued_from.push(from);
        let there = Open::at(to, &rescue.plan, step, next_attempt(&request));
        self.queue(index, Open { rescued_from, ..there });
    }

    /// What nobody has begun, and may not be finished in time where it is.
    fn in_doubt(&self) -> Vec<(usize, Unstarted)> {
        let mut doubtful = Vec::new();
        for desk in &self.desks {
            for waiting in desk.waiting() {
                // What is due on the same day, and takes as long, is finished at the same time, as far as is known.
                let mut finishes = BTreeMap::new();
                for (index, open) in waiting.filter_map(|index| Some((index, self.open[index].as_deref()?))) {
                    // What only its home may have goes nowhere.
                    let bound = open.request.scope == Scope::Home && open.at == open.request.home;
                    let Some(due_at) = open.request.due_at.filter(|due_at| *due_at > self.now && !bound)
                    else {
                        continue;
                    };
                    let alike = (open.load.key.due_day, open.load.minutes);
                    let finish = *finishes.entry(alike).or_insert_with(|| self.finish_after_all(open));
                    if finish.is_none_or(|finish| finish > due_at) {
                        doubtful.push((index, unstarted(open)));
                    }
                }
            }
        }
        doubtful
    }

    /// When its unit would be finished with it if it were itself waiting before it, which is never sooner than in truth;
    /// none: never, for all that is known.
    fn finish_after_all(&self, Open { request, at, .. }: &Open) -> Option<Timestamp> {
        let Self { policy, world, roster, snapshot, attendance, now, .. } = self;
        if attendance.foreseen.standing(*at).availability == Availability::Emergency
            || roster.competent_officers(*at, &request.field, request.level) == 0
        {
            return None;
        }
        let stays = route::keep(policy, &world.province, roster, snapshot, request, *at, *now).ok()?;
        Some(stays.explanation.candidate(*at)?.predicted_finish_at)
    }
}

/// As the rule is asked.
fn unstarted(open: &Open) -> Unstarted {
    let Open { request, at, load, rescued_from, .. } = open;
    Unstarted {
        work_item: request.work_item,
        request: next_attempt(request),
        at: *at,
        load: load.clone(),
        overridden: false,
        rescued_from: rescued_from.clone(),
    }
}

fn next_attempt(request: &Request) -> Request {
    Request { work_item: request.work_item.next_attempt(), ..request.clone() }
}

#[cfg(test)]
mod tests;
