//! Routing and processing as far as an import needs them, and a listener in place of notification.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

use phidia_domain::{Kind, Rejection};
use phidia_outbox::{EventSink, Facts, Outbox, SinkService};
use phidia_proto::{
    events::v1::{Event, event::Fact},
    notification::v1::{self as notification, office_service_server as offices},
    processing::v1::{self as processing, case_service_server as cases},
    routing::v1::{self as routing, registry_service_server as registry},
};
use phidia_runtime::{database::Database, failure::Failure, ids::Ids, status::to_status};
use sea_orm::DatabaseTransaction;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, async_trait, codegen::tokio_stream, service::Routes};

type Documents = BTreeMap<String, Vec<u8>>;

/// A service that a province is installed in.
#[derive(Default)]
pub(crate) struct Subject {
    state: Mutex<State>,
    /// Whoever holds it lets nobody in.
    pub(crate) door: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    staged: BTreeMap<i64, Documents>,
    active: i64,
    /// What is asked of it, in order: phase and version.
    asked: Vec<(i32, i64)>,
    /// The phase at which it is away.
    away_at: Option<i32>,
    /// Whether it answers nobody who tells of workplaces.
    deaf: bool,
    /// What it was told of workplaces: unit, how many, and the revision of the register.
    workplaces: Vec<Workplaces>,
}

pub(crate) type Workplaces = (String, Option<u32>, Option<i64>);

pub(crate) const VALIDATE: i32 = 1;
pub(crate) const STAGE: i32 = 2;
pub(crate) const ACTIVATE: i32 = 3;

impl Subject {
    pub(crate) fn routes(self: &Arc<Self>) -> Routes {
        let shared = Shared(self.clone());
        Routes::new(registry::RegistryServiceServer::new(shared.clone()))
            .add_service(cases::CaseServiceServer::new(shared))
    }

    pub(crate) fn away_at(&self, phase: Option<i32>) {
        self.state.lock().unwrap().away_at = phase;
    }

    pub(crate) fn active(&self) -> i64 {
        self.state.lock().unwrap().active
    }

    /// Names of the files that were staged as this version.
    pub(crate) fn staged(&self, version: i64) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.staged[&version].keys().cloned().collect()
    }

    /// What was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<(i32, i64)> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// Nobody who tells of workplaces is heard any more, or all are again.
    pub(crate) fn deafen(&self, deaf: bool) {
        self.state.lock().unwrap().deaf = deaf;
    }

    /// What was told of workplaces so far.
    pub(crate) fn workplaces(&self) -> Vec<Workplaces> {
        self.state.lock().unwrap().workplaces.clone()
    }

    /// Something else was staged under this version.
    pub(crate) fn occupy(&self, version: i64) {
        self.state.lock().unwrap().staged.insert(version, Documents::new());
    }

    /// Something else is active as this version.
    pub(crate) fn ahead(&self, version: i64) {
        self.occupy(version);
        self.state.lock().unwrap().active = version;
    }

    /// Its store is lost.
    pub(crate) fn lose(&self) {
        *self.state.lock().unwrap() = State::default();
    }

    async fn install(&self, phase: i32, version: i64, files: Documents) -> Result<(), Status> {
        let _inside = self.door.lock().await;
        let refuse = |kind, reason| Err(to_status(&Rejection::new(kind, reason, "as the test wants it")));
        let mut state = self.state.lock().unwrap();
        state.asked.push((phase, version));
        if state.away_at == Some(phase) {
            return refuse(Kind::Unavailable, "AWAY");
        }
        match phase {
            STAGE if state.staged.get(&version).is_some_and(|staged| *staged != files) => {
                return refuse(Kind::AlreadyExists, "REFERENCE_VERSION_REUSED");
            }
            STAGE => drop(state.staged.insert(version, files)),
            ACTIVATE if !state.staged.contains_key(&version) => {
                return refuse(Kind::NotFound, "REFERENCE_NOT_STAGED");
            }
            ACTIVATE if state.active > version => {
                return refuse(Kind::Precondition, "REFERENCE_GOES_FORWARD");
            }
            ACTIVATE => state.active = version,
            _ => {}
        }
        Ok(())
    }
}

#[derive(Clone)]
struct Shared(Arc<Subject>);

/// A service of which intake asks nothing but to install a province.
macro_rules! installs {
    ($service:path, $api:ident; $($rpc:ident($request:ident) -> $response:ident;)* $({ $($more:tt)* })?) => {
        #[async_trait]
        impl $service for Shared {
            async fn install_province(
                &self,
                request: Request<$api::InstallProvinceRequest>,
            ) -> Result<Response<$api::InstallProvinceResponse>, Status> {
                let request = request.into_inner();
                self.0.install(request.phase, request.version, request.files).await?;
                Ok(Response::new($api::InstallProvinceResponse {}))
            }
            $(
                async fn $rpc(
                    &self,
                    _: Request<$api::$request>,
                ) -> Result<Response<$api::$response>, Status> {
                    unreachable!("intake does not ask this")
                }
            )*
            $($($more)*)?
        }
    };
}

installs! {
    registry::RegistryService, routing;
    list_units(ListUnitsRequest) -> ListUnitsResponse;
    get_unit(GetUnitRequest) -> GetUnitResponse;
    list_officers(ListOfficersRequest) -> ListOfficersResponse;
    list_registry_changes(ListRegistryChangesRequest) -> ListRegistryChangesResponse;
    set_unit_standing(SetUnitStandingRequest) -> SetUnitStandingResponse;
    set_unit_hours(SetUnitHoursRequest) -> SetUnitHoursResponse;
    clear_unit_hours(ClearUnitHoursRequest) -> ClearUnitHoursResponse;
    set_absence(SetAbsenceRequest) -> SetAbsenceResponse;
    clear_absence(ClearAbsenceRequest) -> ClearAbsenceResponse;
    set_officer_hours(SetOfficerHoursRequest) -> SetOfficerHoursResponse;
    clear_officer_hours(ClearOfficerHoursRequest) -> ClearOfficerHoursResponse;
    list_overtime(ListOvertimeRequest) -> ListOvertimeResponse;
    {
        async fn set_unit_workplaces(
            &self,
            request: Request<routing::SetUnitWorkplacesRequest>,
        ) -> Result<Response<routing::SetUnitWorkplacesResponse>, Status> {
            let request = request.into_inner();
            let mut state = self.0.state.lock().unwrap();
            if state.deaf {
                return Err(to_status(&Rejection::new(Kind::Unavailable, "AWAY", "as the test wants it")));
            }
            let told = (request.unit_code, request.workplaces, request.register_revision);
            state.workplaces.push(told);
            Ok(Response::new(routing::SetUnitWorkplacesResponse::default()))
        }

        type WatchLoadStream = tokio_stream::Empty<Result<routing::WatchLoadResponse, Status>>;

        async fn watch_load(
            &self,
            _: Request<routing::WatchLoadRequest>,
        ) -> Result<Response<Self::WatchLoadStream>, Status> {
            unreachable!("intake does not ask this")
        }
    }
}

installs! {
    cases::CaseService, processing;
    get_case(GetCaseRequest) -> GetCaseResponse;
    render_control_slip(RenderControlSlipRequest) -> RenderControlSlipResponse;
    explain_deadline(ExplainDeadlineRequest) -> ExplainDeadlineResponse;
    reckon_deadline(ReckonDeadlineRequest) -> ReckonDeadlineResponse;
    list_worklist(ListWorklistRequest) -> ListWorklistResponse;
    claim_work_item(ClaimWorkItemRequest) -> ClaimWorkItemResponse;
    claim_next_work_item(ClaimNextWorkItemRequest) -> ClaimNextWorkItemResponse;
    renew_claim(RenewClaimRequest) -> RenewClaimResponse;
    return_work_item(ReturnWorkItemRequest) -> ReturnWorkItemResponse;
    hand_over_work_item(HandOverWorkItemRequest) -> HandOverWorkItemResponse;
    complete_step(CompleteStepRequest) -> CompleteStepResponse;
    request_supplement(RequestSupplementRequest) -> RequestSupplementResponse;
    request_payment(RequestPaymentRequest) -> RequestPaymentResponse;
    batch_claim_work_items(BatchClaimWorkItemsRequest) -> BatchClaimWorkItemsResponse;
    batch_complete_steps(BatchCompleteStepsRequest) -> BatchCompleteStepsResponse;
    send_back_step(SendBackStepRequest) -> SendBackStepResponse;
    postpone_appointment(PostponeAppointmentRequest) -> PostponeAppointmentResponse;
    reopen_case(ReopenCaseRequest) -> ReopenCaseResponse;
    replan_deadlines(ReplanDeadlinesRequest) -> ReplanDeadlinesResponse;
    transfer_work_item(TransferWorkItemRequest) -> TransferWorkItemResponse;
    {
        type WatchCasesStream = tokio_stream::Empty<Result<processing::WatchCasesResponse, Status>>;

        async fn watch_cases(
            &self,
            _: Request<processing::WatchCasesRequest>,
        ) -> Result<Response<Self::WatchCasesStream>, Status> {
            unreachable!("intake does not ask this")
        }
    }
}

installs! {
    offices::OfficeService, notification;
}

/// Hears what intake tells, and keeps the hours that it brings.
#[derive(Default)]
pub(crate) struct Listener {
    heard: Arc<Heard>,
    pub(crate) hours: Arc<Subject>,
}

#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl Listener {
    pub(crate) async fn serve(&self, path: &Path) -> Routes {
        let db = Database::open(&::harness::store::at(path)).await.unwrap();
        db.migrate::<Inbox>().await.unwrap();
        let outbox = Outbox::new("notification", db, Ids::random());
        let sink = SinkService::new(self.heard.clone(), outbox, CancellationToken::new());
        let hours = offices::OfficeServiceServer::new(Shared(self.hours.clone()));
        Routes::new(sink.server()).add_service(hours)
    }

    pub(crate) fn heard(&self) -> Vec<Event> {
        self.heard.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl EventSink for Heard {
    fn concerns(&self, _: &Fact) -> bool {
        true
    }

    async fn apply(&self, _: &DatabaseTransaction, event: &Event, _: &mut Facts) -> Result<(), Failure> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}

struct Inbox;

impl MigratorTrait for Inbox {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        phidia_outbox::migrations()
    }
}
