//! The routing policy: which unit finishes a work item best, and whether that is enough to move it.
//!
//! Pure: the same input gives the same plan, bit for bit, in the service, the preview, the simulator and an
//! audit years later. One step per file:
//!
//! 1. `filter`: who may lawfully and practically do it.
//! 2. `predict`: when each would be finished, on its **capacity calendar**: what its competent officers have
//!    to do first (earlier deadlines, also of other pools that they are in), shared among them, and then
//!    the work itself. Whether home passes the **gate**: it keeps what it finishes within a share of the
//!    time left, on the **legal clock**.
//! 3. `score`: the finish, lateness, the boundary, distance where paper travels, fairness and continuity, all
//!    in minutes.
//! 4. `order`: home first when it passes the gate, or when nobody beats it by the least gain; near ties by
//!    a lot that can be drawn again. Each of the first three makes a **bid**: up to how much queued work it
//!    still wins, for the board to check against what it knows by then.
//!
//! [`Roster`] is compiled once per version of a province; [`Snapshot`] is the board as the caller last saw
//! it; [`Explanation`] is what is kept. What the model leaves out: absences, officers' speed, how an officer who
//! is in several pools really divides the day (a pool's work is taken to be spread evenly over its officers).

mod bid;
mod explanation;
mod filter;
mod load;
mod order;
mod policy;
mod predict;
mod roster;
mod score;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use serde::{Deserialize, Serialize};

pub use self::{
    bid::{Bid, MAX_BIDS},
    explanation::{Candidate, Explanation, Ground, Refused},
    load::{Load, LoadKey, Snapshot, UnitLoad},
    policy::Policy,
    roster::Roster,
};
use self::{
    filter::Able,
    order::Ranking,
    predict::{Case, Prediction},
    roster::Crew,
};
use crate::{
    id::{Id, UnitId},
    officer::Level,
    procedure::{Papers, Scope},
    province::Province,
    work_item::WorkItem,
};

/// How many candidates besides home are kept with a decision at most.
const MAX_OTHERS: usize = 5;

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
        self.bids.iter().find(|bid| bid.unit == unit)?;
        let mut explanation = self.explanation.clone();
        if unit != explanation.chosen {
            explanation.ground = match unit == explanation.home {
                true => Ground::Home,
                false if explanation.candidate(explanation.home).is_some() => Ground::Gain,
                false => Ground::Need,
            };
            explanation.chosen = unit;
        }
        Some(explanation)
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
}

impl Unassignable {
    /// The stable name, `UPPER_SNAKE_CASE`.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NobodyCompetent => "NOBODY_COMPETENT",
            Self::HomeNotCompetent => "HOME_NOT_COMPETENT",
            Self::Closed => "CLOSED",
        }
    }
}

/// No unit can take it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no unit can take it at present: {}", .why.reason())]
pub struct Unplaced {
    /// Why.
    pub why: Unassignable,
    /// How many units were left out, by reason.
    pub filtered: BTreeMap<Refused, u32>,
}

/// Decides where a work item goes.
///
/// # Errors
///
/// [`Unplaced`] when no unit can take it.
pub fn decide(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    snapshot: &Snapshot,
    request: &Request,
    now: Timestamp,
) -> Result<Plan, Unplaced> {
    let case = Case::new(policy, province, roster, snapshot, request, now);
    let mut able = Able::of(&case);
    let home_able = able.home(&case).is_some();
    let seed = request.seed(snapshot.epoch);
    let ranking = Ranking::of(&case, std::mem::take(&mut able.predictions), seed);
    let Some(chosen) = ranking.first() else { return Err(able.unplaced(&case)) };
    let ground = match (chosen.is_home(&case), home_able) {
        (false, true) => Ground::Gain,
        (false, false) => Ground::Need,
        // Units that are full could do it, so it is not home alone that can.
        (true, _) if ranking.len() == 1 && !able.filtered.contains_key(&Refused::Full) => Ground::Bound,
        (true, _) => Ground::Home,
    };
    Ok(Plan {
        explanation: explain(&case, chosen.id(), ground, ranking.shortlist(MAX_OTHERS), able.filtered),
        bids: ranking.bids(&case),
        key: request.key(province),
        minutes: request.effort_minutes,
    })
}

/// Counts a step in that goes on at the unit `at`, whatever else might be better: forced, so what speaks
/// against the unit is noted in [`Explanation::filtered`] and does not stop it. Home is set beside it where
/// it is able.
///
/// # Errors
///
/// [`Unplaced`] when the province does not know `at`, or its calendar has no working time left.
pub fn keep(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    snapshot: &Snapshot,
    request: &Request,
    at: UnitId,
    now: Timestamp,
) -> Result<Plan, Unplaced> {
    let case = Case::new(policy, province, roster, snapshot, request, now);
    let closed = || Unplaced { why: Unassignable::Closed, filtered: [(Refused::Closed, 1)].into() };
    let unit = province.units.get(&at).ok_or_else(closed)?;
    let nobody = Crew::default();
    let crew = roster.crew(at).unwrap_or(&nobody);
    let kept = Prediction::of(&case, unit, crew).ok_or_else(closed)?;
    let home = case.home.filter(|home| home.id != at).and_then(|home| filter::sort_out(&case, home).ok());
    let against = filter::sort_out(&case, unit).err().map(|refused| (refused, 1));

    let ranking = Ranking::of(&case, [kept].into_iter().chain(home).collect(), request.seed(snapshot.epoch));
    Ok(Plan {
        explanation: explain(
            &case,
            at,
            Ground::Kept,
            ranking.shortlist(MAX_OTHERS),
            against.into_iter().collect(),
        ),
        bids: vec![Bid::always(at, at != request.home)],
        key: request.key(province),
        minutes: request.effort_minutes,
    })
}

fn explain(
    case: &Case<'_>,
    chosen: UnitId,
    ground: Ground,
    candidates: Vec<Candidate>,
    filtered: BTreeMap<Refused, u32>,
) -> Explanation {
    Explanation {
        policy: case.policy.name.clone(),
        policy_version: case.policy.version,
        decided_at: case.now,
        home: case.request.home,
        chosen,
        ground,
        candidates,
        filtered,
        seed: case.request.seed(case.snapshot.epoch),
    }
}

#[cfg(test)]
mod tests;
