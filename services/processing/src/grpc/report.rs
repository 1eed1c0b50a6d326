//! `phidia.processing.v1.ReportService`: conversion in, use case, conversion out.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use phidia_domain::{
    Kind, Rejection,
    report::{Figure, trend::Interval},
};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    processing::v1::{
        GetExchangeRequest, GetExchangeResponse, GetOnlineServicesRequest, GetOnlineServicesResponse,
        GetReportRequest, GetReportResponse, GetServiceIndexRequest, GetServiceIndexResponse,
        GetSimplifiedProcessesRequest, GetSimplifiedProcessesResponse, GetTrendRequest, GetTrendResponse,
        ListReportCasesRequest, ListReportCasesResponse, ReportDimension, ReportFigure, ReportSelection,
        TrendInterval,
        report_service_server::{ReportService, ReportServiceServer},
    },
};
use phidia_runtime::{failure::Failure, identity, status::of_failure};
use tonic::{Request, Response, Status};
use tracing::Instrument as _;

use super::report_answer as answer;
use crate::{Processing, list_report_cases::Page, selection::Asked, store::Dimension};

/// Reports that are reckoned at once. Each reads for seconds, on connections that officers and relays need, too.
pub(crate) const MOST_REPORTS: usize = 2;

/// How long one may take: a server of ours ends each of its statements after half a minute.
const LONGEST_REPORT: Duration = Duration::from_mins(2);

/// The contract's face of what is counted.
#[derive(Clone, Debug)]
pub(crate) struct ReportServer(Processing);

impl ReportServer {
    pub(crate) fn new(processing: Processing) -> Self {
        Self(processing)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> ReportServiceServer<Self> {
        ReportServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// Has one reckoned when it is its turn. Whoever gives up meanwhile has their place kept until the store is done: it would be
    /// reckoning for nobody, beside the next.
    async fn in_turn<T, F>(&self, reckon: impl FnOnce(Self) -> F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let turn = Arc::clone(&self.0.reports).acquire_owned().await.map_err(Failure::broken)?;
        let reckoned = reckon(self.clone());
        let reckoned = async move {
            let _until_it_is_done = turn;
            // Over a line that went dead it would never be done, and never be anybody's turn again.
            tokio::time::timeout(LONGEST_REPORT, reckoned).await.unwrap_or_else(|_| Err(unanswered().into()))
        };
        tokio::spawn(reckoned.in_current_span()).await.map_err(Failure::broken)?
    }

    async fn report(&self, request: Request<GetReportRequest>) -> Result<GetReportResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetReportRequest { selection, by } = request.into_inner();
        let by = dimension(by)?;
        Ok(answer::report(&self.0.get_report(&caller, &asked(selection), by).await?, by))
    }

    async fn trend(&self, request: Request<GetTrendRequest>) -> Result<GetTrendResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetTrendRequest { selection, by } = request.into_inner();
        let interval = interval(by)?;
        let points = self.0.get_trend(&caller, &asked(selection), interval).await?;
        Ok(GetTrendResponse { points: points.into_iter().map(answer::point).collect() })
    }

    async fn exchange(&self, request: Request<GetExchangeRequest>) -> Result<GetExchangeResponse, Failure> {
        let caller = identity::caller(&request)?;
        let asked = asked(request.into_inner().selection);
        Ok(answer::exchange(&self.0.get_exchange(&caller, &asked).await?))
    }

    async fn index(
        &self,
        request: Request<GetServiceIndexRequest>,
    ) -> Result<GetServiceIndexResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetServiceIndexRequest { selection, by } = request.into_inner();
        let by = match dimension(by)? {
            None | Some(Dimension::WorkedAt) => Dimension::WorkedAt,
            Some(Dimension::ReceivedAt) => Dimension::ReceivedAt,
            Some(_) => {
                let expected = "RECEIVED_AT_UNIT or WORKED_AT_UNIT";
                return Err(Rejection::invalid("UNKNOWN_VALUE", "by", expected).into());
            }
        };
        Ok(answer::service_index(&self.0.get_service_index(&caller, &asked(selection), by).await?))
    }

    async fn online(&self, request: GetOnlineServicesRequest) -> Result<GetOnlineServicesResponse, Failure> {
        let GetOnlineServicesRequest { day, since_version } = request;
        let since = Some(since_version).filter(|version| *version != 0);
        Ok(answer::online_services(self.0.get_online_services(&day, since).await?))
    }

    async fn simplified(
        &self,
        request: GetSimplifiedProcessesRequest,
    ) -> Result<GetSimplifiedProcessesResponse, Failure> {
        Ok(answer::simplified_processes(self.0.get_simplified_processes(&request.day).await?))
    }

    async fn cases(
        &self,
        request: Request<ListReportCasesRequest>,
    ) -> Result<ListReportCasesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListReportCasesRequest { selection, figure, page_size, page_token } = request.into_inner();
        let size = convert::page_size(page_size, 50, 500)?;
        let page = Page { figure: self::figure(figure)?, size, token: page_token };
        Ok(answer::cases(self.0.list_report_cases(&caller, &asked(selection), page).await?))
    }
}

#[async_trait]
impl ReportService for ReportServer {
    async fn get_report(
        &self,
        request: Request<GetReportRequest>,
    ) -> Result<Response<GetReportResponse>, Status> {
        let answer = self.in_turn(async move |server: Self| server.report(request).await).await;
        answer.map(Response::new).map_err(of_failure)
    }

    async fn get_trend(
        &self,
        request: Request<GetTrendRequest>,
    ) -> Result<Response<GetTrendResponse>, Status> {
        let answer = self.in_turn(async move |server: Self| server.trend(request).await).await;
        answer.map(Response::new).map_err(of_failure)
    }

    async fn get_exchange(
        &self,
        request: Request<GetExchangeRequest>,
    ) -> Result<Response<GetExchangeResponse>, Status> {
        let answer = self.in_turn(async move |server: Self| server.exchange(request).await).await;
        answer.map(Response::new).map_err(of_failure)
    }

    async fn get_service_index(
        &self,
        request: Request<GetServiceIndexRequest>,
    ) -> Result<Response<GetServiceIndexResponse>, Status> {
        let answer = self.in_turn(async move |server: Self| server.index(request).await).await;
        answer.map(Response::new).map_err(of_failure)
    }

    async fn list_report_cases(
        &self,
        request: Request<ListReportCasesRequest>,
    ) -> Result<Response<ListReportCasesResponse>, Status> {
        let answer = self.in_turn(async move |server: Self| server.cases(request).await).await;
        answer.map(Response::new).map_err(of_failure)
    }

    async fn get_online_services(
        &self,
        request: Request<GetOnlineServicesRequest>,
    ) -> Result<Response<GetOnlineServicesResponse>, Status> {
        self.online(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn get_simplified_processes(
        &self,
        request: Request<GetSimplifiedProcessesRequest>,
    ) -> Result<Response<GetSimplifiedProcessesResponse>, Status> {
        self.simplified(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }
}

fn asked(selection: Option<ReportSelection>) -> Asked {
    let ReportSelection {
        period,
        received_at_unit_code,
        worked_at_unit_code,
        field,
        procedure_code,
        officer_code,
    } = selection.unwrap_or_default();
    Asked {
        period,
        received_at: received_at_unit_code,
        worked_at: worked_at_unit_code,
        field,
        procedure_code,
        officer: officer_code,
    }
}

fn dimension(by: i32) -> Result<Option<Dimension>, Rejection> {
    match ReportDimension::try_from(by) {
        Ok(ReportDimension::Unspecified) => Ok(None),
        Ok(ReportDimension::ReceivedAtUnit) => Ok(Some(Dimension::ReceivedAt)),
        Ok(ReportDimension::WorkedAtUnit) => Ok(Some(Dimension::WorkedAt)),
        Ok(ReportDimension::Field) => Ok(Some(Dimension::Field)),
        Ok(ReportDimension::Procedure) => Ok(Some(Dimension::Procedure)),
        Ok(ReportDimension::Officer) => Ok(Some(Dimension::Officer)),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "by", "a dimension of a report")),
    }
}

fn interval(by: i32) -> Result<Interval, Rejection> {
    match TrendInterval::try_from(by) {
        Ok(TrendInterval::Unspecified | TrendInterval::Day) => Ok(Interval::Day),
        Ok(TrendInterval::Week) => Ok(Interval::Week),
        Ok(TrendInterval::Month) => Ok(Interval::Month),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "by", "a day, a week or a month")),
    }
}

fn figure(figure: i32) -> Result<Option<Figure>, Rejection> {
    let known = ReportFigure::try_from(figure);
    let known = known.map_err(|_| Rejection::invalid("UNKNOWN_VALUE", "figure", "a figure of a report"))?;
    Ok(Some(match known {
        ReportFigure::Unspecified => return Ok(None),
        ReportFigure::Received => Figure::Received,
        ReportFigure::CarriedOver => Figure::CarriedOver,
        ReportFigure::Finished => Figure::Finished,
        ReportFigure::FinishedEarly => Figure::Early,
        ReportFigure::FinishedOnTime => Figure::OnTime,
        ReportFigure::FinishedLate => Figure::Late,
        ReportFigure::FinishedUndated => Figure::FinishedUndated,
        ReportFigure::Granted => Figure::Granted,
        ReportFigure::Refused => Figure::Refused,
        ReportFigure::Withdrawn => Figure::Withdrawn,
        ReportFigure::Lapsed => Figure::Lapsed,
        ReportFigure::Running => Figure::Running,
        ReportFigure::RunningInTerm => Figure::InTerm,
        ReportFigure::RunningOverdue => Figure::Overdue,
        ReportFigure::RunningUndated => Figure::RunningUndated,
        ReportFigure::Waiting => Figure::Waiting,
        ReportFigure::Supplemented => Figure::Supplemented,
        ReportFigure::Judged => Figure::Judged,
        ReportFigure::JudgedOnTime => Figure::JudgedOnTime,
        ReportFigure::ReceivedDirect => Figure::ReceivedDirect,
        ReportFigure::ReceivedOnline => Figure::ReceivedOnline,
        ReportFigure::ReceivedByPost => Figure::ReceivedByPost,
        ReportFigure::ReceivedUnstated => Figure::ReceivedUnstated,
        ReportFigure::ReceivedDigitised => Figure::ReceivedDigitised,
        ReportFigure::ReceivedUndigitised => Figure::ReceivedUndigitised,
        ReportFigure::ReceivedDigitisedUnstated => Figure::ReceivedDigitisedUnstated,
        ReportFigure::IssuedElectronically => Figure::IssuedElectronically,
        ReportFigure::Rated => Figure::Rated,
        ReportFigure::Satisfied => Figure::Satisfied,
        ReportFigure::Dissatisfied => Figure::Dissatisfied,
        ReportFigure::PaidOnline => Figure::PaidOnline,
        ReportFigure::PaidOtherwise => Figure::PaidOtherwise,
    }))
}

fn unanswered() -> Rejection {
    Rejection::new(Kind::Unavailable, "STORE_UNAVAILABLE", "the store did not answer")
}
