//! The portal, over the services of this process or of a cluster.

use std::{fmt, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use futures::future::BoxFuture;
use phidia_domain::caller::Caller;
use phidia_portal::{Audits, Board, Conservation, Deps, Portal};
use phidia_runtime::{admin::Readiness, clock::BusinessClock, failure::Failure, peer::Peer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Settings,
    conservation::{BoardState, Report, Services, examine},
    refusal, show,
};

/// How long a page waits for what is on its way, and for what looks wrong to come right.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the portal has added up over all services.
struct Audited(Services);

impl fmt::Debug for Audited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Audited")
    }
}

impl Audits for Audited {
    fn conservation(&self) -> BoxFuture<'_, Result<Conservation, Failure>> {
        Box::pin(async {
            let found = examine(&self.0, PATIENCE).await;
            let Report { balance, board, parked } = found.map_err(refusal::failure)?;
            let board = match board {
                BoardState::Even => Board::Even,
                BoardState::Drifting(drifts) => Board::Drifting(drifts),
                BoardState::Unknown(reason) => Board::Unknown(reason),
            };
            Ok(Conservation { balance, board, parked })
        })
    }
}

/// The portal over intake, routing, processing and notification.
pub(crate) fn portal(
    settings: &Settings,
    services: [Peer; 4],
    business: BusinessClock,
    stop: &CancellationToken,
) -> Result<Portal, Failure> {
    let audits = Arc::new(Audited(Services::at(services.to_vec())));
    let [intake, routing, processing, notification] = services;
    let deps = Deps {
        config: settings.web.clone(),
        intake,
        routing,
        processing,
        notification,
        audits,
        business,
        key: settings.browser_key()?,
        token: settings.token.clone(),
    };
    Ok(Portal::new(deps, stop.clone()))
}

/// `phidia serve portal`.
pub(crate) async fn stay(
    settings: &Settings,
    stop: CancellationToken,
    readiness: Readiness,
) -> anyhow::Result<ExitCode> {
    let listen = settings.web.listen;
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("{listen} can't be listened on"))?;
    let peer = |url: &str| Peer::remote(url, Caller::service("portal"), settings.token.as_ref());
    let peers = &settings.peers;
    let services =
        [peer(&peers.intake)?, peer(&peers.routing)?, peer(&peers.processing)?, peer(&peers.notification)?];
    let portal = portal(settings, services, settings.business()?, &stop)?;
    show::line(&format!("portal at http://{}", listener.local_addr()?));
    // It needs the others for what it shows, and says so where they are away.
    readiness.ready(Vec::new());
    portal.serve(listener, settings.grace()).await;
    Ok(ExitCode::SUCCESS)
}
