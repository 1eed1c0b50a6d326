//! `NumberingService`.

use phidia_proto::{
    convert::{self, wire_timestamp},
    intake::v1::{
        self as wire, CloseCodeRangeRequest, CloseCodeRangeResponse, ListCodeRangesRequest,
        ListCodeRangesResponse, NumberSpan, ReserveCodesRequest, ReserveCodesResponse,
        numbering_service_server::NumberingService,
    },
};
use phidia_runtime::{failure::Failure, identity, status};
use tonic::{Request, Response, Status, async_trait};

use crate::{
    Intake,
    numbering::{CodeRange, Span, list_ranges::Question},
};

/// Serves dossier codes that are reserved ahead.
pub(crate) struct Numbering(Intake);

impl Numbering {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    async fn reserve(&self, request: Request<ReserveCodesRequest>) -> Result<ReserveCodesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ReserveCodesRequest { idempotency_key, received_at_code, day: text, count } =
            request.into_inner();
        let of_day = convert::optional_day(&text, "day")?;
        let range = self.0.reserve_codes(&caller, &idempotency_key, &received_at_code, of_day, count).await?;
        Ok(ReserveCodesResponse { range: Some(wire_range(range)) })
    }

    async fn close(
        &self,
        request: Request<CloseCodeRangeRequest>,
    ) -> Result<CloseCodeRangeResponse, Failure> {
        let caller = identity::caller(&request)?;
        let id = convert::id(&request.into_inner().range_id, "range_id")?;
        let range = self.0.close_code_range(&caller, id).await?;
        Ok(CloseCodeRangeResponse { range: Some(wire_range(range)) })
    }

    async fn list(&self, request: Request<ListCodeRangesRequest>) -> Result<ListCodeRangesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListCodeRangesRequest { page_size, page_token, received_at_code, day: text } =
            request.into_inner();
        let question = Question {
            received_at_code,
            day: convert::optional_day(&text, "day")?,
            page_size: convert::page_size(page_size, 50, 500)?,
            page_token,
        };
        let page = self.0.list_code_ranges(&caller, question).await?;
        Ok(ListCodeRangesResponse {
            ranges: page.items.into_iter().map(wire_range).collect(),
            next_page_token: page.next_page_token,
        })
    }
}

#[async_trait]
impl NumberingService for Numbering {
    async fn reserve_codes(
        &self,
        request: Request<ReserveCodesRequest>,
    ) -> Result<Response<ReserveCodesResponse>, Status> {
        self.reserve(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn close_code_range(
        &self,
        request: Request<CloseCodeRangeRequest>,
    ) -> Result<Response<CloseCodeRangeResponse>, Status> {
        self.close(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_code_ranges(
        &self,
        request: Request<ListCodeRangesRequest>,
    ) -> Result<Response<ListCodeRangesResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn wire_range(range: CodeRange) -> wire::CodeRange {
    wire::CodeRange {
        range_id: range.id.to_string(),
        unit_id: range.unit.to_string(),
        day: range.day.to_string(),
        series: range.series,
        numbers: Some(wire_span(range.numbers)),
        reserved_by: range.reserved_by,
        reserved_at: Some(wire_timestamp(range.reserved_at)),
        used: range.used,
        closed_at: range.closed_at.map(wire_timestamp),
        void: range.void.into_iter().map(wire_span).collect(),
    }
}

fn wire_span(Span { first, last }: Span) -> NumberSpan {
    NumberSpan { first, last }
}
