//! Processing: where cases are worked on. It is the authority on started work.
//!
//! One case, from the facts that open it to its result, and where each part is done:
//!
//! - `sink`: ApplicationSubmitted → `prepare_case`: the case with all that is pinned on its day;
//!   WorkAssigned → `receive_work`: a work item enters a unit's worklist, the first one opens the case
//! - `list_worklist`, `claim`, `claim_next`, `complete`, `get_case`: what officers do; rules in `phidia_domain::case`
//! - `renew_claim`, `expire`: a claim holds for longer after a sign of life, and runs out without
//! - `hand_over`: it is given back to the worklist, or to a stand-in; `send_back`: an earlier step is to be corrected
//! - `request_supplement`, `request_payment`, `resume_case`: a case waits for its citizen, and goes on; `stop_case`: it ends without
//!   a decision
//! - `refer_case`, `list_referrals`, `answer_referral`: it waits for other offices, and goes on
//! - `warn`: a case will soon be late; `look`: finds what comes true by the passing of time
//! - `postpone_appointment`: the citizen is given a new appointment, with an apology, before the due date
//! - `issue_result`, `sign_result`, `hand_over_result`, `get_result`, `list_results`: what becomes of a result once it is decided,
//!   and in `result` who may do what with it, and under whose key it rests
//! - `replan_deadlines`: a day off was announced late; `deadline`: how a date comes about
//! - `transfer_work`: what routing asks for when it moves what nobody has begun
//! - `watch_cases`: what happens, for those who watch
//! - `render_control_slip`: who had a dossier when (form 06 of Circular 03/2025/TT-VPCP)
//! - `holdings`: what conservation adds up
//! - `get_report`, `get_exchange`, `get_service_index`, `list_report_cases`: what is counted; `selection`: of which cases;
//!   `get_online_services`: how far the catalogue is online; `get_simplified_processes`: how many processes were made simpler
//! - `import_plan`, `list_plan_tasks`, `set_plan_task_state`, `list_plan_task_changes`: how far the reform plan of the province has come
//! - `note_rating`: what whoever has the receipt thinks of how a case ended
//! - `recount`: counts anew, at the start, what a replica of the version before has changed
//! - `act`: what an officer does is one transaction; `deed`: by whom, and when; `caller`: who may see what; `record`, `line`: cases and work items as kept, and as shown
//! - `grpc`: the contract's face; `store`: tables and statements

mod act;
mod answer_referral;
mod caller;
mod claim;
mod claim_next;
mod complete;
mod config;
mod deadline;
mod deed;
mod expire;
mod get_case;
mod get_exchange;
mod get_online_services;
mod get_report;
mod get_result;
mod get_service_index;
mod get_simplified_processes;
mod get_trend;
mod grpc;
mod hand_over;
mod hand_over_result;
mod holdings;
mod import_plan;
mod issue_result;
mod line;
mod list_plan_task_changes;
mod list_plan_tasks;
mod list_referrals;
mod list_report_cases;
mod list_results;
mod list_worklist;
mod look;
mod note_rating;
mod postpone_appointment;
mod prepare_case;
mod ready;
mod receive_work;
mod record;
mod recount;
mod refer_case;
mod render_control_slip;
mod renew_claim;
mod reopen_case;
mod replan_deadlines;
mod request_payment;
mod request_supplement;
mod result;
mod resume_case;
mod selection;
mod send_back;
mod set_plan_task_state;
mod sign_result;
mod sink;
mod stop_case;
mod store;
mod transfer_work;
mod warn;
mod watch_cases;

use std::{sync::Arc, time::Duration};

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
    seal::MasterKey,
    service::{Service, Worker, merge},
    versions::Versions,
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::{
    grpc::{CaseServer, PlanServer, ReferralServer, ReportServer, results::ResultServer},
    holdings::Holdings,
    sink::Sink,
    watch_cases::Watched,
};
pub use config::Config;

/// The service's name: the source of its events.
pub const NAME: &str = "processing";

/// Who brings about what nobody asks for.
const ACTOR: &str = "service/processing";

/// What it is given.
#[derive(Debug)]
pub struct Deps {
    /// Its own store.
    pub db: Database,
    /// Mints ids.
    pub ids: Ids,
    /// Business time.
    pub business: BusinessClock,
    /// Under it the keys of persons are wrapped, as intake's are: results rest sealed, and so does what offices ask each other.
    pub master_key: MasterKey,
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
/// `INVALID_ARGUMENT` for settings that cannot work; those of the store.
pub async fn build(config: Config, deps: Deps) -> Result<Built, Failure> {
    let Deps { db, ids, business, master_key, routing, intake, notification } = deps;
    config.validate().map_err(|rejection| rejection.under("processing"))?;
    migrate(&db).await?;
    let outbox = Outbox::new(NAME, db.clone(), ids.clone());
    let parts = vec![Part::store(NAME, &db)];
    let stop = CancellationToken::new();
    let processing = Processing {
        watched: Watched::new(&config, stop.clone()),
        outbox: outbox.clone(),
        versions: Versions::new(db),
        ids,
        business,
        master_key: Arc::new(master_key),
        claim_days: config.claim_days,
        reports: Arc::new(Semaphore::new(grpc::MOST_REPORTS)),
    };

    let sink = SinkService::new(Arc::new(Sink(processing.clone())), outbox.clone(), stop.clone());
    let subscribers = [("routing", routing), ("intake", intake), ("notification", notification)];
    let pruning = PruneConfig::of(subscribers.iter().map(|(subscriber, _)| *subscriber).collect());
    let recounting = recount::worker(&processing);
    let mut workers =
        vec![ends_streams(stop), recounting, prune(outbox.clone(), pruning), measure(outbox.clone())];
    for (subscriber, peer) in subscribers {
        let relays = RelayConfig::of(outbox.database());
        workers.push(relay(outbox.clone(), Subscription { subscriber, peer }, relays));
    }
    let every = Duration::from_millis(config.look_millis.into());
    workers.push(look::worker(processing.clone(), every));
    workers.push(watch_cases::worker(processing.clone()));
    Ok(Built {
        service: Service {
            name: NAME,
            public: merge([
                Routes::new(CaseServer::new(processing.clone()).server()),
                Routes::new(PlanServer::new(processing.clone()).server()),
                Routes::new(ReferralServer::new(processing.clone()).server()),
                Routes::new(ReportServer::new(processing.clone()).server()),
                Routes::new(ResultServer::new(processing).server()),
            ]),
            internal: Routes::new(sink.server()),
            workers,
            parts,
        },
        holder: Some(Arc::new(Holdings(outbox))),
    })
}

/// Ends the streams when the workers are told to end: neither a source nor who watches ends one by itself.
fn ends_streams(streams: CancellationToken) -> Worker {
    Worker::new("processing streams", move |stop| async move {
        stop.cancelled().await;
        streams.cancel();
    })
}

/// What every use case works with.
#[derive(Clone, Debug)]
pub(crate) struct Processing {
    outbox: Outbox,
    versions: Versions<Province>,
    ids: Ids,
    business: BusinessClock,
    master_key: Arc<MasterKey>,
    /// How long a claim holds.
    claim_days: u32,
    watched: Watched,
    /// One for each report that may be reckoned at once.
    reports: Arc<Semaphore>,
}
