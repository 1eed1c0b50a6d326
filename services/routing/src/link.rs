//! Links decisions into the log's chain, a moment after they were made.
//!
//! The end of the chain is one row. Whoever decided used to hold it until the commit: decisions of all replicas came one
//! after another, and one that fell asleep over it kept the others waiting. Now only whoever links holds it.

use std::{sync::Arc, time::Duration};

use phidia_runtime::{failure::Failure, metrics::Gauge, service::Worker};

use crate::{Routing, store::decision};

/// How long a decision waits for its place in the log, at most, while nothing is wrong.
const EVERY: Duration = Duration::from_millis(100);
/// How many are linked in one transaction.
const MOST: u64 = 500;

/// So many failures in a row are no bad moment any more.
const TOO_MANY: u32 = 50;

static UNLINKED: Gauge = Gauge::new(
    "phidia.decisions.unlinked",
    "{decision}",
    "Decisions that have no place in the log yet; more than a few: it does not grow.",
);

/// Links what there is whenever it is this replica's turn, until it is stopped.
pub(crate) fn worker(routing: Arc<Routing>) -> Worker {
    Worker::new("log", move |stop| async move {
        let mut failures = 0_u32;
        loop {
            match routing.link().await {
                Ok(()) => failures = 0,
                Err(failure) => {
                    failures += 1;
                    if failures % TOO_MANY == 0 {
                        tracing::warn!(%failure, failures, "decisions still wait for their place in the log");
                    } else {
                        tracing::debug!(%failure, "decisions wait for their place in the log");
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}

impl Routing {
    /// Links all that has no place yet. Two replicas that do so at once waste each other's time, and nothing else.
    async fn link(&self) -> Result<(), Failure> {
        // The assigner looks after the turn.
        if self.db.is_shared() && !self.turn.is_ours() {
            UNLINKED.set(0.0, &[]);
            return Ok(());
        }
        let today = self.versions.active().await?;
        let code = today.value.code();
        // Looked at from outside the one writer first: nearly always there is nothing.
        loop {
            let unlinked = decision::unlinked(self.db.read(), code).await?;
            UNLINKED.set(unlinked as f64, &[]);
            if unlinked == 0 {
                break;
            }
            let code = code.to_owned();
            let linked =
                self.db.write(move |tx| Box::pin(async move { decision::link(tx, &code, MOST).await }));
            if u64::try_from(linked.await?).is_ok_and(|linked| linked < MOST) {
                break;
            }
        }
        Ok(())
    }
}
