//! The routing policy: which unit finishes a work item best, and whether that is enough to move it.
//!
//! Pure: the same input gives the same plan, bit for bit, in the service, the preview, the simulator and an
//! audit years later. One step per file, over what is compiled or reckoned once (`roster`, `crew`, `scarcity`; `case`,
//! `load`, `backlog`, `turn`):
//!
//! 1. `filter`: who may lawfully and practically do it, one reason per filter.
//! 2. `predict`: when each would be finished, on its **capacity calendar**: what those of its competent
//!    officers have to do first (earlier deadlines, also of other pools that they are in) who are not busy for longer
//!    with these, shared among them, and then the work itself; and how likely that is too late. Whether it passes the **gate**: a share of the
//!    time left, on the **legal clock**. Home keeps what it so finishes.
//! 3. `ring`: home, its neighbours, its cluster, the province; no further than where somebody passes the gate.
//! 4. `score`: the finish, lateness and its risk, the boundary, distance where paper travels, fairness, what
//!    was lent of late, rarity and continuity, all in minutes.
//! 5. `order`: home first when it passes the gate, or when nobody beats it by the least gain; near ties by
//!    a lot that can be drawn again. Each of the first three makes a **bid**: up to how much queued work it
//!    still wins, for the board to check against what it knows by then.
//!
//! [`Roster`] is compiled once per version of a province and revision of its registry; [`Snapshot`] is the board
//! as the caller last saw it; [`Explanation`] is what is kept, with the [`Facts`] from which [`replay`] makes the
//! decision again. What the model leaves out: whoever masters something is taken to do as much of it as the next, however
//! busy they are with the rest.

mod backlog;
mod bid;
mod case;
mod crew;
mod dispatch;
mod edition;
mod explanation;
mod facts;
mod filter;
mod load;
mod order;
mod outlook;
mod policy;
mod predict;
mod refusal;
mod rescue;
mod ring;
mod roster;
mod scarcity;
mod score;
mod turn;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use serde::{Deserialize, Serialize};

pub use self::{
    bid::{Bid, MAX_BIDS},
    dispatch::{Order, dispatch},
    edition::Edition,
    explanation::{Candidate, Explanation, Gate, Ground, Moved, Refused, WhatIf},
    facts::{Facts, Queue},
    load::{Lent, Load, LoadKey, SharedLoad, Snapshot, UnitLoad, lent_on},
    outlook::{Looked, Outlook, outlook},
    policy::Policy,
    refusal::Refusal,
    rescue::{Rescue, Spent, Unstarted, rescue},
    ring::Ring,
    roster::Roster,
};
use self::{
    case::{Case, Seen},
    order::Ranking,
    predict::Prediction,
    ring::Able,
};
use crate::{
    id::{Id, UnitId},
    officer::Level,
    procedure::{Papers, Scope},
    province::Province,
    work_item::WorkItem,
};

const EPOCH_DAY: Date = date(1970, 1, 1);

/// A work item that needs a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What is to be assigned.
    pub work_item: WorkItem,
    /// Field of its procedure (its Vietnamese name).
    pub field: String,
    /// Level that is needed in the field.
    pub level: Level,
    /// Working minutes of one officer.
    pub effort_minutes: u32,
    /// Where it may be done.
    pub scope: Scope,
    /// The units that may take it beside home, where the scope is [`Scope::Listed`].
    pub listed: BTreeSet<UnitId>,
    /// The unit of the competent authority.
    pub home: UnitId,
    /// The unit that received the application, and has its papers.
    pub received_at: UnitId,
    /// What becomes of the papers.
    pub papers: Papers,
    /// The units that must not take it: they have a conflict of interest.
    pub conflicts: BTreeSet<UnitId>,
    /// The unit that did the step before.
    pub previous: Option<UnitId>,
    /// The unit that last did work of an earlier application of the same person in this field; it counts where
    /// there is no step before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<UnitId>,
    /// The promised instant; none: nothing was promised.
    pub due_at: Option<Timestamp>,
    /// Whether the procedure is in a green corridor: home is given less time before others are asked.
    pub green: bool,
}

impl Request {
    /// The queue that it joins, wherever that is.
    fn key(&self, province: &Province) -> LoadKey {
        LoadKey { field: self.field.clone(), level: self.level, due_day: self.due_day(province) }
    }

    fn due_day(&self, province: &Province) -> Option<i32> {
        self.due_at.map(|due_at| (province.clock.local_date(due_at) - EPOCH_DAY).get_days())
    }

    /// What near ties are drawn with. A new attempt and a rebuilt board draw anew; the same decision made
    /// twice draws the same.
    fn seed(&self, epoch: i64) -> u64 {
        let WorkItem { application, step, attempt } = self.work_item;
        let (high, low) = application.uuid().as_u64_pair();
        order::mix([high, low, step.into(), attempt.into(), epoch.cast_unsigned()])
    }
}

/// What the board is asked to reserve, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The decision, if the first bid is taken; [`Plan::won_by`] gives it for the others.
    pub explanation: Explanation,
    /// Best first, from 1 to [`MAX_BIDS`].
    pub bids: Vec<Bid>,
    /// The queue that the work item joins, wherever that is.
    pub key: LoadKey,
    /// What it adds to it: working minutes of one officer.
    pub minutes: u32,
}

impl Plan {
    /// What the work item adds to a unit.
    pub fn load_at(&self, unit: UnitId) -> Load {
        let bid = self.bids.iter().find(|bid| bid.unit == unit).copied();
        let bid = bid.unwrap_or(Bid::always(unit, unit != self.explanation.home));
        bid.load(self.key.clone(), self.minutes)
    }

    /// The decision, if the bid of `unit` is the one that was taken; none where it made no bid.
    pub fn won_by(&self, unit: UnitId) -> Option<Explanation> {
        let bid = self.bids.iter().position(|bid| bid.unit == unit)?;
        let mut explanation = self.explanation.clone();
        if unit != explanation.chosen {
            explanation.ground = match unit == explanation.home {
                true => Ground::Home,
                false if explanation.candidate(explanation.home).is_some() => Ground::Gain,
                false => Ground::Need,
            };
            explanation.chosen = unit;
            // They are about the first.
            (explanation.margin_minutes, explanation.what_if) = (None, self.would_lose(unit));
        }
        explanation.bid = bid;
        Some(explanation)
    }

    /// How much longer the queue of a unit would have to be for its bid to lose, too.
    fn would_lose(&self, unit: UnitId) -> Option<WhatIf> {
        let Explanation { edition, facts, .. } = &self.explanation;
        let bid = self.bids.iter().find(|bid| bid.unit == unit && !edition.is_first())?;
        let own = facts.get(unit).unwrap_or_default().own;
        Some(WhatIf { unit, queue_minutes: bid.ceiling_minutes.checked_add(1)? - own })
    }
}

/// Why no unit can take a work item at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unassignable {
    /// No unit in scope has an officer who masters the field at the level.
    NobodyCompetent,
    /// The step is bound to its home, and nobody there is competent.
    HomeNotCompetent,
    /// Those who are competent have no working time left in their calendars.
    Closed,
    /// Nobody who is competent works before it is due.
    NobodyPresent,
    /// Those who could do it take no new work at present.
    NotAccepting,
    /// Those who could do it have as much as they may have.
    NoCapacity,
    /// The original papers lie where nobody can do it.
    OriginalsElsewhere,
    /// Those who could do it have a stake in it: another authority has to be named.
    ConflictOfInterest,
}

impl Unassignable {
    /// The stable name, `UPPER_SNAKE_CASE`.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NobodyCompetent => "NOBODY_COMPETENT",
            Self::HomeNotCompetent => "HOME_NOT_COMPETENT",
            Self::Closed => "CLOSED",
            Self::NobodyPresent => "NOBODY_PRESENT",
            Self::NotAccepting => "NOT_ACCEPTING",
            Self::NoCapacity => "NO_CAPACITY",
            Self::OriginalsElsewhere => "ORIGINALS_ELSEWHERE",
            Self::ConflictOfInterest => "CONFLICT_OF_INTEREST",
        }
    }
}

/// Decides where a work item goes.
///
/// # Errors
///
/// [`Refusal`] when no unit can take it.
pub fn decide(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    snapshot: &Snapshot,
    request: &Request,
    now: Timestamp,
) -> Result<Plan, Box<Refusal>> {
    let seed = request.seed(snapshot.epoch);
    choose(&Case::new(policy, province, roster, Seen::Board(snapshot), request, now, seed))
}

/// Counts a step in that goes on at the unit `at`, whatever else might be better: forced, so what speaks
/// against the unit is noted in [`Explanation::filtered`] and does not stop it. Home is set beside it where
/// it is able.
///
/// # Errors
///
/// [`Refusal`] when the province does not know `at`, or its calendar has no working time left.
pub fn keep(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    snapshot: &Snapshot,
    request: &Request,
    at: UnitId,
    now: Timestamp,
) -> Result<Plan, Box<Refusal>> {
    let seed = request.seed(snapshot.epoch);
    force(&Case::new(policy, province, roster, Seen::Board(snapshot), request, now, seed), at)
}

/// Makes a decision again, from what was known then: policy, province and roster are those of its day, and
/// `decided` is the record of it. Answers with what it comes to, which is that very record.
///
/// # Errors
///
/// [`Refusal`] when it comes to nothing: then the record is not true.
pub fn replay(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    decided: &Explanation,
) -> Result<Explanation, Box<Refusal>> {
    let Explanation { facts, edition, decided_at, seed, request, .. } = decided;
    let seen = Seen::Record(facts, *edition);
    let case = Case::new(policy, province, roster, seen, request, *decided_at, *seed);
    let plan = match decided.ground {
        Ground::Kept => force(&case, decided.chosen)?,
        Ground::Home | Ground::Bound | Ground::Need | Ground::Gain => choose(&case)?,
        Ground::Rescued | Ground::Overridden => dispatch::again(&case, decided)?,
    };
    let taken = plan.bids.get(decided.bid).and_then(|bid| plan.won_by(bid.unit));
    let mut explanation = taken.unwrap_or(plan.explanation);
    // Who asked for it, and why, is no part of what is reckoned.
    explanation.moved = explanation.moved.or_else(|| decided.moved.clone());
    explanation.retries = decided.retries;
    Ok(explanation)
}

fn choose(case: &Case<'_>) -> Result<Plan, Box<Refusal>> {
    let able = Able::of(case);
    let home = able.home(case).copied();
    let ranking = Ranking::of(case, &able.predictions);
    let Some(chosen) = ranking.first() else { return Err(Refusal::of(case, able).into()) };
    let ground = match (chosen.is_home(case), home.is_some()) {
        (false, true) => Ground::Gain,
        (false, false) => Ground::Need,
        (true, _) if ranking.len() == 1 && able.nobody_else_ever() => Ground::Bound,
        (true, _) => Ground::Home,
    };
    let bids = ranking.bids(case);
    let explanation = Explanation {
        facts: Facts::from_iter(able.facts).with_joining(ranking.joining()),
        ring: able.ring,
        home_refused: able.home_refused,
        // Where only home may have it, it does not matter how home does.
        gate: home.filter(|_| able.ring > Ring::Home).and_then(|home| home.gate(case)),
        margin_minutes: ranking.margin_minutes(),
        what_if: ranking.what_if(case, &bids),
        filtered: able.filtered,
        ..explain(case, chosen.id(), ground, ranking.shortlist(case))
    };
    Ok(plan(case, explanation, bids))
}

fn force(case: &Case<'_>, at: UnitId) -> Result<Plan, Box<Refusal>> {
    let closed = || Box::new(Refusal::closed(case));
    let station = case.roster.station(at).ok_or_else(closed)?;
    let queue = case.queue(station);
    let forced = Prediction::of(case, station, queue).ok_or_else(closed)?;
    let mut facts = Vec::from_iter((queue != Queue::default()).then_some((at, queue)));
    let other = case.home.filter(|home| home.unit != at);
    let home = other.and_then(|home| filter::sort_out(case, home, &mut facts).ok());
    let against = filter::violations(case, station, queue).into_iter().map(|refused| (refused, 1));

    let ranking = Ranking::of(case, &[forced].into_iter().chain(home).collect::<Vec<_>>());
    let explanation = Explanation {
        ring: case.roster.ring(case.home, station),
        gate: home.and_then(|home| home.gate(case)),
        filtered: against.collect(),
        facts: facts.into_iter().collect(),
        ..explain(case, at, Ground::Kept, ranking.shortlist(case))
    };
    Ok(plan(case, explanation, vec![Bid::always(at, at != case.request.home)]))
}

fn plan(case: &Case<'_>, explanation: Explanation, bids: Vec<Bid>) -> Plan {
    Plan { explanation, bids, key: case.request.key(case.province), minutes: case.request.effort_minutes }
}

fn explain(case: &Case<'_>, chosen: UnitId, ground: Ground, candidates: Vec<Candidate>) -> Explanation {
    Explanation {
        policy: case.policy.name.clone(),
        policy_version: case.policy.version,
        edition: case.edition,
        decided_at: case.now,
        home: case.request.home,
        chosen,
        ground,
        candidates,
        filtered: BTreeMap::new(),
        seed: case.seed,
        ring: Ring::Home,
        home_refused: None,
        gate: None,
        margin_minutes: None,
        what_if: None,
        facts: Facts::default(),
        bid: 0,
        moved: None,
        request: case.request.clone(),
        province_version: case.roster.province_version(),
        registry_revision: case.roster.registry_revision(),
        retries: 0,
    }
}

#[cfg(test)]
mod tests;
