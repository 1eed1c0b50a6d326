//! How far from home is looked: home, those that touch it, its cluster, the province – and no further than
//! where somebody does it in good time. Work stays near at no loss, and most decisions weigh a handful of
//! units instead of all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Unassignable,
    case::Case,
    explanation::Refused,
    facts::Queue,
    filter::{right, room},
    predict::Prediction,
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
    /// Why home is not able; none: it is, or nobody knows it.
    pub(super) home_refused: Option<Refused>,
    /// What was found queued where it was looked.
    pub(super) facts: Vec<(UnitId, Queue)>,
    /// The widest ring that was looked at.
    pub(super) ring: Ring,
}

impl<'a> Able<'a> {
    /// Looks from ring to ring until somebody away from home does it in good time.
    pub(super) fn of(case: &Case<'a>) -> Self {
        Self::until(case, |prediction| prediction.passes_gate(case))
    }

    /// Looks from ring to ring until somebody away from home is good enough.
    pub(super) fn until(case: &Case<'a>, good_enough: impl Fn(&Prediction<'a>) -> bool) -> Self {
        let mut able = Self { ring: Ring::Home, ..Self::default() };
        if let Some(home) = case.home {
            able.look(case, [home], false, &good_enough);
            able.home_refused = able.filtered.keys().next().copied();
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
            able.ring = ring;
            let counted = |_: &&Station| looked_at += 1;
            let good = match (ring, case.home) {
                (Ring::Neighbours, Some(home)) => {
                    able.look(case, case.roster.neighbours(home).inspect(counted), home_able, &good_enough)
                }
                (Ring::Cluster, Some(home)) => able.look(
                    case,
                    case.roster.rest_of_cluster(home).inspect(counted),
                    home_able,
                    &good_enough,
                ),
                (Ring::Province, home) => {
                    able.look(case, case.roster.beyond(home).inspect(counted), home_able, &good_enough)
                }
                _ => false,
            };
            if good {
                break;
            }
        }
        able.count(Refused::NotNeeded, rest - looked_at);
        able
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

    /// Whether one of the units is good enough. What is queued is looked up at all of them first: so a processor that
    /// waits for what it finds at one of them looks at the next ones already.
    fn look(
        &mut self,
        case: &Case<'a>,
        stations: impl IntoIterator<Item = &'a Station>,
        home_able: bool,
        good_enough: &impl Fn(&Prediction<'a>) -> bool,
    ) -> bool {
        let stations = stations.into_iter();
        let mut queues = Vec::with_capacity(stations.size_hint().1.unwrap_or_default());
        for station in stations {
            match right(case, station) {
                Some(refused) => self.count(refused, 1),
                None => queues.push((station, Queue::default())),
            }
        }
        case.set_queues(&mut queues);
        self.predictions.reserve(queues.len());
        self.facts.reserve(queues.len());
        let mut good = false;
        for (station, queue) in queues {
            if queue != Queue::default() {
                self.facts.push((station.unit, queue));
            }
            match room(case, station, queue) {
                Err(refused) => self.count(refused, 1),
                // Not where home lacks somebody: somebody has to do it.
                Ok(prediction) if home_able && prediction.is_full(case) => self.count(Refused::Full, 1),
                Ok(prediction) => {
                    good |= good_enough(&prediction);
                    self.predictions.push(prediction);
                }
            }
        }
        good
    }

    fn count(&mut self, refused: Refused, units: usize) {
        if units > 0 {
            *self.filtered.entry(refused).or_default() += u32::try_from(units).unwrap_or(u32::MAX);
        }
    }
}
