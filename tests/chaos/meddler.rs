//! Stands between the services and notification's sink, and does what a link cannot: it refuses events for
//! good, and tells a batch twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use harness::{
    house::{End, House, Link, Part},
    proxy::Upstream,
};
use phidia_domain::caller::Caller;
use phidia_proto::events::v1::{
    DeliverEventsRequest, DeliverEventsResponse, Event, Receipt, Verdict,
    event_sink_service_client::EventSinkServiceClient,
    event_sink_service_server::{EventSinkService, EventSinkServiceServer},
};
use phidia_runtime::{identity, peer::Peer};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status, Streaming};

/// What it does to events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mischief {
    /// It hands them on.
    #[default]
    None,
    /// It refuses those of every fourth application, from then on for good.
    Refuse,
    /// It hands every batch on twice, and answers with the second answer.
    Repeat,
}

/// Hands on, and meddles when told to.
#[derive(Clone, Default)]
pub(crate) struct Meddler {
    sink: Arc<Sink>,
    server: Arc<Option<Server>>,
}

#[derive(Default)]
struct Sink {
    mischief: Mutex<Mischief>,
    refused: Mutex<BTreeSet<String>>,
    notification: String,
}

struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Meddler {
    /// Puts itself between the services of a house and notification.
    pub(crate) async fn between(house: &House) -> Self {
        let notification = house.endpoint(Part::Notification);
        let sink = Arc::new(Sink { notification, ..Sink::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = EventSinkServiceServer::new(Desk(sink.clone()))
            .max_decoding_message_size(phidia_proto::MAX_MESSAGE_BYTES)
            .max_encoding_message_size(phidia_proto::MAX_MESSAGE_BYTES);
        let server = tonic::transport::Server::builder().add_service(service);
        let served = tokio::spawn(async move {
            server.serve_with_incoming(TcpListenerStream::new(listener)).await.unwrap();
        });
        for from in Part::SERVICES.into_iter().filter(|part| *part != Part::Notification) {
            house
                .detour(Link { from: Some(from), to: End::Part(Part::Notification) }, Upstream::Tcp(address));
        }
        Self { sink, server: Arc::new(Some(Server(served))) }
    }

    pub(crate) fn begin(&self, mischief: Mischief) {
        assert!(self.server.is_some(), "it stands between nobody");
        *self.sink.mischief.lock().unwrap() = mischief;
    }

    /// From now on it hands those on, too, that it refused; answers which they are.
    pub(crate) fn forgive(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.sink.refused.lock().unwrap())
    }

    /// Applications of which it refused an event.
    pub(crate) fn refused(&self) -> BTreeSet<String> {
        self.sink.refused.lock().unwrap().clone()
    }
}

/// The sink as sources see it.
struct Desk(Arc<Sink>);

#[tonic::async_trait]
impl EventSinkService for Desk {
    type DeliverEventsStream = ReceiverStream<Result<DeliverEventsResponse, Status>>;

    async fn deliver_events(
        &self,
        request: Request<Streaming<DeliverEventsRequest>>,
    ) -> Result<Response<Self::DeliverEventsStream>, Status> {
        let name = request.metadata().get(identity::NAME).and_then(|name| name.to_str().ok());
        let peer =
            Peer::remote(&self.0.notification, Caller::service(name.unwrap_or("nobody")), None).unwrap();
        let mut onward = Onward::open(peer).await?;
        let (sink, mut batches) = (self.0.clone(), request.into_inner());
        let (answers, told) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Ok(Some(batch)) = batches.message().await {
                let answer = sink.answer(batch, &mut onward).await;
                let broken = answer.is_err();
                if answers.send(answer).await.is_err() || broken {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(told)))
    }
}

impl Sink {
    async fn answer(
        &self,
        request: DeliverEventsRequest,
        onward: &mut Onward,
    ) -> Result<DeliverEventsResponse, Status> {
        let mischief = *self.mischief.lock().unwrap();
        let DeliverEventsRequest { batch, events } = request;
        let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
        let (refused, good): (Vec<_>, Vec<_>) =
            events.into_iter().partition(|event| self.refuses(mischief, event));
        let mut receipts: BTreeMap<String, Receipt> = refused.into_iter().map(refusal).collect();
        if !good.is_empty() {
            if mischief == Mischief::Repeat {
                onward.deliver(good.clone()).await?;
            }
            receipts
                .extend(onward.deliver(good).await?.into_iter().map(|told| (told.event_id.clone(), told)));
        }
        let receipts = ids.iter().filter_map(|id| receipts.remove(id)).collect();
        Ok(DeliverEventsResponse { batch, receipts })
    }

    fn refuses(&self, mischief: Mischief, event: &Event) -> bool {
        let mut refused = self.refused.lock().unwrap();
        // The last digits of an id are drawn by chance.
        let chosen = ["0", "4", "8", "c"].iter().any(|digit| event.application_id.ends_with(digit));
        if mischief == Mischief::Refuse && chosen {
            refused.insert(event.application_id.clone());
        }
        refused.contains(&event.application_id)
    }
}

fn refusal(event: Event) -> (String, Receipt) {
    let reason = "MEDDLED".to_owned();
    (event.id.clone(), Receipt { event_id: event.id, verdict: Verdict::Refused.into(), reason })
}

/// The way to the real sink.
struct Onward {
    batches: mpsc::Sender<DeliverEventsRequest>,
    answers: Streaming<DeliverEventsResponse>,
    batch: u64,
}

impl Onward {
    async fn open(peer: Peer) -> Result<Self, Status> {
        let (batches, sent) = mpsc::channel(1);
        let mut client = EventSinkServiceClient::new(peer)
            .max_decoding_message_size(phidia_proto::MAX_MESSAGE_BYTES)
            .max_encoding_message_size(phidia_proto::MAX_MESSAGE_BYTES);
        let answers = client.deliver_events(ReceiverStream::new(sent)).await?.into_inner();
        Ok(Self { batches, answers, batch: 0 })
    }

    async fn deliver(&mut self, events: Vec<Event>) -> Result<Vec<Receipt>, Status> {
        self.batch += 1;
        // Where it is closed there is no answer either.
        let _ = self.batches.send(DeliverEventsRequest { batch: self.batch, events }).await;
        let answer = self.answers.message().await?;
        answer
            .map(|answer| answer.receipts)
            .ok_or_else(|| Status::from_error("the sink ended the stream".into()))
    }
}
