//! Routing: who can do what, and where work goes.
//!
//! ```text
//!   intake ──── ApplicationSubmitted ─┐                              ┌─> WorkAssigned, WorkUnassignable
//!   processing ─ StepReady ───────────┼─> sink ──> agenda ──> worker ┤      (to processing and intake)
//!   processing ─ StepStarted, ... ────┘   (store)            │       └─> assignment with its explanation
//!   clients ──── AssignWork, ReassignWork, ... ─> grpc ──────┤
//!                                                            v
//!                                           desk ──> board (live load, leases)
//! ```
//!
//! Facts go to the store and onto the **agenda** (`sink`). The **assigner** (`worker`) works the agenda off
//! in the order of arrival (`work_off`): it decides over its view of the board and reserves (`decide`,
//! `desk`), writes decision and event in one transaction and confirms (`round`), counts kept steps in and
//! done ones out. Whatever dies in between is found again: an entry stays on the agenda until the board
//! knows, a lease that falls due is settled by asking the store (`settle_leases`), what the board was told too
//! late is told again (`ask_back`), and a board that is not there or has lost something is built anew (`rebuild`), as is
//! one that counts otherwise than the store (`drift`).
//!
//! What has its unit and nobody has begun may be moved: by a supervisor or operator (`reassign_work`), or because it
//! would be late (`rescue`: every so often, and at once where processing says that it is near). `move_work` asks
//! processing, which is the authority on started work; a move that was begun is carried out or refused whatever dies in
//! between (`settle_moves`, by the `mover`).
//!
//! Every decision, also one that found no unit, gets its place in the log a moment after it was made (`link`), where it can
//! be made again and proved (`replay`).
//!
//! One replica at a time works the agenda off (`turn`); any may assign what it is asked to by RPC, and what
//! two of them decide at once is settled by unique keys in the store.

mod announce;
mod arrive;
mod ask_back;
mod assign_work;
mod caller;
mod change_registry;
mod check_policy;
mod config;
mod decide;
mod desk;
mod drift;
mod faults;
mod foresee;
mod forget;
mod get_unit;
mod grpc;
mod holdings;
mod leave_unit;
mod link;
mod list_changes;
mod list_officers;
mod list_overtime;
mod list_units;
mod list_work;
mod log;
mod move_work;
mod mover;
mod policies;
mod preview;
mod publish_policy;
mod reassign_work;
mod rebuild;
mod reference;
mod references;
mod release_work;
mod replay;
mod request;
mod rescue;
mod retry;
mod round;
mod settle_leases;
mod settle_moves;
pub mod simulate;
mod sink;
mod store;
mod turn;
mod watch;
mod watch_load;
mod work;
mod work_off;
mod worker;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use phidia_board::Board;
use phidia_outbox::{
    Outbox, PruneConfig, RelayConfig, SinkService, Subscription, conservation::Holder, measure, prune, relay,
};
use phidia_runtime::{
    admin::Part,
    clock::BusinessClock,
    database::Database,
    failure::Failure,
    ids::Ids,
    peer::Peer,
    service::{Service, Worker},
};
use tokio::sync::{Mutex, Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

pub use config::Config;

use crate::{
    desk::Desk,
    grpc::{PolicyServer, RegistryServer, RoutingServer},
    holdings::Holdings,
    policies::Policies,
    references::References,
    sink::Sink,
    store::migration::Migrator,
    turn::Turn,
    watch_load::Watched,
};

/// The name of this service, of its outbox and of its subscriptions.
pub const NAME: &str = "routing";

/// Who decides when nobody asks.
const ACTOR: &str = "service/routing";

/// What this service works with.
pub struct Deps {
    /// Its own store.
    pub db: Database,
    /// Mints ids.
    pub ids: Ids,
    /// Business time.
    pub business: BusinessClock,
    /// The live load.
    pub board: Arc<dyn Board>,
    /// Is told which work items have their unit, and asked to move what nobody has begun.
    pub processing: Peer,
    /// Is told what a citizen sees when tracking.
    pub intake: Peer,
    /// Is told what units lose and gain.
    pub notification: Peer,
}

/// What was built.
pub struct Built {
    /// To be served, with its workers.
    pub service: Service,
    /// For conservation.
    pub holder: Option<Arc<dyn Holder>>,
}

/// Brings the schema up to date and puts the service together.
///
/// # Errors
/// `INVALID_ARGUMENT` for settings that cannot work; those of the store.
pub async fn build(config: Config, deps: Deps) -> Result<Built, Failure> {
    let Deps { db, ids, business, board, processing, intake, notification } = deps;
    config.validate()?;
    db.migrate::<Migrator>().await?;
    let outbox = Outbox::new(NAME, db.clone(), ids.clone());
    let lease = Duration::from_secs(config.lease_seconds.into());
    let turn = Turn::new(db.replica());
    let stop = CancellationToken::new();
    let routing = Arc::new(Routing {
        watched: Watched::new(stop.clone()),
        desk: Mutex::new(Desk::new(Arc::clone(&board), lease)),
        outbox: outbox.clone(),
        versions: Arc::new(References::new(db.clone(), business.clone())),
        policies: Policies::open(db.clone(), &config.policy, business.now()).await?,
        db,
        ids,
        business,
        board,
        processing: processing.clone(),
        batch: config.batch.into(),
        turn,
        stage: Arc::new(Semaphore::new(1)),
        wake: Notify::new(),
        rescues: config.rescue_seconds > 0,
        hinted: AtomicBool::new(false),
        hint: Notify::new(),
    });

    let sink = SinkService::new(Arc::new(Sink(Arc::clone(&routing))), outbox.clone(), stop.clone());
    let subscribers = [("processing", processing), ("intake", intake), ("notification", notification)];
    let pruning = PruneConfig::of(subscribers.iter().map(|(subscriber, _)| *subscriber).collect());
    let mut workers = vec![ends_streams(stop), prune(outbox.clone(), pruning), measure(outbox.clone())];
    for (subscriber, peer) in subscribers {
        let relays = RelayConfig::of(outbox.database());
        workers.push(relay(outbox.clone(), Subscription { subscriber, peer }, relays));
    }
    workers.push(watch::worker(Arc::clone(&routing)));
    workers.push(forget::worker(Arc::clone(&routing)));
    workers.push(watch_load::worker(Arc::clone(&routing)));
    let compare_every = Duration::from_millis(config.drift_millis.into());
    workers.push(drift::worker(Arc::clone(&routing), compare_every));
    workers.push(link::worker(Arc::clone(&routing)));
    let parts = vec![Part::store(NAME, outbox.database()), watch::part(&routing)];
    let (assigner, mover, settings) = (Arc::clone(&routing), Arc::clone(&routing), config.clone());
    workers.push(Worker::new("assigner", move |stop| worker::run(assigner, settings, stop)));
    workers.push(Worker::new("mover", move |stop| mover::run(mover, config, stop)));

    let registry = RegistryServer::new(Arc::clone(&routing)).server();
    let holder = Arc::new(Holdings(Arc::clone(&routing)));
    let policy = PolicyServer::new(Arc::clone(&routing)).server();
    let public = Routes::new(registry).add_service(policy).add_service(RoutingServer::new(routing).server());
    Ok(Built {
        service: Service { name: NAME, public, internal: Routes::new(sink.server()), workers, parts },
        holder: Some(holder),
    })
}

/// Ends the streams when the workers are told to end: neither a source nor who watches ends one by itself.
fn ends_streams(streams: CancellationToken) -> Worker {
    Worker::new("routing streams", move |stop| async move {
        stop.cancelled().await;
        streams.cancel();
    })
}

/// What every use case works with.
pub(crate) struct Routing {
    outbox: Outbox,
    db: Database,
    versions: Arc<References>,
    policies: Policies,
    ids: Ids,
    business: BusinessClock,
    /// For those who only look.
    board: Arc<dyn Board>,
    watched: Watched,
    /// For whoever changes the board: one at a time, so that decisions come one after another.
    desk: Mutex<Desk>,
    /// Is asked to move what nobody has begun.
    processing: Peer,
    batch: u64,
    /// Whether this replica works the agenda off and builds the board.
    turn: Turn,
    /// Whether a simulation is being played: one at a time.
    stage: Arc<Semaphore>,
    /// There is something on the agenda.
    wake: Notify,
    /// Whether what would be late is rescued at all.
    rescues: bool,
    /// Whether an event that is being taken in hints at what may have to be rescued.
    hinted: AtomicBool,
    /// There are such hints.
    hint: Notify,
}

impl fmt::Debug for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routing").field("desk", &self.desk).finish_non_exhaustive()
    }
}

impl fmt::Debug for Deps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deps").field("db", &self.db).finish_non_exhaustive()
    }
}

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Built").field("service", &self.service).finish_non_exhaustive()
    }
}
