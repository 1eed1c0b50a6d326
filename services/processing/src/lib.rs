//! Processing: where cases are worked on. It is the authority on started work.
//!
//! One case, from the facts that open it to its result, and where each part is done:
//!
//! - `sink`: ApplicationSubmitted → `prepare_case`: the case with all that is pinned on its day;
//!   WorkAssigned → `receive_work`: a work item enters a unit's worklist, the first one opens the case
//! - `list_worklist`, `claim`, `complete`, `get_case`: what officers do; rules in `phidia_domain::case`
//! - `hand_over`: it is given back to the worklist, or to a stand-in
//! - `request_supplement`, `resume_case`: a case waits for its citizen, and goes on; `stop_case`: it ends without a decision
//! - `transfer_work`: what routing asks for when it moves what nobody has begun
//! - `holdings`: what conservation adds up
//! - `get_report`, `get_exchange`, `get_service_index`, `list_report_cases`: what is counted; `selection`: of which cases;
//!   `get_online_services`: how far the catalogue is online
//! - `recount`: counts anew, at the start, what a replica of the version before has changed
//! - `caller`: who may see what; `record`, `line`: cases and work items as kept, and as shown
//! - `grpc`: the contract's face; `store`: tables and statements

mod caller;
mod claim;
mod claim_next;
mod complete;
mod deadline;
mod get_case;
mod get_exchange;
mod get_online_services;
mod get_report;
mod get_service_index;
mod grpc;
mod hand_over;
mod holdings;
mod line;
mod list_report_cases;
mod list_worklist;
mod prepare_case;
mod receive_work;
mod record;
mod recount;
mod request_supplement;
mod resume_case;
mod selection;
mod sink;
mod stop_case;
mod store;
mod transfer_work;

use std::sync::Arc;

use phidia_domain::province::Province;
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
    versions::Versions,
};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::{
    grpc::{CaseServer, ReportServer},
    holdings::Holdings,
    sink::Sink,
};

/// The service's name: the source of its events.
pub const NAME: &str = "processing";

/// What it is given.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Its own store.
    pub db: Database,
    /// Mints ids.
    pub ids: Ids,
    /// Business time.
    pub business: BusinessClock,
    /// Is told which steps start and end: load, and the next step's unit.
    pub routing: Peer,
    /// Is told what a citizen sees when tracking.
    pub intake: Peer,
    /// Is told what a citizen gets a notice of.
    pub notification: Peer,
}

/// What was built.
pub struct Built {
    /// To be served, with its workers.
    pub service: Service,
    /// For conservation.
    pub holder: Option<Arc<dyn Holder>>,
}

/// Brings the schema up to date.
///
/// # Errors
/// Broken when a migration fails.
pub async fn migrate(db: &Database) -> Result<(), Failure> {
    db.migrate::<store::migration::Migrator>().await
}

/// Brings the schema up to date and puts the service together.
///
/// # Errors
/// Those of the store.
pub async fn build(deps: Deps) -> Result<Built, Failure> {
    let Deps { db, ids, business, routing, intake, notification } = deps;
    migrate(&db).await?;
    let outbox = Outbox::new(NAME, db.clone(), ids.clone());
    let parts = vec![Part::store(NAME, &db)];
    let processing = Processing { outbox: outbox.clone(), versions: Versions::new(db), ids, business };

    let stop = CancellationToken::new();
    let sink = SinkService::new(Arc::new(Sink(processing.clone())), outbox.clone(), stop.clone());
    let subscribers = [("routing", routing), ("intake", intake), ("notification", notification)];
    let pruning = PruneConfig::of(subscribers.iter().map(|(subscriber, _)| *subscriber).collect());
    let recounting = recount::worker(&processing);
    let mut workers =
        vec![ends_sink(stop), recounting, prune(outbox.clone(), pruning), measure(outbox.clone())];
    for (subscriber, peer) in subscribers {
        let relays = RelayConfig::of(outbox.database());
        workers.push(relay(outbox.clone(), Subscription { subscriber, peer }, relays));
    }
    Ok(Built {
        service: Service {
            name: NAME,
            public: Routes::new(CaseServer::new(processing.clone()).server())
                .add_service(ReportServer::new(processing).server()),
            internal: Routes::new(sink.server()),
            workers,
            parts,
        },
        holder: Some(Arc::new(Holdings(outbox))),
    })
}

/// Ends the sink's streams when the workers are told to end: a source never ends one by itself.
fn ends_sink(sink: CancellationToken) -> Worker {
    Worker::new("processing sink", move |stop| async move {
        stop.cancelled().await;
        sink.cancel();
    })
}

/// What every use case works with.
#[derive(Clone, Debug)]
pub(crate) struct Processing {
    outbox: Outbox,
    versions: Versions<Province>,
    ids: Ids,
    business: BusinessClock,
}
