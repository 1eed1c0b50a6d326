//! The gRPC face of an outbox: what is parked, and whether anything is on its way.

use std::time::Duration;

use async_trait::async_trait;
use phidia_domain::{Rejection, id::ApplicationId};
use phidia_proto::{
    MAX_MESSAGE_BYTES,
    convert::{self, wire_timestamp},
    events::v1::{
        GetRestRequest, GetRestResponse, ListParkedEventsRequest, ListParkedEventsResponse, ParkedEvent,
        ReplayParkedEventsRequest, ReplayParkedEventsResponse,
        outbox_service_server::{OutboxService, OutboxServiceServer},
    },
};
use phidia_runtime::{failure::Failure, status};
use tonic::{Request, Response, Status};

use super::{Parked, Which};
use crate::{conservation, write::Outbox};

/// How long a question for rest is kept waiting: whoever asks for it wants it, and asks again otherwise.
const REST_WITHIN: Duration = Duration::from_millis(100);

/// Serves the outboxes of this process.
pub fn server(mut outboxes: Vec<Outbox>) -> OutboxServiceServer<impl OutboxService> {
    outboxes.sort_by_key(Outbox::source);
    OutboxServiceServer::new(Outboxes(outboxes))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
}

/// In the order of their sources.
struct Outboxes(Vec<Outbox>);

#[async_trait]
impl OutboxService for Outboxes {
    async fn list_parked_events(
        &self,
        request: Request<ListParkedEventsRequest>,
    ) -> Result<Response<ListParkedEventsResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(status::of_failure)
    }

    async fn replay_parked_events(
        &self,
        request: Request<ReplayParkedEventsRequest>,
    ) -> Result<Response<ReplayParkedEventsResponse>, Status> {
        self.replay(request.into_inner()).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_rest(&self, _: Request<GetRestRequest>) -> Result<Response<GetRestResponse>, Status> {
        let handed_over = async {
            for outbox in &self.0 {
                outbox.handed_over().await;
            }
        };
        // What is still under way after it is not at rest, and said to be so.
        let _ = tokio::time::timeout(REST_WITHIN, handed_over).await;
        let all_told = || self.0.iter().map(Outbox::told).sum();
        let told = all_told();
        // What is told while we look is on its way, or was handed over a moment ago to somebody who tells more.
        let at_rest = self.0.iter().all(Outbox::is_at_rest) && all_told() == told;
        Ok(Response::new(GetRestResponse { at_rest, told }))
    }
}

impl Outboxes {
    async fn list(&self, request: ListParkedEventsRequest) -> Result<ListParkedEventsResponse, Failure> {
        let size = convert::page_size(request.page_size, 100, 1_000)?;
        let after = Place::read(&request.page_token)?;
        let application = match request.application_id.as_str() {
            "" => None,
            id => Some(convert::id::<ApplicationId>(id, "application_id")?),
        };
        let subscriber = Some(request.subscriber).filter(|subscriber| !subscriber.is_empty());
        let which = Which { subscriber, application };
        let mut found = Vec::new();
        for outbox in &self.0 {
            let source = outbox.source();
            let before = after.as_ref().is_some_and(|after| source < after.source);
            if before || !(request.source.is_empty() || request.source == source) {
                continue;
            }
            let after = after.as_ref().filter(|after| after.source == source);
            let after = after.map(|after| (after.subscriber, after.position));
            let wanted = size + 1 - found.len() as u64;
            let page = outbox.parked_page(&which, after, wanted).await?;
            found.extend(page.into_iter().map(|parked| (source, parked)));
            if found.len() as u64 > size {
                break;
            }
        }
        let more = found.len() as u64 > size;
        if more {
            found.pop();
        }
        let last = found.last().filter(|_| more);
        let next_page_token =
            last.map(|(source, parked)| Place::of(source, parked).to_string()).unwrap_or_default();
        let events = found.into_iter().map(|(source, parked)| wire(source, parked)).collect();
        Ok(ListParkedEventsResponse { events, next_page_token })
    }

    async fn replay(
        &self,
        request: ReplayParkedEventsRequest,
    ) -> Result<ReplayParkedEventsResponse, Failure> {
        let ReplayParkedEventsRequest { source, subscriber, application_id } = request;
        let application: ApplicationId = convert::id(&application_id, "application_id")?;
        for (field, value) in [("source", &source), ("subscriber", &subscriber)] {
            if value.is_empty() {
                return Err(convert::missing(field).into());
            }
        }
        let outbox = self.0.iter().find(|outbox| outbox.source() == source);
        let outbox = outbox.ok_or_else(|| conservation::unknown(&source))?;
        let events = outbox.replay(&subscriber, application).await?;
        tracing::info!(source, subscriber, %application, events, "parked events are delivered again");
        Ok(ReplayParkedEventsResponse { events })
    }
}

/// Where a parked event stands in the list: its token.
struct Place<'t> {
    source: &'t str,
    subscriber: &'t str,
    position: i64,
}

impl<'t> Place<'t> {
    fn of(source: &'t str, parked: &'t Parked) -> Self {
        Self { source, subscriber: &parked.subscriber, position: parked.position }
    }

    /// None for the empty token.
    fn read(token: &'t str) -> Result<Option<Self>, Rejection> {
        if token.is_empty() {
            return Ok(None);
        }
        let mut parts = token.split('/');
        let place = (|| {
            let (source, subscriber) = (parts.next()?, parts.next()?);
            let position = parts.next()?.parse().ok()?;
            parts.next().is_none().then_some(Self { source, subscriber, position })
        })();
        place.map(Some).ok_or_else(|| {
            Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token of an answer")
        })
    }
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.source, self.subscriber, self.position)
    }
}

fn wire(source: &str, parked: Parked) -> ParkedEvent {
    ParkedEvent {
        source: source.to_owned(),
        subscriber: parked.subscriber,
        application_id: parked.application.to_string(),
        event_id: parked.event.to_string(),
        sequence: parked.sequence,
        kind: parked.kind,
        reason: parked.reason,
        since: Some(wire_timestamp(parked.since)),
        replaying: parked.replaying,
    }
}
