//! The stream to a sink: one batch in flight.

use phidia_proto::events::v1::{
    DeliverEventsRequest, DeliverEventsResponse, Event, Receipt,
    event_sink_service_client::EventSinkServiceClient,
};
use phidia_runtime::{failure::Failure, peer::Peer};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

/// An open stream.
#[derive(Debug)]
pub(super) struct Link {
    requests: mpsc::Sender<DeliverEventsRequest>,
    answers: Streaming<DeliverEventsResponse>,
    batch: u64,
}

impl Link {
    pub(super) async fn open(peer: Peer) -> Result<Self, Failure> {
        let (requests, sent) = mpsc::channel(1);
        let mut client = EventSinkServiceClient::new(peer)
            .max_decoding_message_size(phidia_proto::MAX_MESSAGE_BYTES)
            .max_encoding_message_size(phidia_proto::MAX_MESSAGE_BYTES);
        let answers = client.deliver_events(ReceiverStream::new(sent)).await?.into_inner();
        Ok(Self { requests, answers, batch: 0 })
    }

    /// Delivers a batch and waits for its receipts: one per event, in the same order.
    ///
    /// # Errors
    /// When the stream breaks or the answer is another one's: then this link is of no more use.
    pub(super) async fn deliver(&mut self, events: Vec<Event>) -> Result<Vec<Receipt>, Failure> {
        self.batch += 1;
        let ids: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
        let ended = || Failure::broken("the sink ended the stream");
        let request = DeliverEventsRequest { batch: self.batch, events };
        self.requests.send(request).await.map_err(|_| ended())?;
        let answer = self.answers.message().await?.ok_or_else(ended)?;
        let fits =
            answer.batch == self.batch && answer.receipts.iter().map(|receipt| &receipt.event_id).eq(&ids);
        if fits { Ok(answer.receipts) } else { Err(Failure::broken("the sink answered another batch")) }
    }
}
