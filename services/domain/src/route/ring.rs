//! How far from home is looked: home, those that touch it, its cluster, the province – and no further than
//! where somebody does it in good time. Work stays near at no loss, and most decisions weigh a handful of
//! units instead of all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Unassignable,
    explanation::Refused,
    facts::{Facts, Queue},
    filter::sort_out,
    predict::{Case, Prediction},
    roster::Station,
};
use crate::{id::UnitId, procedure::Scope};

/// How far a unit is from home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ring {
    /// Home itself.
    Home,
    /// It touches home.
    Neighbours,
    /// It is of the same former district.
    Cluster,
    /// Anywhere else in the province.
    #[default]
    Province,
}

impl Ring {
    /// The stable name, as it is stored and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Neighbours => "neighbours",
            Self::Cluster => "cluster",
            Self::Province => "province",
        }
    }
}

/// The units that are able, each with what is to be expected of it, and how many are left out and why.
#[derive(Default)]
pub(super) struct Able<'a> {
    /// Home first, then from ring to ring.
    pub(super) predictions: Vec<Prediction<'a>>,
    pub(super) filtered: BTreeMap<Refused, u32>,
    /// What was found queued where it was looked.
    facts: Vec<(UnitId, Queue)>,
    /// How many of them were found nearer than in the widest ring.
    near: usize,
    /// The widest ring that was looked at.
    pub(super) ring: Ring,
}

impl<'a> Able<'a> {
    /// Looks from ring to ring until somebody away from home does it in good time.
    pub(super) fn of(case: &Case<'a>) -> Self {
        let mut able = Self { ring: Ring::Home, ..Self::default() };
        if let Some(home) = case.home {
            able.look(case, home, false);
        }
        let home_able = !able.predictions.is_empty();
        let rest = case.roster.len() - usize::from(case.home.is_some());
        if case.request.scope == Scope::Home {
            able.count(Refused::OutOfScope, rest);
            return able;
        }
        if home_able && case.policy.home_only {
            able.count(Refused::NotNeeded, rest);
            return able;
        }
        let mut looked_at = 0;
        for ring in [Ring::Neighbours, Ring::Cluster, Ring::Province] {
            (able.ring, able.near) = (ring, able.facts.len());
            let mut good = false;
            let mut look = |station: &'a Station| {
                looked_at += 1;
                good |= able.look(case, station, home_able);
            };
            match (ring, case.home) {
                (Ring::Neighbours, Some(home)) => case.roster.neighbours(home).for_each(&mut look),
                (Ring::Cluster, Some(home)) => case.roster.rest_of_cluster(home).for_each(&mut look),
                (Ring::Province, home) => case.roster.beyond(home).for_each(&mut look),
                _ => {}
            }
            if good {
                break;
            }
        }
        able.count(Refused::NotNeeded, rest - looked_at);
        able
    }

    /// What was found queued where it was looked.
    pub(super) fn facts(&self) -> Facts {
        let (near, far) = self.facts.split_at(self.near);
        // The widest ring is by far the longest, and comes in order.
        let mut facts: Facts = far.iter().copied().collect();
        facts.extend(near.iter().copied());
        facts
    }

    /// What is to be expected of home, when it is able.
    pub(super) fn home(&self, case: &Case<'_>) -> Option<&Prediction<'a>> {
        self.predictions.first().filter(|first| first.is_home(case))
    }

    /// Whether those who are left out may not or cannot do it, whatever the day.
    pub(super) fn nobody_else_ever(&self) -> bool {
        use Refused::{Conflicted, NotCompetent, OriginalsElsewhere, OutOfScope};
        let for_good = |refused: &Refused| {
            matches!(refused, OutOfScope | Conflicted | OriginalsElsewhere | NotCompetent)
        };
        self.filtered.keys().all(for_good)
    }

    /// Why nobody is able: of what stands in the way the last, which time or a person may remove.
    pub(super) fn why_nobody(&self, case: &Case<'_>) -> Unassignable {
        let passing = [
            (Refused::AtCapacity, Unassignable::NoCapacity),
            (Refused::BorrowedEnough, Unassignable::NoCapacity),
            (Refused::Closed, Unassignable::Closed),
            (Refused::Absent, Unassignable::NobodyPresent),
            (Refused::Quarantined, Unassignable::NotAccepting),
            (Refused::NotAccepting, Unassignable::NotAccepting),
            (Refused::OriginalsElsewhere, Unassignable::OriginalsElsewhere),
            (Refused::Conflicted, Unassignable::ConflictOfInterest),
        ];
        let found = passing.into_iter().find(|(refused, _)| self.filtered.contains_key(refused));
        match (found, case.request.scope) {
            (Some((_, why)), _) => why,
            (None, Scope::Home) => Unassignable::HomeNotCompetent,
            (None, Scope::Cluster | Scope::Listed | Scope::Province) => Unassignable::NobodyCompetent,
        }
    }

    /// Whether the unit does it in good time.
    fn look(&mut self, case: &Case<'a>, station: &'a Station, home_able: bool) -> bool {
        let prediction = match sort_out(case, station, &mut self.facts) {
            Ok(prediction) => prediction,
            Err(refused) => {
                self.count(refused, 1);
                return false;
            }
        };
        // Not where home lacks somebody: somebody has to do it.
        if home_able && prediction.is_full(case) {
            self.count(Refused::Full, 1);
            return false;
        }
        self.predictions.push(prediction);
        prediction.passes_gate(case)
    }

    fn count(&mut self, refused: Refused, units: usize) {
        if units > 0 {
            *self.filtered.entry(refused).or_default() += u32::try_from(units).unwrap_or(u32::MAX);
        }
    }
}
