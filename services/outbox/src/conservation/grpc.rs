//! The gRPC face of what the services of a process hold.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use phidia_domain::{
    Rejection,
    conservation::{Day, Place, Sums},
    id::ApplicationId,
};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    events::v1::{
        self as wire, GetBoardBalanceRequest, GetBoardBalanceResponse, GetPositionsRequest,
        GetPositionsResponse, HoldingPlace, HoldingSum, ListHoldingsRequest, ListHoldingsResponse,
        SumHoldingsRequest, SumHoldingsResponse, UnitDrift,
        conservation_service_server::{ConservationService, ConservationServiceServer},
    },
};
use phidia_runtime::{failure::Failure, status};
use tonic::{Request, Response, Status};

use super::{Holder, Holding, unknown};

/// How many holdings are read from a store at once.
const AT_ONCE: u64 = 10_000;

/// Serves what the services of this process hold.
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
        request: Request<GetPositionsRequest>,
    ) -> Result<Response<GetPositionsResponse>, Status> {
        let positions = self.positions(&request.into_inner().upto).await.map_err(status::of_failure)?;
        Ok(Response::new(GetPositionsResponse { positions }))
    }

    async fn sum_holdings(
        &self,
        request: Request<SumHoldingsRequest>,
    ) -> Result<Response<SumHoldingsResponse>, Status> {
        self.sums(request.into_inner()).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_holdings(
        &self,
        request: Request<ListHoldingsRequest>,
    ) -> Result<Response<ListHoldingsResponse>, Status> {
        self.holdings(request.into_inner()).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_board_balance(
        &self,
        _: Request<GetBoardBalanceRequest>,
    ) -> Result<Response<GetBoardBalanceResponse>, Status> {
        self.board().await.map(Response::new).map_err(status::of_failure)
    }
}

impl Conservation {
    async fn positions(&self, upto: &BTreeMap<String, u64>) -> Result<Vec<wire::OutboxPosition>, Failure> {
        let mut all = Vec::new();
        for outbox in self.holders.iter().map(|holder| holder.outbox()) {
            let last = outbox.last().await?.unsigned_abs();
            let upto = upto.get(outbox.source()).map(|upto| i64::try_from(*upto).unwrap_or(i64::MAX));
            let positions = outbox.positions_upto(upto.unwrap_or(i64::MAX)).await?;
            all.extend(positions.into_iter().map(|position| wire::OutboxPosition {
                source: outbox.source().to_owned(),
                subscriber: position.subscriber,
                outstanding: position.outstanding,
                parked: position.parked,
                last,
            }));
        }
        Ok(all)
    }

    async fn sums(&self, request: SumHoldingsRequest) -> Result<SumHoldingsResponse, Failure> {
        let holder = self.holder(&request.service)?;
        let mut left = convert::page_size(request.page_size, 50_000, 100_000)?;
        let mut after = token(&request.page_token)?;
        let mut sums = Sums::new();
        while left > 0 {
            let limit = left.min(AT_ONCE);
            let page = holder.page(after, limit).await?;
            let full = is_full(&page, limit);
            after = page.last().map(|holding| holding.application).filter(|_| full);
            for Holding { application, place, .. } in page {
                sums.entry((Day::of(application), place)).or_default().count(application);
            }
            left = if full { left.saturating_sub(limit) } else { 0 };
        }
        let sums = sums.into_iter().map(|((day, place), sum)| HoldingSum {
            day: day.0,
            place: wire_place(place).into(),
            count: sum.count,
            digest: sum.digest.to_be_bytes().to_vec(),
        });
        let next_page_token = after.map(|after| after.to_string()).unwrap_or_default();
        Ok(SumHoldingsResponse { sums: sums.collect(), next_page_token })
    }

    async fn holdings(&self, request: ListHoldingsRequest) -> Result<ListHoldingsResponse, Failure> {
        let holder = self.holder(&request.service)?;
        let limit = convert::page_size(request.page_size, 1_000, 10_000)?;
        let day = request.day.map(Day);
        let after = token(&request.page_token)?.max(day.and_then(Day::before));

        let mut page = holder.page(after, limit).await?;
        let parked = holder.outbox().parked_applications(after, limit).await?;
        // Both are told up to where the first of them breaks off.
        let ends = [
            page.last().map(|holding| holding.application).filter(|_| is_full(&page, limit)),
            parked.last_key_value().map(|(last, _)| *last).filter(|_| parked.len() as u64 >= limit),
        ];
        let mut end = ends.into_iter().flatten().min();
        page.extend(parked.into_values().map(|parked| Holding {
            application: parked.application,
            place: Place::Parked,
            reason: format!("{} at {}: {}", parked.kind, parked.subscriber, parked.reason),
        }));
        page.retain(|holding| end.is_none_or(|end| holding.application <= end));
        if let Some(day) = day {
            page.retain(|holding| Day::of(holding.application) == day);
            end = end.filter(|end| Day::of(*end) == day);
        }
        page.sort_by_key(|holding| holding.application);
        let holdings = page.into_iter().map(|holding| wire::Holding {
            application_id: holding.application.to_string(),
            place: wire_place(holding.place).into(),
            reason: holding.reason,
        });
        let next_page_token = end.map(|end| end.to_string()).unwrap_or_default();
        Ok(ListHoldingsResponse { holdings: holdings.collect(), next_page_token })
    }

    async fn board(&self) -> Result<GetBoardBalanceResponse, Failure> {
        for holder in &self.holders {
            let Some(balance) = holder.board().await? else { continue };
            let drifts = balance.drifts.into_iter().map(|drift| UnitDrift {
                unit_id: drift.unit.to_string(),
                stored_items: drift.stored_items.into(),
                board_items: drift.board_items.into(),
                minutes: drift.minutes,
                borrowed_minutes: drift.borrowed_minutes,
            });
            let drifts = drifts.collect();
            return Ok(GetBoardBalanceResponse { open_items: balance.open_items, drifts });
        }
        Err(Rejection::not_found("UNKNOWN_SERVICE", "no service with a board answers here").into())
    }

    fn holder(&self, service: &str) -> Result<&Arc<dyn Holder>, Rejection> {
        self.holders.iter().find(|holder| holder.service() == service).ok_or_else(|| unknown(service))
    }
}

fn token(text: &str) -> Result<Option<ApplicationId>, Rejection> {
    match text {
        "" => Ok(None),
        token => convert::id(token, "page_token").map(Some),
    }
}

fn is_full(page: &[Holding], limit: u64) -> bool {
    page.len() as u64 >= limit
}

fn wire_place(place: Place) -> HoldingPlace {
    match place {
        Place::Accepted => HoldingPlace::Accepted,
        Place::Waiting => HoldingPlace::Waiting,
        Place::Assigned => HoldingPlace::Assigned,
        Place::InCase => HoldingPlace::InCase,
        Place::Finished => HoldingPlace::Finished,
        Place::Refused => HoldingPlace::Refused,
        Place::Stopped => HoldingPlace::Stopped,
        Place::Parked => HoldingPlace::Parked,
    }
}
