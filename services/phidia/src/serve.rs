//! One service of a cluster in a process of its own, and the migration of databases.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context as _;
use phidia_board::memory::MemoryBoard;
use phidia_domain::caller::Caller;
use phidia_outbox::conservation::{self, Holder};
use phidia_proto::FILE_DESCRIPTOR_SET;
use phidia_runtime::{
    clock::{BusinessClock, RealClock},
    database::Database,
    failure::Failure,
    ids::Ids,
    peer::Peer,
    server::Server,
    service::{self, Service, Workers},
    shutdown, telemetry,
};
use tokio::net::TcpListener;
use tonic::service::Routes;

use crate::{
    command::{Migrate, Serve, ServiceName},
    config::Settings,
    embedded, show,
};

/// `phidia serve <role>`.
pub(crate) async fn run(options: &Serve) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::load(options.config.as_deref(), None, options.listen)?;
    if options.listen.is_none() && settings.listen == Settings::default().listen {
        // Where the others look for it unless they are told otherwise.
        settings.listen.set_port(port(options.role));
    }
    telemetry::init(&settings.log)?;
    let _alone = settings.lock(&format!("{:?}", options.role).to_lowercase())?;
    let stop = shutdown::on_signals();
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("{} can't be listened on", settings.listen))?;
    let (Service { name, public, internal, workers }, holder) = build(&settings, options.role).await?;
    let held = holder.into_iter().collect::<Vec<_>>();
    let mut routes = vec![public, internal];
    if !held.is_empty() {
        routes.push(Routes::new(conservation::server(held)));
    }
    let stacked = embedded::stacked(service::merge(routes), &settings, settings.trust()?);
    let mut running = Workers::new(stop.clone());
    for worker in workers {
        running.spawn(worker);
    }
    show::line(&format!("phidia {name} listens on http://{}", listener.local_addr()?));
    Server::new(stacked)
        .descriptors(FILE_DESCRIPTOR_SET)
        .healthy(embedded::service_names())
        .run(listener, stop, settings.grace())
        .await?;
    running.stop(settings.grace()).await;
    Ok(ExitCode::SUCCESS)
}

/// The port of a service where none is configured.
pub(crate) fn port(role: ServiceName) -> u16 {
    match role {
        ServiceName::Intake => 7371,
        ServiceName::Routing => 7372,
        ServiceName::Processing => 7373,
        ServiceName::Notification => 7374,
    }
}

/// `phidia migrate`: `build()` brings the schema of its service up before anything else.
pub(crate) async fn migrate(options: &Migrate) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(options.config.as_deref(), None, None)?;
    let all = [ServiceName::Intake, ServiceName::Routing, ServiceName::Processing, ServiceName::Notification];
    for role in all.into_iter().filter(|role| options.role.is_none_or(|wanted| wanted == *role)) {
        let (service, _) = build(&settings, role).await?;
        show::line(&format!("{}: schema is up to date", service.name));
    }
    Ok(ExitCode::SUCCESS)
}

async fn build(
    settings: &Settings,
    role: ServiceName,
) -> Result<(Service, Option<Arc<dyn Holder>>), Failure> {
    let db = Database::open(&settings.database(role)).await?;
    let (ids, business) = (Ids::random(), BusinessClock::system());
    let peer = |url: &str, own: &str| Peer::remote(url, Caller::service(own), settings.token.as_ref());
    let peers = &settings.peers;
    let built = match role {
        ServiceName::Intake => {
            let deps = phidia_intake::Deps {
                db,
                ids,
                business,
                master_key: settings.master_key()?,
                routing: peer(&peers.routing, "intake")?,
                processing: peer(&peers.processing, "intake")?,
                notification: peer(&peers.notification, "intake")?,
            };
            let built = phidia_intake::build(settings.intake.clone(), deps).await?;
            (built.service, built.holder)
        }
        ServiceName::Routing => {
            let deps = phidia_routing::Deps {
                db,
                ids,
                business,
                board: Arc::new(MemoryBoard::new(Arc::new(|| RealClock.now()))),
                processing: peer(&peers.processing, "routing")?,
                intake: peer(&peers.intake, "routing")?,
            };
            let built = phidia_routing::build(settings.routing.clone(), deps).await?;
            (built.service, built.holder)
        }
        ServiceName::Processing => {
            let deps = phidia_processing::Deps {
                db,
                ids,
                business,
                routing: peer(&peers.routing, "processing")?,
                intake: peer(&peers.intake, "processing")?,
                notification: peer(&peers.notification, "processing")?,
            };
            let built = phidia_processing::build(settings.processing.clone(), deps).await?;
            (built.service, built.holder)
        }
        ServiceName::Notification => {
            let deps = phidia_notification::Deps { db, ids, business, master_key: settings.master_key()? };
            let built = phidia_notification::build(settings.notification.clone(), deps).await?;
            (built.service, built.holder)
        }
    };
    Ok(built)
}
