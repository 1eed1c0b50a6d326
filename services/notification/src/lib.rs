//! Notification: tells citizens what happens to their applications, once per fact, person and channel, and units which cases
//! they lost or gained.
//!
//! ```text
//!   intake ────── ApplicationSubmitted ─┐                     ┌─> message (in-app: readable at once)
//!   processing ── CaseOpened ───────────┼─> sink ──> tell ────┤
//!   processing ── CaseCompleted ────────┤     one transaction └─> message + delivery (e-mail, SMS, Zalo)
//!   processing ── DeadlineNear ─────────┤ (tell_of_deadline)           │
//!   routing ───── WorkMoved ────────────┘ (tell_units)                 │ claim, lease
//!   clients ───── ListMessages ──> grpc ──> list_messages            deliver ──> channel: a provider
//!   clients ───── WatchMessages ─> grpc ──> watch_messages
//!   operators ─── GetMessage, ResendMessage, … ──> grpc ──> manage
//! ```
//!
//! What is not urgent is gathered into one letter a day, for persons who want that and for offices ([`digest`]).
//!
//! What other systems may hear of the same facts is published in one feed ([`feed`]), which they read along or are sent by webhook
//! ([`webhook`]).
//!
//! What is stored of a message names nobody: an applicant's name and address stay sealed under the person's
//! key and are opened only while a letter is written out.

mod callbacks;
mod channel;
mod config;
mod deliver;
mod digest;
mod feed;
mod grpc;
mod hours;
mod list_messages;
mod manage;
mod render;
mod sink;
mod store;
mod tell;
mod tell_of_deadline;
mod tell_units;
mod template;
mod watch_messages;
mod webhook;

use std::sync::Arc;

use jiff::SignedDuration;
use phidia_domain::notice::Channel;
use phidia_outbox::{Outbox, PruneConfig, SinkService, conservation::Holder, measure, prune};
use phidia_proto::{MAX_MESSAGE_BYTES, notification::v1::office_service_server::OfficeServiceServer};
use phidia_runtime::{
    admin::Part,
    clock::{BusinessClock, RealClock},
    database::Database,
    failure::Failure,
    ids::Ids,
    seal::MasterKey,
    service::{Service, Worker},
    versions::Versions,
};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

pub use config::{
    AnswerConfig, BreakerConfig, CallbacksConfig, Config, DecentHoursConfig, FeedConfig, GatewayConfig,
    OperatorsConfig, ProviderConfig, ReceiptsConfig, RetryConfig, SmsConfig, SmtpConfig, Tls, UrgentConfig,
    WebhookConfig,
};

use crate::{
    callbacks::Callbacks,
    deliver::{Otherwise, Sender, Wake, Watchdog},
    digest::Digests,
    feed::Feed,
    grpc::{
        Grpc, events::EventServer, office::OfficeServer, subscriptions::SubscriptionServer,
        templates::TemplateServer,
    },
    hours::Hours,
    manage::Manager,
    sink::Sink,
    store::migration::Migrator,
    tell::Teller,
    template::sets::Templates,
    watch_messages::Mailboxes,
    webhook::{Webhooks, alarm::Alarm},
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
    /// Business time: messages bear the time of the facts that they tell, and are of use until another.
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
/// `INVALID_ARGUMENT` for a time zone or a provider that cannot be; those of the store.
pub async fn build(config: Config, deps: Deps) -> Result<Built, Failure> {
    let Deps { db, ids, business, master_key } = deps;
    let master_key = Arc::new(master_key);
    let providers = channel::providers(&config)?;
    migrate(&db).await?;
    let office = Versions::new(db.clone());
    let hours = Hours::new(office.clone(), &config)?;
    let templates = Arc::new(Templates::open(db.clone(), business.clone(), &config).await?);
    let renderer = Arc::clone(&templates.renderer);

    // What is published is numbered by chance: a played day is repeated by the ids of messages.
    let outbox = Outbox::new(NAME, db.clone(), Ids::random());
    let wake = Wake::default();
    let mut open: Vec<Channel> = providers.iter().map(|provider| provider.channel).collect();
    open.sort_unstable();
    open.dedup();
    let teller = Teller {
        ids,
        clock: RealClock,
        business: business.clone(),
        hours: hours.clone(),
        renderer: Arc::clone(&renderer),
        master_key: Arc::clone(&master_key),
        open: open.clone(),
        ask_consent: config.ask_consent,
        recipient_wait: SignedDuration::from_secs(config.recipient_wait_seconds.into()),
        office_language: config.office_language,
    };
    let closing = CancellationToken::new();
    let feed = Feed::open(outbox.clone(), &config.feed, closing.clone()).await?;
    let mailboxes = Mailboxes::new(feed.clone(), &config.feed, closing.clone());
    let sink = Arc::new(Sink { teller, wake: wake.clone(), mailboxes: mailboxes.clone() });
    let sink = SinkService::new(sink, outbox.clone(), closing.clone()).server();

    let operators = config.operators.addressee()?;
    let alarm = Alarm {
        ids: Ids::random(),
        business: business.clone(),
        office: office.clone(),
        renderer: Arc::clone(&renderer),
        language: config.office_language,
        by_email: operators.is_some() && open.contains(&Channel::Email),
        wake: wake.clone(),
    };
    let webhooks = Webhooks::new(feed.clone(), Arc::clone(&master_key), config.webhooks.clone(), alarm)?;
    // Nobody subscribes to this service: what it has published is kept for those who read along.
    let pruning = PruneConfig { keep_events: config.feed.keep(), ..PruneConfig::of(Vec::new()) };
    let mut workers = vec![
        close_sink(closing),
        prune(outbox.clone(), pruning),
        measure(outbox.clone()),
        feed::worker(feed.clone()),
        watch_messages::worker(mailboxes.clone()),
        webhook::worker(webhooks.clone()),
    ];
    let watched = Arc::clone(&templates);
    workers.push(Worker::new("notification-templates", move |stop| watched.watch(stop)));
    let parts = vec![Part::store(NAME, &db)];
    let otherwise = Arc::new(Otherwise {
        open: open.clone(),
        ask_consent: config.ask_consent,
        // Told instead of what failed: not of the seed by which a played day is repeated.
        ids: Ids::random(),
        renderer: Arc::clone(&renderer),
        master_key: Arc::clone(&master_key),
    });
    // Also where there is no provider any more: what is still to be sent over a channel ends somehow.
    for channel in Channel::ALL.into_iter().filter(|channel| *channel != Channel::InApp) {
        let sender = Sender {
            channel,
            providers: providers.iter().filter(|provider| provider.channel == channel).cloned().collect(),
            outbox: outbox.clone(),
            clock: RealClock,
            business: business.clone(),
            hours: hours.clone(),
            otherwise: Arc::clone(&otherwise),
            operators: operators.clone(),
            renderer: Arc::clone(&renderer),
            master_key: Arc::clone(&master_key),
            retry: config.retry,
            retry_urgent: config.retry_urgent,
            wake: wake.clone(),
        };
        workers.push(Worker::new("notification-sender", move |stop| sender.run(stop)));
    }
    if let Some(listen) = config.callbacks.map(|callbacks| callbacks.listen) {
        let (outbox, otherwise, wake) = (outbox.clone(), Arc::clone(&otherwise), wake.clone());
        let callbacks = Callbacks { outbox, clock: RealClock, providers, otherwise, wake };
        workers.push(Worker::new("notification-callbacks", move |stop| callbacks.run(listen, stop)));
    }
    let digests = Digests {
        outbox: outbox.clone(),
        ids: Ids::random(),
        clock: RealClock,
        business: business.clone(),
        hours,
        renderer,
        master_key,
        office_language: config.office_language,
        poll: config.retry.poll(),
        wake: wake.clone(),
    };
    let writing = digests.clone();
    workers.push(Worker::new("notification-digests", move |stop| writing.run(stop)));
    let watchdog = Watchdog {
        outbox: outbox.clone(),
        clock: RealClock,
        business,
        digests,
        wake: wake.clone(),
        otherwise,
        period: config.watch(),
        receipt_wait: SignedDuration::from_hours(config.receipt_wait_hours.into()),
        keep: SignedDuration::from_hours(i64::from(config.keep_attempts_days) * 24),
    };
    workers.push(Worker::new("notification-watchdog", move |stop| watchdog.run(stop)));
    let manager = Manager { outbox, clock: RealClock, wake };
    let office = OfficeServiceServer::new(OfficeServer(office)).max_decoding_message_size(MAX_MESSAGE_BYTES);
    let service = Service {
        name: NAME,
        public: Routes::new(Grpc { db, manager, webhooks: webhooks.clone(), mailboxes }.into_server())
            .add_service(EventServer(feed).into_server())
            .add_service(SubscriptionServer(webhooks).into_server())
            .add_service(TemplateServer::new(templates).server())
            .add_service(office),
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
