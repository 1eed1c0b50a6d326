//! What is not answered in time goes to the supervisors of its unit, whoever has it, also where its time was over while the process was away.

use std::time::Duration;

use jiff::Timestamp;
use phidia_runtime::{failure::Failure, service::Worker};
use tokio_util::sync::CancellationToken;

use crate::{
    Intake,
    store::feedback::{self as store, Entry, Feedback},
};

/// How often it is looked, in real time.
const EVERY: Duration = Duration::from_secs(30);
/// So much is looked for at once.
const AT_ONCE: u64 = 200;
/// The name under which it stands in the history.
const OVERDUE: &str = "overdue";

impl Intake {
    /// Raises all that is overdue at a unit; answers how much that was.
    async fn raise_overdue(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        if self.versions.newest().await? == 0 {
            return Ok(0);
        }
        let (now, mut after, mut raised) = (self.business.now(), None, 0);
        loop {
            let province = self.versions.active().await?.value.code.clone();
            let conn = self.outbox.database().read();
            let found = store::overdue_at_units(conn, &province, now, after, AT_ONCE).await?;
            let Some(last) = found.last() else { return Ok(raised) };
            after = Some(last.id);
            // What its supervisors have passed back is found each time, and left where it is.
            for overdue in found.iter().filter(|overdue| overdue.standing.raised(now).is_some()) {
                if stop.is_cancelled() {
                    return Ok(raised);
                }
                raised += u64::from(self.raise(&province, &overdue.number, now).await?);
            }
        }
    }

    /// Raises one, unless it was answered since; whether it was raised.
    async fn raise(&self, province: &str, number: &str, now: Timestamp) -> Result<bool, Failure> {
        let (province, number) = (province.to_owned(), number.to_owned());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let Some(record) = store::lock(tx, &province, &number).await? else { return Ok(false) };
                let Some(standing) = record.standing.raised(now) else { return Ok(false) };
                let record = Feedback { standing, entries: record.entries + 1, ..record };
                store::save(tx, &province, &record).await?;
                let unit = record.standing.desk.unit();
                let line = Entry { at: now, act: OVERDUE.to_owned(), unit, officer: None, words: None };
                store::add_entry(tx, &province, &record, line).await?;
                Ok(true)
            })
        });
        write.await
    }
}

/// Looks twice a minute, and at once when the process begins.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("raise-overdue-feedback", move |stop| async move {
        loop {
            match intake.raise_overdue(&stop).await {
                Ok(0) => {}
                Ok(raised) => tracing::info!(raised, "overdue feedback went to supervisors"),
                Err(failure) => tracing::warn!(%failure, "it was not looked for overdue feedback"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}
