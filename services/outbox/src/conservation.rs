//! What a service holds, so that `phidia conservation` can add up: every accepted application must be in
//! exactly one place.

use std::sync::Arc;

use async_trait::async_trait;
use phidia_domain::{Rejection, conservation::Place, id::ApplicationId};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    events::v1::{
        self as wire, GetPositionsRequest, GetPositionsResponse, HoldingPlace, ListHoldingsRequest,
        ListHoldingsResponse,
        conservation_service_server::{ConservationService, ConservationServiceServer},
    },
};
use phidia_runtime::{failure::Failure, status};
use tonic::{Request, Response, Status};

use crate::Outbox;

/// An application in a place of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The application.
    pub application: ApplicationId,
    /// Where it is.
    pub place: Place,
    /// Why it is there, where that needs a word.
    pub reason: String,
}

/// A service that holds applications.
#[async_trait]
pub trait Holder: Send + Sync + 'static {
    /// Name of the service.
    fn service(&self) -> &'static str;

    /// Its outbox.
    fn outbox(&self) -> &Outbox;

    /// Up to `limit` holdings in the order of the applications' ids, from behind `after`. All holdings of
    /// one application come in the same page.
    async fn page(&self, after: Option<ApplicationId>, limit: u64) -> Result<Vec<Holding>, Failure>;
}

/// The gRPC face of what the services of this process hold.
pub fn server(holders: Vec<Arc<dyn Holder>>) -> ConservationServiceServer<impl ConservationService> {
    ConservationServiceServer::new(Conservation { holders })
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
}

struct Conservation {
    holders: Vec<Arc<dyn Holder>>,
}

#[async_trait]
impl ConservationService for Conservation {
    async fn get_positions(
        &self,
        _: Request<GetPositionsRequest>,
    ) -> Result<Response<GetPositionsResponse>, Status> {
        let positions = self.positions().await.map_err(status::of_failure)?;
        Ok(Response::new(GetPositionsResponse { positions }))
    }

    async fn list_holdings(
        &self,
        request: Request<ListHoldingsRequest>,
    ) -> Result<Response<ListHoldingsResponse>, Status> {
        self.holdings(request.into_inner()).await.map(Response::new).map_err(status::of_failure)
    }
}

impl Conservation {
    async fn positions(&self) -> Result<Vec<wire::OutboxPosition>, Failure> {
        let mut all = Vec::new();
        for holder in &self.holders {
            let outbox = holder.outbox();
            all.extend(outbox.positions().await?.into_iter().map(|position| wire::OutboxPosition {
                source: outbox.source().to_owned(),
                subscriber: position.subscriber,
                outstanding: position.outstanding,
                parked: position.parked,
            }));
        }
        Ok(all)
    }

    async fn holdings(&self, request: ListHoldingsRequest) -> Result<ListHoldingsResponse, Failure> {
        let holder =
            self.holders.iter().find(|holder| holder.service() == request.service).ok_or_else(|| {
                let message = format!("no service of this name answers here: {:.40}", request.service);
                Rejection::not_found("UNKNOWN_SERVICE", message)
            })?;
        let limit = convert::page_size(request.page_size, 1_000, 10_000)?;
        let after = match request.page_token.as_str() {
            "" => None,
            token => Some(convert::id::<ApplicationId>(token, "page_token")?),
        };
        let page = holder.page(after, limit).await?;
        let last = page.last().map(|holding| holding.application);
        let full = u64::try_from(page.len()).is_ok_and(|length| length >= limit);
        // What is parked at a subscriber is held by nobody else: it is told with the first page.
        let mut holdings = if after.is_none() { parked(holder.outbox()).await? } else { Vec::new() };
        holdings.extend(page.into_iter().map(|holding| wire::Holding {
            application_id: holding.application.to_string(),
            place: wire_place(holding.place).into(),
            reason: holding.reason,
        }));
        let next_page_token = last.filter(|_| full).map(|last| last.to_string()).unwrap_or_default();
        Ok(ListHoldingsResponse { holdings, next_page_token })
    }
}

async fn parked(outbox: &Outbox) -> Result<Vec<wire::Holding>, Failure> {
    let parked = outbox.parked().await?;
    Ok(parked
        .into_iter()
        .map(|parked| wire::Holding {
            application_id: parked.application.to_string(),
            place: HoldingPlace::Parked.into(),
            reason: format!("{} at {}: {}", parked.kind, parked.subscriber, parked.reason),
        })
        .collect())
}

fn wire_place(place: Place) -> HoldingPlace {
    match place {
        Place::Accepted => HoldingPlace::Accepted,
        Place::Waiting => HoldingPlace::Waiting,
        Place::Assigned => HoldingPlace::Assigned,
        Place::InCase => HoldingPlace::InCase,
        Place::Finished => HoldingPlace::Finished,
        Place::Refused => HoldingPlace::Refused,
        Place::Parked => HoldingPlace::Parked,
    }
}
