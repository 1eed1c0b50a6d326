//! How long an event may fail at a sink before it is parked. An event of another source that it waits for
//! comes within seconds; what fails for good – a row that cannot be read, an application that never comes –
//! must not stop all that follows it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use phidia_domain::id::EventId;

/// From the first failure in this process on.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Since when which events have failed. What is never delivered again is forgotten with the process.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<BTreeMap<EventId, Instant>>);

impl Patience {
    /// An event has failed: whether it has done so for too long.
    pub(super) fn is_exhausted(&self, event: EventId) -> bool {
        self.failed(event, Instant::now())
    }

    /// An event fails no longer.
    pub(super) fn end(&self, event: EventId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&event);
    }

    fn failed(&self, event: EventId, now: Instant) -> bool {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = *since.entry(event).or_insert(now);
        let exhausted = now.duration_since(first) > LONGEST;
        if exhausted {
            since.remove(&event);
        }
        exhausted
    }
}

#[cfg(test)]
mod tests {
    use phidia_domain::id::Id as _;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn it_lasts_from_the_first_failure_and_begins_anew() {
        let (patience, event, begin) =
            (Patience::default(), EventId::from_uuid(Uuid::from_u128(1)), Instant::now());
        assert!(!patience.failed(event, begin));
        assert!(!patience.failed(event, begin + LONGEST));
        assert!(patience.failed(event, begin + LONGEST + Duration::from_secs(1)));
        // Parked, and replayed later.
        assert!(!patience.failed(event, begin + LONGEST * 3));
        patience.end(event);
        assert!(!patience.failed(event, begin + LONGEST * 9));
    }
}
