//! While a cluster is upgraded replica by replica, those of the version before change cases and count nothing. Whatever they left
//! uncounted is counted when a replica starts.

use std::time::Duration;

use phidia_runtime::{database::Database, failure::Failure, service::Worker};

use crate::{Processing, store};

/// When it is tried again, after it has failed.
const LATER: Duration = Duration::from_mins(1);

/// Counts anew what is not counted as it stands; then it is over.
pub(crate) fn worker(processing: &Processing) -> Worker {
    let database = processing.outbox.database().clone();
    Worker::new("processing figures", move |stop| async move {
        while !stop.is_cancelled() {
            match some(&database).await {
                Ok(0) => break,
                Ok(count) => tracing::info!(count, "counted anew what another version had changed"),
                Err(failure) => {
                    tracing::warn!(%failure, "what another version changed stays uncounted for a while");
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(LATER) => {}
                    }
                }
            }
        }
    })
}

async fn some(database: &Database) -> Result<usize, Failure> {
    // Looked for beside whoever writes: that may take a while.
    let astray = store::list_astray(database.read()).await?;
    let count = astray.len();
    if count > 0 {
        database.write(move |tx| Box::pin(async move { store::recount(tx, &astray).await })).await?;
    }
    Ok(count)
}
