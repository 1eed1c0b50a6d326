//! The units with their live load.

use phidia_domain::{registry, route::SharedLoad, unit::Unit};
use phidia_runtime::failure::Failure;

use crate::{Routing, desk::unavailable, store::agenda};

/// A unit as it stands.
pub(crate) struct Standing {
    pub(crate) unit: Unit,
    pub(crate) officers: u32,
    pub(crate) load: SharedLoad,
    pub(crate) stands: registry::Standing,
}

/// A page of units.
pub(crate) struct Listing {
    pub(crate) units: Vec<Standing>,
    /// The code to go on from, if there are more.
    pub(crate) more: Option<String>,
    /// Whether their load counts all that was heard so far.
    pub(crate) settled: bool,
}

impl Routing {
    /// Units by code, from behind `after`.
    ///
    /// # Errors
    /// `UNAVAILABLE` when no province is active, or the board is away.
    pub(crate) async fn list_units(&self, after: &str, size: usize) -> Result<Listing, Failure> {
        let today = self.versions.active().await?;
        let today = &today.value;
        // Before the board is read: what leaves the agenda is on the board.
        let settled = agenda::first(self.db.read(), today.code(), 1).await?.is_empty();
        let mut view = self.board.snapshot(today.code()).await.map_err(unavailable)?;
        let mut units = today.units_after(after);
        let page: Vec<Standing> = units
            .by_ref()
            .take(size)
            .map(|unit| Standing {
                unit: unit.clone(),
                officers: today.officers(unit.id),
                load: view.units.remove(&unit.id).unwrap_or_default(),
                stands: today.registry.standing(unit.id),
            })
            .collect();
        let more = units.next().and(page.last()).map(|last| last.unit.code.clone());
        Ok(Listing { units: page, more, settled })
    }
}
