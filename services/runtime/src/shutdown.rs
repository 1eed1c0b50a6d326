//! From signals to a token: the first asks the process to end well, the second ends it.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The exit code of a process that was told twice.
pub const IMPATIENT: i32 = 130;

/// A token that the first SIGTERM or SIGINT cancels; the second ends the process at once with
/// [`IMPATIENT`]. Call it once, at the start, inside the runtime.
pub fn on_signals() -> CancellationToken {
    let token = CancellationToken::new();
    let told = token.clone();
    tokio::spawn(async move {
        if let Err(error) = listen(told).await {
            // Without handlers the system's defaults hold: the first signal ends the process.
            tracing::error!(%error, "signals cannot be listened for");
        }
    });
    token
}

#[expect(clippy::disallowed_methods, reason = "the one place that cuts the process off")]
async fn listen(told: CancellationToken) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut next = async || {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    };
    let first = next().await;
    tracing::info!(signal = first, "stopping; a second signal ends the process at once");
    told.cancel();
    let second = next().await;
    tracing::warn!(signal = second, "ending at once");
    std::process::exit(IMPATIENT)
}
