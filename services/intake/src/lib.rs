//! Intake: takes applications in, tells how they stand, and keeps the catalogue of procedures.
//!
//! ```text
//!   grpc ──> submit, get, list, track        ──> store: applications, status entries, persons' keys
//!            list_procedures, import_province ──> versions of the province; routing and processing
//!   sink ──> progress (domain: Status::after) ──> store
//! ```
//!
//! What is where:
//!
//! - [`applications`]: from a submission to its receipt, who may see what, supplements, withdrawals, forms
//! - [`catalogue`]: procedures found and shown, the catalogue checked, exported and compared; how a whole province is brought in, and what
//!   was brought in before
//! - [`feedback`]: what applicants think of how it was dealt with
//! - [`sink`]: what routing and processing tell, and what a citizen sees of it; [`holding`]: the proof that nothing is lost
//! - [`record`]: what is kept, in the words of the domain; [`store`]: the tables

mod applications;
mod catalogue;
mod feedback;
mod grpc;
mod holding;
mod page;
mod prune;
mod record;
mod scope;
mod sink;
mod store;

use std::sync::Arc;

use phidia_domain::province::Province;
use phidia_outbox::{
    Outbox, PruneConfig, RelayConfig, SinkService, Subscription, conservation::Holder, relay,
};
use phidia_proto::{
    MAX_MESSAGE_BYTES,
    intake::v1::{
        application_service_server::ApplicationServiceServer,
        catalogue_service_server::CatalogueServiceServer, feedback_service_server::FeedbackServiceServer,
    },
};
use phidia_runtime::{
    admin::Part,
    clock::BusinessClock,
    database::Database,
    failure::Failure,
    ids::Ids,
    peer::Peer,
    seal::MasterKey,
    service::{Service, Worker},
    versions::Versions,
};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::{
    applications::{expect::Expectation, guesses::Guesses},
    catalogue::import_province::Importer,
    sink::Sink,
    store::migration::Migrator,
};

/// The name of this service: of its outbox, and of what it holds.
const NAME: &str = "intake";

/// What intake needs of the process that it runs in.
#[derive(Debug)]
pub struct Deps {
    /// Its own store.
    pub db: Database,
    /// Mints its ids.
    pub ids: Ids,
    /// Dates submissions.
    pub business: BusinessClock,
    /// Wraps the keys of persons; notification has the same one.
    pub master_key: MasterKey,
    /// Routing.
    pub routing: Peer,
    /// Processing.
    pub processing: Peer,
    /// Notification.
    pub notification: Peer,
}

/// Intake, ready to be served.
pub struct Built {
    /// Its routes and workers.
    pub service: Service,
    /// What it holds.
    pub holder: Option<Arc<dyn Holder>>,
}

/// Brings the schema up to date.
///
/// # Errors
/// Broken when a migration fails.
pub async fn migrate(db: &Database) -> Result<(), Failure> {
    db.migrate::<Migrator>().await
}

/// Builds intake; its schema is brought up to date first.
///
/// # Errors
/// Broken when a migration fails.
pub async fn build(deps: Deps) -> Result<Built, Failure> {
    migrate(&deps.db).await?;
    let intake = Intake {
        outbox: Outbox::new(NAME, deps.db.clone(), deps.ids.clone()),
        ids: deps.ids,
        business: deps.business,
        master_key: Arc::new(deps.master_key),
        versions: Versions::new(deps.db),
        guesses: Arc::default(),
    };
    let importer = Importer::new(intake.versions.clone(), deps.routing.clone(), deps.processing.clone());

    let applications = ApplicationServiceServer::new(grpc::applications::Applications::new(
        intake.clone(),
        Expectation::new(deps.routing.clone()),
    ))
    .max_decoding_message_size(MAX_MESSAGE_BYTES)
    .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let catalogue = CatalogueServiceServer::new(grpc::catalogue::Catalogue::new(intake.clone(), importer))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let feedback = FeedbackServiceServer::new(grpc::feedback::Feedback::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let closing = CancellationToken::new();
    let sink =
        SinkService::new(Arc::new(Sink(intake.clone())), intake.outbox.clone(), closing.clone()).server();

    let subscribers =
        [("routing", deps.routing), ("processing", deps.processing), ("notification", deps.notification)];
    let pruning = PruneConfig::of(subscribers.iter().map(|(subscriber, _)| *subscriber).collect());
    let relays = RelayConfig::of(intake.outbox.database());
    let mut workers: Vec<Worker> = subscribers
        .into_iter()
        .map(|(subscriber, peer)| {
            relay(intake.outbox.clone(), Subscription { subscriber, peer }, relays.clone())
        })
        .collect();
    workers.push(phidia_outbox::prune(intake.outbox.clone(), pruning));
    workers.push(prune::worker(intake.outbox.clone()));
    workers.push(applications::hand_in_later::worker(intake.clone()));
    workers.push(phidia_outbox::measure(intake.outbox.clone()));
    // The streams of sources end when the process is asked to, or its server would wait for them.
    workers.push(Worker::new("close-sink", move |stop| async move {
        stop.cancelled().await;
        closing.cancel();
    }));

    Ok(Built {
        service: Service {
            name: NAME,
            public: Routes::new(applications).add_service(catalogue).add_service(feedback),
            internal: Routes::new(sink),
            workers,
            parts: vec![Part::store(NAME, intake.outbox.database())],
        },
        holder: Some(Arc::new(intake)),
    })
}

/// What all use cases share. Clones are the same intake.
#[derive(Clone)]
pub(crate) struct Intake {
    outbox: Outbox,
    ids: Ids,
    business: BusinessClock,
    master_key: Arc<MasterKey>,
    versions: Versions<Province>,
    guesses: Arc<Guesses>,
}
