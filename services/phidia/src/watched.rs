//! A process that stays, as it is watched: telemetry from its first to its last word, and the admin port.

use std::process::ExitCode;

use anyhow::Context as _;
use phidia_runtime::{
    admin::{self, Readiness},
    shutdown, telemetry,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::config::Settings;

/// Runs `stay` until it ends, which it does after the token is cancelled; it says when it is ready.
pub(crate) async fn run(
    name: &'static str,
    settings: &Settings,
    stay: impl AsyncFnOnce(CancellationToken, Readiness) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let telemetry = telemetry::start(name, &settings.log, &settings.telemetry, settings.admin.is_some())?;
    allow_many_lines();
    let stop = shutdown::on_signals();
    let readiness = Readiness::new(stop.clone());
    let outcome = async {
        let mut port = None;
        if let Some(address) = settings.admin {
            let listener = TcpListener::bind(address)
                .await
                .with_context(|| format!("{address} can't be listened on (admin)"))?;
            tracing::info!(address = %listener.local_addr()?, "admin port: /healthz, /readyz, /metrics");
            let serving = admin::serve(listener, readiness.clone(), telemetry.scrape());
            port = Some(AbortOnDropHandle::new(tokio::spawn(serving)));
        }
        let outcome = stay(stop, readiness).await;
        drop(port);
        outcome
    }
    .await;
    telemetry.stop().await;
    outcome
}

/// Lets the process have as many lines and files open as the system allows: ten thousand subscribers are ten thousand lines, and 1,024
/// is what systemd gives to who does not ask for more (systemd.exec(5), LimitNOFILE).
fn allow_many_lines() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    if let Err(error) = raised {
        tracing::warn!(%error, ?current, "no more files can be open at once than before");
    }
}
