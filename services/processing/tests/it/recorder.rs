//! The recorder: plays every subscriber, and remembers who was told what.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use phidia_domain::caller::Caller;
use phidia_proto::events::v1::{
    DeliverEventsRequest, DeliverEventsResponse, Event, Receipt, Verdict,
    event::Fact,
    event_sink_service_server::{EventSinkService, EventSinkServiceServer},
};
use phidia_runtime::peer::Peer;
use tokio::sync::mpsc;
use tonic::{
    Request, Response, Status, Streaming,
    codegen::tokio_stream::{StreamExt as _, wrappers::ReceiverStream},
    service::Routes,
};

use crate::harness::{SOON, stacked};

/// Takes every event and remembers who was told it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<(&'static str, Event)>>>);

impl Recorder {
    pub(crate) fn peer(&self, subscriber: &'static str) -> Peer {
        let sink = EventSinkServiceServer::new(Ear { subscriber, told: self.clone() });
        Peer::local(stacked(Routes::new(sink)), Caller::service("processing"))
    }

    /// What another one has heard before.
    pub(crate) fn remembers(&self, other: Self) {
        let mut before = other.0.lock().unwrap().clone();
        let mut told = self.0.lock().unwrap();
        before.append(&mut told);
        *told = before;
    }

    /// The facts that `subscriber` was told of, once there are as many as that.
    pub(crate) async fn facts(&self, subscriber: &str, count: usize) -> Vec<Fact> {
        self.events(subscriber, count).await.into_iter().filter_map(|event| event.fact).collect()
    }

    pub(crate) async fn events(&self, subscriber: &str, count: usize) -> Vec<Event> {
        tokio::time::timeout(SOON, async {
            loop {
                let told = self.0.lock().unwrap().clone();
                let mut seen = BTreeSet::new();
                let events: Vec<Event> = told
                    .into_iter()
                    .filter(|(to, event)| *to == subscriber && seen.insert(event.id.clone()))
                    .map(|(_, event)| event)
                    .collect();
                if events.len() >= count {
                    return events;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("what is to be told is told soon")
    }
}

#[derive(Debug)]
struct Ear {
    subscriber: &'static str,
    told: Recorder,
}

#[tonic::async_trait]
impl EventSinkService for Ear {
    type DeliverEventsStream = ReceiverStream<Result<DeliverEventsResponse, Status>>;

    async fn deliver_events(
        &self,
        request: Request<Streaming<DeliverEventsRequest>>,
    ) -> Result<Response<Self::DeliverEventsStream>, Status> {
        let (answer, answers) = mpsc::channel(1);
        let (subscriber, told, mut batches) = (self.subscriber, self.told.clone(), request.into_inner());
        tokio::spawn(async move {
            while let Some(Ok(DeliverEventsRequest { batch, events })) = batches.next().await {
                let receipts = events
                    .iter()
                    .map(|event| Receipt {
                        event_id: event.id.clone(),
                        verdict: Verdict::Applied.into(),
                        reason: String::new(),
                    })
                    .collect();
                told.0.lock().unwrap().extend(events.into_iter().map(|event| (subscriber, event)));
                if answer.send(Ok(DeliverEventsResponse { batch, receipts })).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(answers)))
    }
}
