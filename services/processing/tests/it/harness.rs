//! The service under test and its callers.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    case::Outcome,
    id::{ApplicationId, EventId, Id as _},
    work_item::WorkItem,
};
use phidia_outbox::conservation::Holder;
use phidia_processing::{Built, Config, Deps, build};
use phidia_proto::{
    access, convert,
    events::v1::{
        ApplicationSubmitted, DeliverEventsRequest, Event, Verdict, WorkAssigned, event::Fact,
        event_sink_service_client::EventSinkServiceClient,
    },
    processing::v1::{
        CaseWorkItem, ClaimNextWorkItemRequest, ClaimWorkItemRequest, CompleteStepRequest, GetCaseRequest,
        GetCaseResponse, InstallPhase, InstallProvinceRequest, ListWorklistRequest, TransferWorkItemRequest,
        Turn, case_service_client::CaseServiceClient, get_case_request::Key,
        plan_service_client::PlanServiceClient, report_service_client::ReportServiceClient,
        result_service_client::ResultServiceClient,
    },
    types::v1::{CompetenceKey, Place},
};
use phidia_runtime::{
    clock::{BusinessClock, ManualClock},
    database::{Database, DatabaseConfig},
    identity::Trust,
    ids::Ids,
    peer::Peer,
    seal::MasterKey,
    service::Workers,
    stack::{self, Access, StackConfig, Stacked},
    status,
};
use sea_orm::ConnectionTrait as _;
use tokio_util::sync::CancellationToken;
use tonic::{Response, codegen::tokio_stream, service::Routes};
use uuid::Uuid;

use crate::{
    province::{self, officer, unit},
    recorder::Recorder,
};

pub(crate) const SOON: Duration = Duration::from_secs(20);
/// Monday, 08:00 in the office.
pub(crate) const MONDAY: &str = "2026-11-23T01:00:00Z";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_hex(&"07".repeat(32).into()).unwrap()
}

pub(crate) fn application(number: u128) -> ApplicationId {
    ApplicationId::from_uuid(Uuid::from_u128(number))
}

/// The service, running.
pub(crate) struct Office {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) holder: Arc<dyn Holder>,
    pub(crate) told: Recorder,
    pub(crate) db: Database,
    service: Stacked,
    workers: Workers,
}

impl Office {
    /// One with the small province active as version 1.
    pub(crate) async fn open(folder: &Path) -> Self {
        let office = Self::without_province(folder).await;
        for phase in [InstallPhase::Stage, InstallPhase::Activate] {
            office.install(phase, 1).await.unwrap();
        }
        office
    }

    pub(crate) async fn without_province(folder: &Path) -> Self {
        Self::over(&::harness::store::at(&folder.join("processing.db"))).await
    }

    /// One that finds what comes true by the passing of time.
    pub(crate) async fn looking(folder: &Path) -> Self {
        let office = Self::looking_over(&::harness::store::at(&folder.join("processing.db"))).await;
        for phase in [InstallPhase::Stage, InstallPhase::Activate] {
            office.install(phase, 1).await.unwrap();
        }
        office
    }

    pub(crate) async fn looking_over(store: &DatabaseConfig) -> Self {
        Self::with(store, Config { look_millis: 5, ..Config::default() }).await
    }

    pub(crate) async fn over(store: &DatabaseConfig) -> Self {
        Self::with(store, Config { look_millis: 0, ..Config::default() }).await
    }

    pub(crate) async fn with(store: &DatabaseConfig, config: Config) -> Self {
        let clock = Arc::new(ManualClock::new(at(MONDAY)));
        let db = Database::open(store).await.unwrap();
        let told = Recorder::default();
        let deps = Deps {
            db: db.clone(),
            ids: Ids::random(),
            business: BusinessClock::manual(Arc::clone(&clock)),
            master_key: master_key(),
            routing: told.peer("routing"),
            intake: told.peer("intake"),
            notification: told.peer("notification"),
        };
        let Built { service, holder } = build(config, deps).await.unwrap();
        let mut workers = Workers::new(CancellationToken::new());
        service.workers.into_iter().for_each(|worker| workers.spawn(worker));
        let routes = phidia_runtime::service::merge([service.public, service.internal]);
        Self { clock, holder: holder.unwrap(), told, db, service: stacked(routes), workers }
    }

    /// Stops workers and closes the store, as a process that ends does.
    pub(crate) async fn close(self) {
        assert!(self.workers.stop(SOON).await);
        self.db.close().await.unwrap();
    }

    pub(crate) fn peer(&self, caller: Caller) -> Peer {
        Peer::local(self.service.clone(), caller)
    }

    pub(crate) fn client(&self, caller: Caller) -> CaseServiceClient<Peer> {
        CaseServiceClient::new(self.peer(caller))
    }

    pub(crate) fn results(&self, caller: Caller) -> ResultServiceClient<Peer> {
        ResultServiceClient::new(Peer::local(self.service.clone(), caller))
            .max_decoding_message_size(phidia_proto::MAX_MESSAGE_BYTES)
    }

    /// Takes everybody's key away.
    pub(crate) async fn erase_everybody(&self) {
        let erased = self.db.write(|tx| {
            Box::pin(
                async move { Ok(tx.execute_unprepared("delete from person_key").await?.rows_affected()) },
            )
        });
        assert!(erased.await.unwrap() > 0);
    }

    pub(crate) fn reports(&self, caller: Caller) -> ReportServiceClient<Peer> {
        ReportServiceClient::new(Peer::local(self.service.clone(), caller))
    }

    pub(crate) fn plans(&self, caller: Caller) -> PlanServiceClient<Peer> {
        PlanServiceClient::new(Peer::local(self.service.clone(), caller))
    }

    pub(crate) fn of(&self, code: &str) -> CaseServiceClient<Peer> {
        self.client(an_officer(code))
    }

    pub(crate) async fn install(&self, phase: InstallPhase, version: i64) -> Result<(), Rejection> {
        self.install_files(phase, version, province::files()).await
    }

    pub(crate) async fn install_files(
        &self,
        phase: InstallPhase,
        version: i64,
        files: BTreeMap<String, Vec<u8>>,
    ) -> Result<(), Rejection> {
        let request = InstallProvinceRequest { phase: phase.into(), version, files };
        let answer = self.client(Caller::service("intake")).install_province(request).await;
        answer.map(drop).map_err(|status| status::from_status(&status))
    }

    /// Delivers one fact as `source` and answers with verdict and reason.
    pub(crate) async fn tell(&self, source: &str, about: ApplicationId, fact: Fact) -> (Verdict, String) {
        let event = event(source, about, fact);
        self.deliver(vec![event]).await.remove(0)
    }

    pub(crate) async fn deliver(&self, events: Vec<Event>) -> Vec<(Verdict, String)> {
        let mut sink =
            EventSinkServiceClient::new(Peer::local(self.service.clone(), Caller::service("routing")));
        let batch = tokio_stream::iter([DeliverEventsRequest { batch: 1, events }]);
        let mut answers = sink.deliver_events(batch).await.unwrap().into_inner();
        let answer = answers.message().await.unwrap().unwrap();
        answer.receipts.into_iter().map(|receipt| (receipt.verdict(), receipt.reason)).collect()
    }

    /// An application submitted at unit 1 and assigned to `unit_code`.
    pub(crate) async fn open_case(
        &self,
        number: u128,
        submission: ApplicationSubmitted,
        unit_code: &str,
    ) -> WorkItem {
        let item = WorkItem::first(application(number), 1);
        let applied = (Verdict::Applied, String::new());
        let submitted = Fact::ApplicationSubmitted(submission);
        assert_eq!(self.tell("intake", item.application, submitted).await, applied);
        assert_eq!(self.tell("routing", item.application, assigned(item, unit_code)).await, applied);
        item
    }

    pub(crate) async fn worklist(&self, code: &str) -> Vec<CaseWorkItem> {
        let request = ListWorklistRequest::default();
        self.of(code).list_worklist(request).await.unwrap().into_inner().work_items
    }

    pub(crate) async fn get(&self, caller: Caller, item: WorkItem) -> Result<GetCaseResponse, Rejection> {
        let key = Some(Key::ApplicationId(item.application.to_string()));
        let answer = self.client(caller).get_case(GetCaseRequest { key }).await;
        answer.map(Response::into_inner).map_err(|status| status::from_status(&status))
    }

    pub(crate) async fn claim(
        &self,
        code: &str,
        item: WorkItem,
        fence: u64,
    ) -> Result<CaseWorkItem, Rejection> {
        let request =
            ClaimWorkItemRequest { work_item: Some(convert::wire_work_item(item)), expected_fence: fence };
        let answer = self.of(code).claim_work_item(request).await;
        answer
            .map(|answer| answer.into_inner().work_item.unwrap())
            .map_err(|status| status::from_status(&status))
    }

    /// What an officer has to do next, and why; none: nothing waits.
    pub(crate) async fn next(&self, code: &str) -> Option<(CaseWorkItem, Turn)> {
        let answer =
            self.of(code).claim_next_work_item(ClaimNextWorkItemRequest {}).await.unwrap().into_inner();
        let turn = answer.turn();
        answer.work_item.map(|item| (item, turn))
    }

    /// Ends a step that an officer holds.
    pub(crate) async fn done(&self, code: &str, item: &CaseWorkItem) {
        let held = convert::work_item(item.work_item.clone(), "work_item").unwrap();
        self.complete(code, held, item.fence, Outcome::Approved, "").await.unwrap();
    }

    /// Moves a work item, as routing does.
    pub(crate) async fn transfer(
        &self,
        from: WorkItem,
        expected_fence: u64,
        to: WorkItem,
        unit_code: &str,
    ) -> Result<CaseWorkItem, Rejection> {
        let request = TransferWorkItemRequest {
            from: Some(convert::wire_work_item(from)),
            expected_fence,
            to: Some(convert::wire_work_item(to)),
            unit_id: unit(unit_code).to_string(),
        };
        let answer = self.client(Caller::service("routing")).transfer_work_item(request).await;
        answer
            .map(|answer| answer.into_inner().work_item.unwrap())
            .map_err(|status| status::from_status(&status))
    }

    pub(crate) async fn complete(
        &self,
        code: &str,
        item: WorkItem,
        fence: u64,
        outcome: Outcome,
        reason: &str,
    ) -> Result<phidia_proto::processing::v1::Case, Rejection> {
        let request = CompleteStepRequest {
            work_item: Some(convert::wire_work_item(item)),
            fence,
            outcome: convert::wire_outcome(outcome).into(),
            refusal_reason: reason.into(),
            next_step: 0,
        };
        let answer = self.of(code).complete_step(request).await;
        answer.map(|answer| answer.into_inner().case.unwrap()).map_err(|status| status::from_status(&status))
    }
}

pub(crate) fn an_officer(code: &str) -> Caller {
    let unit = Some(unit(code.split('-').next().unwrap()));
    Caller { role: Role::Officer, name: code.to_owned(), unit, officer: Some(officer(code)) }
}

pub(crate) fn supervisor(of: Option<&str>) -> Caller {
    Caller { role: Role::Supervisor, name: "s".into(), unit: of.map(unit), officer: None }
}

pub(crate) fn operator() -> Caller {
    Caller { role: Role::Operator, name: "o".into(), unit: None, officer: None }
}

pub(crate) fn event(source: &str, about: ApplicationId, fact: Fact) -> Event {
    Event {
        id: Ids::random().mint::<EventId>(at(MONDAY)).to_string(),
        province: "37".into(),
        application_id: about.to_string(),
        source: source.into(),
        sequence: 1,
        occurred_at: Some(convert::wire_timestamp(at(MONDAY))),
        recorded_at: Some(convert::wire_timestamp(at(MONDAY))),
        actor: "citizen/portal".into(),
        schema_version: 1,
        fact: Some(fact),
        ..Event::default()
    }
}

/// A submission at unit 1 by somebody who lives there.
pub(crate) fn submission(procedure: &str) -> ApplicationSubmitted {
    ApplicationSubmitted {
        procedure_code: procedure.into(),
        province_version: 1,
        dossier_code: "H42.1-261123-0001".into(),
        received_at_unit_id: unit("1").to_string(),
        return_at_unit_id: unit("1").to_string(),
        places: vec![Place { key: CompetenceKey::Residence.into(), commune_code: "1".into() }],
        submitted_at: Some(convert::wire_timestamp(at(MONDAY))),
        ..ApplicationSubmitted::default()
    }
}

pub(crate) fn assigned(item: WorkItem, unit_code: &str) -> Fact {
    Fact::WorkAssigned(WorkAssigned {
        work_item: Some(convert::wire_work_item(item)),
        unit_id: unit(unit_code).to_string(),
        ..WorkAssigned::default()
    })
}

pub(crate) fn stacked(routes: Routes) -> Stacked {
    stack::wrap(routes, &StackConfig::default(), Trust::Headers, |path| {
        access::find(path).map(|row| Access { roles: row.roles, streaming: row.streaming })
    })
}
