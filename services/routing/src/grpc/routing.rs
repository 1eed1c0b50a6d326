//! `phidia.routing.v1.RoutingService`.

use std::sync::Arc;

use async_trait::async_trait;
use phidia_domain::{Rejection, work_item::WorkItem};
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    routing::v1::{
        AssignOutcome, AssignWorkRequest, AssignWorkResponse, BatchAssignWorkRequest,
        BatchAssignWorkResponse, ExplainAssignmentRequest, ExplainAssignmentResponse, ListDecisionsRequest,
        ListDecisionsResponse, ListWorkRequest, ListWorkResponse, PreviewAssignmentRequest,
        PreviewAssignmentResponse, ReassignWorkRequest, ReassignWorkResponse, ReleaseWorkRequest,
        ReleaseWorkResponse, ReplayDecisionRequest, ReplayDecisionResponse, SimulateRequest,
        VerifyDecisionsRequest, VerifyDecisionsResponse, WorkState,
        assign_outcome::Outcome,
        routing_service_server::{RoutingService, RoutingServiceServer},
    },
};
use phidia_runtime::{
    failure::Failure,
    identity,
    status::{self, of_failure},
    telemetry::{TraceParent, concerns},
};
use tonic::{Request, Response, Status};

use super::{answer, log, simulation};
use crate::{
    Routing,
    assign_work::{MOST, unknown},
    caller::Sender,
    reassign_work::Reassign,
    work::State,
};

/// Answers for routing.
#[derive(Debug)]
pub(crate) struct RoutingServer(Arc<Routing>);

impl RoutingServer {
    pub(crate) fn new(routing: Arc<Routing>) -> Self {
        Self(routing)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> RoutingServiceServer<Self> {
        RoutingServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn assign(&self, request: Request<AssignWorkRequest>) -> Result<AssignWorkResponse, Failure> {
        let sender = sender(&request)?;
        let work_item = convert::work_item(request.into_inner().work_item, "work_item")?;
        concerns(work_item.application);
        let decision = self.0.assign_work(sender, work_item).await?;
        let today = self.0.versions.active().await?;
        Ok(AssignWorkResponse { decision: Some(answer::decision(&today.value, &decision, true)) })
    }

    async fn batch_assign(
        &self,
        request: Request<BatchAssignWorkRequest>,
    ) -> Result<BatchAssignWorkResponse, Failure> {
        let sender = sender(&request)?;
        let asked = request.into_inner().work_items;
        if !(1..=MOST).contains(&asked.len()) {
            let expected = format!("1 to {MOST} work items");
            return Err(Rejection::invalid("OUT_OF_RANGE", "work_items", expected).into());
        }
        let asked: Vec<_> = (asked.into_iter().enumerate())
            .map(|(index, item)| convert::work_item(Some(item), &format!("work_items[{index}]")))
            .collect();
        let named = asked.iter().flatten().copied().collect();
        let outcomes = self.0.assign_all(sender, named).await?;
        let today = self.0.versions.active().await?;
        let became = |item: WorkItem| outcomes.get(&item).cloned().unwrap_or_else(|| Err(unknown(item)));
        let outcomes = asked.into_iter().map(|item| match item.and_then(became) {
            Ok(found) => Outcome::Decision(answer::decision(&today.value, &found, false)),
            Err(refusal) => Outcome::Status(status::to_message(&refusal)),
        });
        let outcomes = outcomes.map(|outcome| AssignOutcome { outcome: Some(outcome) }).collect();
        Ok(BatchAssignWorkResponse { outcomes })
    }

    async fn preview(
        &self,
        request: Request<PreviewAssignmentRequest>,
    ) -> Result<PreviewAssignmentResponse, Failure> {
        let PreviewAssignmentRequest { procedure_code, received_at_code, places, conflicted_unit_codes } =
            request.into_inner();
        if procedure_code.is_empty() {
            return Err(convert::missing("procedure_code").into());
        }
        let places = convert::places(places, "places")?;
        let conflicted = conflicted_unit_codes.into_iter().collect();
        let preview = self.0.preview(procedure_code, received_at_code, places, conflicted).await?;
        Ok(answer::preview(&preview))
    }

    async fn explain(
        &self,
        request: Request<ExplainAssignmentRequest>,
    ) -> Result<ExplainAssignmentResponse, Failure> {
        let caller = identity::caller(&request)?;
        let id = convert::id(&request.into_inner().application_id, "application_id")?;
        concerns(id);
        let found = self.0.explain(&caller, id).await?;
        let records = found.records.iter().map(|record| answer::record(&found.today.value, record, true));
        Ok(ExplainAssignmentResponse { records: records.collect() })
    }

    async fn release(&self, request: Request<ReleaseWorkRequest>) -> Result<ReleaseWorkResponse, Failure> {
        let sender = sender(&request)?;
        let ReleaseWorkRequest { work_item, reason } = request.into_inner();
        let work_item = convert::work_item(work_item, "work_item")?;
        concerns(work_item.application);
        let next = self.0.release_work(sender, work_item, reason).await?;
        Ok(ReleaseWorkResponse { next: Some(convert::wire_work_item(next)) })
    }

    async fn reassign(&self, request: Request<ReassignWorkRequest>) -> Result<ReassignWorkResponse, Failure> {
        let sender = sender(&request)?;
        let ReassignWorkRequest { work_item, unit_code, reason, expected_fence } = request.into_inner();
        let work_item = convert::work_item(work_item, "work_item")?;
        concerns(work_item.application);
        let asked = Reassign { work_item, unit_code, reason, expected_fence };
        let decision = self.0.reassign_work(sender, asked).await?;
        let today = self.0.versions.active().await?;
        Ok(ReassignWorkResponse {
            work_item: Some(convert::wire_work_item(decision.work_item)),
            decision: Some(answer::decision(&today.value, &decision, true)),
        })
    }

    async fn list(&self, request: Request<ListWorkRequest>) -> Result<ListWorkResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListWorkRequest { page_size, page_token, state } = request.into_inner();
        let size = convert::page_size(page_size, 100, 1_000)?;
        let after = page(&page_token)?;
        let found = self.0.list_work(&caller, wanted(state)?, after, size).await?;
        let full = u64::try_from(found.records.len()).is_ok_and(|length| length >= size);
        let last = found.records.last().filter(|_| full).map(|record| record.item.arrived.to_string());
        let records = found.records.iter().map(|record| answer::record(&found.today.value, record, false));
        Ok(ListWorkResponse { records: records.collect(), next_page_token: last.unwrap_or_default() })
    }
}

/// Links that one call looks at.
const LONGEST_WALK: u64 = 10_000;

impl RoutingServer {
    async fn replay(&self, request: ReplayDecisionRequest) -> Result<ReplayDecisionResponse, Failure> {
        let replay = self.0.replay(convert::id(&request.assignment_id, "assignment_id")?).await?;
        if let Some(outcome) = &replay.recorded.outcome {
            concerns(outcome.work_item().application);
        }
        Ok(log::replay(&replay))
    }

    async fn decisions(&self, request: ListDecisionsRequest) -> Result<ListDecisionsResponse, Failure> {
        let size = convert::page_size(request.page_size, 50, 500)?;
        let found = self.0.log(page(&request.page_token)?, size).await?;
        let full = u64::try_from(found.logged.len()).is_ok_and(|length| length >= size);
        let last = found.logged.last().filter(|_| full).and_then(|logged| logged.link.as_ref());
        let last = last.map(|link| link.position.to_string());
        let decisions = found.logged.iter().map(|logged| log::logged(&found.today.value, logged)).collect();
        Ok(ListDecisionsResponse { decisions, next_page_token: last.unwrap_or_default() })
    }

    async fn verify(&self, request: VerifyDecisionsRequest) -> Result<VerifyDecisionsResponse, Failure> {
        Ok(log::walk(self.0.verify(request.after_position, LONGEST_WALK).await?))
    }
}

/// Who sent a command, and in which trace.
pub(super) fn sender<T>(request: &Request<T>) -> Result<Sender, Rejection> {
    let caller = identity::caller(request)?;
    let trace = request.extensions().get::<TraceParent>();
    Ok(Sender { caller, traceparent: trace.map(ToString::to_string).unwrap_or_default() })
}

pub(super) fn page(token: &str) -> Result<i64, Rejection> {
    if token.is_empty() {
        return Ok(0);
    }
    token
        .parse()
        .map_err(|_| Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "a token of an answer"))
}

fn wanted(state: i32) -> Result<Option<State>, Rejection> {
    match WorkState::try_from(state) {
        Ok(WorkState::Unspecified) => Ok(None),
        Ok(WorkState::Waiting) => Ok(Some(State::Waiting)),
        Ok(WorkState::Unassignable) => Ok(Some(State::Unassignable)),
        Ok(WorkState::Assigned) => Ok(Some(State::Assigned)),
        Ok(
            WorkState::Done
            | WorkState::AwaitingSupplement
            | WorkState::AwaitingPayment
            | WorkState::Referred,
        ) => Ok(Some(State::Done)),
        Ok(WorkState::Released) => Ok(Some(State::Released)),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "state", "expected a state of the contract")),
    }
}

#[async_trait]
impl RoutingService for RoutingServer {
    type SimulateStream = simulation::Answers;

    async fn simulate(
        &self,
        request: Request<SimulateRequest>,
    ) -> Result<Response<Self::SimulateStream>, Status> {
        simulation::simulate(&self.0, request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn assign_work(
        &self,
        request: Request<AssignWorkRequest>,
    ) -> Result<Response<AssignWorkResponse>, Status> {
        self.assign(request).await.map(Response::new).map_err(of_failure)
    }

    async fn batch_assign_work(
        &self,
        request: Request<BatchAssignWorkRequest>,
    ) -> Result<Response<BatchAssignWorkResponse>, Status> {
        self.batch_assign(request).await.map(Response::new).map_err(of_failure)
    }

    async fn preview_assignment(
        &self,
        request: Request<PreviewAssignmentRequest>,
    ) -> Result<Response<PreviewAssignmentResponse>, Status> {
        self.preview(request).await.map(Response::new).map_err(of_failure)
    }

    async fn explain_assignment(
        &self,
        request: Request<ExplainAssignmentRequest>,
    ) -> Result<Response<ExplainAssignmentResponse>, Status> {
        self.explain(request).await.map(Response::new).map_err(of_failure)
    }

    async fn release_work(
        &self,
        request: Request<ReleaseWorkRequest>,
    ) -> Result<Response<ReleaseWorkResponse>, Status> {
        self.release(request).await.map(Response::new).map_err(of_failure)
    }

    async fn reassign_work(
        &self,
        request: Request<ReassignWorkRequest>,
    ) -> Result<Response<ReassignWorkResponse>, Status> {
        self.reassign(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_work(
        &self,
        request: Request<ListWorkRequest>,
    ) -> Result<Response<ListWorkResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(of_failure)
    }

    async fn replay_decision(
        &self,
        request: Request<ReplayDecisionRequest>,
    ) -> Result<Response<ReplayDecisionResponse>, Status> {
        self.replay(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn list_decisions(
        &self,
        request: Request<ListDecisionsRequest>,
    ) -> Result<Response<ListDecisionsResponse>, Status> {
        self.decisions(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn verify_decisions(
        &self,
        request: Request<VerifyDecisionsRequest>,
    ) -> Result<Response<VerifyDecisionsResponse>, Status> {
        self.verify(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }
}
