//! Forgets the answers to commands whose keys have expired.

use std::time::Duration;

use phidia_outbox::Outbox;
use phidia_runtime::{clock::RealClock, failure::Failure, idempotency, service::Worker};

const EVERY: Duration = Duration::from_secs(3600);

/// Prunes once an hour.
pub(crate) fn worker(outbox: Outbox) -> Worker {
    Worker::new("prune-idempotency", move |stop| async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Err(failure) = prune(&outbox).await {
                tracing::warn!(%failure, "expired keys were not pruned");
            }
        }
    })
}

async fn prune(outbox: &Outbox) -> Result<u64, Failure> {
    let (now, mut pruned) = (RealClock.now(), 0);
    loop {
        let database = outbox.database();
        let some =
            database.write(move |tx| Box::pin(async move { idempotency::prune(tx, now).await })).await?;
        pruned += some;
        if some < idempotency::PRUNED_AT_ONCE {
            return Ok(pruned);
        }
    }
}
