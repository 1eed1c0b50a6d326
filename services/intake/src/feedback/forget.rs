//! Who said something, and in which words, is erased once nobody needs it any more: so many days after feedback has come to its end, or after
//! the time that was booked. Their key goes, and with it all that it seals; how it stood, and what was published in a moderator's words, stay.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use phidia_runtime::{failure::Failure, service::Worker};
use tokio_util::sync::CancellationToken;

use crate::{
    Intake,
    store::{feedback as store, reception},
};

const EVERY: Duration = Duration::from_secs(3600);
/// So many at once: others write between two of them.
const AT_ONCE: u64 = 200;

impl Intake {
    /// Erases the authors and visitors of long ago; answers how many that were.
    async fn forget_authors(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        let kept_for = SignedDuration::from_hours(24 * i64::from(self.config.feedback_days));
        if kept_for.is_zero() {
            return Ok(0);
        }
        let before: Timestamp = self.business.now().checked_sub(kept_for).map_err(Failure::broken)?;
        let mut forgotten = 0;
        while !stop.is_cancelled() {
            let gone = self
                .outbox
                .database()
                .write(move |tx| {
                    Box::pin(async move {
                        let authors = store::forget_settled(tx, before, AT_ONCE).await?;
                        Ok([authors, reception::forget_over(tx, before, AT_ONCE).await?])
                    })
                })
                .await?;
            forgotten += gone.iter().sum::<u64>();
            if gone.iter().all(|gone| *gone < AT_ONCE) {
                break;
            }
        }
        Ok(forgotten)
    }
}

/// Looks once an hour, and at once when the process begins.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("forget-authors", move |stop| async move {
        loop {
            match intake.forget_authors(&stop).await {
                Ok(0) => {}
                Ok(forgotten) => tracing::info!(forgotten, "authors and visitors of long ago were erased"),
                Err(failure) => tracing::warn!(%failure, "authors of long ago were not erased"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}
