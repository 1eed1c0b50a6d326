//! NotificationService: wire in, use case, wire out.

use phidia_domain::{
    Rejection,
    id::ApplicationId,
    notice::{Channel, State},
};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    notification::v1::{
        self as wire, ListMessagesRequest, ListMessagesResponse, MessageChannel, MessageState,
        notification_service_server::{NotificationService, NotificationServiceServer},
    },
};
use phidia_runtime::{database::Database, failure::Failure, identity, status, telemetry::concerns};
use tonic::{Request, Response, Status};

use crate::{
    list_messages::{Query, list_messages},
    store::Message,
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
        if let Some(application) = query.application {
            concerns(application);
        }
        let page = list_messages(&self.db, &caller, query).await?;
        Ok(ListMessagesResponse {
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
}

fn query(request: ListMessagesRequest) -> Result<Query, Rejection> {
    let application = match request.application_id.as_str() {
        "" => None,
        id => Some(convert::id::<ApplicationId>(id, "application_id")?),
    };
    let limit = convert::page_size(request.page_size, 100, 1_000)?;
    Ok(Query { application, limit, page_token: request.page_token })
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
    }
}
