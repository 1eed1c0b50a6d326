//! One batch: sent, answered, settled.

use std::collections::BTreeMap;

use phidia_proto::events::v1::{Event, Receipt};
use phidia_runtime::failure::Failure;

use super::{
    Relay, Step,
    batch::{self, Batch},
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
        let Verdicts { parked, upto, again, .. } = settle::judge(batch, receipts);
        let Some(upto) = upto else { return Ok(Step::Again) };
        let (subscriber, advance) = (self.subscription.subscriber, self.leases.advance(upto));
        for (pending, reason) in parked.iter().filter(|(pending, _)| !pending.behind) {
            tracing::warn!(subscriber, event = %pending.event_id, kind = pending.kind, reason, "event parked");
        }
        let now = self.outbox.clock().now();
        self.outbox
            .database()
            .write(move |tx| {
                Box::pin(async move { settle::settle(tx, subscriber, micros(now), advance, parked).await })
            })
            .await?;
        self.leases.advanced(upto);
        if self.holds_enough() {
            self.keep_at = after(now, self.config.lease / 3);
        }
        Ok(if again { Step::Again } else { Step::More })
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
        let mut batch = Batch { pending, end: 0 };
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
