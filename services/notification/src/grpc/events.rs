//! EventService: wire in, use case, wire out.

use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use phidia_domain::Rejection;
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    notification::v1::{
        ListEventsRequest, ListEventsResponse, RenumberEventsRequest, RenumberEventsResponse,
        WatchEventsRequest, WatchEventsResponse,
        event_service_server::{EventService, EventServiceServer},
        list_events_request, watch_events_request,
    },
};
use phidia_runtime::{failure::Failure, identity, status::of_failure};
use tonic::{Request, Response, Status};

use crate::{
    feed::{
        self, Feed, Place,
        watch::{From, Told},
    },
    manage::read_reason,
};

/// The gRPC face of the feed.
#[derive(Debug)]
pub(crate) struct EventServer(pub(crate) Feed);

/// What a reader is told.
type Happenings = BoxStream<'static, Result<WatchEventsResponse, Status>>;

impl EventServer {
    pub(crate) fn into_server(self) -> EventServiceServer<Self> {
        EventServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn watch(&self, request: WatchEventsRequest) -> Result<Happenings, Failure> {
        use watch_events_request::From as Wire;
        let filter = feed::filter(request.filter)?;
        let from = match request.from {
            None => None,
            Some(Wire::ResumeToken(token)) => place(&token)?,
            Some(Wire::Since(at)) => Some(From::Since(convert::timestamp(at, "since")?)),
        };
        let told = self.0.watch(filter, from).await?;
        let wire = |Told { place, events }| WatchEventsResponse { resume_token: place.token(), events };
        Ok(told.map_ok(wire).map_err(of_failure).boxed())
    }

    async fn list(&self, request: ListEventsRequest) -> Result<ListEventsResponse, Failure> {
        use list_events_request::From as Wire;
        let filter = feed::filter(request.filter)?;
        let limit = convert::page_size(request.page_size, 100, 1_000)?;
        let from = match request.from {
            None => None,
            Some(Wire::ResumeToken(token)) => place(&token)?,
            Some(Wire::Since(at)) => Some(From::Since(convert::timestamp(at, "since")?)),
        };
        let (Told { place, events }, is_last) = self.0.list(&filter, from, limit).await?;
        Ok(ListEventsResponse { events, resume_token: place.token(), is_last })
    }

    async fn renumber(
        &self,
        request: Request<RenumberEventsRequest>,
    ) -> Result<RenumberEventsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let reason = read_reason(&request.into_inner().reason)?;
        let begun_at = self.0.renumber(caller.actor(), reason).await?;
        Ok(RenumberEventsResponse { begun_at: Some(convert::wire_timestamp(begun_at)) })
    }
}

/// The place that a token stands for; none: it is empty.
fn place(token: &str) -> Result<Option<From>, Rejection> {
    Ok(optional_place(token)?.map(From::Place))
}

/// The same, where there is nowhere else to begin.
pub(super) fn optional_place(token: &str) -> Result<Option<Place>, Rejection> {
    match token {
        "" => Ok(None),
        token => Place::of(token).map(Some),
    }
}

#[tonic::async_trait]
impl EventService for EventServer {
    type WatchEventsStream = Happenings;

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        self.watch(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn renumber_events(
        &self,
        request: Request<RenumberEventsRequest>,
    ) -> Result<Response<RenumberEventsResponse>, Status> {
        self.renumber(request).await.map(Response::new).map_err(of_failure)
    }
}
