//! The receiving side: what a service does to be told by others.

mod apply;
mod inbox;
mod patience;
mod trace;

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _};
use phidia_domain::{Kind, Rejection};
use phidia_proto::events::v1::{
    DeliverEventsRequest, DeliverEventsResponse, Event, Receipt, Verdict,
    event::Fact,
    event_sink_service_server::{EventSinkService, EventSinkServiceServer},
};
use phidia_runtime::{
    failure::Failure,
    status::{from_request_stream, to_status},
};
use sea_orm::DatabaseTransaction;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::{facts::Facts, write::Outbox};
use patience::Patience;

/// The most events in a batch.
pub const LONGEST_BATCH: u64 = 256;

/// Applies what other services tell.
#[async_trait]
pub trait EventSink: Send + Sync + 'static {
    /// Applies one event inside the inbox transaction; new facts that it brings about go to `facts`, where
    /// they are given its id as their cause and its trace.
    ///
    /// It acts through `tx` and `facts` alone, and waits for nothing else: what it did may be rolled back
    /// and done again, and it may hold the one writer of the store.
    ///
    /// # Errors
    /// A rejection refuses the event for good: it is parked at its source until an operator replays it. A
    /// failure that [is transient](Failure::is_transient) makes it come again, and all after it; when that
    /// has gone on for a quarter of an hour, it is parked too.
    async fn apply(&self, tx: &DatabaseTransaction, event: &Event, facts: &mut Facts) -> Result<(), Failure>;

    /// Whether a fact concerns this service at all. What does not is acknowledged, and costs it nothing. Facts
    /// are named one by one: of a new one somebody must decide.
    fn concerns(&self, fact: &Fact) -> bool;

    /// Called after the commit of a batch, to wake workers.
    fn applied(&self) {}
}

/// Serves [`EventSinkService`] with a sink.
#[derive(Debug)]
pub struct SinkService<S> {
    sink: Arc<S>,
    outbox: Outbox,
    patience: Arc<Patience>,
    stop: CancellationToken,
}

impl<S: EventSink> SinkService<S> {
    /// A sink whose effects, inbox and new facts are kept where `outbox` is. When `stop` is cancelled its
    /// streams end after the batch that they are at: otherwise a server would wait for its sources.
    pub fn new(sink: Arc<S>, outbox: Outbox, stop: CancellationToken) -> Self {
        Self { sink, outbox, patience: Arc::default(), stop }
    }

    /// As a gRPC service, with the limits of messages.
    pub fn server(self) -> EventSinkServiceServer<Self> {
        EventSinkServiceServer::new(self)
            .max_decoding_message_size(phidia_proto::MAX_MESSAGE_BYTES)
            .max_encoding_message_size(phidia_proto::MAX_MESSAGE_BYTES)
    }
}

#[async_trait]
impl<S: EventSink> EventSinkService for SinkService<S> {
    type DeliverEventsStream = BoxStream<'static, Result<DeliverEventsResponse, Status>>;

    async fn deliver_events(
        &self,
        request: Request<Streaming<DeliverEventsRequest>>,
    ) -> Result<Response<Self::DeliverEventsStream>, Status> {
        if self.stop.is_cancelled() {
            return Err(to_status(&Rejection::new(Kind::Unavailable, "GOING_AWAY", "this sink is stopping")));
        }
        let (sink, outbox, stop) = (Arc::clone(&self.sink), self.outbox.clone(), self.stop.clone());
        let patience = Arc::clone(&self.patience);
        let answers = stream::try_unfold(request.into_inner(), move |mut batches| {
            let (sink, outbox, stop) = (Arc::clone(&sink), outbox.clone(), stop.clone());
            let patience = Arc::clone(&patience);
            async move {
                let batch = tokio::select! {
                    biased;
                    () = stop.cancelled() => None,
                    batch = batches.message() => {
                        batch.map_err(|status| to_status(&from_request_stream(&status)))?
                    }
                };
                let Some(batch) = batch else { return Ok(None) };
                Ok(Some((answer(sink, &outbox, patience, batch).await?, batches)))
            }
        });
        Ok(Response::new(answers.boxed()))
    }
}

/// Applies a batch, in one transaction where nothing of it fails. When not even the rest of it can be
/// applied, all of it is to come again.
async fn answer<S: EventSink>(
    sink: Arc<S>,
    outbox: &Outbox,
    patience: Arc<Patience>,
    batch: DeliverEventsRequest,
) -> Result<DeliverEventsResponse, Status> {
    let DeliverEventsRequest { batch, events } = batch;
    if events.len() as u64 > LONGEST_BATCH {
        let expected = format!("at most {LONGEST_BATCH}");
        return Err(to_status(&Rejection::invalid("OUT_OF_RANGE", "events", expected)));
    }
    if events.is_empty() {
        return Ok(DeliverEventsResponse { batch, receipts: Vec::new() });
    }
    let (ids, concerning) = sorted(&*sink, events);
    if concerning.is_empty() {
        return Ok(DeliverEventsResponse { batch, receipts: acknowledged(ids, Vec::new()) });
    }
    let now = outbox.clock().now();
    let (applier, all) = (Arc::clone(&sink), Arc::new(concerning));
    let untold = Arc::clone(&all);
    let (first, again, calm) = (Arc::clone(&applier), Arc::clone(&all), Arc::clone(&patience));
    let mut done = outbox
        .write(move |tx, facts| {
            Box::pin(async move { apply::together(tx, facts, &*first, &calm, &again, now).await })
        })
        .await;
    if done.is_err() {
        done = outbox
            .write(move |tx, facts| {
                Box::pin(async move { apply::one_by_one(tx, facts, &*applier, &patience, &all, now).await })
            })
            .await;
    }
    let receipts = match done {
        Ok(receipts) => {
            sink.applied();
            receipts
        }
        Err(failure) => {
            tracing::warn!(%failure, events = untold.len(), "a batch was not applied");
            untold.iter().map(|event| receipt(event.id.clone(), Verdict::Retry, "")).collect()
        }
    };
    Ok(DeliverEventsResponse { batch, receipts: acknowledged(ids, receipts) })
}

/// The ids of all events, and those events that are to be applied or refused.
fn sorted<S: EventSink>(sink: &S, events: Vec<Event>) -> (Vec<String>, Vec<Event>) {
    let ids = events.iter().map(|event| event.id.clone()).collect();
    let concerns = |event: &Event| event.fact.as_ref().is_none_or(|fact| sink.concerns(fact));
    (ids, events.into_iter().filter(concerns).collect())
}

/// A receipt for each id in its order: what has none was of no concern.
fn acknowledged(ids: Vec<String>, receipts: Vec<Receipt>) -> Vec<Receipt> {
    let mut receipts = receipts.into_iter().peekable();
    ids.into_iter()
        .map(|id| {
            receipts
                .next_if(|receipt| receipt.event_id == id)
                .unwrap_or_else(|| receipt(id, Verdict::Applied, ""))
        })
        .collect()
}

fn receipt(event_id: String, verdict: Verdict, reason: &str) -> Receipt {
    Receipt { event_id, verdict: verdict.into(), reason: reason.to_owned() }
}
