//! Processing as far as routing asks it: who has which attempt, under which fence. Its answers can get lost.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use phidia_domain::{
    Kind, Rejection,
    case::{Held, Stage, Transfer, Transferred},
    id::{OfficerId, UnitId},
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{WorkAssigned, event::Fact},
    processing::v1::{
        BatchClaimWorkItemsRequest, BatchClaimWorkItemsResponse, BatchCompleteStepsRequest,
        BatchCompleteStepsResponse, ClaimNextWorkItemRequest, ClaimNextWorkItemResponse,
        ClaimWorkItemRequest, ClaimWorkItemResponse, CompleteStepRequest, CompleteStepResponse,
        ExplainDeadlineRequest, ExplainDeadlineResponse, GetCaseRequest, GetCaseResponse,
        HandOverWorkItemRequest, HandOverWorkItemResponse, InstallProvinceRequest, InstallProvinceResponse,
        ListWorklistRequest, ListWorklistResponse, PostponeAppointmentRequest, PostponeAppointmentResponse,
        ReckonDeadlineRequest, ReckonDeadlineResponse, RenderControlSlipRequest, RenderControlSlipResponse,
        RenewClaimRequest, RenewClaimResponse, ReopenCaseRequest, ReopenCaseResponse, ReplanDeadlinesRequest,
        ReplanDeadlinesResponse, RequestPaymentRequest, RequestPaymentResponse, RequestSupplementRequest,
        RequestSupplementResponse, ReturnWorkItemRequest, ReturnWorkItemResponse, SendBackStepRequest,
        SendBackStepResponse, TransferWorkItemRequest, TransferWorkItemResponse, WatchCasesRequest,
        WatchCasesResponse, case_service_server::CaseService,
    },
};
use phidia_runtime::status;
use tonic::{Request, Response, Status, codegen::tokio_stream};

use crate::recorder::Recorder;

/// The worklists of all units.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worklists(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    held: Mutex<Vec<Held>>,
    /// What has not come here yet, and does not.
    missed: Mutex<Vec<WorkItem>>,
    /// How many calls do not arrive.
    away: AtomicU32,
    /// How many answers get lost after it was done.
    lost: AtomicU32,
    /// How many calls are refused after those, for what has nothing to do with the work item.
    refused: AtomicU32,
    told: Recorder,
}

impl Worklists {
    /// Those that follow what `told` hears for processing.
    pub(crate) fn following(told: Recorder) -> Self {
        Self(Arc::new(Inner { told, ..Inner::default() }))
    }

    pub(crate) fn is_away(&self, calls: u32) {
        self.0.away.store(calls, Ordering::SeqCst);
    }

    /// These do not come here for the time being.
    pub(crate) fn misses(&self, items: &[WorkItem]) {
        *self.0.missed.lock().unwrap() = items.to_vec();
    }

    pub(crate) fn is_refused(&self, calls: u32) {
        self.0.refused.store(calls, Ordering::SeqCst);
    }

    pub(crate) fn loses(&self, answers: u32) {
        self.0.lost.store(answers, Ordering::SeqCst);
    }

    /// An officer takes it up.
    pub(crate) fn begin(&self, item: WorkItem, officer: &str) {
        self.arrivals();
        let mut held = self.0.held.lock().unwrap();
        let held = held.iter_mut().find(|held| held.work_item == item).unwrap();
        assert!(held.stage != Stage::Superseded, "{item} has moved");
        (held.holder, held.fence) = (Some(OfficerId::of("37", officer)), 1);
    }

    /// Where the open attempt at a step lies.
    pub(crate) fn open(&self, item: WorkItem) -> Option<(WorkItem, UnitId)> {
        self.arrivals();
        let held = self.0.held.lock().unwrap();
        let mut open = held.iter().filter(|held| {
            (held.work_item.application, held.work_item.step) == (item.application, item.step)
                && held.stage != Stage::Superseded
        });
        let only = open.next().map(|held| (held.work_item, held.unit));
        assert!(open.next().is_none(), "two attempts are open");
        only
    }

    /// Whatever was assigned and has not come here yet.
    fn arrivals(&self) {
        let mut held = self.0.held.lock().unwrap();
        for event in self.0.told.by("processing") {
            let Some(Fact::WorkAssigned(WorkAssigned { work_item, unit_id, .. })) = event.fact else {
                continue;
            };
            let item = convert::work_item(work_item, "work_item").unwrap();
            if self.0.missed.lock().unwrap().contains(&item) {
                continue;
            }
            let later = |other: &Held| {
                (other.work_item.application, other.work_item.step) == (item.application, item.step)
                    && other.work_item.attempt >= item.attempt
            };
            if !held.iter().any(later) {
                for earlier in held.iter_mut().filter(|other| {
                    (other.work_item.application, other.work_item.step) == (item.application, item.step)
                }) {
                    (earlier.stage, earlier.fence) = (Stage::Superseded, earlier.fence + 1);
                }
                held.push(Held::queued(item, unit_id.parse().unwrap(), "Chứng thực", 2));
            }
        }
    }

    fn transfer(&self, transfer: Transfer) -> Result<(), Rejection> {
        let away = || Rejection::new(Kind::Unavailable, "PEER_UNAVAILABLE", "the line is cut");
        if take(&self.0.away) {
            return Err(away());
        }
        if self.0.lost.load(Ordering::SeqCst) == 0 && take(&self.0.refused) {
            return Err(Rejection::new(Kind::Precondition, "NO_PROVINCE", "it is not ready yet"));
        }
        self.arrivals();
        let mut held = self.0.held.lock().unwrap();
        let of_step: Vec<_> = held
            .iter()
            .filter(|held| {
                (held.work_item.application, held.work_item.step)
                    == (transfer.from.application, transfer.from.step)
            })
            .cloned()
            .collect();
        if transfer.judge(&of_step)? == Transferred::Now {
            for old in held.iter_mut().filter(|held| held.work_item == transfer.from) {
                (old.stage, old.fence) = (Stage::Superseded, old.fence + 1);
            }
            held.push(Held::queued(transfer.to, transfer.unit, "Chứng thực", 2));
        }
        if take(&self.0.lost) { Err(away()) } else { Ok(()) }
    }
}

fn take(counter: &AtomicU32) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1)).is_ok()
}

fn nobody_asks<T>() -> Result<Response<T>, Status> {
    Err(status::to_status(&Rejection::new(Kind::Internal, "NOT_PLAYED", "routing does not ask this")))
}

#[async_trait::async_trait]
impl CaseService for Worklists {
    async fn install_province(
        &self,
        _: Request<InstallProvinceRequest>,
    ) -> Result<Response<InstallProvinceResponse>, Status> {
        nobody_asks()
    }
    async fn get_case(&self, _: Request<GetCaseRequest>) -> Result<Response<GetCaseResponse>, Status> {
        nobody_asks()
    }
    async fn render_control_slip(
        &self,
        _: Request<RenderControlSlipRequest>,
    ) -> Result<Response<RenderControlSlipResponse>, Status> {
        nobody_asks()
    }
    async fn explain_deadline(
        &self,
        _: Request<ExplainDeadlineRequest>,
    ) -> Result<Response<ExplainDeadlineResponse>, Status> {
        nobody_asks()
    }
    async fn reckon_deadline(
        &self,
        _: Request<ReckonDeadlineRequest>,
    ) -> Result<Response<ReckonDeadlineResponse>, Status> {
        nobody_asks()
    }
    async fn list_worklist(
        &self,
        _: Request<ListWorklistRequest>,
    ) -> Result<Response<ListWorklistResponse>, Status> {
        nobody_asks()
    }
    async fn claim_work_item(
        &self,
        _: Request<ClaimWorkItemRequest>,
    ) -> Result<Response<ClaimWorkItemResponse>, Status> {
        nobody_asks()
    }
    async fn claim_next_work_item(
        &self,
        _: Request<ClaimNextWorkItemRequest>,
    ) -> Result<Response<ClaimNextWorkItemResponse>, Status> {
        nobody_asks()
    }
    async fn complete_step(
        &self,
        _: Request<CompleteStepRequest>,
    ) -> Result<Response<CompleteStepResponse>, Status> {
        nobody_asks()
    }
    type WatchCasesStream = tokio_stream::Empty<Result<WatchCasesResponse, Status>>;

    async fn watch_cases(
        &self,
        _: Request<WatchCasesRequest>,
    ) -> Result<Response<Self::WatchCasesStream>, Status> {
        nobody_asks()
    }
    async fn renew_claim(
        &self,
        _: Request<RenewClaimRequest>,
    ) -> Result<Response<RenewClaimResponse>, Status> {
        nobody_asks()
    }
    async fn return_work_item(
        &self,
        _: Request<ReturnWorkItemRequest>,
    ) -> Result<Response<ReturnWorkItemResponse>, Status> {
        nobody_asks()
    }
    async fn hand_over_work_item(
        &self,
        _: Request<HandOverWorkItemRequest>,
    ) -> Result<Response<HandOverWorkItemResponse>, Status> {
        nobody_asks()
    }
    async fn postpone_appointment(
        &self,
        _: Request<PostponeAppointmentRequest>,
    ) -> Result<Response<PostponeAppointmentResponse>, Status> {
        nobody_asks()
    }
    async fn replan_deadlines(
        &self,
        _: Request<ReplanDeadlinesRequest>,
    ) -> Result<Response<ReplanDeadlinesResponse>, Status> {
        nobody_asks()
    }
    async fn request_supplement(
        &self,
        _: Request<RequestSupplementRequest>,
    ) -> Result<Response<RequestSupplementResponse>, Status> {
        nobody_asks()
    }
    async fn batch_claim_work_items(
        &self,
        _: Request<BatchClaimWorkItemsRequest>,
    ) -> Result<Response<BatchClaimWorkItemsResponse>, Status> {
        nobody_asks()
    }
    async fn batch_complete_steps(
        &self,
        _: Request<BatchCompleteStepsRequest>,
    ) -> Result<Response<BatchCompleteStepsResponse>, Status> {
        nobody_asks()
    }
    async fn send_back_step(
        &self,
        _: Request<SendBackStepRequest>,
    ) -> Result<Response<SendBackStepResponse>, Status> {
        nobody_asks()
    }
    async fn request_payment(
        &self,
        _: Request<RequestPaymentRequest>,
    ) -> Result<Response<RequestPaymentResponse>, Status> {
        nobody_asks()
    }
    async fn reopen_case(
        &self,
        _: Request<ReopenCaseRequest>,
    ) -> Result<Response<ReopenCaseResponse>, Status> {
        nobody_asks()
    }
    async fn transfer_work_item(
        &self,
        request: Request<TransferWorkItemRequest>,
    ) -> Result<Response<TransferWorkItemResponse>, Status> {
        let TransferWorkItemRequest { from, expected_fence, to, unit_id } = request.into_inner();
        let transfer = Transfer {
            from: convert::work_item(from, "from").unwrap(),
            expected_fence,
            to: convert::work_item(to, "to").unwrap(),
            unit: unit_id.parse().unwrap(),
        };
        self.transfer(transfer).map_err(|refusal| status::to_status(&refusal))?;
        Ok(Response::new(TransferWorkItemResponse::default()))
    }
}
