//! Notification: tells citizens what happens to their applications, once per fact and channel, and units which cases
//! they lost or gained.
//!
//! ```text
//!   intake ────── ApplicationSubmitted ─┐                     ┌─> message (in-app: readable at once)
//!   processing ── CaseOpened ───────────┼─> sink ──> tell ────┤
//!   processing ── CaseCompleted ────────┤     one transaction └─> message + delivery (e-mail)
//!   processing ── DeadlineNear ─────────┤ (tell_of_deadline)           │
//!   routing ───── WorkMoved ────────────┘ (tell_units)                 │ claim, lease
//!   clients ───── ListMessages ──> grpc ──> list_messages            send ──> smtp
//! ```
//!
//! What is stored of a message names nobody: an applicant's name and address stay sealed under the person's
//! key and are opened only while a letter is written out.

mod config;
mod feed;
mod grpc;
mod list_messages;
mod render;
mod send;
mod sink;
mod smtp;
mod store;
mod tell;
mod tell_of_deadline;
mod tell_units;
mod webhook;

use std::sync::Arc;

use jiff::SignedDuration;
use phidia_outbox::{Outbox, PruneConfig, SinkService, conservation::Holder, measure, prune};
use phidia_runtime::{
    admin::Part,
    clock::{BusinessClock, RealClock},
    database::Database,
    failure::Failure,
    ids::Ids,
    seal::MasterKey,
    service::{Service, Worker},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

pub use config::{Config, FeedConfig, RetryConfig, SmtpConfig, Tls, WebhookConfig};

use crate::{
    feed::Feed,
    grpc::{Grpc, events::EventServer, subscriptions::SubscriptionServer},
    render::Renderer,
    send::Sender,
    sink::Sink,
    smtp::Smtp,
    store::migration::Migrator,
    tell::Teller,
    webhook::Webhooks,
};

/// The name of this service, and of its subscriptions.
pub const NAME: &str = "notification";

/// What this service works with.
#[derive(Debug)]
pub struct Deps {
    /// Its own store.
    pub db: Database,
    /// Mints the ids of messages.
    pub ids: Ids,
    /// Business time. Messages bear the time of the facts that they tell, so nothing is dated by it yet.
    pub business: BusinessClock,
    /// Opens the keys of persons; intake has the same one.
    pub master_key: MasterKey,
}

/// The built service.
pub struct Built {
    /// Its routes and workers.
    pub service: Service,
    /// Notification holds no applications.
    pub holder: Option<Arc<dyn Holder>>,
}

/// Brings the schema up to date.
///
/// # Errors
/// Those of the store.
pub async fn migrate(db: &Database) -> Result<(), Failure> {
    db.migrate::<Migrator>().await
}

/// Builds the service; its schema is brought up to date first.
///
/// # Errors
/// `INVALID_ARGUMENT` for a time zone or a mail server that cannot be; those of the store.
pub async fn build(config: Config, deps: Deps) -> Result<Built, Failure> {
    let Deps { db, ids, business: _, master_key } = deps;
    let renderer = Arc::new(Renderer::new(&config.time_zone)?);
    let master_key = Arc::new(master_key);
    let smtp = config.smtp.as_ref().map(Smtp::new).transpose()?;
    migrate(&db).await?;

    // What is published is numbered by chance: a played day is repeated by the ids of messages.
    let outbox = Outbox::new(NAME, db.clone(), Ids::random());
    let wake = Arc::new(Notify::new());
    let teller = Teller {
        ids,
        clock: RealClock,
        renderer: Arc::clone(&renderer),
        master_key: Arc::clone(&master_key),
        by_mail: smtp.is_some(),
        recipient_wait: SignedDuration::from_secs(config.recipient_wait_seconds.into()),
        office_language: config.office_language,
    };
    let closing = CancellationToken::new();
    let sink = Arc::new(Sink { teller, wake: Arc::clone(&wake) });
    let sink = SinkService::new(sink, outbox.clone(), closing.clone()).server();

    let feed = Feed::open(outbox.clone(), &config.feed, closing.clone()).await?;
    let webhooks = Webhooks::new(feed.clone(), Arc::clone(&master_key), config.webhooks.clone())?;
    // Nobody subscribes to this service: what it has published is kept for those who read along.
    let pruning = PruneConfig { keep_events: config.feed.keep(), ..PruneConfig::of(Vec::new()) };
    let mut workers = vec![
        close_sink(closing),
        prune(outbox.clone(), pruning),
        measure(outbox.clone()),
        feed::worker(feed.clone()),
        webhook::worker(webhooks.clone()),
    ];
    let parts = vec![Part::store(NAME, &db)];
    if let (Some(smtp), Some(settings)) = (smtp, config.smtp) {
        let sender = Sender {
            outbox,
            clock: RealClock,
            renderer,
            master_key,
            smtp,
            retry: config.retry,
            at_once: settings.connections,
            wake,
        };
        workers.push(Worker::new("notification-mail", move |stop| sender.run(stop)));
    }
    let service = Service {
        name: NAME,
        public: Routes::new(Grpc { db }.into_server())
            .add_service(EventServer(feed).into_server())
            .add_service(SubscriptionServer(webhooks).into_server()),
        internal: Routes::new(sink),
        workers,
        parts,
    };
    Ok(Built { service, holder: None })
}

/// Ends the streams of events when the process is asked to end: their sources never do, and its server would
/// wait for them.
fn close_sink(closing: CancellationToken) -> Worker {
    Worker::new("notification-sink", move |stop| async move {
        stop.cancelled().await;
        closing.cancel();
    })
}
