//! One service of a cluster in a process of its own, and the migration of databases.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use phidia_domain::{Kind, caller::Caller};
use phidia_outbox::conservation::Holder;
use phidia_proto::FILE_DESCRIPTOR_SET;
use phidia_runtime::{
    admin::Readiness,
    database::Database,
    failure::Failure,
    identity::Trust,
    peer::Peer,
    server::Server,
    service::{self, Service, Workers},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::{
    command::{Migrate, Serve, ServiceName},
    config::{Given, Settings},
    conservation::{Services, hourly},
    embedded, show, watched, web,
};

/// How long to wait for a store that cannot be reached.
const TRY_AGAIN: Duration = Duration::from_millis(200);

/// `phidia serve <role>`.
pub(crate) async fn run(options: &Serve) -> anyhow::Result<ExitCode> {
    let file = options.config.as_deref();
    let Some(role) = options.role.service() else {
        let settings = Settings::load(Given { file, web: options.listen, ..Given::default() })?;
        return watched::run("portal", &settings, async |stop, readiness| {
            web::stay(&settings, stop, readiness).await
        })
        .await;
    };
    let mut settings = Settings::load(Given { file, listen: options.listen, ..Given::default() })?;
    if options.listen.is_none() && settings.listen == Settings::default().listen {
        // Where the others look for it unless they are told otherwise.
        settings.listen.set_port(port(role));
    }
    let settings = &settings;
    watched::run(name(role), settings, async |stop, readiness| stay(role, settings, stop, readiness).await)
        .await
}

async fn stay(
    role: ServiceName,
    settings: &Settings,
    stop: CancellationToken,
    readiness: Readiness,
) -> anyhow::Result<ExitCode> {
    // Replicas on PostgreSQL share nothing on this machine.
    let _alone = if settings.database(role).is_shared() { None } else { Some(settings.lock(name(role))?) };
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("{} can't be listened on", settings.listen))?;
    let (Service { name, public, internal, workers, parts }, holder) =
        when_reached(settings, role, &stop).await?;
    // A service that holds nothing says so too.
    let accounts = embedded::accounts(&holder.into_iter().collect::<Vec<_>>());
    let conservation = match role {
        ServiceName::Routing => hourly(services(settings, accounts.clone())?, settings.conservation),
        ServiceName::Intake | ServiceName::Processing | ServiceName::Notification => None,
    };
    let routes = service::merge([public, internal, accounts]);
    let stacked = embedded::stacked(routes, settings, settings.trust()?);
    let mut running = Workers::new(stop.clone());
    for worker in workers.into_iter().chain(conservation) {
        running.spawn(worker);
    }
    show::line(&format!("phidia {name} listens on http://{}", listener.local_addr()?));
    readiness.ready(parts);
    Server::new(stacked)
        .descriptors(FILE_DESCRIPTOR_SET)
        .serving(embedded::service_names(|service| is_of(role, service)))
        .run(listener, stop, settings.grace())
        .await?;
    running.stop(settings.grace()).await;
    Ok(ExitCode::SUCCESS)
}

/// Whether a gRPC service is of this role, or of every one.
fn is_of(role: ServiceName, service: &str) -> bool {
    let package = service.split('.').nth(1);
    package == Some(name(role)) || package == Some("events")
}

/// The services that hold applications, as routing reaches them: it is the one that is a peer of the others.
fn services(settings: &Settings, own: Routes) -> Result<Services, Failure> {
    let caller = || Caller::service("routing");
    let remote = |url: &str| Peer::remote(url, caller(), settings.token.as_ref());
    let own = Peer::local(embedded::stacked(own, settings, Trust::Headers), caller());
    Ok(Services::at(vec![own, remote(&settings.peers.intake)?, remote(&settings.peers.processing)?]))
}

/// Builds the service, as soon as its store can be reached: whoever starts first waits for the others.
async fn when_reached(
    settings: &Settings,
    role: ServiceName,
    stop: &CancellationToken,
) -> Result<(Service, Option<Arc<dyn Holder>>), Failure> {
    loop {
        match build(settings, role).await {
            Err(failure) if failure.rejection().is_some_and(|it| it.kind == Kind::Unavailable) => {
                tokio::select! {
                    () = stop.cancelled() => return Err(failure),
                    () = tokio::time::sleep(TRY_AGAIN) => {}
                }
            }
            built => return built,
        }
    }
}

/// The name of a service.
pub(crate) fn name(role: ServiceName) -> &'static str {
    match role {
        ServiceName::Intake => "intake",
        ServiceName::Routing => "routing",
        ServiceName::Processing => "processing",
        ServiceName::Notification => "notification",
    }
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
    let settings = Settings::load(Given { file: options.config.as_deref(), ..Given::default() })?;
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
    let (ids, business) = (settings.ids(role), settings.business()?);
    let db = Database::open(&settings.database(role)).await?;
    let peer = |url: &str, own: &str| Peer::remote(url, Caller::service(own), settings.token.as_ref());
    let peers = &settings.peers;
    let built = match role {
        ServiceName::Intake => {
            let deps = phidia_intake::Deps {
                config: settings.intake.clone(),
                master_key: settings.master_key(&db)?,
                signing_key: settings.signing_key(&db)?,
                db,
                ids,
                business,
                routing: peer(&peers.routing, "intake")?,
                processing: peer(&peers.processing, "intake")?,
                notification: peer(&peers.notification, "intake")?,
                attachments: settings.attachments(),
                queue: settings.queue,
                portal: settings.portal()?,
            };
            let built = phidia_intake::build(deps).await?;
            (built.service, built.holder)
        }
        ServiceName::Routing => {
            let board = settings.board(&db)?;
            let deps = phidia_routing::Deps {
                db,
                ids,
                business,
                board,
                processing: peer(&peers.processing, "routing")?,
                intake: peer(&peers.intake, "routing")?,
                notification: peer(&peers.notification, "routing")?,
            };
            let built = phidia_routing::build(settings.routing.clone(), deps).await?;
            (built.service, built.holder)
        }
        ServiceName::Processing => {
            let deps = phidia_processing::Deps {
                master_key: settings.master_key(&db)?,
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
            let master_key = settings.master_key(&db)?;
            let deps = phidia_notification::Deps { db, ids, business, master_key };
            let built = phidia_notification::build(settings.notification.clone(), deps).await?;
            (built.service, built.holder)
        }
    };
    Ok(built)
}
