//! One batch: sent, answered, settled.

use std::collections::BTreeMap;

use phidia_proto::events::v1::{Event, Receipt};
use phidia_runtime::failure::Failure;

use super::{
    Relay, SAVE_AFTER, Step,
    batch::{self, Batch, Pending},
    link::Link,
    settle::{self, Verdicts},
};
use crate::{
    lane, sink,
    store::{after, micros},
};

impl Relay {
    /// Hands over what lies beyond the cursors.
    pub(super) async fn hand_over(&mut self, mut batch: Batch) -> Result<Step, Failure> {
        let receipts = self.ask(&mut batch).await?;
        let last = batch.last;
        let Verdicts { parked, upto, again, .. } = settle::judge(batch, receipts);
        let Some(upto) = upto else { return Ok(Step::Again) };
        let now = self.outbox.clock().now();
        if parked.is_empty() {
            // What comes again because of a cursor that was not stored yet is known to the inbox.
            self.leases.advanced(upto);
            self.unsaved.get_or_insert(after(now, SAVE_AFTER));
        } else {
            for (pending, reason) in parked.iter().filter(|(pending, _)| !pending.behind) {
                let (subscriber, kind) = (self.subscription.subscriber, &pending.kind);
                tracing::warn!(subscriber, event = %pending.event_id, kind, reason, "event parked");
            }
            self.store(upto, parked).await?;
        }
        Ok(match (again, last) {
            (true, _) => Step::Again,
            (false, true) => Step::Idle,
            (false, false) => Step::More,
        })
    }

    /// Stores where the cursors are, when it is time to or when they are to be read.
    pub(super) async fn save(&mut self, at_once: bool) -> Result<(), Failure> {
        match self.unsaved {
            Some(due) if at_once || micros(self.outbox.clock().now()) >= due => {
                // The least of them: a lane that was taken from a relay that was further ahead stands there in
                // the store too, and the others have not been handed over so far.
                let upto = self.leases.held().values().map(|held| held.position).min().unwrap_or_default();
                self.store(upto, Vec::new()).await
            }
            _ => Ok(()),
        }
    }

    /// Moves the cursors and parks, in one transaction under the fences.
    async fn store(&mut self, upto: i64, parked: Vec<(Pending, String)>) -> Result<(), Failure> {
        let (subscriber, advance) = (self.subscription.subscriber, self.leases.advance(upto));
        let now = self.outbox.clock().now();
        self.outbox
            .database()
            .write(move |tx| {
                Box::pin(async move { settle::settle(tx, subscriber, micros(now), advance, parked).await })
            })
            .await?;
        self.leases.advanced(upto);
        self.unsaved = None;
        if self.holds_enough() {
            self.keep_at = after(now, self.config.lease / 3);
        }
        Ok(())
    }

    /// Delivers parked events again that somebody has asked for, now and then.
    pub(super) async fn replay(&mut self) -> Result<(), Failure> {
        let now = self.outbox.clock().now();
        if micros(now) < self.replay_at {
            return Ok(());
        }
        self.replay_at = after(now, self.config.poll);
        let subscriber = self.subscription.subscriber;
        let pending = batch::replayed(
            self.outbox.database(),
            subscriber,
            self.leases.held(),
            self.config.batch.clamp(1, sink::LONGEST_BATCH),
        )
        .await?;
        if pending.is_empty() {
            self.replay_backoff.reset();
            return Ok(());
        }
        let applications: BTreeMap<_, _> =
            pending.iter().map(|pending| (pending.position, pending.application)).collect();
        let mut batch = Batch { pending, end: 0, last: false };
        let receipts = self.ask(&mut batch).await?;
        let verdicts = settle::judge(batch, receipts);
        if verdicts.again {
            self.replay_at = after(now, self.replay_backoff.next());
        } else {
            self.replay_backoff.reset();
            self.replay_at = i64::MIN;
        }
        // Cursors stay: what is parked lies behind them. But only who still holds the lanes may settle.
        let advance = self.leases.advance(0);
        self.outbox
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    settle::settle_replay(tx, subscriber, advance, verdicts, applications).await
                })
            })
            .await
    }

    /// Sends what is not behind something parked, and keeps the leases until the answer is there.
    async fn ask(&mut self, batch: &mut Batch) -> Result<Vec<Receipt>, Failure> {
        let events: Vec<Event> = batch
            .pending
            .iter_mut()
            .filter(|pending| !pending.behind)
            .map(|pending| std::mem::take(&mut pending.event))
            .collect();
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let (peer, patience) = (self.subscription.peer.clone(), self.config.answer);
        let (link, leases) = (&mut self.link, &mut self.leases);
        let before = leases.held().clone();
        let answer = async {
            let open = match link.take() {
                Some(open) => open,
                None => Link::open(peer).await?,
            };
            link.insert(open).deliver(events).await
        };
        let answer = tokio::time::timeout(patience, answer);
        tokio::pin!(answer);
        loop {
            tokio::select! {
                answered = &mut answer => {
                    return answered.map_err(|_| Failure::broken("the sink did not answer in time"))?;
                }
                () = tokio::time::sleep(self.config.lease / 3) => {
                    leases.keep(0, false).await?;
                    let same = |(one, other): (&lane::Held, &lane::Held)| one.fence == other.fence;
                    if leases.held().len() != before.len() || !leases.held().values().zip(before.values()).all(same) {
                        return Err(lane::lost());
                    }
                }
            }
        }
    }
}
