//! A batch inside its transaction.
//!
//! Nearly always every event of a batch is applied. So first all of them are tried in one savepoint; only
//! when one fails is that rolled back and each given a savepoint of its own.

use std::collections::BTreeSet;

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, EventId, Id as _};
use phidia_proto::events::v1::{Event, Receipt, Verdict};
use phidia_runtime::failure::Failure;
use sea_orm::{DatabaseTransaction, TransactionTrait as _};

use super::{EventSink, inbox, receipt};
use crate::{facts::Facts, parked::PARKED_BEHIND, store::micros};

/// Applies `events` and answers with a receipt for each.
pub(super) async fn apply<S: EventSink>(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    sink: &S,
    events: &[Event],
    now: Timestamp,
) -> Result<Vec<Receipt>, Failure> {
    let known: Vec<_> = events.iter().map(readable).collect();
    let told = events.iter().zip(&known).filter_map(|(event, known)| match known {
        Ok(id) => Some((id.uuid(), &*event.source)),
        Err(_) => None,
    });
    let fresh = inbox::remember(tx, told, micros(now)).await?;
    let mut batch = Batch { tx, sink, facts, events, known, fresh };
    if batch.together().await? {
        return Ok(events.iter().map(|event| receipt(event.id.clone(), Verdict::Applied, "")).collect());
    }
    batch.one_by_one().await
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
    events: &'b [Event],
    known: Vec<Result<EventId, (Verdict, &'static str)>>,
    /// Those that are not yet in the inbox, in this transaction or before.
    fresh: BTreeSet<uuid::Uuid>,
}

impl<S: EventSink> Batch<'_, S> {
    /// Tries all at once; `false`: nothing is done, and they are to be looked at one by one.
    async fn together(&mut self) -> Result<bool, Failure> {
        if self.events.len() < 2 {
            return Ok(false);
        }
        let mut ids = BTreeSet::new();
        let all = self.known.iter().all(|known| known.as_ref().is_ok_and(|id| ids.insert(*id)));
        if !all {
            return Ok(false);
        }
        let told = self.facts.len();
        let savepoint = self.tx.begin().await?;
        for (event, known) in self.events.iter().zip(&self.known) {
            let Ok(id) = known else { continue };
            if !self.fresh.contains(&id.uuid()) {
                continue;
            }
            self.facts.because_of(*id, event);
            if self.sink.apply(&savepoint, event, self.facts).await.is_err() {
                savepoint.rollback().await?;
                self.facts.forget_after(told);
                return Ok(false);
            }
        }
        savepoint.commit().await?;
        Ok(true)
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
        self.facts.because_of(id, event);
        let Err(failure) = self.sink.apply(&savepoint, event, self.facts).await else {
            savepoint.commit().await?;
            return Ok((Verdict::Applied, String::new()));
        };
        savepoint.rollback().await?;
        self.facts.forget_after(told);
        match failure.rejection() {
            Some(rejection) if !failure.is_transient() => {
                tracing::warn!(event = event.id, reason = rejection.reason, "event refused");
                Ok((Verdict::Refused, rejection.reason.clone()))
            }
            _ => {
                tracing::warn!(event = event.id, %failure, "event not applied now");
                Ok((Verdict::Retry, String::new()))
            }
        }
    }
}
