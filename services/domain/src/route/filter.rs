//! Who may lawfully and practically do it.

use std::collections::BTreeMap;

use super::{
    Unassignable, Unplaced,
    explanation::Refused,
    predict::{Case, Prediction},
};
use crate::{procedure::Scope, unit::Unit};

/// The units that are able, each with what is to be expected of it, and how many are left out and why.
#[derive(Default)]
pub(super) struct Able<'a> {
    /// In the order of the units.
    pub(super) predictions: Vec<Prediction<'a>>,
    pub(super) filtered: BTreeMap<Refused, u32>,
}

impl<'a> Able<'a> {
    /// Sorts out every unit of the province.
    pub(super) fn of(case: &Case<'a>) -> Self {
        let mut able = Self::default();
        for unit in case.province.units.values() {
            match sort_out(case, unit) {
                Ok(prediction) => able.predictions.push(prediction),
                Err(refused) => able.count(refused, 1),
            }
        }
        if able.home(case).is_some() {
            able.spare_the_full(case);
        }
        able
    }

    /// What is to be expected of home, when it is able.
    pub(super) fn home(&self, case: &Case<'_>) -> Option<&Prediction<'a>> {
        self.predictions.iter().find(|prediction| prediction.is_home(case))
    }

    /// The refusal when nobody is able.
    pub(super) fn unplaced(self, case: &Case<'_>) -> Unplaced {
        let why = match case.request.scope {
            _ if self.filtered.contains_key(&Refused::Closed) => Unassignable::Closed,
            Scope::Home => Unassignable::HomeNotCompetent,
            Scope::Cluster | Scope::Listed | Scope::Province => Unassignable::NobodyCompetent,
        };
        Unplaced { why, filtered: self.filtered }
    }

    fn spare_the_full(&mut self, case: &Case<'_>) {
        let before = self.predictions.len();
        self.predictions.retain(|prediction| !prediction.is_full(case));
        let full = before - self.predictions.len();
        if full > 0 {
            self.count(Refused::Full, u32::try_from(full).unwrap_or(u32::MAX));
        }
    }

    fn count(&mut self, refused: Refused, units: u32) {
        *self.filtered.entry(refused).or_default() += units;
    }
}

/// The reasons in the order in which they count.
pub(super) fn sort_out<'a>(case: &Case<'a>, unit: &'a Unit) -> Result<Prediction<'a>, Refused> {
    if !in_scope(case, unit) {
        return Err(Refused::OutOfScope);
    }
    let crew = case.roster.crew(unit.id).filter(|crew| crew.officers(&case.pool) > 0);
    Prediction::of(case, unit, crew.ok_or(Refused::NotCompetent)?).ok_or(Refused::Closed)
}

/// A home without a cluster is alone in it.
fn in_scope(case: &Case<'_>, unit: &Unit) -> bool {
    let is_home = unit.id == case.request.home;
    match case.request.scope {
        Scope::Home => is_home,
        Scope::Cluster => {
            is_home || case.home.is_some_and(|home| !home.cluster.is_empty() && home.cluster == unit.cluster)
        }
        Scope::Listed => is_home || case.request.listed.contains(&unit.id),
        Scope::Province => true,
    }
}
