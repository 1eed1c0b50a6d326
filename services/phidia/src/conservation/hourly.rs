//! Conservation that runs by itself: it says so in one line of the log, and in metrics.

use std::time::Duration;

use phidia_runtime::{clock::RealClock, metrics::Gauge, service::Worker};
use serde::{Deserialize, Serialize};

use super::{Report, Services, examine};

static LOST: Gauge =
    Gauge::new("phidia.conservation.lost", "{application}", "Accepted, and missing where they have to be.");
static DOUBLED: Gauge =
    Gauge::new("phidia.conservation.doubled", "{application}", "In two places at once, or nowhere accepted.");
static DRIFT: Gauge = Gauge::new(
    "phidia.conservation.load_drift",
    "min",
    "Working minutes by which the board and the open decisions differ.",
);
static LAST_RUN: Gauge =
    Gauge::new("phidia.conservation.last_run", "s", "When it was last told, in seconds since 1970.");

/// How soon it runs at first, and again where it could not be told.
const SOON: Duration = Duration::from_secs(60);
/// How many ids the log names.
const NAMED: usize = 20;

/// How often conservation runs by itself: in `up`, and in every replica of routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConservationConfig {
    /// Seconds of real time from one run to the next; 0: never.
    pub(crate) every_seconds: u64,
    /// How long it waits for what is on its way, and for what looks wrong to come right.
    pub(crate) patience_seconds: u64,
}

impl Default for ConservationConfig {
    fn default() -> Self {
        Self { every_seconds: 3_600, patience_seconds: 60 }
    }
}

/// Runs conservation now and then, until it is stopped; none where that is switched off.
pub(crate) fn hourly(services: Services, config: ConservationConfig) -> Option<Worker> {
    let every = Duration::from_secs(config.every_seconds);
    let patience = Duration::from_secs(config.patience_seconds);
    let run = move |stop: tokio_util::sync::CancellationToken| async move {
        let mut pause = every.min(SOON);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
            let examined = tokio::select! {
                () = stop.cancelled() => break,
                examined = examine(&services, patience) => examined,
            };
            pause = match examined {
                Ok(report) => {
                    tell(&report);
                    every
                }
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "conservation can't be told now");
                    every.min(SOON)
                }
            };
        }
    };
    (!every.is_zero()).then(|| Worker::new("conservation", run))
}

fn tell(report: &Report) {
    let Report { balance, board, parked } = report;
    let (accepted, lost, doubled) = (balance.accepted, balance.lost.len(), balance.doubled.len());
    LOST.set(lost as f64, &[]);
    DOUBLED.set(doubled as f64, &[]);
    let drift = board.drift_minutes();
    if let Some(minutes) = drift {
        DRIFT.set(minutes as f64, &[]);
    }
    LAST_RUN.set(RealClock.now().as_second() as f64, &[]);
    if report.holds() {
        tracing::info!(accepted, lost, doubled, parked, drift, ?board, "conservation holds");
    } else {
        let named: Vec<_> = balance.lost.iter().chain(&balance.doubled).take(NAMED).collect();
        tracing::error!(accepted, lost, doubled, parked, drift, ?board, ?named, "conservation is broken");
    }
}
