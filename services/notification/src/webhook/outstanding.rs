//! What subscribers were not sent, or have not taken: counted, as far as somebody has to look for it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{Rejection, id::ApplicationId};
use phidia_proto::convert;
use phidia_runtime::failure::Failure;

use super::{Held, State, Subscription, Webhooks};
use crate::{
    feed::Entry,
    store::webhook::{self as store, Backlog},
};

/// So many subscriptions are told of, those first that wait the longest.
const MOST_TOLD: usize = 1_000;
/// So much of the feed is looked through for one subscription at most …
const MOST_LOOKED_THROUGH: usize = 10_000;
/// … and for all of them together.
const MOST_READ: usize = 100_000;
/// Events that are read at a time.
const PAGE: u64 = 500;

/// What is outstanding for all subscribers.
#[derive(Clone, Debug)]
pub(crate) struct Outstanding {
    /// Those that something is outstanding for, or that are sent nothing; who waits the longest comes first.
    pub(crate) owed: Vec<Owed>,
    /// How many more there are.
    pub(crate) more: u64,
}

/// What is outstanding for one subscriber.
#[derive(Clone, Debug)]
pub(crate) struct Owed {
    pub(crate) subscription: Subscription,
    /// Where it stands: all up to here was taken, or is held.
    pub(crate) position: i64,
    /// Events behind that which its filter admits and which it has not taken.
    pub(crate) events: u64,
    /// Whether there may be more: no more of the feed was looked through.
    pub(crate) is_counted_in_part: bool,
    /// Whether some of what lies behind its place is no longer kept, and cannot be counted.
    pub(crate) is_kept_in_part: bool,
    /// Applications of which an event is held back.
    pub(crate) backlog: Backlog,
    /// When the oldest of all these events was recorded, real time.
    pub(crate) oldest: Option<Timestamp>,
}

/// One that is being counted.
struct Counting {
    owed: Owed,
    /// Up to where the feed was looked through.
    place: i64,
    /// How much of it.
    looked_through: usize,
    /// Places behind its own of what it has taken already.
    taken: BTreeSet<i64>,
}

impl Webhooks {
    /// What is outstanding.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn outstanding(&self) -> Result<Outstanding, Failure> {
        let outbox = &self.feed.outbox;
        let conn = outbox.database().read();
        // Asked for before the rows are read: who has no cursor by then has everything up to here.
        let abreast = store::position(outbox.database()).await?;
        let through = outbox.follower().settled_by_now().await?;
        let pruned = outbox.pruned_through().await?;
        let subscriptions = store::all(conn).await?;
        let mut held = store::held(conn, None).await?;
        let mut all = Vec::with_capacity(subscriptions.len());
        for subscription in subscriptions {
            let held = held.remove(&subscription.id).unwrap_or_default();
            let (id, run, cursor) = (subscription.id, subscription.run, subscription.cursor);
            let position = cursor.unwrap_or(abreast);
            let taken = match cursor {
                Some(cursor) if cursor < through => store::sent_behind(conn, id, run, cursor).await?,
                _ => BTreeSet::new(),
            };
            let owed = Owed {
                position,
                events: 0,
                is_counted_in_part: false,
                is_kept_in_part: position < pruned,
                backlog: backlog(&held),
                oldest: self.oldest(&held).await?,
                subscription,
            };
            all.push(Counting { owed, place: position, looked_through: 0, taken });
        }
        self.count(&mut all, through).await?;
        let mut owed: Vec<_> = all.into_iter().map(|one| one.owed).filter(Owed::is_to_be_told).collect();
        // Whoever waits for nothing comes last.
        owed.sort_by_key(|one| (one.oldest.is_none(), one.oldest, one.subscription.id));
        let more = u64::try_from(owed.len().saturating_sub(MOST_TOLD)).unwrap_or(u64::MAX);
        owed.truncate(MOST_TOLD);
        Ok(Outstanding { owed, more })
    }

    /// Counts what lies behind each of them: the feed is read once for all, where somebody has something to take.
    async fn count(&self, all: &mut [Counting], through: i64) -> Result<(), Failure> {
        let mut read = 0;
        while read < MOST_READ {
            let open = all.iter().filter(|one| one.looked_through < MOST_LOOKED_THROUGH);
            let Some(next) = open.map(|one| one.place).min().filter(|next| *next < through) else { break };
            let page = self.feed.between(next, through, PAGE).await?;
            let is_last = u64::try_from(page.len()).is_ok_and(|count| count < PAGE);
            let end = page.last().filter(|_| !is_last).map_or(through, |entry| entry.position);
            for one in all.iter_mut() {
                one.look_through(&page, end)?;
            }
            read += page.len();
        }
        for one in all {
            one.owed.is_counted_in_part = one.place < through;
        }
        Ok(())
    }

    /// When the oldest event that is held back was recorded; none: nothing is held, or it is no longer kept.
    async fn oldest(&self, held: &BTreeMap<ApplicationId, Held>) -> Result<Option<Timestamp>, Failure> {
        let Some(first) = held.values().map(|held| held.position).min() else { return Ok(None) };
        let found = self.feed.between(first - 1, first, 1).await?;
        Ok(found.first().map(recorded_at).transpose()?)
    }
}

impl Counting {
    /// Looks through a page of the feed, which has all up to `end`, as far as it is looked through for this one.
    fn look_through(&mut self, page: &[Entry], end: i64) -> Result<(), Failure> {
        if self.looked_through == MOST_LOOKED_THROUGH {
            return Ok(());
        }
        let begin = page.partition_point(|entry| entry.position <= self.place);
        for entry in &page[begin..] {
            if self.looked_through == MOST_LOOKED_THROUGH {
                return Ok(());
            }
            (self.place, self.looked_through) = (entry.position, self.looked_through + 1);
            if self.owed.subscription.filter.admits(&entry.about) && !self.taken.contains(&entry.position) {
                self.owed.events += 1;
                let recorded_at = recorded_at(entry)?;
                self.owed.oldest = Some(self.owed.oldest.map_or(recorded_at, |at| at.min(recorded_at)));
            }
        }
        self.place = self.place.max(end);
        Ok(())
    }
}

impl Owed {
    /// Whether something is outstanding, or it is sent nothing, or nothing that it is sent arrives.
    fn is_to_be_told(&self) -> bool {
        self.events > 0
            || self.is_counted_in_part
            || self.is_kept_in_part
            || self.backlog != Backlog::default()
            || self.subscription.state != State::Active
            || self.subscription.failing_since.is_some()
    }
}

fn backlog(held: &BTreeMap<ApplicationId, Held>) -> Backlog {
    let count = |is_dead: bool| held.values().filter(|held| held.is_dead == is_dead).count();
    let count = |is_dead| u64::try_from(count(is_dead)).unwrap_or(u64::MAX);
    Backlog { waiting: count(false), dead: count(true) }
}

fn recorded_at(entry: &Entry) -> Result<Timestamp, Rejection> {
    let at = convert::required(entry.event.recorded_at, "recorded_at")?;
    convert::timestamp(at, "recorded_at")
}

#[cfg(test)]
mod tests {
    use phidia_domain::{
        feed::{About, Filter},
        id::{Id as _, SubscriptionId},
    };
    use phidia_proto::notification::v1::PublicEvent;
    use uuid::Uuid;

    use super::*;
    use crate::webhook::{Format, Signature};

    /// The events at these places: of each two, one was accepted.
    fn feed(places: std::ops::RangeInclusive<i64>) -> Vec<Entry> {
        let entry = |position: i64| Entry {
            position,
            application: ApplicationId::from_uuid(Uuid::from_u128(7)),
            about: About {
                kind: if position % 2 == 0 {
                    "phidia.application.accepted.v1"
                } else {
                    "phidia.application.paid.v1"
                }
                .parse()
                .unwrap(),
                province: "37".into(),
                procedure: String::new(),
                units: BTreeSet::new(),
            },
            event: PublicEvent {
                recorded_at: Some(convert::wire_timestamp(Timestamp::from_second(position).unwrap())),
                ..PublicEvent::default()
            },
        };
        places.map(entry).collect()
    }

    fn counting(position: i64, taken: &[i64]) -> Counting {
        let accepted = ["phidia.application.accepted.v1".to_owned()];
        let subscription = Subscription {
            id: SubscriptionId::from_uuid(Uuid::from_u128(7)),
            owner: "system/x".into(),
            name: "x".into(),
            url: "https://x.example/".into(),
            format: Format::Json,
            signature: Signature::Hmac,
            filter: Filter::of(&accepted, String::new(), Vec::new(), Vec::new()).unwrap(),
            state: State::Active,
            state_reason: String::new(),
            failing_since: None,
            cursor: Some(position),
            run: 1,
            created_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        let owed = Owed {
            subscription,
            position,
            events: 0,
            is_counted_in_part: false,
            is_kept_in_part: false,
            backlog: Backlog::default(),
            oldest: None,
        };
        Counting { owed, place: position, looked_through: 0, taken: taken.iter().copied().collect() }
    }

    #[test]
    fn what_lies_behind_and_is_wanted_and_was_not_taken_is_counted_up_to_a_limit() {
        let mut one = counting(10, &[14]);
        for (page, end) in [(feed(1..=12), 12), (feed(13..=20), 30)] {
            one.look_through(&page, end).unwrap();
        }
        // 12, 16, 18 and 20.
        assert_eq!((one.owed.events, one.owed.oldest), (4, Some(Timestamp::from_second(12).unwrap())));
        assert_eq!((one.looked_through, one.place), (10, 30));
        // What lies before it concerns it no more.
        one.look_through(&feed(21..=25), 25).unwrap();
        assert_eq!((one.owed.events, one.place), (4, 30));

        let limit = i64::try_from(MOST_LOOKED_THROUGH).unwrap();
        for (there_are, is_all) in [(limit - 1, true), (limit, true), (limit + 1, false)] {
            let mut one = counting(0, &[]);
            let all = feed(1..=there_are);
            for page in all.chunks(777) {
                one.look_through(page, page.last().unwrap().position).unwrap();
            }
            assert_eq!(one.place >= there_are, is_all, "{there_are}");
            assert_eq!(one.owed.events, u64::try_from(there_are.min(limit) / 2).unwrap());
        }
    }
}
