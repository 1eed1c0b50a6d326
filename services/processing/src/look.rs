//! What comes true by the passing of business time alone: a case will soon be late (`warn`), a claim runs out
//! (`expire`).
//!
//! It is looked for by real time and judged by business time, which may stand, run or jump: what a jump has passed over is found by
//! the next look, and while nothing is due a look is a query over an index. Replicas look each for itself. What two of them find at once
//! is done by the one whose transaction changes the row first; the other finds it changed.

use std::time::Duration;

use phidia_runtime::{failure::Failure, service::Worker};

use crate::Processing;

/// So much is found by one query.
pub(crate) const AT_ONCE: u64 = 256;

/// Looks every so often, until it is stopped; never where that is zero.
pub(crate) fn worker(processing: Processing, every: Duration) -> Worker {
    Worker::new("processing look", move |stop| async move {
        if every.is_zero() {
            return;
        }
        let mut well = true;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
            let looked = tokio::select! {
                // What was written is whole, and the rest is found again.
                () = stop.cancelled() => return,
                looked = processing.look() => looked,
            };
            match looked {
                Ok(()) => well = true,
                // Once per trouble, not once per look.
                Err(failure) if std::mem::take(&mut well) => {
                    tracing::warn!(%failure, "what has come true by the passing of time is looked for again");
                }
                Err(failure) => tracing::debug!(%failure, "still looked for"),
            }
        }
    })
}

impl Processing {
    /// One look. What fails keeps nothing else from being done, and is found again; the last failure is told.
    async fn look(&self) -> Result<(), Failure> {
        let warned = self.warn_all().await;
        self.expire_all().await.and(warned)
    }
}
