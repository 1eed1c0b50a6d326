//! What the board counts, beside what it has to.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    id::UnitId,
    route::{LoadKey, SharedLoad, UnitLoad},
};

/// A unit whose load on the board is not that of its open work items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The unit.
    pub unit: UnitId,
    /// Its open work items in the store.
    pub stored_items: u32,
    /// Its open work items on the board.
    pub board_items: u32,
    /// Working minutes of one officer by which its queues differ, taken together.
    pub minutes: i64,
    /// Working minutes by which what it has borrowed differs.
    pub borrowed_minutes: i64,
}

/// The units on whose load store and board do not agree; a unit that one of them leaves out has none.
pub fn drifts(stored: &BTreeMap<UnitId, SharedLoad>, board: &BTreeMap<UnitId, SharedLoad>) -> Vec<Drift> {
    let idle = SharedLoad::default();
    let units: BTreeSet<_> = stored.keys().chain(board.keys()).collect();
    let drifting = units.into_iter().filter_map(|unit| {
        let (stored, board) = (stored.get(unit).unwrap_or(&idle), board.get(unit).unwrap_or(&idle));
        let queues: BTreeSet<&LoadKey> = stored.queued.keys().chain(board.queued.keys()).collect();
        let of = |load: &UnitLoad, queue| load.queued.get(queue).copied().unwrap_or_default();
        let minutes = queues.into_iter().map(|queue| (of(stored, queue) - of(board, queue)).abs()).sum();
        let (stored_items, board_items) = (stored.open_items, board.open_items);
        let borrowed_minutes = (stored.borrowed_minutes - board.borrowed_minutes).abs();
        let even = minutes == 0 && stored_items == board_items && borrowed_minutes == 0;
        let drift = Drift { unit: *unit, stored_items, board_items, minutes, borrowed_minutes };
        (!even).then_some(drift)
    });
    drifting.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Load;

    fn load(due_day: i32, minutes: u32) -> Load {
        let key = LoadKey { field: "Hộ tịch".to_owned(), level: 2, due_day: Some(due_day) };
        Load { key, minutes, borrowed: false }
    }

    fn loads(loads: &[(&str, Load)]) -> BTreeMap<UnitId, SharedLoad> {
        let mut units = BTreeMap::<_, SharedLoad>::new();
        for (code, load) in loads {
            units.entry(UnitId::of("37", code)).or_default().add(load);
        }
        units
    }

    #[test]
    fn loads_that_add_up_do_not_drift() {
        let stored = loads(&[("1", load(1, 10)), ("1", load(1, 5)), ("2", load(2, 5))]);
        let mut board = loads(&[("2", load(2, 5)), ("1", load(1, 5)), ("1", load(1, 10))]);
        board.insert(UnitId::of("37", "3"), SharedLoad::default());
        assert_eq!(drifts(&stored, &board), []);
    }

    #[test]
    fn each_unit_that_differs_is_named_with_its_minutes() {
        let borrowed = Load { borrowed: true, ..load(1, 9) };
        let stored = loads(&[("1", load(1, 10)), ("2", load(1, 5)), ("4", load(1, 7)), ("5", borrowed)]);
        // Nothing at 1, another queue at 2, a work item too many at 3, one that is taken for its own at 5.
        let board = loads(&[("2", load(2, 5)), ("3", load(1, 20)), ("4", load(1, 7)), ("5", load(1, 9))]);
        let drift = |code, stored_items, board_items, minutes, borrowed_minutes| {
            let unit = UnitId::of("37", code);
            Drift { unit, stored_items, board_items, minutes, borrowed_minutes }
        };
        let mut expected = vec![
            drift("1", 1, 0, 10, 0),
            drift("2", 1, 1, 10, 0),
            drift("3", 0, 1, 20, 0),
            drift("5", 1, 1, 0, 9),
        ];
        expected.sort_by_key(|drift| drift.unit);
        assert_eq!(drifts(&stored, &board), expected);
    }
}
