//! A batch inside its transaction.
//!
//! Nearly always every event of a batch is applied. So first all of them are tried as one; only when one
//! fails is that transaction given up, and in a second one each has a savepoint of its own.

use std::{collections::BTreeSet, panic::AssertUnwindSafe};

use futures::FutureExt as _;

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, EventId, Id as _};
use phidia_proto::events::v1::{Event, Receipt, Verdict};
use phidia_runtime::failure::Failure;
use sea_orm::{DatabaseTransaction, TransactionTrait as _};

use super::{EventSink, inbox, patience::Patience, receipt, trace};
use crate::{facts::Facts, parked::PARKED_BEHIND, store::micros};

/// Applies all of `events`. Whatever fails: the transaction is not to be committed, and they are to be
/// applied [`one_by_one`].
pub(super) async fn together<S: EventSink>(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    sink: &S,
    patience: &Patience,
    events: &[Event],
    now: Timestamp,
) -> Result<Vec<Receipt>, Failure> {
    let mut batch = Batch::open(tx, facts, sink, patience, events, now).await?;
    for (event, known) in events.iter().zip(batch.known.clone()) {
        let id = known.map_err(|(_, reason)| Failure::broken(reason))?;
        if batch.fresh.remove(&id.uuid()) {
            trace::apply(sink, tx, id, event, batch.facts).await?;
            patience.end(id);
        }
    }
    Ok(events.iter().map(|event| receipt(event.id.clone(), Verdict::Applied, "")).collect())
}

/// Applies what can be applied of `events` and answers with a receipt for each.
pub(super) async fn one_by_one<S: EventSink>(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    sink: &S,
    patience: &Patience,
    events: &[Event],
    now: Timestamp,
) -> Result<Vec<Receipt>, Failure> {
    Batch::open(tx, facts, sink, patience, events, now).await?.one_by_one().await
}

/// The id of an event that can be applied, or the verdict and the reason of one that never can be.
fn readable(event: &Event) -> Result<EventId, (Verdict, &'static str)> {
    let malformed = |_| (Verdict::Refused, "MALFORMED_EVENT");
    let id = event.id.parse().map_err(malformed)?;
    let _: ApplicationId = event.application_id.parse().map_err(malformed)?;
    if event.fact.is_none() {
        return Err((Verdict::Unsupported, ""));
    }
    Ok(id)
}

struct Batch<'b, S> {
    tx: &'b DatabaseTransaction,
    sink: &'b S,
    facts: &'b mut Facts,
    patience: &'b Patience,
    events: &'b [Event],
    known: Vec<Result<EventId, (Verdict, &'static str)>>,
    /// Those that are not yet in the inbox, in this transaction or before.
    fresh: BTreeSet<uuid::Uuid>,
}

impl<'b, S: EventSink> Batch<'b, S> {
    async fn open(
        tx: &'b DatabaseTransaction,
        facts: &'b mut Facts,
        sink: &'b S,
        patience: &'b Patience,
        events: &'b [Event],
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let known: Vec<_> = events.iter().map(readable).collect();
        let told = events.iter().zip(&known).filter_map(|(event, known)| match known {
            Ok(id) => Some((id.uuid(), &*event.source)),
            Err(_) => None,
        });
        let fresh = inbox::remember(tx, told, micros(now)).await?;
        Ok(Self { tx, sink, facts, patience, events, known, fresh })
    }

    async fn one_by_one(mut self) -> Result<Vec<Receipt>, Failure> {
        let mut receipts = Vec::with_capacity(self.events.len());
        let mut stopped = BTreeSet::new();
        let mut again = false;
        for (event, known) in self.events.iter().zip(self.known.clone()) {
            let (verdict, reason) = if again {
                (Verdict::Retry, String::new())
            } else if stopped.contains(&*event.application_id) {
                (Verdict::Refused, PARKED_BEHIND.to_owned())
            } else {
                match known {
                    Ok(id) if self.fresh.contains(&id.uuid()) => self.one(id, event).await?,
                    Ok(_) => (Verdict::Applied, String::new()),
                    Err((verdict, reason)) => (verdict, reason.to_owned()),
                }
            };
            match verdict {
                Verdict::Applied => {
                    // A second time in the same batch it is no longer fresh.
                    if let Ok(id) = known {
                        self.fresh.remove(&id.uuid());
                    }
                }
                Verdict::Retry | Verdict::Unspecified => again = true,
                Verdict::Refused | Verdict::Unsupported => {
                    stopped.insert(&*event.application_id);
                }
            }
            receipts.push(receipt(event.id.clone(), verdict, &reason));
        }
        // What is still fresh was remembered, and not applied.
        inbox::forget(self.tx, &self.fresh).await?;
        Ok(receipts)
    }

    /// Applies one event in a savepoint of its own.
    async fn one(&mut self, id: EventId, event: &Event) -> Result<(Verdict, String), Failure> {
        let told = self.facts.len();
        let savepoint = self.tx.begin().await?;
        let applied = trace::apply(self.sink, &savepoint, id, event, self.facts);
        let applied = AssertUnwindSafe(applied).catch_unwind().await;
        let Err(failure) = applied.unwrap_or_else(|_| Err(Failure::broken("applying it panicked"))) else {
            savepoint.commit().await?;
            self.patience.end(id);
            return Ok((Verdict::Applied, String::new()));
        };
        savepoint.rollback().await?;
        self.facts.forget_after(told);
        let reason = failure.rejection().map_or("FAULT", |rejection| &rejection.reason);
        if !failure.is_transient() || self.patience.is_exhausted(id) {
            tracing::warn!(event = event.id, %failure, "event refused");
            return Ok((Verdict::Refused, reason.to_owned()));
        }
        tracing::debug!(event = event.id, %failure, "event not applied now");
        Ok((Verdict::Retry, String::new()))
    }
}
