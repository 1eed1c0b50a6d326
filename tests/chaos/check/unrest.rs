//! Everything comes to rest: nothing is outstanding, nothing waits to be decided, and nothing is parked but
//! what the harness had refused.

use phidia_proto::routing::v1::WorkState;

use super::{Book, Found, Kind};
use crate::history::Item;

pub(super) fn judge(book: &Book<'_>, found: &mut Found) {
    let rest = &book.history.rest;
    for position in rest.positions.iter().filter(|position| position.outstanding > 0) {
        let (source, subscriber) = (&position.source, &position.subscriber);
        let what = format!("{} events are on their way from {source} to {subscriber}", position.outstanding);
        found.add(Kind::Unrest, what);
    }
    found.unless(rest.settled, Kind::Unrest, || "routing has not counted all that it has heard".into());
    for record in rest.routed.values().flatten() {
        let waits = matches!(record.state(), WorkState::Waiting | WorkState::Unassignable);
        found.unless(!waits, Kind::Unrest, || {
            let (item, reason) = (Item::of(record.work_item.as_ref()), &record.unassignable_reason);
            format!("{item} waits for a unit, which any can be: {reason}")
        });
    }
    for parked in book.parked.iter().filter(|id| !book.history.refused_by_sink.contains(**id)) {
        found.add(Kind::Unrest, format!("an event of {parked} is parked, and nobody meant it to be"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample::{must_be_heard, parked};

    #[test]
    fn events_on_their_way() {
        must_be_heard(Kind::Unrest, "routing", |history| history.rest.positions[0].outstanding = 2);
    }

    #[test]
    fn a_board_that_does_not_settle() {
        must_be_heard(Kind::Unrest, "counted", |history| history.rest.settled = false);
    }

    #[test]
    fn a_work_item_that_is_never_decided() {
        must_be_heard(Kind::Unrest, "app_3/1/1", |history| {
            let record = &mut history.rest.routed.get_mut("app_3").unwrap()[0];
            record.set_state(WorkState::Waiting);
        });
    }

    #[test]
    fn an_event_that_is_parked_for_no_reason() {
        must_be_heard(Kind::Unrest, "app_3", |history| history.rest.holdings.push(parked("app_3")));
    }
}
