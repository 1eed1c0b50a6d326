//! Gives back what was not used of a range: those numbers are void.

use std::time::Duration;

use jiff::Span as Days;
use phidia_domain::{Rejection, caller::Caller, id::CodeRangeId};
use phidia_runtime::{failure::Failure, service::Worker};

use super::CodeRange;
use crate::{Intake, scope::Scope, store::numbering as store};

/// How often it is looked for ranges that nothing can come in for any more; real time.
const EVERY: Duration = Duration::from_secs(3600);
/// So many days after their day nothing that was accepted with them is taken in (`HANDED_IN_WITHIN`, and the day itself).
const OPEN_FOR_DAYS: i64 = 31;
/// So many are closed at a time.
const BATCH: u64 = 100;

impl Intake {
    /// Closes a range; closed before, it stays as it is.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn close_code_range(
        &self,
        caller: &Caller,
        id: CodeRangeId,
    ) -> Result<CodeRange, Failure> {
        self.close(id, Some(Scope::of(caller))).await
    }

    async fn close(&self, id: CodeRangeId, scope: Option<Scope>) -> Result<CodeRange, Failure> {
        let (province, now) = (self.versions.active().await?.value.code.clone(), self.business.now());
        self.outbox
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    let range = store::range(tx, &province, id, true).await?.ok_or_else(|| {
                        Rejection::not_found("UNKNOWN_CODE_RANGE", "no range of codes has this id")
                    })?;
                    if let Some(scope) = scope {
                        scope.check(range.unit)?;
                    }
                    if range.closed_at.is_some() {
                        return Ok(range);
                    }
                    let void = range.numbers.without(&store::used(tx, &province, id).await?);
                    store::close(tx, &province, id, now, &void).await?;
                    Ok(CodeRange { closed_at: Some(now), void, ..range })
                })
            })
            .await
    }

    /// Closes what nothing can come in for any more, and answers how many ranges that were.
    pub(crate) async fn close_overdue_ranges(&self) -> Result<usize, Failure> {
        let province = self.versions.active().await?;
        let today = province.value.clock.local_date(self.business.now());
        let day = today.saturating_sub(Days::new().days(OPEN_FOR_DAYS));
        let conn = self.outbox.database().read();
        let overdue = store::overdue(conn, &province.value.code, day, BATCH).await?;
        for id in &overdue {
            self.close(*id, None).await?;
        }
        Ok(overdue.len())
    }
}

/// Closes ranges once an hour.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("close-code-ranges", move |stop| async move {
        loop {
            // What is away now is looked for again in an hour: nothing depends on it before.
            if let Err(failure) = intake.close_overdue_ranges().await {
                tracing::debug!(%failure, "ranges of codes were not closed");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}
