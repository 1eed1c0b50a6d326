//! Notification: tells citizens what happens to their applications, once per fact and channel.
//!
//! ```text
//!   intake ────── ApplicationSubmitted ─┐                     ┌─> message (in-app: readable at once)
//!   processing ── CaseOpened ───────────┼─> sink ──> tell ────┤
//!   processing ── CaseCompleted ────────┘     one transaction └─> message + delivery (e-mail)
//!                                                                      │ claim, lease
//!   clients ───── ListMessages ──> grpc ──> list_messages            send ──> smtp
//! ```
//!
//! What is stored of a message names nobody: an applicant's name and address stay sealed under the person's
//! key and are opened only while a letter is written out.

mod config;
mod grpc;
mod list_messages;
mod render;
mod send;
mod sink;
mod smtp;
mod store;
mod tell;

use std::sync::Arc;

use jiff::SignedDuration;
use phidia_outbox::{Outbox, SinkService, conservation::Holder};
use phidia_runtime::{
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

pub use config::{Config, RetryConfig, SmtpConfig, Tls};

use crate::{grpc::Grpc, render::Renderer, send::Sender, sink::Sink, smtp::Smtp, store::migration::Migrator, tell::Teller};

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
    /// Opens the keys of persons.
    pub master_key: Arc<MasterKey>,
    /// Cancelled when the process stops: the streams of events end with the batch that they are at.
    pub stop: CancellationToken,
}

/// The built service.
pub struct Built {
    /// Its routes and workers.
    pub service: Service,
    /// Notification holds no applications.
    pub holder: Option<Arc<dyn Holder>>,
}

/// Brings the schema up to date and builds the service.
///
/// # Errors
/// `INVALID_ARGUMENT` for a time zone or a mail server that cannot be; those of the store.
pub async fn build(config: Config, deps: Deps) -> Result<Built, Failure> {
    let Deps { db, ids, business: _, master_key, stop } = deps;
    let renderer = Arc::new(Renderer::new(&config.time_zone)?);
    let smtp = config.smtp.as_ref().map(Smtp::new).transpose()?;
    db.migrate::<Migrator>().await?;

    let outbox = Outbox::new(NAME, db.clone(), ids.clone());
    let wake = Arc::new(Notify::new());
    let teller = Teller {
        ids,
        clock: RealClock,
        renderer: Arc::clone(&renderer),
        master_key: Arc::clone(&master_key),
        by_mail: smtp.is_some(),
        recipient_wait: SignedDuration::from_secs(config.recipient_wait_seconds.into()),
    };
    let sink = Arc::new(Sink { teller, wake: Arc::clone(&wake) });
    let internal = Routes::new(SinkService::new(sink, outbox.clone(), stop).server());
    let public = Routes::new(Grpc { db }.into_server());

    let at_once = config.smtp.as_ref().map_or(1, |smtp| smtp.connections);
    let workers = smtp
        .map(|smtp| {
            let clock = RealClock;
            let sender =
                Sender { outbox, clock, renderer, master_key, smtp, retry: config.retry, at_once, wake };
            Worker::new("notification-mail", move |stop| sender.run(stop))
        })
        .into_iter()
        .collect();
    Ok(Built { service: Service { name: NAME, public, internal, workers }, holder: None })
}
