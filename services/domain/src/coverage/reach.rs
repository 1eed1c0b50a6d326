//! Who is in scope and able, by the index of a unit.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use crate::{
    id::UnitId,
    officer::Level,
    procedure::{Scope, Step},
    province::Province,
};

/// The units of a province with the best level that somebody there has in each field.
pub(super) struct Staff<'p> {
    ids: Vec<UnitId>,
    clusters: Vec<&'p str>,
    lists: &'p BTreeMap<String, BTreeSet<UnitId>>,
    best: BTreeMap<&'p str, Vec<Level>>,
}

/// Whether somebody at each unit masters a field at a level.
pub(super) struct Pool(Vec<bool>);

impl<'p> Staff<'p> {
    pub(super) fn of(province: &'p Province) -> Self {
        let ids: Vec<_> = province.units.keys().copied().collect();
        let mut best: BTreeMap<&str, Vec<Level>> = BTreeMap::new();
        for officer in province.officers.values() {
            let Ok(unit) = ids.binary_search(&officer.unit) else { continue };
            for (field, level) in &officer.competencies {
                let levels = best.entry(field).or_insert_with(|| vec![0; ids.len()]);
                levels[unit] = levels[unit].max(*level);
            }
        }
        let clusters = province.units.values().map(|unit| unit.cluster.as_str()).collect();
        Self { ids, clusters, lists: &province.lists, best }
    }

    pub(super) fn id(&self, unit: usize) -> UnitId {
        self.ids[unit]
    }

    pub(super) fn pool(&self, field: &str, level: Level) -> Pool {
        let none = || vec![false; self.ids.len()];
        Pool(
            self.best
                .get(field)
                .map_or_else(none, |best| best.iter().map(|own| *own > 0 && *own >= level).collect()),
        )
    }

    /// The nearest rule by which somebody may take a step, of those units that `count`.
    pub(super) fn rule(
        &self,
        pool: &Pool,
        step: &Step,
        home: usize,
        counts: impl Fn(usize) -> bool,
    ) -> Option<Rule> {
        if counts(home) && pool.0[home] {
            return Some(Rule::Home);
        }
        if step.scope == Scope::Home {
            return None;
        }
        let others = (0..self.ids.len()).filter(|unit| counts(*unit));
        others.filter_map(|unit| self.reach(pool, step, home, unit)).min()
    }

    /// The rule by which a unit may take a step, whenever it works; none: it may not, or has nobody who is able.
    pub(super) fn reach(&self, pool: &Pool, step: &Step, home: usize, unit: usize) -> Option<Rule> {
        if !pool.0[unit] {
            return None;
        }
        let is_listed = || {
            let list = step.list.as_ref().and_then(|name| self.lists.get(name));
            list.is_some_and(|list| list.contains(&self.ids[unit]))
        };
        match step.scope {
            _ if unit == home => Some(Rule::Home),
            Scope::Home => None,
            Scope::Cluster | Scope::Province if self.together(home, unit) => Some(Rule::Cluster),
            Scope::Cluster => None,
            Scope::Listed => is_listed().then_some(Rule::Listed),
            Scope::Province => Some(Rule::Province),
        }
    }

    /// The cluster of a unit that is alone in it; a unit without a cluster is in none.
    pub(super) fn alone(&self, unit: usize) -> Option<&'p str> {
        let cluster = self.clusters[unit];
        let mates = self.clusters.iter().filter(|other| **other == cluster).count();
        (!cluster.is_empty() && mates == 1).then_some(cluster)
    }

    fn together(&self, one: usize, other: usize) -> bool {
        !self.clusters[one].is_empty() && self.clusters[one] == self.clusters[other]
    }
}
