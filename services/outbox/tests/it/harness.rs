//! Nodes: a store, an outbox, and a sink that can be told to fail.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    id::{ApplicationId, Id as _},
};
use phidia_outbox::{
    EventSink, Facts, NewEvent, Outbox, Parked, RelayConfig, SinkService, Subscription, parked::Which, relay,
};
use phidia_proto::events::v1::{CaseOpened, Event, event::Fact};
use phidia_runtime::{
    database::{Database, DatabaseConfig},
    failure::Failure,
    identity::Trust,
    ids::Ids,
    peer::Peer,
    service::Workers,
    stack::{Access, StackConfig, wrap},
};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement};
use sea_orm_migration::prelude::*;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

pub const SUBSCRIBER: &str = "subscriber";
const DEADLINE: Duration = Duration::from_secs(30);

/// A kind of store: what is opened twice under one name is the same.
pub trait Engine: Clone + Send + Sync + 'static {
    fn new() -> Self;
    fn config(&self, name: &str) -> DatabaseConfig;
}

struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = phidia_outbox::migrations();
        all.push(Box::new(Effects));
        all
    }
}

struct Effects;

impl MigrationName for Effects {
    fn name(&self) -> &'static str {
        "m20260102_000001_effects"
    }
}

#[allow(elided_lifetimes_in_paths)]
#[async_trait]
impl MigrationTrait for Effects {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("effects")
            .col(ColumnDef::new("n").big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new("application").string().not_null())
            .col(ColumnDef::new("sequence").big_integer().not_null())
            .to_owned();
        manager.create_table(table).await
    }
}

/// Writes an effect: twice for the same event is twice in the table.
pub async fn effect(tx: &DatabaseTransaction, application: &str, sequence: u64) -> Result<(), Failure> {
    let sql = "INSERT INTO effects (application, sequence) VALUES ($1, $2)";
    let values = [application.into(), sequence.cast_signed().into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// A sink that keeps a row per event, and does to chosen events what it is told.
#[derive(Default)]
pub struct TestSink {
    /// How often the application of (application, sequence) still fails for now.
    pub unwell: Mutex<BTreeMap<(String, u64), u32>>,
    /// What is refused for good, as long as it is in here.
    pub refusing: Mutex<BTreeSet<(String, u64)>>,
    /// How often it dies between its commit and its answer.
    pub dies: AtomicU32,
    /// Tells a fact of its own per event.
    pub retells: bool,
    pub seen: Mutex<Vec<Event>>,
}

#[async_trait]
impl EventSink for TestSink {
    async fn apply(&self, tx: &DatabaseTransaction, event: &Event, facts: &mut Facts) -> Result<(), Failure> {
        effect(tx, &event.application_id, event.sequence).await?;
        if self.retells {
            let application = event.application_id.parse().unwrap();
            facts.tell(NewEvent { province: String::new(), traceparent: String::new(), ..fact(application) });
        }
        let key = (event.application_id.clone(), event.sequence);
        if let Some(left) = self.unwell.lock().unwrap().get_mut(&key)
            && *left > 0
        {
            *left -= 1;
            return Err(Failure::broken("not now"));
        }
        if self.refusing.lock().unwrap().contains(&key) {
            return Err(Rejection::invalid("WONT_DO", "fact", "something else").into());
        }
        self.seen.lock().unwrap().push(event.clone());
        Ok(())
    }

    fn concerns(&self, fact: &Fact) -> bool {
        // As a service leaves out what it does not need.
        !matches!(fact, Fact::StepReady(_))
    }

    fn applied(&self) {
        let dies = self.dies.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(dies.is_err(), "on purpose: dead between commit and answer");
    }
}

/// A service with an outbox and a sink.
pub struct Node {
    pub db: Database,
    pub outbox: Outbox,
    pub sink: Arc<TestSink>,
    pub peer: Peer,
    pub stop: CancellationToken,
}

impl Node {
    pub async fn open(engine: &impl Engine, name: &'static str) -> Self {
        Self::with(engine, name, TestSink::default()).await
    }

    pub async fn with(engine: &impl Engine, name: &'static str, sink: TestSink) -> Self {
        let db = Database::open(&engine.config(name)).await.unwrap();
        db.migrate::<Migrator>().await.unwrap();
        let outbox = Outbox::new(name, db.clone(), Ids::random());
        let (sink, stop) = (Arc::new(sink), CancellationToken::new());
        let service = SinkService::new(Arc::clone(&sink), outbox.clone(), stop.clone());
        let access = |_: &str| Some(Access { roles: &[Role::Service], streaming: true });
        let stacked = wrap(Routes::new(service.server()), &StackConfig::default(), Trust::Headers, access);
        let peer = Peer::local(stacked, Caller::service("source"));
        Self { db, outbox, sink, peer, stop }
    }

    /// Tells `count` facts of an application, each in a transaction of its own.
    pub async fn tell(&self, application: ApplicationId, count: u32) {
        for _ in 0..count {
            self.outbox
                .write(move |_, facts| {
                    Box::pin(async move {
                        facts.tell(fact(application));
                        Ok(())
                    })
                })
                .await
                .unwrap();
        }
    }

    /// The effects, in their order, per application.
    pub async fn effects(&self) -> BTreeMap<String, Vec<u64>> {
        let sql = "SELECT application, sequence FROM effects ORDER BY n";
        let statement = Statement::from_string(self.db.backend(), sql);
        let mut effects = BTreeMap::<_, Vec<u64>>::new();
        for row in self.db.read().query_all_raw(statement).await.unwrap() {
            let sequence: i64 = row.try_get("", "sequence").unwrap();
            let application = row.try_get("", "application").unwrap();
            effects.entry(application).or_default().push(sequence.unsigned_abs());
        }
        effects
    }

    pub async fn effects_of(&self, application: ApplicationId) -> Vec<u64> {
        self.effects().await.remove(&application.to_string()).unwrap_or_default()
    }

    /// All that is parked.
    pub async fn parked(&self) -> Vec<Parked> {
        self.outbox.parked_page(&Which::default(), None, 1_000).await.unwrap()
    }

    /// Everything told has arrived or is parked.
    pub async fn settled(&self) -> bool {
        let positions = self.outbox.positions().await.unwrap();
        !positions.is_empty() && positions.iter().all(|position| position.outstanding == 0)
    }

    pub fn relay_to(&self, sink: &Self, config: RelayConfig) -> Workers {
        let mut workers = Workers::new(CancellationToken::new());
        let subscription = Subscription { subscriber: SUBSCRIBER, peer: sink.peer.clone() };
        workers.spawn(relay(self.outbox.clone(), subscription, config));
        workers
    }
}

pub async fn stop(workers: Workers) {
    assert!(workers.stop(Duration::from_secs(10)).await);
}

/// A relay that is in a hurry.
pub fn quick() -> RelayConfig {
    RelayConfig {
        poll: Duration::from_millis(20),
        lease: Duration::from_millis(600),
        backoff: (Duration::from_millis(1), Duration::from_millis(10)),
        ..RelayConfig::cluster()
    }
}

/// The same under a name.
pub fn named(replica: &str) -> RelayConfig {
    RelayConfig { replica: replica.to_owned(), ..quick() }
}

pub fn application(n: u128) -> ApplicationId {
    ApplicationId::from_uuid(uuid::Uuid::from_u128(0x0197 << 112 | 7 << 76 | n.wrapping_mul(0x9e37_79b9)))
}

pub fn fact(application: ApplicationId) -> NewEvent {
    NewEvent {
        province: "37".into(),
        application,
        occurred_at: "2026-11-23T01:00:00Z".parse().unwrap(),
        actor: "service/test".into(),
        cause: None,
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into(),
        fact: Fact::CaseOpened(CaseOpened::default()),
    }
}

/// Waits for a condition, at most until a deadline.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(DEADLINE, looking).await.is_ok(), "in vain: {what}");
}
