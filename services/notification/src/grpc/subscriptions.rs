//! SubscriptionService: wire in, use case, wire out.

use phidia_domain::{
    Rejection,
    id::{ApplicationId, SubscriptionId},
};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    notification::v1::{
        CreateSubscriptionRequest, CreateSubscriptionResponse, DeleteSubscriptionRequest,
        DeleteSubscriptionResponse, EnableSubscriptionRequest, EnableSubscriptionResponse, EventFilter,
        GetSubscriptionRequest, GetSubscriptionResponse, ListSubscriptionDeliveriesRequest,
        ListSubscriptionDeliveriesResponse, ListSubscriptionsRequest, ListSubscriptionsResponse,
        PauseSubscriptionRequest, PauseSubscriptionResponse, PingSubscriptionRequest,
        PingSubscriptionResponse, ReplaySubscriptionRequest, ReplaySubscriptionResponse,
        RotateSubscriptionSecretRequest, RotateSubscriptionSecretResponse, Subscription,
        SubscriptionDelivery, SubscriptionFormat, SubscriptionSignature, SubscriptionState,
        UpdateSubscriptionRequest, UpdateSubscriptionResponse,
        replay_subscription_request::What,
        subscription_service_server::{SubscriptionService, SubscriptionServiceServer},
    },
};
use phidia_runtime::{failure::Failure, identity::caller, status::of_failure};
use secrecy::ExposeSecret as _;
use tonic::{Request, Response, Status};

use crate::{
    feed,
    store::webhook::Delivery,
    webhook::{Asked, Format, Replay, Signature, Standing, State, Webhooks},
};

/// The gRPC face of subscriptions.
#[derive(Debug)]
pub(crate) struct SubscriptionServer(pub(crate) Webhooks);

impl SubscriptionServer {
    pub(crate) fn into_server(self) -> SubscriptionServiceServer<Self> {
        SubscriptionServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn create(
        &self,
        request: Request<CreateSubscriptionRequest>,
    ) -> Result<CreateSubscriptionResponse, Failure> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let signature = signature(request.signature)?;
        let since = request.since.map(|at| convert::timestamp(at, "since")).transpose()?;
        let asked = asked(request.name, request.url, request.format, request.filter)?;
        let (standing, secret) =
            self.0.create(&caller, request.idempotency_key, asked, signature, since).await?;
        let secret = secret.map(|secret| secret.expose_secret().to_owned()).unwrap_or_default();
        Ok(CreateSubscriptionResponse { subscription: Some(wire(standing)), secret })
    }

    async fn list(
        &self,
        request: Request<ListSubscriptionsRequest>,
    ) -> Result<ListSubscriptionsResponse, Failure> {
        let caller = caller(&request)?;
        let ListSubscriptionsRequest { page_size, page_token } = request.into_inner();
        let limit = convert::page_size(page_size, 100, 1_000)?;
        let after = match page_token.as_str() {
            "" => None,
            token => Some(token.parse::<SubscriptionId>().map_err(|_| malformed_token())?),
        };
        let mut found = self.0.list(&caller, after, limit + 1).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more).map(|last| last.subscription.id.to_string());
        Ok(ListSubscriptionsResponse {
            subscriptions: found.into_iter().map(wire).collect(),
            next_page_token: last.unwrap_or_default(),
        })
    }

    async fn update(
        &self,
        request: Request<UpdateSubscriptionRequest>,
    ) -> Result<UpdateSubscriptionResponse, Failure> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let id = id(&request.subscription_id)?;
        let revision = i64::try_from(request.revision).map_err(|_| {
            Rejection::invalid("MALFORMED_REVISION", "revision", "the revision that was read")
        })?;
        let asked = asked(request.name, request.url, request.format, request.filter)?;
        let standing = self.0.update(&caller, id, revision, asked).await?;
        Ok(UpdateSubscriptionResponse { subscription: Some(wire(standing)) })
    }

    async fn ping(
        &self,
        request: Request<PingSubscriptionRequest>,
    ) -> Result<PingSubscriptionResponse, Failure> {
        let caller = caller(&request)?;
        let pinged = self.0.ping(&caller, id(&request.into_inner().subscription_id)?).await?;
        Ok(PingSubscriptionResponse {
            is_delivered: pinged.is_delivered,
            outcome: pinged.delivery.outcome,
            status: pinged.delivery.status.into(),
            took_milliseconds: pinged.delivery.took_ms,
        })
    }

    async fn replay(
        &self,
        request: Request<ReplaySubscriptionRequest>,
    ) -> Result<ReplaySubscriptionResponse, Failure> {
        let caller = caller(&request)?;
        let ReplaySubscriptionRequest { subscription_id, what, accept_gap } = request.into_inner();
        let id = id(&subscription_id)?;
        let replay = match convert::required(what, "what")? {
            What::Since(at) => Replay::Since(convert::timestamp(at, "since")?),
            What::Dead(true) => Replay::Dead,
            What::Dead(false) => return Err(convert::missing("what").into()),
        };
        let standing = self.0.replay(&caller, id, replay, accept_gap).await?;
        Ok(ReplaySubscriptionResponse { subscription: Some(wire(standing)) })
    }

    async fn deliveries(
        &self,
        request: Request<ListSubscriptionDeliveriesRequest>,
    ) -> Result<ListSubscriptionDeliveriesResponse, Failure> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let id = id(&request.subscription_id)?;
        let limit = convert::page_size(request.page_size, 100, 1_000)?;
        let before = match request.page_token.as_str() {
            "" => None,
            token => Some(token.parse::<i64>().map_err(|_| malformed_token())?),
        };
        let mut found = self.0.deliveries(&caller, id, before, limit + 1).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more).map(|(number, _)| number.to_string());
        Ok(ListSubscriptionDeliveriesResponse {
            deliveries: found.into_iter().map(|(_, delivery)| wire_delivery(delivery)).collect(),
            next_page_token: last.unwrap_or_default(),
        })
    }
}

#[tonic::async_trait]
impl SubscriptionService for SubscriptionServer {
    async fn create_subscription(
        &self,
        request: Request<CreateSubscriptionRequest>,
    ) -> Result<Response<CreateSubscriptionResponse>, Status> {
        self.create(request).await.map(Response::new).map_err(of_failure)
    }

    async fn get_subscription(
        &self,
        request: Request<GetSubscriptionRequest>,
    ) -> Result<Response<GetSubscriptionResponse>, Status> {
        let got = async {
            let caller = caller(&request)?;
            let standing = self.0.get(&caller, id(&request.into_inner().subscription_id)?).await?;
            Ok(GetSubscriptionResponse { subscription: Some(wire(standing)) })
        };
        got.await.map(Response::new).map_err(of_failure)
    }

    async fn list_subscriptions(
        &self,
        request: Request<ListSubscriptionsRequest>,
    ) -> Result<Response<ListSubscriptionsResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(of_failure)
    }

    async fn update_subscription(
        &self,
        request: Request<UpdateSubscriptionRequest>,
    ) -> Result<Response<UpdateSubscriptionResponse>, Status> {
        self.update(request).await.map(Response::new).map_err(of_failure)
    }

    async fn delete_subscription(
        &self,
        request: Request<DeleteSubscriptionRequest>,
    ) -> Result<Response<DeleteSubscriptionResponse>, Status> {
        let deleted = async {
            let caller = caller(&request)?;
            self.0.delete(&caller, id(&request.into_inner().subscription_id)?).await?;
            Ok(DeleteSubscriptionResponse {})
        };
        deleted.await.map(Response::new).map_err(of_failure)
    }

    async fn rotate_subscription_secret(
        &self,
        request: Request<RotateSubscriptionSecretRequest>,
    ) -> Result<Response<RotateSubscriptionSecretResponse>, Status> {
        let rotated = async {
            let caller = caller(&request)?;
            let RotateSubscriptionSecretRequest { subscription_id, replace_newest } = request.into_inner();
            let (secret, until) = self.0.rotate(&caller, id(&subscription_id)?, replace_newest).await?;
            Ok(RotateSubscriptionSecretResponse {
                secret: secret.expose_secret().to_owned(),
                previous_until: Some(convert::wire_timestamp(until)),
            })
        };
        rotated.await.map(Response::new).map_err(of_failure)
    }

    async fn enable_subscription(
        &self,
        request: Request<EnableSubscriptionRequest>,
    ) -> Result<Response<EnableSubscriptionResponse>, Status> {
        let enabled = async {
            let caller = caller(&request)?;
            let EnableSubscriptionRequest { subscription_id, accept_gap } = request.into_inner();
            let standing = self.0.enable(&caller, id(&subscription_id)?, accept_gap).await?;
            Ok(EnableSubscriptionResponse { subscription: Some(wire(standing)) })
        };
        enabled.await.map(Response::new).map_err(of_failure)
    }

    async fn pause_subscription(
        &self,
        request: Request<PauseSubscriptionRequest>,
    ) -> Result<Response<PauseSubscriptionResponse>, Status> {
        let paused = async {
            let caller = caller(&request)?;
            let standing = self.0.pause(&caller, id(&request.into_inner().subscription_id)?).await?;
            Ok(PauseSubscriptionResponse { subscription: Some(wire(standing)) })
        };
        paused.await.map(Response::new).map_err(of_failure)
    }

    async fn ping_subscription(
        &self,
        request: Request<PingSubscriptionRequest>,
    ) -> Result<Response<PingSubscriptionResponse>, Status> {
        self.ping(request).await.map(Response::new).map_err(of_failure)
    }

    async fn replay_subscription(
        &self,
        request: Request<ReplaySubscriptionRequest>,
    ) -> Result<Response<ReplaySubscriptionResponse>, Status> {
        self.replay(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_subscription_deliveries(
        &self,
        request: Request<ListSubscriptionDeliveriesRequest>,
    ) -> Result<Response<ListSubscriptionDeliveriesResponse>, Status> {
        self.deliveries(request).await.map(Response::new).map_err(of_failure)
    }
}

fn id(text: &str) -> Result<SubscriptionId, Rejection> {
    convert::id(text, "subscription_id")
}

fn malformed_token() -> Rejection {
    Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected the token of the page before")
}

fn asked(name: String, url: String, format: i32, filter: Option<EventFilter>) -> Result<Asked, Failure> {
    let format = match SubscriptionFormat::try_from(format) {
        Ok(SubscriptionFormat::Unspecified | SubscriptionFormat::Json) => Format::Json,
        Ok(SubscriptionFormat::Protobuf) => Format::Protobuf,
        Err(_) => return Err(Rejection::invalid("UNKNOWN_FORMAT", "format", "JSON or PROTOBUF").into()),
    };
    Ok(Asked { name, url, format, filter: feed::filter(filter)? })
}

fn signature(signature: i32) -> Result<Signature, Rejection> {
    match SubscriptionSignature::try_from(signature) {
        Ok(SubscriptionSignature::Unspecified | SubscriptionSignature::Hmac) => Ok(Signature::Hmac),
        Ok(SubscriptionSignature::Ed25519) => Ok(Signature::Ed25519),
        Err(_) => Err(Rejection::invalid("UNKNOWN_SIGNATURE", "signature", "HMAC or ED25519")),
    }
}

fn wire(Standing { subscription: one, behind, backlog }: Standing) -> Subscription {
    Subscription {
        subscription_id: one.id.to_string(),
        owner: one.owner,
        name: one.name,
        url: one.url,
        format: match one.format {
            Format::Json => SubscriptionFormat::Json,
            Format::Protobuf => SubscriptionFormat::Protobuf,
        }
        .into(),
        signature: match one.signature {
            Signature::Hmac => SubscriptionSignature::Hmac,
            Signature::Ed25519 => SubscriptionSignature::Ed25519,
        }
        .into(),
        filter: Some(feed::wire_filter(&one.filter)),
        state: wire_state(one.state).into(),
        state_reason: one.state_reason,
        failing_since: one.failing_since.map(convert::wire_timestamp),
        created_at: Some(convert::wire_timestamp(one.created_at)),
        revision: u64::try_from(one.revision).unwrap_or_default(),
        behind,
        waiting: backlog.waiting,
        dead: backlog.dead,
    }
}

pub(super) fn wire_state(state: State) -> SubscriptionState {
    match state {
        State::Active => SubscriptionState::Active,
        State::Paused => SubscriptionState::Paused,
        State::Disabled => SubscriptionState::Disabled,
    }
}

fn wire_delivery(delivery: Delivery) -> SubscriptionDelivery {
    let application = delivery.application.as_ref().map(ApplicationId::to_string);
    SubscriptionDelivery {
        event_id: delivery.event.to_string(),
        application_id: application.unwrap_or_default(),
        sequence: u64::try_from(delivery.position).unwrap_or_default(),
        at: Some(convert::wire_timestamp(delivery.at)),
        took_milliseconds: delivery.took_ms,
        outcome: delivery.outcome,
        status: delivery.status.into(),
        sha256: delivery.sha256,
        size_bytes: delivery.size,
    }
}
