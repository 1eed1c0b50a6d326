//! The service under test and its callers.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use phidia_board::Board;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    id::{ApplicationId, Id as _},
    work_item::WorkItem,
};
use phidia_outbox::conservation::Holder;
use phidia_proto::{
    access, convert,
    events::v1::{
        DeliverEventsRequest, Event, Verdict, WorkMoved, event::Fact,
        event_sink_service_client::EventSinkServiceClient,
    },
    processing::v1::case_service_server::CaseServiceServer,
    routing::v1::{
        AssignWorkRequest, Decision, ExplainAssignmentRequest, InstallPhase, InstallProvinceRequest,
        ListUnitsRequest, ListWorkRequest, Unit, WorkRecord, WorkState,
        registry_service_client::RegistryServiceClient, routing_service_client::RoutingServiceClient,
    },
};
use phidia_routing::{Built, Config, Deps, build};
use phidia_runtime::{
    clock::{BusinessClock, ManualClock},
    database::{Database, DatabaseConfig},
    identity::Trust,
    ids::Ids,
    peer::Peer,
    reference,
    service::{Worker, Workers},
    stack::{self, Access, StackConfig, Stacked},
    status,
};
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction,
    sea_query::{Expr, Func, Query},
};
use tokio_util::sync::CancellationToken;
use tonic::{codegen::tokio_stream, service::Routes};
use uuid::Uuid;

use crate::{
    facts::{event, submission},
    flaky::Flaky,
    province::{self, effort, unit},
    recorder::Recorder,
    worklists::Worklists,
};

pub(crate) const SOON: Duration = Duration::from_secs(20);
/// Monday, 08:00 in the office.
pub(crate) const MONDAY: &str = "2026-11-23T01:00:00Z";
pub(crate) const APPLIED: Verdict = Verdict::Applied;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn item(number: u128, step: u32) -> WorkItem {
    WorkItem::first(ApplicationId::from_uuid(Uuid::from_u128(number)), step)
}

fn store(folder: &Path) -> DatabaseConfig {
    ::harness::store::at(&folder.join("routing.db"))
}

/// The service, running.
pub(crate) struct Office {
    pub(crate) holder: Arc<dyn Holder>,
    pub(crate) told: Recorder,
    pub(crate) board: Arc<Flaky>,
    pub(crate) worklists: Worklists,
    pub(crate) clock: Arc<ManualClock>,
    /// Which procedure an application was for, to know what its steps add.
    procedures: Mutex<BTreeMap<ApplicationId, String>>,
    db: Database,
    service: Stacked,
    workers: Workers,
}

impl Office {
    /// One with the small province active as version 1.
    pub(crate) async fn open(folder: &Path) -> Self {
        let office = Self::without_province(folder, Flaky::new()).await;
        office.install(1, province::files()).await;
        office
    }

    /// The same, where board and store are compared every so many milliseconds.
    pub(crate) async fn that_compares(folder: &Path, drift_millis: u32) -> Self {
        Self::set_up(folder, Config { drift_millis, ..quick() }).await
    }

    /// One that looks for what would be late every quarter of an hour.
    pub(crate) async fn rescuing(folder: &Path) -> Self {
        Self::set_up(folder, Config { rescue_seconds: 900, ..quick() }).await
    }

    async fn set_up(folder: &Path, config: Config) -> Self {
        let told = Recorder::default();
        let worklists = Worklists::following(told.clone());
        let office = Self::with(&store(folder), Flaky::new(), told, worklists, config).await;
        office.install(1, province::files()).await;
        office
    }

    pub(crate) async fn without_province(folder: &Path, board: Arc<Flaky>) -> Self {
        Self::replica(&store(folder), board).await
    }

    /// One over this store; replicas share it, and the board.
    pub(crate) async fn replica(store: &DatabaseConfig, board: Arc<Flaky>) -> Self {
        let told = Recorder::default();
        let worklists = Worklists::following(told.clone());
        Self::with(store, board, told, worklists, quick()).await
    }

    async fn with(
        store: &DatabaseConfig,
        board: Arc<Flaky>,
        told: Recorder,
        worklists: Worklists,
        config: Config,
    ) -> Self {
        let (mut office, workers) = Self::built(store, board, told, worklists, config).await;
        workers.into_iter().for_each(|worker| office.workers.spawn(worker));
        office
    }

    /// One that does what it is asked to and nothing by itself, and the workers who would.
    pub(crate) async fn at_rest(
        store: &DatabaseConfig,
        board: Arc<Flaky>,
        drift_millis: u32,
    ) -> (Self, Vec<Worker>) {
        let told = Recorder::default();
        let worklists = Worklists::following(told.clone());
        Self::built(store, board, told, worklists, Config { drift_millis, ..quick() }).await
    }

    /// Another replica of this one that does what it is asked to and nothing by itself, and the workers who would.
    pub(crate) async fn beside(&self, store: &DatabaseConfig, board: Arc<Flaky>) -> (Self, Vec<Worker>) {
        Self::built(store, board, self.told.clone(), self.worklists.clone(), quick()).await
    }

    async fn built(
        store: &DatabaseConfig,
        board: Arc<Flaky>,
        told: Recorder,
        worklists: Worklists,
        config: Config,
    ) -> (Self, Vec<Worker>) {
        let clock = Arc::new(ManualClock::new(at(MONDAY)));
        let db = Database::open(store).await.unwrap();
        let processing = told.routes("processing").add_service(CaseServiceServer::new(worklists.clone()));
        let deps = Deps {
            db: db.clone(),
            ids: Ids::random(),
            business: BusinessClock::manual(Arc::clone(&clock)),
            board: Arc::clone(&board) as Arc<dyn Board>,
            processing: Peer::local(stacked(processing), Caller::service("routing")),
            intake: told.peer("intake"),
            notification: told.peer("notification"),
        };
        let Built { service, holder } = build(config, deps).await.unwrap();
        let workers = Workers::new(CancellationToken::new());
        let routes = phidia_runtime::service::merge([service.public, service.internal]);
        let (holder, procedures) = (holder.unwrap(), Mutex::default());
        let stack = stacked(routes);
        let office = Self { holder, told, board, worklists, clock, procedures, db, service: stack, workers };
        (office, service.workers)
    }

    /// The same store with a new process and a new board.
    pub(crate) async fn restart(self, folder: &Path) -> Self {
        let procedures = std::mem::take(&mut *self.procedures.lock().unwrap());
        let (told, worklists) = (self.told.clone(), self.worklists.clone());
        self.close().await;
        let again = Self::with(&store(folder), Flaky::new(), told, worklists, quick()).await;
        *again.procedures.lock().unwrap() = procedures;
        again
    }

    /// Stops workers and closes the store, as a process that ends does.
    pub(crate) async fn close(self) {
        assert!(self.workers.stop(SOON).await);
        self.db.close().await.unwrap();
    }

    /// How many transactions its store has seen.
    pub(crate) fn commits(&self) -> u64 {
        self.db.commits()
    }

    /// What another replica does that has done all that is on the agenda.
    pub(crate) async fn clear_the_agenda(&self) {
        self.tamper("DELETE FROM agenda").await;
    }

    /// Does in the store what no service does.
    pub(crate) async fn tamper(&self, statement: &'static str) {
        let done = self.db.write(move |tx: &DatabaseTransaction| {
            Box::pin(async move { Ok(tx.execute_unprepared(statement).await?) })
        });
        done.await.unwrap();
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let count = Query::select().expr_as(Func::count(Expr::val(1)), "n").from(table.to_owned()).to_owned();
        self.db.read().query_one(&count).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    pub(crate) fn routing(&self, caller: Caller) -> RoutingServiceClient<Peer> {
        RoutingServiceClient::new(self.peer(caller))
    }

    pub(crate) fn registry(&self, caller: Caller) -> RegistryServiceClient<Peer> {
        RegistryServiceClient::new(self.peer(caller))
    }

    pub(crate) fn peer(&self, caller: Caller) -> Peer {
        Peer::local(self.service.clone(), caller)
    }

    pub(crate) async fn install(&self, version: i64, files: BTreeMap<String, Vec<u8>>) {
        for phase in [InstallPhase::Validate, InstallPhase::Stage, InstallPhase::Activate] {
            self.phase(phase, version, files.clone()).await.unwrap();
        }
    }

    /// The same without a call, which a province of thousands of centres does not fit into.
    pub(crate) async fn bring_in(&self, version: i64, files: BTreeMap<String, Vec<u8>>) {
        let stored = self.db.write(move |tx: &DatabaseTransaction| {
            Box::pin(async move {
                reference::stage(tx, version, &files, at(MONDAY)).await?;
                reference::activate(tx, version, None, at(MONDAY), None).await
            })
        });
        stored.await.unwrap();
    }

    pub(crate) async fn phase(
        &self,
        phase: InstallPhase,
        version: i64,
        files: BTreeMap<String, Vec<u8>>,
    ) -> Result<(), Rejection> {
        let files = files.into_iter().collect();
        // Nobody masters land in the small province.
        let request = InstallProvinceRequest { phase: phase.into(), version, files, allow_uncovered: true };
        let answer = self.registry(Caller::service("intake")).install_province(request).await;
        answer.map(drop).map_err(|status| status::from_status(&status))
    }

    /// Delivers facts about applications in one batch; answers with the verdicts.
    pub(crate) async fn tell(&self, facts: Vec<(ApplicationId, Fact)>) -> Vec<Verdict> {
        for (about, fact) in &facts {
            if let Fact::ApplicationSubmitted(fact) = fact {
                self.procedures.lock().unwrap().insert(*about, fact.procedure_code.clone());
            }
        }
        let events = facts.into_iter().map(|(about, fact)| event(about, fact)).collect();
        let caller = Caller::service("processing");
        let mut sink = EventSinkServiceClient::new(Peer::local(self.service.clone(), caller));
        let batch = tokio_stream::iter([DeliverEventsRequest { batch: 1, events }]);
        let mut answers = sink.deliver_events(batch).await.unwrap().into_inner();
        let answer = answers.message().await.unwrap().unwrap();
        answer.receipts.into_iter().map(|receipt| receipt.verdict()).collect()
    }

    /// Delivers one fact that must be applied.
    pub(crate) async fn apply(&self, about: WorkItem, fact: Fact) {
        assert_eq!(self.tell(vec![(about.application, fact)]).await, [APPLIED]);
    }

    /// Remembers which procedure an application was for.
    pub(crate) fn note(&self, item: WorkItem, procedure: &str) {
        self.procedures.lock().unwrap().insert(item.application, procedure.to_owned());
    }

    /// Submits applications for a procedure at a unit.
    pub(crate) async fn submit(&self, numbers: std::ops::Range<u128>, procedure: &str, received_at: &str) {
        let facts: Vec<_> =
            numbers.map(|number| (item(number, 1).application, submission(procedure, received_at))).collect();
        assert!(self.tell(facts).await.iter().all(|verdict| *verdict == APPLIED));
    }

    pub(crate) async fn list(&self, state: WorkState) -> Vec<WorkRecord> {
        let (mut records, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListWorkRequest { page_size: 7, page_token, state: state.into() };
            let page = self.routing(operator()).list_work(request).await.unwrap().into_inner();
            records.extend(page.records);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return records;
            }
        }
    }

    /// Why each work item that cannot be assigned cannot be. It is tried again when a version becomes active,
    /// and waits for that moment: whoever looks twice may see it once.
    pub(crate) async fn unassignable(&self) -> Vec<String> {
        let records = self.list(WorkState::Unassignable).await;
        records.into_iter().map(|record| record.unassignable_reason).collect()
    }

    /// What those who lose and gain work, and its citizens, were told.
    pub(crate) fn moves(&self) -> Vec<WorkMoved> {
        let moved = |event: Event| match event.fact {
            Some(Fact::WorkMoved(moved)) => Some(moved),
            _ => None,
        };
        self.told.by("notification").into_iter().filter_map(moved).collect()
    }

    /// Waits until nothing waits to be decided.
    pub(crate) async fn rest(&self) {
        until(async || self.list(WorkState::Waiting).await.is_empty()).await;
    }

    pub(crate) async fn explain(&self, item: WorkItem) -> Vec<WorkRecord> {
        let request = ExplainAssignmentRequest { application_id: item.application.to_string() };
        self.routing(operator()).explain_assignment(request).await.unwrap().into_inner().records
    }

    /// The decision on a work item, once there is one.
    pub(crate) async fn decision(&self, item: WorkItem) -> Decision {
        let wire = convert::wire_work_item(item);
        self.rest().await;
        let records = self.explain(item).await;
        let record = records.into_iter().find(|record| record.work_item.as_ref() == Some(&wire)).unwrap();
        record.decision.unwrap_or_else(|| panic!("{item} has no decision: {}", record.unassignable_reason))
    }

    pub(crate) async fn assign(&self, item: WorkItem) -> Result<Decision, Rejection> {
        let request = AssignWorkRequest { work_item: Some(convert::wire_work_item(item)) };
        let answer = self.routing(operator()).assign_work(request).await;
        answer
            .map(|answer| answer.into_inner().decision.unwrap())
            .map_err(|status| status::from_status(&status))
    }

    pub(crate) async fn units(&self) -> Result<Vec<Unit>, Rejection> {
        let answer = self.registry(operator()).list_units(ListUnitsRequest::default()).await;
        answer.map(|answer| answer.into_inner().units).map_err(|status| status::from_status(&status))
    }

    /// Waits until the board adds up to what is assigned and not done.
    pub(crate) async fn balanced(&self) {
        self.rest().await;
        until(async || {
            let mut open = BTreeMap::<String, (i64, u32)>::new();
            for record in self.list(WorkState::Assigned).await {
                let work = convert::work_item(record.work_item, "work_item").unwrap();
                let minutes = effort(&self.procedures.lock().unwrap()[&work.application], work.step);
                let sums = open.entry(record.decision.unwrap().unit_id).or_default();
                *sums = (sums.0 + minutes, sums.1 + 1);
            }
            let Ok(units) = self.units().await else { return false };
            units.into_iter().all(|unit| {
                open.remove(&unit.unit_id).unwrap_or_default() == (unit.queued_minutes, unit.open_items)
            }) && open.is_empty()
        })
        .await;
    }
}

/// Leases, back-off and sweeps that a test can wait for; nothing is rescued.
fn quick() -> Config {
    let (lease_seconds, backoff_millis, rescue_seconds) = (2, [5, 50], 0);
    Config { lease_seconds, backoff_millis, rescue_seconds, drift_millis: u32::MAX, ..Config::default() }
}

/// Waits for something.
pub(crate) async fn until(holds: impl AsyncFn() -> bool) {
    let waited = tokio::time::timeout(SOON, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.expect("it did not come true in time");
}

pub(crate) fn stacked(routes: Routes) -> Stacked {
    stack::wrap(routes, &StackConfig::default(), Trust::Headers, |path| {
        access::find(path).map(|row| Access { roles: row.roles, streaming: row.streaming })
    })
}

pub(crate) fn operator() -> Caller {
    Caller { role: Role::Operator, name: "o".into(), unit: None, officer: None }
}

pub(crate) fn officer(of: &str) -> Caller {
    Caller { role: Role::Officer, name: "x".into(), unit: Some(unit(of)), officer: None }
}

pub(crate) fn supervisor(of: Option<&str>) -> Caller {
    Caller { role: Role::Supervisor, name: "s".into(), unit: of.map(unit), officer: None }
}
