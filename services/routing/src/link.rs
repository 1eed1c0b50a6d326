//! Links decisions into the log's chain, a moment after they were made.
//!
//! The end of the chain is one row. Whoever decided used to hold it until the commit: decisions of all replicas came one
//! after another, and one that fell asleep over it kept the others waiting. Now only whoever links holds it.

use std::{sync::Arc, time::Duration};

use phidia_runtime::{failure::Failure, service::Worker};

use crate::{Routing, faults::Faults, store::decision};

/// How long a decision waits for its place in the log, at most, while nothing is wrong.
const EVERY: Duration = Duration::from_millis(100);
/// How many are linked in one transaction.
const MOST: u64 = 500;

/// Links what there is whenever it is this replica's turn, until it is stopped.
pub(crate) fn worker(routing: Arc<Routing>) -> Worker {
    Worker::new("log", move |stop| async move {
        let mut faults = Faults::of("decisions are given their place in the log");
        loop {
            faults.told(routing.link().await);
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
            return Ok(());
        }
        let today = self.versions.active().await?;
        let code = today.value.code();
        // Looked at from outside the one writer first: nearly always there is nothing.
        while decision::unlinked(self.db.read(), code).await? > 0 {
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
