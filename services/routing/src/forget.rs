//! Forgets whose applications those are that continuity does not look back to any more (`store/applicant.rs` says how far
//! it looks).

use std::{sync::Arc, time::Duration};

use phidia_runtime::{failure::Failure, service::Worker};

use crate::{Routing, store::applicant};

const EVERY: Duration = Duration::from_secs(3600);

/// Forgets once an hour, and when it begins.
pub(crate) fn worker(routing: Arc<Routing>) -> Worker {
    Worker::new("forget applicants", move |stop| async move {
        loop {
            match routing.forget().await {
                Ok(gone) => tracing::debug!(gone, "applicants were forgotten"),
                Err(failure) => tracing::warn!(%failure, "applicants were not forgotten"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}

impl Routing {
    async fn forget(&self) -> Result<u64, Failure> {
        let now = self.business.now();
        self.db.write(move |tx| Box::pin(async move { applicant::forget(tx, now).await })).await
    }
}
