//! Who may have a work item, and as long as what holds there.

use serde::{Deserialize, Serialize};

use super::load::{Load, LoadKey, UnitLoad};
use crate::{id::UnitId, registry::Standing};

/// How many bids a plan makes at most.
pub const MAX_BIDS: usize = 3;

/// One unit that may have the work item, and as long as what: the board checks it against what it knows by then, in
/// the same step in which it counts the work item in. So no number of replicas passes a limit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bid {
    /// The unit.
    pub unit: UnitId,
    /// The largest [`UnitLoad::pool_minutes`] of the work item's own pool, before it is added, at which the
    /// unit still wins; `i64::MAX`: always.
    pub ceiling_minutes: i64,
    /// The largest number of open items, before it is added, at which the unit may still take it; `u32::MAX`:
    /// any.
    pub most_open_items: u32,
    /// None: there it is the unit's own work. Otherwise it is borrowed there, and this is the largest
    /// [`UnitLoad::borrowed_minutes`], before it is added, at which the unit may still take it; `i64::MAX`: any.
    pub borrowed_ceiling_minutes: Option<i64>,
}

impl Bid {
    /// A unit that gets it however much there is.
    pub const fn always(unit: UnitId, borrowed: bool) -> Self {
        let borrowed_ceiling_minutes = if borrowed { Some(i64::MAX) } else { None };
        Self { unit, ceiling_minutes: i64::MAX, most_open_items: u32::MAX, borrowed_ceiling_minutes }
    }

    /// The same, for as long as the unit may take such a work item at all.
    #[must_use]
    pub(super) fn within(self, standing: &Standing, effort_minutes: u32) -> Self {
        let most = |most: u32| i64::from(most) - i64::from(effort_minutes);
        Self {
            most_open_items: standing.most_open_items.map_or(u32::MAX, |most| most.saturating_sub(1)),
            borrowed_ceiling_minutes: self
                .borrowed_ceiling_minutes
                .map(|ceiling| standing.most_borrowed_minutes.map_or(ceiling, most)),
            ..self
        }
    }

    /// Whether the work item's home is another unit.
    pub const fn is_borrowed(&self) -> bool {
        self.borrowed_ceiling_minutes.is_some()
    }

    /// Whether the unit may have it while this is what it has.
    pub fn fits(&self, key: &LoadKey, unit: &UnitLoad) -> bool {
        unit.pool_minutes(key) <= self.ceiling_minutes
            && unit.open_items <= self.most_open_items
            && self.borrowed_ceiling_minutes.is_none_or(|ceiling| unit.borrowed_minutes <= ceiling)
    }

    /// What the work item adds to the unit if the bid is taken.
    pub fn load(&self, key: LoadKey, minutes: u32) -> Load {
        Load { key, minutes, borrowed: self.is_borrowed() }
    }
}
