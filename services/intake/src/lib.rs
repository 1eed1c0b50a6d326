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
//! - [`attachments`]: files that belong to applications
//! - [`catalogue`]: procedures found and shown, the catalogue checked, exported and compared; how a whole province is brought in, and what
//!   was brought in before
//! - [`drafts`]: what is not handed in yet
//! - [`feedback`]: what people think and say, and what they are answered; [`faq`]: what is asked often; [`reception`]: the days on
//!   which they are received
//! - [`numbering`]: dossier codes that are reserved ahead
//! - [`receipts`]: what citizens can check of their receipts: signatures, the tree of each day, the sums of the centres
//! - [`portal`]: the national portal, which is told how applications stand, and brings some
//! - [`queue`]: numbers at the counters; [`equipment`]: what the centres have
//! - [`sink`]: what routing and processing tell, and what a citizen sees of it; [`holding`]: the proof that nothing is lost
//! - [`record`]: what is kept, in the words of the domain; [`store`]: the tables

mod applications;
mod attachments;
mod catalogue;
mod config;
mod drafts;
mod equipment;
mod faq;
mod feedback;
mod grpc;
mod holding;
mod numbering;
mod page;
mod portal;
mod prune;
mod queue;
mod receipts;
mod reception;
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
    MAX_MESSAGE_BYTES, MAX_PROVINCE_BYTES,
    intake::v1::{
        application_service_server::ApplicationServiceServer,
        attachment_service_server::AttachmentServiceServer, catalogue_service_server::CatalogueServiceServer,
        draft_service_server::DraftServiceServer, equipment_service_server::EquipmentServiceServer,
        faq_service_server::FaqServiceServer, feedback_service_server::FeedbackServiceServer,
        numbering_service_server::NumberingServiceServer, portal_service_server::PortalServiceServer,
        queue_service_server::QueueServiceServer, receipt_service_server::ReceiptServiceServer,
        reception_service_server::ReceptionServiceServer,
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
    sign::SigningKey,
    versions::Versions,
};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

pub use crate::attachments::{
    Config as AttachmentConfig, Retention as AttachmentRetention, S3Config as AttachmentS3Config,
};
use crate::{
    applications::{expect::Expectation, guesses::Guesses, watch::Watched},
    attachments::Attachments,
    catalogue::import_province::Importer,
    portal::Portal,
    queue::board::Board,
    receipts::{centre_sums::LastSums, signer::Signer},
    sink::Sink,
    store::migration::Migrator,
};

pub use config::Config;
pub use portal::Config as PortalConfig;
pub use queue::QueueConfig;

/// The name of this service: of its outbox, and of what it holds.
const NAME: &str = "intake";

/// What intake needs of the process that it runs in.
#[derive(Debug)]
pub struct Deps {
    /// What it is told.
    pub config: Config,
    /// Its own store.
    pub db: Database,
    /// Mints its ids.
    pub ids: Ids,
    /// Dates submissions.
    pub business: BusinessClock,
    /// Wraps the keys of persons; notification has the same one.
    pub master_key: MasterKey,
    /// Signs receipts, and the days that they are of.
    pub signing_key: SigningKey,
    /// Routing.
    pub routing: Peer,
    /// Processing.
    pub processing: Peer,
    /// Notification.
    pub notification: Peer,
    /// Where attachments are kept, and which are taken.
    pub attachments: AttachmentConfig,
    /// Numbers at the counters.
    pub queue: QueueConfig,
    /// The national portal, and what signs what it is told; none: it is told nothing.
    pub portal: Option<(PortalConfig, SigningKey)>,
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
/// `INVALID_ARGUMENT` for a configuration that cannot work; Broken when a migration fails.
pub async fn build(deps: Deps) -> Result<Built, Failure> {
    deps.config.validate()?;
    let attachments = Arc::new(Attachments::new(deps.attachments, deps.db.is_shared())?);
    migrate(&deps.db).await?;
    let closing = CancellationToken::new();
    let intake = Intake {
        outbox: Outbox::new(NAME, deps.db.clone(), deps.ids.clone()),
        ids: deps.ids,
        business: deps.business,
        master_key: Arc::new(deps.master_key),
        versions: Versions::new(deps.db),
        guesses: Arc::default(),
        config: deps.config,
        attachments,
        signer: Arc::new(Signer::new(deps.signing_key)),
        last_sums: LastSums::default(),
        watched: Watched::new(closing.clone()),
        board: Board::new(closing.clone()),
        portal: Arc::new(Portal::new(deps.portal)?),
    };
    intake.make_key_known().await?;
    let importer = Importer::new(intake.versions.clone(), deps.routing.clone(), deps.processing.clone());

    let applications = ApplicationServiceServer::new(grpc::applications::Applications::new(
        intake.clone(),
        Expectation::new(deps.routing.clone()),
        closing.clone(),
    ))
    .max_decoding_message_size(MAX_MESSAGE_BYTES)
    .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let catalogue = CatalogueServiceServer::new(grpc::catalogue::Catalogue::new(intake.clone(), importer))
        .max_decoding_message_size(MAX_PROVINCE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let feedback = FeedbackServiceServer::new(grpc::feedback::Feedback::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let drafts = DraftServiceServer::new(grpc::drafts::Drafts::new(
        intake.clone(),
        Expectation::new(deps.routing.clone()),
    ))
    .max_decoding_message_size(MAX_MESSAGE_BYTES)
    .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let numbering = NumberingServiceServer::new(grpc::numbering::Numbering::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let attachments = AttachmentServiceServer::new(grpc::attachments::Attachments::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let faq = FaqServiceServer::new(grpc::faq::Faq::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let reception = ReceptionServiceServer::new(grpc::reception::Reception::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let portal = PortalServiceServer::new(grpc::portal::PortalServer::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let receipt_service = ReceiptServiceServer::new(grpc::receipts::Receipts::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let queue = QueueServiceServer::new(grpc::queue::QueueServer::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let equipment = EquipmentServiceServer::new(grpc::equipment::EquipmentServer::new(intake.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let sink =
        SinkService::new(Arc::new(Sink(intake.clone())), intake.outbox.clone(), closing.clone()).server();

    let workplaces = equipment::tell_routing::worker(intake.clone(), deps.routing.clone());
    let tell_hours = catalogue::tell_hours::worker(intake.versions.clone(), deps.notification.clone());
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
    workers.push(numbering::close_range::worker(intake.clone()));
    workers.push(drafts::expire::worker(intake.clone()));
    workers.push(attachments::scan::worker(intake.clone()));
    workers.push(attachments::retain::worker(intake.clone()));
    workers.push(applications::similar::worker(intake.clone()));
    workers.push(applications::watch::worker(intake.clone()));
    workers.push(receipts::close_days::worker(intake.clone()));
    workers.push(reception::days::worker(intake.clone()));
    workers.push(feedback::raise::worker(intake.clone()));
    workers.push(feedback::forget::worker(intake.clone()));
    workers.push(phidia_outbox::measure(intake.outbox.clone()));
    workers.push(queue::board::worker(intake.clone()));
    workers.push(queue::end_days::worker(intake.clone(), deps.queue));
    workers.push(workplaces);
    workers.extend(portal::workers(&intake));
    workers.push(tell_hours);
    // The streams of sources, and of those who watch, end when the process is asked to, or its server would wait for them.
    workers.push(Worker::new("close-streams", move |stop| async move {
        stop.cancelled().await;
        closing.cancel();
    }));

    Ok(Built {
        service: Service {
            name: NAME,
            public: Routes::new(applications)
                .add_service(attachments)
                .add_service(catalogue)
                .add_service(drafts)
                .add_service(equipment)
                .add_service(faq)
                .add_service(feedback)
                .add_service(numbering)
                .add_service(portal)
                .add_service(queue)
                .add_service(receipt_service)
                .add_service(reception),
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
    config: Config,
    attachments: Arc<Attachments>,
    signer: Arc<Signer>,
    last_sums: LastSums,
    watched: Watched,
    board: Board,
    portal: Arc<Portal>,
}
