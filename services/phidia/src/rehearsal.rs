//! A rehearsal: services in processes of their own are led through a day that can be repeated. In test builds
//! only (`debug_assertions`, or the feature `rehearsal`): a release image refuses the setting, as any key that it
//! does not know (`services/decisions/0013-rehearsals.md`).

use std::path::PathBuf;

use phidia_domain::Rejection;
use phidia_runtime::{clock::BusinessClock, ids::Ids};
use serde::{Deserialize, Serialize};

use crate::command::ServiceName;

/// What a process of a rehearsal is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rehearsal {
    /// The file that tells business time; all processes follow the same one.
    pub(crate) clock: PathBuf,
    /// What ids are minted from, instead of chance. A process that is started again mints the same ids again:
    /// begin with empty stores, and one replica of each service.
    pub(crate) seed: Option<u64>,
}

impl Rehearsal {
    pub(crate) fn business(&self) -> Result<BusinessClock, Rejection> {
        BusinessClock::of_file(&self.clock)
    }

    /// Every service tells events, and no two of them may be alike: each service has a seed of its own. That of
    /// intake is the bare one: ids of applications decide ties, and are to be those that one process for all
    /// mints.
    pub(crate) fn ids(&self, role: ServiceName) -> Ids {
        let own: u64 = match role {
            ServiceName::Intake => 0,
            ServiceName::Routing => 1,
            ServiceName::Processing => 2,
            ServiceName::Notification => 3,
        };
        self.seed.map_or_else(Ids::random, |seed| Ids::seeded(seed ^ (own << 62)))
    }
}
