//! All services in one process: the same `build()`, the same stack; only transport and stores differ from a
//! cluster. One public port answers for all.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use phidia_board::memory::MemoryBoard;
use phidia_domain::caller::{Caller, Role};
use phidia_outbox::{
    Gathering, Outbox,
    conservation::{self, Holder},
    parked,
};
use phidia_proto::{
    FILE_DESCRIPTOR_SET, access,
    events::v1::event_sink_service_server::SERVICE_NAME as EVENT_SINK,
    intake::v1::{
        GetProvinceRequest, ImportProvinceRequest, ProvinceFile,
        catalogue_service_client::CatalogueServiceClient,
    },
};
use phidia_runtime::{
    admin::{Part, Readiness},
    clock::BusinessClock,
    database::Database,
    failure::Failure,
    identity::Trust,
    ids::Ids,
    peer::{Peer, Slot},
    server::Server,
    service::{self, Service, Worker, Workers},
    stack::{self, Access, Stacked},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::{
    bundled::{self, Files},
    command::{ServiceName, Up},
    config::{Given, Settings},
    conservation::{Services, hourly},
    show, watched, web,
};

/// All services, ready to run.
pub(crate) struct Embedded {
    /// What clients call.
    pub(crate) public: Stacked,
    /// The same, for whoever is in this process: their identity needs no proof.
    within: Stacked,
    workers: Vec<Worker>,
    parts: Vec<Part>,
    outboxes: Vec<Outbox>,
    /// What the services say that they hold, for ourselves.
    holdings: Peer,
}

impl Embedded {
    /// Builds the services over the data folder of `settings`.
    pub(crate) async fn build(
        settings: &Settings,
        business: &BusinessClock,
        ids: &Ids,
    ) -> Result<Self, Failure> {
        let [intake_slot, routing_slot, processing_slot, notification_slot]: [Slot; 4] = Default::default();
        let open = async |service| Database::open(&settings.database(service)).await;

        let db = open(ServiceName::Notification).await?;
        let notification = phidia_notification::build(
            settings.notification.clone(),
            phidia_notification::Deps {
                master_key: settings.master_key(&db)?,
                db,
                ids: ids.clone(),
                business: business.clone(),
            },
        )
        .await?;
        let db = open(ServiceName::Processing).await?;
        let processing = phidia_processing::build(
            settings.processing.clone(),
            phidia_processing::Deps {
                master_key: settings.master_key(&db)?,
                db,
                ids: ids.clone(),
                business: business.clone(),
                routing: routing_slot.peer(Caller::service("processing")),
                intake: intake_slot.peer(Caller::service("processing")),
                notification: notification_slot.peer(Caller::service("processing")),
            },
        )
        .await?;
        let routing = phidia_routing::build(
            settings.routing.clone(),
            phidia_routing::Deps {
                db: open(ServiceName::Routing).await?,
                ids: ids.clone(),
                business: business.clone(),
                board: Arc::new(MemoryBoard::new(Arc::new(|| phidia_runtime::clock::RealClock.now()))),
                processing: processing_slot.peer(Caller::service("routing")),
                intake: intake_slot.peer(Caller::service("routing")),
                notification: notification_slot.peer(Caller::service("routing")),
            },
        )
        .await?;
        let db = open(ServiceName::Intake).await?;
        let intake = phidia_intake::build(phidia_intake::Deps {
            config: settings.intake.clone(),
            master_key: settings.master_key(&db)?,
            signing_key: settings.signing_key(&db)?,
            db,
            ids: ids.clone(),
            business: business.clone(),
            routing: routing_slot.peer(Caller::service("intake")),
            processing: processing_slot.peer(Caller::service("intake")),
            notification: notification_slot.peer(Caller::service("intake")),
            attachments: settings.attachments(),
            queue: settings.queue,
            portal: settings.portal()?,
        })
        .await?;

        let holders = [&intake.holder, &routing.holder, &processing.holder, &notification.holder];
        let holders: Vec<_> = holders.into_iter().flatten().cloned().collect();
        let outboxes = holders.iter().map(|holder| holder.outbox().clone()).collect();
        let holdings = accounts(&holders);
        let mut public = vec![holdings.clone()];
        let holdings = Peer::local(stacked(holdings, settings, Trust::Headers), Caller::service("phidia"));
        let (mut workers, mut parts) = (Vec::new(), Vec::new());
        let built = [intake.service, routing.service, processing.service, notification.service];
        for (built, slot) in
            built.into_iter().zip([intake_slot, routing_slot, processing_slot, notification_slot])
        {
            let Service { public: open, internal, workers: own, parts: needs, .. } = built;
            // Only services of this process have this peer: their identity needs no proof.
            slot.fill(stacked(service::merge([open.clone(), internal]), settings, Trust::Headers));
            public.push(open);
            workers.extend(own);
            parts.extend(needs);
        }
        let within = stacked(service::merge(public.clone()), settings, Trust::Headers);
        let public = stacked(service::merge(public), settings, settings.trust()?);
        Ok(Self { public, within, workers, parts, outboxes, holdings })
    }

    /// Starts what runs beside the handlers.
    pub(crate) fn start(&mut self, stop: &CancellationToken) -> Workers {
        let mut workers = Workers::new(stop.clone());
        for worker in self.workers.drain(..) {
            workers.spawn(worker);
        }
        workers
    }

    /// A way in for somebody in this process.
    pub(crate) fn peer(&self, role: Role) -> Peer {
        let name = "phidia".to_owned();
        Peer::local(self.within.clone(), Caller { role, name, unit: None, officer: None })
    }

    /// Whether no event is on its way between the services.
    pub(crate) fn is_at_rest(&self) -> bool {
        let told = || self.outboxes.iter().map(Outbox::told).sum::<u64>();
        let before = told();
        // An event may flow back to an outbox that was looked at already: it would have told something, or
        // be at rest at the second look.
        self.outboxes.iter().all(Outbox::is_at_rest)
            && self.outboxes.iter().all(Outbox::is_at_rest)
            && told() == before
    }

    /// What the services tell goes out together, when this is dropped.
    pub(crate) fn gather(&self) -> Vec<Gathering> {
        self.outboxes.iter().map(Outbox::gather).collect()
    }

    /// Waits until no event is on its way; what one brings about is waited for too.
    pub(crate) async fn handed_over(&self) {
        while !self.is_at_rest() {
            for outbox in &self.outboxes {
                outbox.handed_over().await;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Serves the portal on its port until `stop`, and says where; none: another has the port, and nobody asked for this one.
    pub(crate) async fn open_portal(
        &self,
        settings: &Settings,
        business: BusinessClock,
        is_asked_for: bool,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<JoinHandle<()>>> {
        let listen = settings.web.listen;
        let listener = match TcpListener::bind(listen).await {
            Ok(listener) => listener,
            Err(error) if is_asked_for => {
                return Err(error).with_context(|| format!("{listen} can't be listened on"));
            }
            // Several houses on one machine are usual; their command lines need no pages.
            Err(error) => {
                show::aside(&format!("no portal: {listen} can't be listened on ({error}); see --web"));
                return Ok(None);
            }
        };
        let services = std::array::from_fn(|_| self.peer(Role::Operator));
        let portal = web::portal(settings, services, business, stop)?;
        show::line(&format!("portal at http://{}", listener.local_addr()?));
        let grace = settings.grace();
        Ok(Some(tokio::spawn(async move { portal.serve(listener, grace).await })))
    }

    /// Serves on the port until `stop`, then drains.
    pub(crate) async fn serve(
        &self,
        listener: TcpListener,
        settings: &Settings,
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        // Who hands events over in this process needs no port.
        let server = Server::new(self.public.clone()).descriptors(FILE_DESCRIPTOR_SET);
        server.serving(service_names(|name| name != EVENT_SINK)).run(listener, stop, settings.grace()).await
    }
}

/// What services say of themselves: what they hold, how far their outboxes are, and what is parked there.
pub(crate) fn accounts(holders: &[Arc<dyn Holder>]) -> Routes {
    let outboxes = holders.iter().map(|holder| holder.outbox().clone()).collect();
    Routes::new(conservation::server(holders.to_vec())).add_service(parked::server(outboxes))
}

/// The routes behind the one stack, with the contract's access table.
pub(crate) fn stacked(routes: Routes, settings: &Settings, trust: Trust) -> Stacked {
    stack::wrap(routes, &settings.stack, trust, |path| {
        access::find(path).map(|row| Access { roles: row.roles, streaming: row.streaming })
    })
}

/// The gRPC services of a port, each once.
pub(crate) fn service_names(is_served: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let services = access::TABLE.iter().filter_map(|row| row.path.trim_start_matches('/').split('/').next());
    let mut names: Vec<_> = services.filter(|name| is_served(name)).collect();
    names.dedup();
    names
}

/// How long is waited for what is judged for a whole year.
const UNHURRIED: Duration = Duration::from_secs(120);

/// A request that takes its time.
pub(crate) fn unhurried<T>(message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(UNHURRIED);
    request
}

/// Brings a province in.
pub(crate) async fn import(peer: Peer, facts: Files) -> anyhow::Result<()> {
    let files = facts.into_iter().map(|(name, content)| ProvinceFile { name, content }).collect();
    let request = ImportProvinceRequest { files, validate_only: false, allow_uncovered: false };
    CatalogueServiceClient::new(peer).import_province(unhurried(request)).await?;
    Ok(())
}

/// `phidia up`.
pub(crate) async fn up(options: &Up) -> anyhow::Result<ExitCode> {
    let Up { config, data, listen, web, .. } = options;
    let given = Given { file: config.as_deref(), data: data.as_deref(), listen: *listen, web: *web };
    let settings = Settings::load(given)?;
    watched::run("phidia", &settings, async |stop, readiness| stay(options, &settings, stop, readiness).await)
        .await
}

async fn stay(
    options: &Up,
    settings: &Settings,
    stop: CancellationToken,
    readiness: Readiness,
) -> anyhow::Result<ExitCode> {
    let _alone = settings.lock("phidia")?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("{} can't be listened on", settings.listen))?;
    // One process mints all ids from one seed.
    let ids = settings.ids(ServiceName::Intake);
    let mut embedded = Embedded::build(settings, &settings.business()?, &ids).await?;
    let mut workers = embedded.start(&stop);
    if let Some(worker) = hourly(Services::at(vec![embedded.holdings.clone()]), settings.conservation) {
        workers.spawn(worker);
    }
    let operator = embedded.peer(Role::Operator);
    let active = CatalogueServiceClient::new(operator.clone()).get_province(GetProvinceRequest {}).await;
    if active.is_err() && !options.empty {
        import(operator, bundled::province(None)?.0).await?;
        show::aside("no province was active: the bundled one was imported (officers in it are synthetic)");
    }
    show::line(&format!(
        "phidia listens on http://{} (data in {})",
        listener.local_addr()?,
        settings.data.display()
    ));
    let portal = embedded.open_portal(settings, settings.business()?, options.web.is_some(), &stop).await?;
    readiness.ready(std::mem::take(&mut embedded.parts));
    embedded.serve(listener, settings, stop).await?;
    if let Some(portal) = portal {
        portal.await?;
    }
    workers.stop(settings.grace()).await;
    Ok(ExitCode::SUCCESS)
}
