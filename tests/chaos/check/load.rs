//! What the board counts at a unit is the open work there, to the minute, with what is borrowed and for when; and
//! routing and processing agree on what is open.

use std::collections::{BTreeMap, BTreeSet};

use phidia_proto::routing::v1::WorkState;

use super::{Book, Found, Kind, number};
use crate::history::Item;

pub(super) fn judge(book: &Book<'_>, found: &mut Found) {
    let rest = &book.history.rest;
    let mut open = BTreeMap::<&str, (i64, u32)>::new();
    let mut at_processing = BTreeSet::new();
    for item in book.open() {
        let (minutes, items) = open.entry(&item.unit_id).or_default();
        *minutes += i64::from(item.effort_minutes);
        *items += 1;
        at_processing.insert((number(item), item.unit_id.as_str()));
    }
    for unit in &rest.units {
        let (minutes, items) = open.remove(unit.unit_id.as_str()).unwrap_or_default();
        let (counted, counted_items) = (unit.queued_minutes, unit.open_items);
        found.unless((counted, counted_items) == (minutes, items), Kind::Miscounted, || {
            format!(
                "the board counts {counted} minutes in {counted_items} items at {}, and {minutes} in {items} \
                 are open",
                unit.unit_id
            )
        });
    }
    for unit in open.keys() {
        found.add(Kind::Miscounted, format!("{unit} has open work, and is no unit"));
    }
    // Routing itself compares more than is shown: what is due when, and what is borrowed.
    let board = &rest.conservation.board;
    found.unless(board == "even", Kind::Miscounted, || {
        format!("the board does not add up to the store, says phidia conservation: {board}")
    });
    let assigned = rest.routed.values().flatten().filter(|record| record.state() == WorkState::Assigned);
    let at_routing: BTreeSet<_> = assigned
        .map(|record| {
            let unit = record.decision.as_ref().map_or("", |decision| decision.unit_id.as_str());
            (Item::of(record.work_item.as_ref()), unit)
        })
        .collect();
    for (item, unit) in at_routing.symmetric_difference(&at_processing) {
        let (knows, other) = match at_routing.contains(&(item.clone(), unit)) {
            true => ("routing", "processing"),
            false => ("processing", "routing"),
        };
        found.add(Kind::Miscounted, format!("{item} is open at {unit}, says {knows}, and {other} does not"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample::must_be_heard;

    #[test]
    fn a_board_that_counts_too_much_or_too_little() {
        for minutes in [10, 30] {
            must_be_heard(Kind::Miscounted, "the board counts", |history| {
                history.rest.units[0].queued_minutes = minutes;
            });
        }
        must_be_heard(Kind::Miscounted, "in 3 items", |history| history.rest.units[0].open_items = 3);
    }

    #[test]
    fn a_board_that_drifts_or_cannot_be_compared() {
        for board in ["{\"driftMinutes\":5,\"state\":\"drifting\"}", "{\"state\":\"unknown\"}", ""] {
            must_be_heard(Kind::Miscounted, "says phidia conservation", |history| {
                history.rest.conservation.board = board.into();
            });
        }
    }

    #[test]
    fn load_that_was_never_given_back() {
        must_be_heard(Kind::Miscounted, "app_1/2/1", |history| {
            history.rest.routed.get_mut("app_1").unwrap()[1].set_state(WorkState::Assigned);
        });
    }

    #[test]
    fn load_that_was_given_back_too_early() {
        must_be_heard(Kind::Miscounted, "app_3/1/1", |history| {
            history.rest.routed.get_mut("app_3").unwrap()[0].set_state(WorkState::Done);
        });
    }

    #[test]
    fn work_at_another_unit_than_routing_says() {
        must_be_heard(Kind::Miscounted, "ctr_b", |history| {
            let decision = history.rest.routed.get_mut("app_3").unwrap()[0].decision.as_mut().unwrap();
            decision.unit_id = "ctr_b".into();
        });
    }
}
