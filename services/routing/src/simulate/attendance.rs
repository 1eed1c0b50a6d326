//! Who is not there, and since when that is known.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    id::OfficerId,
    registry::{Absence, Registry},
};

use super::world::World;

/// Who is not there in a run.
#[derive(Debug, Default)]
pub(crate) struct Attendance {
    /// What the policy is told from the beginning.
    pub(crate) foreseen: Arc<Registry>,
    /// What nobody foresees: the policy is told when the first day opens, and then for how long.
    pub(crate) illnesses: BTreeMap<OfficerId, Absence>,
}

impl Attendance {
    /// Nobody is away but those whom the registry names.
    pub(crate) fn foreseen(registry: Arc<Registry>) -> Self {
        Self { foreseen: registry, illnesses: BTreeMap::new() }
    }

    /// What is so, known or not.
    pub(crate) fn truth(&self) -> Registry {
        with(&self.foreseen, self.illnesses.iter().map(|(officer, illness)| (*officer, *illness)))
    }

    /// The instants at which the policy is told of somebody.
    pub(crate) fn mornings(&self, world: &World) -> Result<BTreeSet<Timestamp>, Rejection> {
        self.illnesses.values().map(|illness| morning(world, *illness)).collect()
    }

    /// What the policy knows.
    pub(crate) fn known_at(&self, world: &World, now: Timestamp) -> Result<Registry, Rejection> {
        let mut known = Vec::new();
        for (officer, illness) in &self.illnesses {
            if morning(world, *illness)? <= now {
                known.push((*officer, *illness));
            }
        }
        Ok(with(&self.foreseen, known))
    }
}

/// The opening of its first day.
fn morning(world: &World, illness: Absence) -> Result<Timestamp, Rejection> {
    let first_day = world.days(illness.from, illness.from)?;
    world.province.clock.next_open(first_day.start)
}

fn with(registry: &Registry, illnesses: impl IntoIterator<Item = (OfficerId, Absence)>) -> Registry {
    let mut registry = registry.clone();
    for (officer, illness) in illnesses {
        registry.absences.entry(officer).or_default().push(illness);
        registry.revision += 1;
    }
    registry
}
