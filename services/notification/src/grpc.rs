//! NotificationService: wire in, use case, wire out. [`events`] has EventService's, [`subscriptions`] SubscriptionService's.

pub(crate) mod events;
pub(crate) mod subscriptions;

pub(crate) mod office;

pub(crate) mod templates;

use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use phidia_domain::{
    Rejection,
    caller::Caller,
    id::UnitId,
    notice::{Channel, Receipt, State},
};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    notification::v1::{
        self as wire, CancelMessageRequest, CancelMessageResponse, GetMessageRequest, GetMessageResponse,
        GetOutstandingMessagesRequest, GetOutstandingMessagesResponse, ListDeadMessagesRequest,
        ListDeadMessagesResponse, ListMessagesRequest, ListMessagesResponse, ListOperatorMessagesRequest,
        ListOperatorMessagesResponse, ListUnitMessagesRequest, ListUnitMessagesResponse, MessageChannel,
        MessageState, ReplayMessagesRequest, ReplayMessagesResponse, ResendMessageRequest,
        ResendMessageResponse, WatchMessagesRequest, WatchMessagesResponse,
        notification_service_server::{NotificationService, NotificationServiceServer},
        replay_messages_request, watch_messages_request,
    },
};
use phidia_runtime::{database::Database, failure::Failure, identity, status, telemetry::concerns};
use tonic::{Request, Response, Status};

use crate::{
    list_messages::{Query, list_messages},
    manage::{Manager, Shown, Which},
    store::{
        Message,
        attempts::{Attempt, Deed},
        mailbox::Mailbox,
        outstanding::Pile,
        receipts::Said,
    },
    watch_messages::{Mailboxes, Told},
    webhook::{Owed, Webhooks},
};

/// The gRPC face of this service.
#[derive(Debug)]
pub(crate) struct Grpc {
    pub(crate) db: Database,
    pub(crate) manager: Manager,
    pub(crate) webhooks: Webhooks,
    pub(crate) mailboxes: Mailboxes,
}

/// What a watcher of a mailbox is told.
type Coming = BoxStream<'static, Result<WatchMessagesResponse, Status>>;

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

    async fn watch(&self, request: Request<WatchMessagesRequest>) -> Result<Coming, Failure> {
        let caller = identity::caller(&request)?;
        let WatchMessagesRequest { mailbox, resume_token } = request.into_inner();
        let mailbox = match mailbox {
            Some(watch_messages_request::Mailbox::ApplicationId(id)) => {
                let application = convert::id(&id, "application_id")?;
                concerns(application);
                Mailbox::Application(application)
            }
            Some(watch_messages_request::Mailbox::UnitId(id)) => Mailbox::Unit(unit_asked_for(&caller, &id)?),
            None => Mailbox::Unit(unit_asked_for(&caller, "")?),
        };
        let from = events::optional_place(&resume_token)?;
        let told = self.mailboxes.watch(&caller, mailbox, from).await?;
        let wire = |Told { place, messages }| WatchMessagesResponse {
            resume_token: place.token(),
            messages: messages.into_iter().map(wire_message).collect(),
        };
        Ok(told.map_ok(wire).map_err(status::of_failure).boxed())
    }

    async fn list_of_operators(
        &self,
        request: Request<ListOperatorMessagesRequest>,
    ) -> Result<ListOperatorMessagesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListOperatorMessagesRequest { page_size, page_token } = request.into_inner();
        let limit = convert::page_size(page_size, 100, 1_000)?;
        let query = Query { mailbox: Mailbox::Operators, limit, page_token, newest_first: false };
        let page = list_messages(&self.db, &caller, query).await?;
        Ok(ListOperatorMessagesResponse {
            messages: page.messages.into_iter().map(wire_message).collect(),
            next_page_token: page.next_page_token,
            total: page.total,
        })
    }

    async fn show(&self, request: Request<GetMessageRequest>) -> Result<GetMessageResponse, Failure> {
        let caller = identity::caller(&request)?;
        let id = convert::id(&request.into_inner().message_id, "message_id")?;
        let Shown { message, attempts, receipts, deeds } = self.manager.show(&caller, id).await?;
        message.about().inspect(|application| concerns(*application));
        Ok(GetMessageResponse {
            message: Some(wire_message(message)),
            attempts: attempts.into_iter().map(wire_attempt).collect(),
            receipts: receipts.into_iter().map(wire_receipt).collect(),
            deeds: deeds.into_iter().map(wire_deed).collect(),
        })
    }

    async fn resend(&self, request: Request<ResendMessageRequest>) -> Result<ResendMessageResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ResendMessageRequest { message_id, reason } = request.into_inner();
        let id = convert::id(&message_id, "message_id")?;
        let message = self.manager.resend(&caller, id, &reason).await?;
        Ok(ResendMessageResponse { message: Some(wire_message(message)) })
    }

    async fn cancel(&self, request: Request<CancelMessageRequest>) -> Result<CancelMessageResponse, Failure> {
        let caller = identity::caller(&request)?;
        let CancelMessageRequest { message_id, reason } = request.into_inner();
        let id = convert::id(&message_id, "message_id")?;
        let message = self.manager.cancel(&caller, id, &reason).await?;
        Ok(CancelMessageResponse { message: Some(wire_message(message)) })
    }

    async fn dead(&self, request: ListDeadMessagesRequest) -> Result<ListDeadMessagesResponse, Failure> {
        let limit = convert::page_size(request.page_size, 100, 1_000)?;
        let page = self.manager.dead(limit, &request.page_token).await?;
        Ok(ListDeadMessagesResponse {
            messages: page.messages.into_iter().map(wire_message).collect(),
            next_page_token: page.next_page_token,
            total: page.total,
        })
    }

    async fn replay(
        &self,
        request: Request<ReplayMessagesRequest>,
    ) -> Result<ReplayMessagesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ReplayMessagesRequest { which, reason } = request.into_inner();
        let which = match which {
            Some(replay_messages_request::Which::MessageId(id)) => {
                Which::One(convert::id(&id, "message_id")?)
            }
            Some(replay_messages_request::Which::All(true)) => Which::All,
            Some(replay_messages_request::Which::All(false)) | None => {
                return Err(convert::missing("which").into());
            }
        };
        Ok(ReplayMessagesResponse { messages: self.manager.replay(&caller, which, &reason).await? })
    }

    async fn outstanding(&self) -> Result<GetOutstandingMessagesResponse, Failure> {
        let piles = self.manager.outstanding().await?;
        let subscribers = self.webhooks.outstanding().await?;
        Ok(GetOutstandingMessagesResponse {
            outstanding: piles.into_iter().map(wire_pile).collect(),
            subscriptions: subscribers.owed.into_iter().map(wire_owed).collect(),
            more_subscriptions: subscribers.more,
            waiting_for_digest: self.manager.waiting_for_digest().await?,
        })
    }
}

#[tonic::async_trait]
impl NotificationService for Grpc {
    type WatchMessagesStream = Coming;

    async fn watch_messages(
        &self,
        request: Request<WatchMessagesRequest>,
    ) -> Result<Response<Self::WatchMessagesStream>, Status> {
        self.watch(request).await.map(Response::new).map_err(status::of_failure)
    }

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

    async fn list_operator_messages(
        &self,
        request: Request<ListOperatorMessagesRequest>,
    ) -> Result<Response<ListOperatorMessagesResponse>, Status> {
        self.list_of_operators(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_message(
        &self,
        request: Request<GetMessageRequest>,
    ) -> Result<Response<GetMessageResponse>, Status> {
        self.show(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn resend_message(
        &self,
        request: Request<ResendMessageRequest>,
    ) -> Result<Response<ResendMessageResponse>, Status> {
        self.resend(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn cancel_message(
        &self,
        request: Request<CancelMessageRequest>,
    ) -> Result<Response<CancelMessageResponse>, Status> {
        self.cancel(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_dead_messages(
        &self,
        request: Request<ListDeadMessagesRequest>,
    ) -> Result<Response<ListDeadMessagesResponse>, Status> {
        self.dead(request.into_inner()).await.map(Response::new).map_err(status::of_failure)
    }

    async fn replay_messages(
        &self,
        request: Request<ReplayMessagesRequest>,
    ) -> Result<Response<ReplayMessagesResponse>, Status> {
        self.replay(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_outstanding_messages(
        &self,
        _: Request<GetOutstandingMessagesRequest>,
    ) -> Result<Response<GetOutstandingMessagesResponse>, Status> {
        self.outstanding().await.map(Response::new).map_err(status::of_failure)
    }
}

fn query(request: ListMessagesRequest) -> Result<Query, Rejection> {
    let mailbox = match request.application_id.as_str() {
        "" => Mailbox::Citizens,
        id => Mailbox::Application(convert::id(id, "application_id")?),
    };
    let limit = convert::page_size(request.page_size, 100, 1_000)?;
    Ok(Query { mailbox, limit, page_token: request.page_token, newest_first: false })
}

fn query_of_unit(caller: &Caller, request: ListUnitMessagesRequest) -> Result<Query, Rejection> {
    let unit = unit_asked_for(caller, &request.unit_id)?;
    let limit = convert::page_size(request.page_size, 100, 1_000)?;
    let ListUnitMessagesRequest { page_token, newest_first, .. } = request;
    Ok(Query { mailbox: Mailbox::Unit(unit), limit, page_token, newest_first })
}

/// The unit with this id; none: the caller's own.
fn unit_asked_for(caller: &Caller, id: &str) -> Result<UnitId, Rejection> {
    convert::optional_unit(id, "unit_id")?.or(caller.unit).ok_or_else(|| {
        Rejection::invalid("MISSING_FIELD", "unit_id", "is required of a caller who is at no unit")
    })
}

fn wire_message(message: Message) -> wire::Message {
    wire::Message {
        message_id: message.id.to_string(),
        application_id: message.about().map(|application| application.to_string()).unwrap_or_default(),
        channel: wire_channel(message.channel).into(),
        template: message.notice.template().to_owned(),
        template_version: message.template_version.into(),
        language: convert::wire_language(message.language).into(),
        subject: message.subject,
        body: message.body,
        state: wire_state(message.state).into(),
        occurred_at: Some(convert::wire_timestamp(message.occurred_at)),
        sent_at: message.sent_at.map(convert::wire_timestamp),
        attempts: message.attempts,
        failure: message.failure,
        unit_id: message.unit.map(|unit| unit.to_string()).unwrap_or_default(),
        addressee: message.audience.key(),
        provider: message.provider.unwrap_or_default(),
        expires_at: message.expires_at.map(convert::wire_timestamp),
    }
}

fn wire_channel(channel: Channel) -> MessageChannel {
    match channel {
        Channel::InApp => MessageChannel::InApp,
        Channel::Email => MessageChannel::Email,
        Channel::Sms => MessageChannel::Sms,
        Channel::Zalo => MessageChannel::Zalo,
    }
}

fn wire_state(state: State) -> MessageState {
    match state {
        State::Created => MessageState::Created,
        State::Sending => MessageState::Sending,
        State::Sent => MessageState::Sent,
        State::Pending => MessageState::Pending,
        State::Delivered => MessageState::Delivered,
        State::TemporaryFailure => MessageState::TemporaryFailure,
        State::PermanentFailure => MessageState::PermanentFailure,
        State::TechnicalFailure => MessageState::TechnicalFailure,
        State::Cancelled => MessageState::Cancelled,
        State::Expired => MessageState::Expired,
    }
}

fn wire_attempt(attempt: Attempt) -> wire::MessageAttempt {
    wire::MessageAttempt {
        number: attempt.number,
        provider: attempt.provider,
        began_at: Some(convert::wire_timestamp(attempt.began_at)),
        took_milliseconds: attempt.took_milliseconds,
        outcome: attempt.outcome,
        code: attempt.code,
    }
}

fn wire_receipt(said: Said) -> wire::MessageReceipt {
    let kind = match said.receipt {
        Receipt::Pending => wire::ReceiptKind::Pending,
        Receipt::Temporary => wire::ReceiptKind::Temporary,
        Receipt::Permanent => wire::ReceiptKind::Permanent,
        Receipt::Delivered => wire::ReceiptKind::Delivered,
    };
    let seen_at = Some(convert::wire_timestamp(said.seen_at));
    wire::MessageReceipt { kind: kind.into(), code: said.code, seen_at }
}

fn wire_deed(deed: Deed) -> wire::MessageDeed {
    wire::MessageDeed {
        deed: deed.deed,
        actor: deed.actor,
        reason: deed.reason,
        done_at: Some(convert::wire_timestamp(deed.done_at)),
    }
}

fn wire_pile(pile: Pile) -> wire::OutstandingMessages {
    wire::OutstandingMessages {
        channel: wire_channel(pile.channel).into(),
        state: wire_state(pile.state).into(),
        provider: pile.provider,
        messages: pile.messages,
        oldest_at: Some(convert::wire_timestamp(pile.oldest)),
    }
}

fn wire_owed(owed: Owed) -> wire::OutstandingSubscription {
    let one = owed.subscription;
    wire::OutstandingSubscription {
        subscription_id: one.id.to_string(),
        name: one.name,
        state: subscriptions::wire_state(one.state).into(),
        state_reason: one.state_reason,
        after_sequence: u64::try_from(owed.position).unwrap_or_default(),
        events: owed.events,
        counted_in_part: owed.is_counted_in_part,
        kept_in_part: owed.is_kept_in_part,
        waiting: owed.backlog.waiting,
        dead: owed.backlog.dead,
        failing_since: one.failing_since.map(convert::wire_timestamp),
        oldest_at: owed.oldest.map(convert::wire_timestamp),
    }
}
