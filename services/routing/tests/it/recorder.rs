//! A subscriber that takes everything and remembers it.

use std::sync::{Arc, Mutex};

use phidia_domain::caller::Caller;
use phidia_proto::events::v1::{
    DeliverEventsRequest, DeliverEventsResponse, Event, Receipt, Verdict,
    event_sink_service_server::{EventSinkService, EventSinkServiceServer},
};
use phidia_runtime::peer::Peer;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status, Streaming, service::Routes};

use crate::harness::stacked;

/// What was told, by subscriber.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<(String, Event)>>>);

impl Recorder {
    /// The way to it under this name.
    pub(crate) fn peer(&self, name: &str) -> Peer {
        Peer::local(stacked(self.routes(name)), Caller::service("routing"))
    }

    /// What answers there.
    pub(crate) fn routes(&self, name: &str) -> Routes {
        Routes::new(EventSinkServiceServer::new(Sink { name: name.to_owned(), told: self.clone() }))
    }

    /// What one subscriber was told.
    pub(crate) fn by(&self, name: &str) -> Vec<Event> {
        self.0.lock().unwrap().iter().filter(|(to, _)| to == name).map(|(_, event)| event.clone()).collect()
    }
}

struct Sink {
    name: String,
    told: Recorder,
}

#[async_trait::async_trait]
impl EventSinkService for Sink {
    type DeliverEventsStream = tonic::codegen::BoxStream<DeliverEventsResponse>;

    async fn deliver_events(
        &self,
        request: Request<Streaming<DeliverEventsRequest>>,
    ) -> Result<Response<Self::DeliverEventsStream>, Status> {
        let (answers, stream) = mpsc::unbounded_channel();
        let (name, told, mut batches) = (self.name.clone(), self.told.clone(), request.into_inner());
        tokio::spawn(async move {
            while let Ok(Some(DeliverEventsRequest { batch, events })) = batches.message().await {
                let receipt = |event: &Event| Receipt {
                    event_id: event.id.clone(),
                    verdict: Verdict::Applied.into(),
                    reason: String::new(),
                };
                let receipts = events.iter().map(receipt).collect();
                told.0.lock().unwrap().extend(events.into_iter().map(|event| (name.clone(), event)));
                if answers.send(Ok(DeliverEventsResponse { batch, receipts })).is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(Answers(stream))))
    }
}

struct Answers(mpsc::UnboundedReceiver<Result<DeliverEventsResponse, Status>>);

impl tonic::codegen::tokio_stream::Stream for Answers {
    type Item = Result<DeliverEventsResponse, Status>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}
