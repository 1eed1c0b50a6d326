//! NotificationService: wire in, use case, wire out. [`events`] has EventService's, [`subscriptions`] SubscriptionService's.

pub(crate) mod events;
pub(crate) mod subscriptions;

use phidia_domain::{
    Rejection,
    caller::Caller,
    notice::{Channel, State},
};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    notification::v1::{
        self as wire, ListMessagesRequest, ListMessagesResponse, ListUnitMessagesRequest,
        ListUnitMessagesResponse, MessageChannel, MessageState,
        notification_service_server::{NotificationService, NotificationServiceServer},
    },
};
use phidia_runtime::{database::Database, failure::Failure, identity, status, telemetry::concerns};
use tonic::{Request, Response, Status};

use crate::{
    list_messages::{Query, list_messages},
    store::{Message, mailbox::Mailbox},
};

/// The gRPC face of this service.
#[derive(Debug)]
pub(crate) struct Grpc {
    pub(crate) db: Database,
}

impl Grpc {
    pub(crate) fn into_server(self) -> NotificationServiceServer<Self> {
        NotificationServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn list(&self, request: Request<ListMessagesRequest>) -> Result<ListMessagesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let query = query(request.into_inner())?;
        if let Mailbox::Application(application) = query.mailbox {
            concerns(application);
        }
        let page = list_messages(&self.db, &caller, query).await?;
        Ok(ListMessagesResponse {
            messages: page.messages.into_iter().map(wire_message).collect(),
            next_page_token: page.next_page_token,
            total: page.total,
        })
    }

    async fn list_of_unit(
        &self,
        request: Request<ListUnitMessagesRequest>,
    ) -> Result<ListUnitMessagesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let query = query_of_unit(&caller, request.into_inner())?;
        let page = list_messages(&self.db, &caller, query).await?;
        Ok(ListUnitMessagesResponse {
            messages: page.messages.into_iter().map(wire_message).collect(),
            next_page_token: page.next_page_token,
            total: page.total,
        })
    }
}

#[tonic::async_trait]
impl NotificationService for Grpc {
    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_unit_messages(
        &self,
        request: Request<ListUnitMessagesRequest>,
    ) -> Result<Response<ListUnitMessagesResponse>, Status> {
        self.list_of_unit(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn query(request: ListMessagesRequest) -> Result<Query, Rejection> {
    let mailbox = match request.application_id.as_str() {
        "" => Mailbox::Citizens,
        id => Mailbox::Application(convert::id(id, "application_id")?),
    };
    let limit = convert::page_size(request.page_size, 100, 1_000)?;
    Ok(Query { mailbox, limit, page_token: request.page_token })
}

fn query_of_unit(caller: &Caller, request: ListUnitMessagesRequest) -> Result<Query, Rejection> {
    let unit = match convert::optional_unit(&request.unit_id, "unit_id")?.or(caller.unit) {
        Some(unit) => unit,
        None => {
            let expected = "is required of a caller who is at no unit";
            return Err(Rejection::invalid("MISSING_FIELD", "unit_id", expected));
        }
    };
    let limit = convert::page_size(request.page_size, 100, 1_000)?;
    Ok(Query { mailbox: Mailbox::Unit(unit), limit, page_token: request.page_token })
}

fn wire_message(message: Message) -> wire::Message {
    wire::Message {
        message_id: message.id.to_string(),
        application_id: message.application.to_string(),
        channel: match message.channel {
            Channel::InApp => MessageChannel::InApp,
            Channel::Email => MessageChannel::Email,
        }
        .into(),
        template: message.notice.template().to_owned(),
        template_version: message.template_version.into(),
        language: convert::wire_language(message.language).into(),
        subject: message.subject,
        body: message.body,
        state: match message.state {
            State::Created => MessageState::Created,
            State::Sent => MessageState::Sent,
            State::Retrying => MessageState::Retrying,
            State::Failed => MessageState::Failed,
        }
        .into(),
        occurred_at: Some(convert::wire_timestamp(message.occurred_at)),
        sent_at: message.sent_at.map(convert::wire_timestamp),
        attempts: message.attempts,
        failure: message.failure,
        unit_id: message.unit.map(|unit| unit.to_string()).unwrap_or_default(),
    }
}
