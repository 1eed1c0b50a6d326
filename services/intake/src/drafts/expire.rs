//! Drafts that nobody has touched for a while are gone, with their keys.

use std::time::Duration;

use phidia_runtime::{failure::Failure, service::Worker};
use tokio_util::sync::CancellationToken;

use crate::{Intake, store::drafts as store};

const EVERY: Duration = Duration::from_secs(3600);
/// So many at once: others write between two of them.
const AT_ONCE: u64 = 200;

impl Intake {
    /// Deletes what has expired, and answers how many drafts that were.
    async fn expire_drafts(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        let (mut expired, since) = (0, self.drafts_since());
        while !stop.is_cancelled() {
            let gone = self
                .outbox
                .database()
                .write(move |tx| {
                    Box::pin(async move { store::delete_saved_before(tx, since, AT_ONCE).await })
                })
                .await?;
            expired += gone;
            if gone < AT_ONCE {
                break;
            }
        }
        Ok(expired)
    }
}

/// Looks once an hour, and at once when the process begins.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("expire-drafts", move |stop| async move {
        loop {
            match intake.expire_drafts(&stop).await {
                Ok(0) => {}
                Ok(expired) => tracing::info!(expired, "drafts were kept long enough"),
                Err(failure) => tracing::warn!(%failure, "expired drafts were not deleted"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}
