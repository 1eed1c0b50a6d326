//! What was read of the feed lately, for all who take it a little later: ten thousand who are woken by one event read it once.

use std::{collections::VecDeque, sync::Arc};

use super::attempt::Written;

/// So many at most.
const MOST: usize = 4_000;

/// The newest events of the feed without a gap: all that lie behind a place, up to where the feed was looked through.
#[derive(Default)]
pub(super) struct Kept {
    after: i64,
    events: VecDeque<Arc<Written>>,
}

impl Kept {
    /// Nothing is kept of what lies up to `after`, and nothing lies behind it yet.
    pub(super) fn begin(&mut self, after: i64) {
        *self = Self { after, events: VecDeque::new() };
    }

    /// Keeps what was read on, and lets go of the oldest beyond what may be kept.
    pub(super) fn extend(&mut self, page: &[Arc<Written>]) {
        self.events.extend(page.iter().cloned());
        let surplus = self.events.len().saturating_sub(MOST);
        if let Some(last) = self.events.drain(..surplus).next_back() {
            self.after = last.entry.position;
        }
    }

    /// The first `most` that lie behind a place, up to another; none: some of what lies there is not kept.
    pub(super) fn between(&self, after: i64, through: i64, most: usize) -> Option<Vec<Arc<Written>>> {
        if after < self.after {
            return None;
        }
        let begin = self.events.partition_point(|one| one.entry.position <= after);
        let wanted = self.events.range(begin..).take_while(|one| one.entry.position <= through);
        Some(wanted.take(most).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use phidia_domain::feed::{About, Kind};
    use phidia_proto::notification::v1::PublicEvent;

    use super::*;
    use crate::feed::Entry;

    fn at(position: i64) -> Arc<Written> {
        let about = About {
            kind: Kind::Accepted,
            province: "37".into(),
            procedure: String::new(),
            units: BTreeSet::new(),
        };
        let application = "app_019ab0c0000070008000000000000002".parse().unwrap();
        Arc::new(Written::new(Entry { position, application, about, event: PublicEvent::default() }))
    }

    fn positions(kept: &Kept, after: i64, through: i64, most: usize) -> Option<Vec<i64>> {
        let found = kept.between(after, through, most)?;
        Some(found.iter().map(|one| one.entry.position).collect())
    }

    /// Who sleeps is woken for the very event that was read first: they stand just before it.
    #[test]
    fn the_first_that_was_read_is_there_for_who_was_woken_by_it() {
        let mut kept = Kept::default();
        kept.begin(40);
        kept.extend(&[at(43), at(47)]);
        assert_eq!(positions(&kept, 42, 47, 10), Some(vec![43, 47]));
        assert_eq!(positions(&kept, 40, 46, 10), Some(vec![43]), "no further than it was asked for");
        assert_eq!(positions(&kept, 40, 47, 1), Some(vec![43]), "no more than were asked for");
        assert_eq!(positions(&kept, 47, 50, 10), Some(vec![]));
        assert_eq!(positions(&kept, 39, 47, 10), None, "what lies at 40 is not kept");
    }

    #[test]
    fn the_oldest_go_and_are_missed() {
        let mut kept = Kept::default();
        let most = i64::try_from(MOST).unwrap();
        kept.extend(&(1..=most + 2).map(at).collect::<Vec<_>>());
        assert_eq!(positions(&kept, 1, 4, 10), None);
        assert_eq!(positions(&kept, 2, 4, 10), Some(vec![3, 4]));
    }
}
