//! `phidia.processing.v1.CaseService`: conversion in, use case, conversion out.

mod answer;
mod bulk;
mod happened;
mod plan;
mod referrals;
mod replanned;
mod report;
mod report_answer;
pub(crate) mod results;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use phidia_domain::{Rejection, case::Transfer};
use phidia_proto::{
    MAX_MESSAGE_BYTES, MAX_PROVINCE_BYTES, convert,
    processing::v1::{
        BatchClaimWorkItemsRequest, BatchClaimWorkItemsResponse, BatchCompleteStepsRequest,
        BatchCompleteStepsResponse, ClaimNextWorkItemRequest, ClaimNextWorkItemResponse,
        ClaimWorkItemRequest, ClaimWorkItemResponse, CompleteStepRequest, CompleteStepResponse,
        ExplainDeadlineRequest, ExplainDeadlineResponse, GetCaseRequest, GetCaseResponse,
        HandOverWorkItemRequest, HandOverWorkItemResponse, InstallPhase, InstallProvinceRequest,
        InstallProvinceResponse, ListWorklistRequest, ListWorklistResponse, PostponeAppointmentRequest,
        PostponeAppointmentResponse, ReckonDeadlineRequest, ReckonDeadlineResponse, RenderControlSlipRequest,
        RenderControlSlipResponse, RenewClaimRequest, RenewClaimResponse, ReopenCaseRequest,
        ReopenCaseResponse, ReplanDeadlinesRequest, ReplanDeadlinesResponse, RequestPaymentRequest,
        RequestPaymentResponse, RequestSupplementRequest, RequestSupplementResponse, ReturnWorkItemRequest,
        ReturnWorkItemResponse, SendBackStepRequest, SendBackStepResponse, TransferWorkItemRequest,
        TransferWorkItemResponse, WatchCasesRequest, WatchCasesResponse,
        case_service_server::{CaseService, CaseServiceServer},
        explain_deadline_request, get_case_request, postpone_appointment_request,
        render_control_slip_request, reopen_case_request,
    },
    types::v1::Document,
};
use phidia_runtime::{
    digest,
    failure::Failure,
    identity,
    status::of_failure,
    telemetry::{TraceParent, concerns},
    versions::Phase,
};
use tonic::{Request, Response, Status};

pub(crate) use plan::PlanServer;
pub(crate) use report::{MOST_REPORTS, ReportServer};

use crate::{
    Processing,
    caller::Sender,
    get_case::{CaseFile, CaseKey},
    list_worklist::Page,
    postpone_appointment::NewAppointment,
    render_control_slip::Slip,
    reopen_case::Opening,
    replan_deadlines::Replanning,
    request_payment::Charge,
    request_supplement::Question,
    send_back::SendingBack,
};

pub(crate) use referrals::ReferralServer;

/// The contract's face of the use cases.
#[derive(Debug)]
pub(crate) struct CaseServer(Processing);

impl CaseServer {
    pub(crate) fn new(processing: Processing) -> Self {
        Self(processing)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> CaseServiceServer<Self> {
        CaseServiceServer::new(self)
            .max_decoding_message_size(MAX_PROVINCE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn install(&self, request: InstallProvinceRequest) -> Result<InstallProvinceResponse, Failure> {
        self.0.versions.install(phase(request)?).await?;
        Ok(InstallProvinceResponse {})
    }

    async fn get(&self, request: Request<GetCaseRequest>) -> Result<GetCaseResponse, Failure> {
        let caller = identity::caller(&request)?;
        let key = match convert::required(request.into_inner().key, "key")? {
            get_case_request::Key::CaseId(id) => case_key(&id)?,
            get_case_request::Key::ApplicationId(id) => application_key(&id)?,
        };
        let CaseFile { view, lines, reopening_reasons, transitions } =
            self.0.get_case_file(&caller, key).await?;
        concerns(view.case.application);
        Ok(GetCaseResponse {
            case: Some(answer::case(view)),
            work_items: lines.into_iter().map(answer::work_item).collect(),
            reopening_reasons,
            transitions: transitions.into_iter().map(answer::transition).collect(),
        })
    }

    async fn explain(
        &self,
        request: Request<ExplainDeadlineRequest>,
    ) -> Result<ExplainDeadlineResponse, Failure> {
        let caller = identity::caller(&request)?;
        let key = match convert::required(request.into_inner().key, "key")? {
            explain_deadline_request::Key::CaseId(id) => case_key(&id)?,
            explain_deadline_request::Key::ApplicationId(id) => application_key(&id)?,
        };
        let found = self.0.explain_deadline(&caller, key).await?;
        concerns(found.case.case.application);
        Ok(answer::case_deadline(found))
    }

    async fn control_slip(
        &self,
        request: Request<RenderControlSlipRequest>,
    ) -> Result<RenderControlSlipResponse, Failure> {
        let caller = identity::caller(&request)?;
        let key = match convert::required(request.into_inner().key, "key")? {
            render_control_slip_request::Key::CaseId(id) => case_key(&id)?,
            render_control_slip_request::Key::ApplicationId(id) => application_key(&id)?,
        };
        let Slip { application, pdf, file_name } = self.0.render_control_slip(&caller, key).await?;
        concerns(application);
        let sha256 = digest::sha256(&pdf);
        Ok(RenderControlSlipResponse { document: Some(Document { pdf, file_name, sha256 }) })
    }

    async fn reckon(&self, request: ReckonDeadlineRequest) -> Result<ReckonDeadlineResponse, Failure> {
        let ReckonDeadlineRequest { procedure_code, received_at, province_version } = request;
        let received_at = convert::required(received_at, "received_at")?;
        let received_at = convert::timestamp(received_at, "received_at")?;
        let version = Some(province_version).filter(|version| *version != 0);
        let reckoning = self.0.reckon_deadline(&procedure_code, received_at, version).await?;
        Ok(ReckonDeadlineResponse { deadline: Some(answer::deadline(reckoning)) })
    }

    async fn list(&self, request: Request<ListWorklistRequest>) -> Result<ListWorklistResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListWorklistRequest { unit_code, page_size, page_token, all, waiting } = request.into_inner();
        let size = convert::page_size(page_size, 50, 500)?;
        let page = Page { unit_code, size, token: page_token, all, waiting };
        let (lines, next_page_token) = self.0.list_worklist(&caller, page).await?;
        Ok(ListWorklistResponse {
            work_items: lines.into_iter().map(answer::work_item).collect(),
            next_page_token,
        })
    }

    async fn claim(&self, request: Request<ClaimWorkItemRequest>) -> Result<ClaimWorkItemResponse, Failure> {
        let sender = sender(&request)?;
        let ClaimWorkItemRequest { work_item, expected_fence } = request.into_inner();
        let work_item = convert::work_item(work_item, "work_item")?;
        concerns(work_item.application);
        let line = self.0.claim(sender, work_item, expected_fence).await?;
        Ok(ClaimWorkItemResponse { work_item: Some(answer::work_item(line)) })
    }

    async fn claim_next(
        &self,
        request: Request<ClaimNextWorkItemRequest>,
    ) -> Result<ClaimNextWorkItemResponse, Failure> {
        let Some((line, turn)) = self.0.claim_next(sender(&request)?).await? else {
            return Ok(ClaimNextWorkItemResponse::default());
        };
        concerns(line.item.held.work_item.application);
        let work_item = Some(answer::work_item(line));
        Ok(ClaimNextWorkItemResponse { work_item, turn: answer::turn(turn).into() })
    }

    async fn complete(&self, request: Request<CompleteStepRequest>) -> Result<CompleteStepResponse, Failure> {
        let sender = sender(&request)?;
        let ending = bulk::ending(request.into_inner())?;
        concerns(ending.work_item.application);
        let case = self.0.complete(sender, ending).await?;
        Ok(CompleteStepResponse { case: Some(answer::case(case)) })
    }

    async fn renew(&self, request: Request<RenewClaimRequest>) -> Result<RenewClaimResponse, Failure> {
        let sender = sender(&request)?;
        let RenewClaimRequest { work_item, fence } = request.into_inner();
        if fence == 0 {
            return Err(convert::missing("fence").into());
        }
        let work_item = convert::work_item(work_item, "work_item")?;
        concerns(work_item.application);
        let line = self.0.renew_claim(sender, work_item, fence).await?;
        Ok(RenewClaimResponse { work_item: Some(answer::work_item(line)) })
    }

    async fn give_back(
        &self,
        request: Request<ReturnWorkItemRequest>,
    ) -> Result<ReturnWorkItemResponse, Failure> {
        let sender = sender(&request)?;
        let ReturnWorkItemRequest { work_item, fence } = request.into_inner();
        if fence == 0 {
            return Err(convert::missing("fence").into());
        }
        let work_item = convert::work_item(work_item, "work_item")?;
        concerns(work_item.application);
        let line = self.0.give_back(sender, work_item, fence).await?;
        Ok(ReturnWorkItemResponse { work_item: Some(answer::work_item(line)) })
    }

    async fn hand_over(
        &self,
        request: Request<HandOverWorkItemRequest>,
    ) -> Result<HandOverWorkItemResponse, Failure> {
        let sender = sender(&request)?;
        let HandOverWorkItemRequest { work_item, expected_fence, officer_code } = request.into_inner();
        let work_item = convert::work_item(work_item, "work_item")?;
        if officer_code.is_empty() {
            return Err(convert::missing("officer_code").into());
        }
        concerns(work_item.application);
        let line = self.0.hand_over(sender, work_item, expected_fence, &officer_code).await?;
        Ok(HandOverWorkItemResponse { work_item: Some(answer::work_item(line)) })
    }

    async fn ask(
        &self,
        request: Request<RequestSupplementRequest>,
    ) -> Result<RequestSupplementResponse, Failure> {
        let sender = sender(&request)?;
        let RequestSupplementRequest { work_item, fence, reasons } = request.into_inner();
        if fence == 0 {
            return Err(convert::missing("fence").into());
        }
        let question = Question { work_item: convert::work_item(work_item, "work_item")?, fence, reasons };
        concerns(question.work_item.application);
        let case = self.0.request_supplement(sender, question).await?;
        Ok(RequestSupplementResponse { case: Some(answer::case(case)) })
    }

    async fn send_back(
        &self,
        request: Request<SendBackStepRequest>,
    ) -> Result<SendBackStepResponse, Failure> {
        let sender = sender(&request)?;
        let SendBackStepRequest { work_item, fence, to_step, reason } = request.into_inner();
        if fence == 0 {
            return Err(convert::missing("fence").into());
        }
        let work_item = convert::work_item(work_item, "work_item")?;
        concerns(work_item.application);
        let case = self.0.send_back(sender, SendingBack { work_item, fence, to_step, reason }).await?;
        Ok(SendBackStepResponse { case: Some(answer::case(case)) })
    }

    async fn charge(
        &self,
        request: Request<RequestPaymentRequest>,
    ) -> Result<RequestPaymentResponse, Failure> {
        let sender = sender(&request)?;
        let RequestPaymentRequest { work_item, fence, amount_dong, purpose } = request.into_inner();
        if fence == 0 {
            return Err(convert::missing("fence").into());
        }
        let work_item = convert::work_item(work_item, "work_item")?;
        concerns(work_item.application);
        let case = self.0.request_payment(sender, Charge { work_item, fence, amount_dong, purpose }).await?;
        Ok(RequestPaymentResponse { case: Some(answer::case(case)) })
    }

    async fn watch(&self, request: Request<WatchCasesRequest>) -> Result<Happenings, Failure> {
        let caller = identity::caller(&request)?;
        let WatchCasesRequest { unit_code, resume_token } = request.into_inner();
        let place = Some(resume_token).filter(|token| !token.is_empty());
        let place = place.map(|token| token.parse()).transpose()?;
        let told = self.0.watch_cases(&caller, &unit_code, place).await?;
        Ok(told.map_ok(happened::told).map_err(of_failure).boxed())
    }

    async fn postpone(
        &self,
        request: Request<PostponeAppointmentRequest>,
    ) -> Result<PostponeAppointmentResponse, Failure> {
        use postpone_appointment_request::Key;
        let sender = sender(&request)?;
        let PostponeAppointmentRequest { key, reason, appointment_at } = request.into_inner();
        let case = match convert::required(key, "key")? {
            Key::CaseId(id) => case_key(&id)?,
            Key::ApplicationId(id) => application_key(&id)?,
        };
        let appointment_at = convert::required(appointment_at, "appointment_at")?;
        let appointment_at = convert::timestamp(appointment_at, "appointment_at")?;
        let asked = NewAppointment { case, reason, appointment_at };
        let case = self.0.postpone_appointment(sender, asked).await?;
        concerns(case.case.application);
        Ok(PostponeAppointmentResponse { case: Some(answer::case(case)) })
    }

    async fn reopen(&self, request: Request<ReopenCaseRequest>) -> Result<ReopenCaseResponse, Failure> {
        use reopen_case_request::Key;
        let sender = sender(&request)?;
        let ReopenCaseRequest { key, decision, reason, to_step } = request.into_inner();
        let case = match convert::required(key, "key")? {
            Key::CaseId(id) => case_key(&id)?,
            Key::ApplicationId(id) => application_key(&id)?,
        };
        let to_step = Some(to_step).filter(|step| *step != 0);
        let case = self.0.reopen_case(sender, Opening { case, decision, reason, to_step }).await?;
        concerns(case.case.application);
        Ok(ReopenCaseResponse { case: Some(answer::case(case)) })
    }

    async fn replan(
        &self,
        request: Request<ReplanDeadlinesRequest>,
    ) -> Result<ReplanDeadlinesResponse, Failure> {
        let sender = sender(&request)?;
        let request = request.into_inner();
        let after = Some(request.page_token.as_str()).filter(|token| !token.is_empty());
        let asked = Replanning {
            decision: (!request.validate_only).then_some(request.decision),
            earlier: request.allow_earlier,
            version: Some(request.province_version).filter(|version| *version != 0),
            size: convert::page_size(request.page_size, 100, 500)?,
            after: after.map(|token| convert::id(token, "page_token")).transpose()?,
        };
        Ok(replanned::page(self.0.replan_deadlines(sender, asked).await?))
    }

    async fn transfer(
        &self,
        request: Request<TransferWorkItemRequest>,
    ) -> Result<TransferWorkItemResponse, Failure> {
        let actor = identity::caller(&request)?.actor();
        let TransferWorkItemRequest { from, expected_fence, to, unit_id } = request.into_inner();
        let transfer = Transfer {
            from: convert::work_item(from, "from")?,
            expected_fence,
            to: convert::work_item(to, "to")?,
            unit: convert::id(&unit_id, "unit_id")?,
        };
        concerns(transfer.from.application);
        let line = self.0.transfer(actor, transfer).await?;
        Ok(TransferWorkItemResponse { work_item: Some(answer::work_item(line)) })
    }
}

/// What a watcher is told.
type Happenings = BoxStream<'static, Result<WatchCasesResponse, Status>>;

#[async_trait]
impl CaseService for CaseServer {
    type WatchCasesStream = Happenings;

    async fn watch_cases(
        &self,
        request: Request<WatchCasesRequest>,
    ) -> Result<Response<Self::WatchCasesStream>, Status> {
        self.watch(request).await.map(Response::new).map_err(of_failure)
    }

    async fn install_province(
        &self,
        request: Request<InstallProvinceRequest>,
    ) -> Result<Response<InstallProvinceResponse>, Status> {
        self.install(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn get_case(&self, request: Request<GetCaseRequest>) -> Result<Response<GetCaseResponse>, Status> {
        self.get(request).await.map(Response::new).map_err(of_failure)
    }

    async fn explain_deadline(
        &self,
        request: Request<ExplainDeadlineRequest>,
    ) -> Result<Response<ExplainDeadlineResponse>, Status> {
        self.explain(request).await.map(Response::new).map_err(of_failure)
    }

    async fn render_control_slip(
        &self,
        request: Request<RenderControlSlipRequest>,
    ) -> Result<Response<RenderControlSlipResponse>, Status> {
        self.control_slip(request).await.map(Response::new).map_err(of_failure)
    }

    async fn reckon_deadline(
        &self,
        request: Request<ReckonDeadlineRequest>,
    ) -> Result<Response<ReckonDeadlineResponse>, Status> {
        self.reckon(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn list_worklist(
        &self,
        request: Request<ListWorklistRequest>,
    ) -> Result<Response<ListWorklistResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(of_failure)
    }

    async fn claim_work_item(
        &self,
        request: Request<ClaimWorkItemRequest>,
    ) -> Result<Response<ClaimWorkItemResponse>, Status> {
        self.claim(request).await.map(Response::new).map_err(of_failure)
    }

    async fn claim_next_work_item(
        &self,
        request: Request<ClaimNextWorkItemRequest>,
    ) -> Result<Response<ClaimNextWorkItemResponse>, Status> {
        self.claim_next(request).await.map(Response::new).map_err(of_failure)
    }

    async fn renew_claim(
        &self,
        request: Request<RenewClaimRequest>,
    ) -> Result<Response<RenewClaimResponse>, Status> {
        self.renew(request).await.map(Response::new).map_err(of_failure)
    }

    async fn return_work_item(
        &self,
        request: Request<ReturnWorkItemRequest>,
    ) -> Result<Response<ReturnWorkItemResponse>, Status> {
        self.give_back(request).await.map(Response::new).map_err(of_failure)
    }

    async fn hand_over_work_item(
        &self,
        request: Request<HandOverWorkItemRequest>,
    ) -> Result<Response<HandOverWorkItemResponse>, Status> {
        self.hand_over(request).await.map(Response::new).map_err(of_failure)
    }

    async fn complete_step(
        &self,
        request: Request<CompleteStepRequest>,
    ) -> Result<Response<CompleteStepResponse>, Status> {
        self.complete(request).await.map(Response::new).map_err(of_failure)
    }

    async fn request_supplement(
        &self,
        request: Request<RequestSupplementRequest>,
    ) -> Result<Response<RequestSupplementResponse>, Status> {
        self.ask(request).await.map(Response::new).map_err(of_failure)
    }

    async fn batch_claim_work_items(
        &self,
        request: Request<BatchClaimWorkItemsRequest>,
    ) -> Result<Response<BatchClaimWorkItemsResponse>, Status> {
        self.claim_many(request).await.map(Response::new).map_err(of_failure)
    }

    async fn batch_complete_steps(
        &self,
        request: Request<BatchCompleteStepsRequest>,
    ) -> Result<Response<BatchCompleteStepsResponse>, Status> {
        self.complete_many(request).await.map(Response::new).map_err(of_failure)
    }

    async fn send_back_step(
        &self,
        request: Request<SendBackStepRequest>,
    ) -> Result<Response<SendBackStepResponse>, Status> {
        self.send_back(request).await.map(Response::new).map_err(of_failure)
    }

    async fn request_payment(
        &self,
        request: Request<RequestPaymentRequest>,
    ) -> Result<Response<RequestPaymentResponse>, Status> {
        self.charge(request).await.map(Response::new).map_err(of_failure)
    }

    async fn postpone_appointment(
        &self,
        request: Request<PostponeAppointmentRequest>,
    ) -> Result<Response<PostponeAppointmentResponse>, Status> {
        self.postpone(request).await.map(Response::new).map_err(of_failure)
    }

    async fn replan_deadlines(
        &self,
        request: Request<ReplanDeadlinesRequest>,
    ) -> Result<Response<ReplanDeadlinesResponse>, Status> {
        self.replan(request).await.map(Response::new).map_err(of_failure)
    }

    async fn reopen_case(
        &self,
        request: Request<ReopenCaseRequest>,
    ) -> Result<Response<ReopenCaseResponse>, Status> {
        self.reopen(request).await.map(Response::new).map_err(of_failure)
    }

    async fn transfer_work_item(
        &self,
        request: Request<TransferWorkItemRequest>,
    ) -> Result<Response<TransferWorkItemResponse>, Status> {
        self.transfer(request).await.map(Response::new).map_err(of_failure)
    }
}

fn case_key(id: &str) -> Result<CaseKey, Rejection> {
    Ok(CaseKey::Case(convert::id(id, "case_id")?))
}

fn application_key(id: &str) -> Result<CaseKey, Rejection> {
    Ok(CaseKey::Application(convert::id(id, "application_id")?))
}

fn sender<T>(request: &Request<T>) -> Result<Sender, Rejection> {
    let traceparent = request.extensions().get::<TraceParent>().map(ToString::to_string).unwrap_or_default();
    Ok(Sender { caller: identity::caller(request)?, traceparent })
}

fn phase(request: InstallProvinceRequest) -> Result<Phase, Rejection> {
    let InstallProvinceRequest { phase, version, files } = request;
    match InstallPhase::try_from(phase) {
        Ok(InstallPhase::Validate) => Ok(Phase::Validate(files)),
        Ok(InstallPhase::Stage) => Ok(Phase::Stage(version, files)),
        Ok(InstallPhase::Activate) => Ok(Phase::Activate(version)),
        Ok(InstallPhase::Unspecified) | Err(_) => {
            Err(Rejection::invalid("UNKNOWN_VALUE", "phase", "expected VALIDATE, STAGE or ACTIVATE"))
        }
    }
}
