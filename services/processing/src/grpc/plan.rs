//! `phidia.processing.v1.PlanService`: conversion in, use case, conversion out.

use async_trait::async_trait;
use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    plan::{ChangeKind, Comparison, Counts, State},
};
use phidia_proto::{
    MAX_MESSAGE_BYTES,
    convert::{self, wire_text, wire_timestamp},
    processing::v1::{
        ImportPlanRequest, ImportPlanResponse, ListPlanTaskChangesRequest, ListPlanTaskChangesResponse,
        ListPlanTasksRequest, ListPlanTasksResponse, PlanArea, PlanCounts, PlanTask, PlanTaskChange,
        PlanTaskChangeKind, PlanTaskState, SetPlanTaskStateRequest, SetPlanTaskStateResponse,
        plan_service_server::{PlanService, PlanServiceServer},
    },
};
use phidia_runtime::{failure::Failure, identity, status::of_failure};
use tonic::{Request, Response, Status};

use crate::{
    Processing,
    list_plan_tasks::{PlanQuery, PlanTasks},
    record::{PlanChange, PlanRecord},
    set_plan_task_state::Told,
};

/// The contract's face of the reform plan.
#[derive(Debug)]
pub(crate) struct PlanServer(Processing);

impl PlanServer {
    pub(crate) fn new(processing: Processing) -> Self {
        Self(processing)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> PlanServiceServer<Self> {
        PlanServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn import(&self, request: Request<ImportPlanRequest>) -> Result<ImportPlanResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ImportPlanRequest { content, file_name } = request.into_inner();
        let compared = self.0.import_plan(&caller, &file_name, content).await?;
        let Comparison { added, amended, unchanged, left_out } = compared;
        Ok(ImportPlanResponse { added, amended, unchanged, left_out })
    }

    async fn list(&self, request: ListPlanTasksRequest) -> Result<ListPlanTasksResponse, Failure> {
        let ListPlanTasksRequest { area, state, overdue, day } = request;
        let query = PlanQuery { area, state: self::state(state)?, overdue, day };
        let PlanTasks { day, tasks, total, areas } = self.0.list_plan_tasks(&query).await?;
        let area =
            |(name, counted)| PlanArea { name: Some(wire_text(&name)), counts: Some(counts(&counted)) };
        Ok(ListPlanTasksResponse {
            day: day.to_string(),
            tasks: tasks.into_iter().map(|record| task(record, day)).collect(),
            total: Some(counts(&total)),
            areas: areas.into_iter().map(area).collect(),
        })
    }

    async fn set(
        &self,
        request: Request<SetPlanTaskStateRequest>,
    ) -> Result<SetPlanTaskStateResponse, Failure> {
        let caller = identity::caller(&request)?;
        let SetPlanTaskStateRequest { code, state, note } = request.into_inner();
        if code.is_empty() {
            return Err(convert::missing("code").into());
        }
        let state = self::state(state)?.ok_or_else(|| convert::missing("state"))?;
        let Told { task, changed, day } = self.0.set_plan_task_state(&caller, code, state, note).await?;
        Ok(SetPlanTaskStateResponse { task: Some(self::task(task, day)), changed })
    }

    async fn changes(
        &self,
        request: ListPlanTaskChangesRequest,
    ) -> Result<ListPlanTaskChangesResponse, Failure> {
        let ListPlanTaskChangesRequest { code, page_size, page_token } = request;
        if code.is_empty() {
            return Err(convert::missing("code").into());
        }
        let size = convert::page_size(page_size, 50, 500)?;
        let (changes, next_page_token) = self.0.list_plan_task_changes(&code, size, &page_token).await?;
        let changes = changes.into_iter().map(change).collect();
        Ok(ListPlanTaskChangesResponse { changes, next_page_token })
    }
}

#[async_trait]
impl PlanService for PlanServer {
    async fn import_plan(
        &self,
        request: Request<ImportPlanRequest>,
    ) -> Result<Response<ImportPlanResponse>, Status> {
        self.import(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_plan_tasks(
        &self,
        request: Request<ListPlanTasksRequest>,
    ) -> Result<Response<ListPlanTasksResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn set_plan_task_state(
        &self,
        request: Request<SetPlanTaskStateRequest>,
    ) -> Result<Response<SetPlanTaskStateResponse>, Status> {
        self.set(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_plan_task_changes(
        &self,
        request: Request<ListPlanTaskChangesRequest>,
    ) -> Result<Response<ListPlanTaskChangesResponse>, Status> {
        self.changes(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }
}

/// A state that is stated, or none.
fn state(value: i32) -> Result<Option<State>, Rejection> {
    match PlanTaskState::try_from(value) {
        Ok(PlanTaskState::Unspecified) => Ok(None),
        Ok(PlanTaskState::NotBegun) => Ok(Some(State::NotBegun)),
        Ok(PlanTaskState::UnderWay) => Ok(Some(State::UnderWay)),
        Ok(PlanTaskState::Done) => Ok(Some(State::Done)),
        Ok(PlanTaskState::GivenUp) => Ok(Some(State::GivenUp)),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "state", "a state of a task of a plan")),
    }
}

fn wire_state(state: State) -> PlanTaskState {
    match state {
        State::NotBegun => PlanTaskState::NotBegun,
        State::UnderWay => PlanTaskState::UnderWay,
        State::Done => PlanTaskState::Done,
        State::GivenUp => PlanTaskState::GivenUp,
    }
}

fn counts(counted: &Counts) -> PlanCounts {
    // There are never as many tasks.
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    PlanCounts {
        tasks: number(counted.total()),
        not_begun: number(counted.of(State::NotBegun)),
        under_way: number(counted.of(State::UnderWay)),
        done: number(counted.of(State::Done)),
        given_up: number(counted.of(State::GivenUp)),
        overdue: number(counted.overdue),
    }
}

fn task(record: PlanRecord, day: Date) -> PlanTask {
    let PlanRecord { task, state, note, changed_at, changed_by, .. } = record;
    PlanTask {
        overdue: state.is_overdue(task.due, day),
        code: task.code,
        area: Some(wire_text(&task.area)),
        what: Some(wire_text(&task.what)),
        owner: task.owner,
        due: task.due.to_string(),
        state: wire_state(state).into(),
        note,
        changed_at: Some(wire_timestamp(changed_at)),
        changed_by,
    }
}

fn change(change: PlanChange) -> PlanTaskChange {
    let PlanChange { number, at, actor, kind, state, owner, due, note } = change;
    let kind = match kind {
        ChangeKind::Added => PlanTaskChangeKind::Added,
        ChangeKind::Amended => PlanTaskChangeKind::Amended,
        ChangeKind::Set => PlanTaskChangeKind::Set,
    };
    PlanTaskChange {
        number,
        at: Some(wire_timestamp(at)),
        actor,
        kind: kind.into(),
        state: wire_state(state).into(),
        owner,
        due: due.to_string(),
        note,
    }
}
