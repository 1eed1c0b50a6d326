//! What nobody wants any more is deleted: uploads that were never finished, attachments that were never handed in, those of persons who were
//! erased, those of applications that ended long enough ago, and objects that no row names.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use phidia_domain::{Kind, Rejection, id::AttachmentId};
use phidia_runtime::{clock::RealClock, failure::Failure, service::Worker};
use tokio_util::sync::CancellationToken;

use super::delete::delete;
use crate::{
    Intake,
    record::AttachmentRecord,
    store::{
        attachments::{self as store, Ended, Object},
        progress,
    },
};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// How often it is looked for orphans: a bucket is listed from its beginning to its end for that.
const ORPHANS_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// So much is looked at at once.
const MOST: u64 = 500;
/// So many objects are looked at at once.
const LISTED: usize = 500;
/// An object that no row names may be of an upload that goes on: only what is older (real time) is deleted.
const ORPHANED_FOR: Duration = Duration::from_secs(24 * 3_600);
const HOUR: u64 = 3_600;

impl Intake {
    /// Deletes what is to be deleted; answers how much that was.
    async fn retain(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        let mut deleted = self.delete_forsaken(stop).await?;
        deleted += self.delete_erased(stop).await?;
        deleted += self.delete_ended(stop).await?;
        Ok(deleted)
    }

    /// What belongs to no application for too long.
    async fn delete_forsaken(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        let (config, now) = (&self.attachments.config, self.business.now());
        let unfinished_before = before(now, u64::from(config.unfinished_hours))?;
        let unclaimed_before = before(now, u64::from(config.unclaimed_days) * 24)?;
        let conn = self.outbox.database().read();
        let found = store::forsaken(conn, unfinished_before, unclaimed_before, now, MOST).await?;
        // It may have been finished, or attached, since.
        let check = move |record: &AttachmentRecord| {
            let waits_since = if record.content.is_some() {
                unclaimed_before
            } else {
                unfinished_before.max(unclaimed_before)
            };
            let is_wanted = record.wanted_until.is_some_and(|until| now < until);
            allowed(record.attached.is_none() && !is_wanted && record.begun_at < waits_since)
        };
        self.delete_all(found, check, stop).await
    }

    /// What belongs to persons who were erased.
    async fn delete_erased(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        let found = store::of_the_erased(self.outbox.database().read(), MOST).await?;
        self.delete_all(found, |_| Ok(()), stop).await
    }

    /// What belongs to applications that ended longer ago than a rule says.
    async fn delete_ended(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        let (rules, now) = (&self.attachments.config.retention, self.business.now());
        let Some(shortest) = rules.shortest() else { return Ok(0) };
        let ended_before = before(now, u64::from(shortest) * 24)?;
        let (mut after, mut deleted) = (None, 0);
        loop {
            let conn = self.outbox.database().read();
            let found = store::of_the_ended(conn, ended_before, after, MOST).await?;
            let Some(last) = found.last() else { return Ok(deleted) };
            after = Some((last.province.clone(), last.attachment));
            for ended in found {
                if stop.is_cancelled() {
                    return Ok(deleted);
                }
                if self.is_over(&ended, now).await? {
                    deleted += self.delete_one_ended(ended).await;
                }
            }
        }
    }

    /// Deletes one, unless its application was opened again since it was looked; answers how many.
    async fn delete_one_ended(&self, ended: Ended) -> u64 {
        let (id, province) = (ended.attachment, ended.province.clone());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                // First the application, as everywhere: it is not opened again until this is over.
                let known = progress::lock(tx, &ended.province, ended.application).await?;
                let finished = known.and_then(|(progress, ..)| progress.finished);
                allowed(finished.is_some_and(|finished| finished.at == ended.ended_at))?;
                delete(tx, &ended.province, id, |_| Ok(())).await
            })
        });
        self.forgotten(&province, id, write.await).await
    }

    async fn is_over(&self, ended: &Ended, now: Timestamp) -> Result<bool, Failure> {
        let pinned = self.versions.at(ended.province_version).await?;
        let day = pinned.value.clock.local_date(ended.ended_at);
        let procedure = pinned.value.procedures.on(&ended.procedure_code, day);
        let field = procedure.map(|procedure| procedure.field.vi.as_str());
        let days = self.attachments.config.retention.days_of(&ended.procedure_code, field);
        Ok(match days {
            None => false,
            Some(days) => ended.ended_at < before(now, u64::from(days) * 24)?,
        })
    }

    /// Objects that no row names, such as of a process that was killed between the two.
    async fn delete_orphans(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        let Ok(active) = self.versions.active().await else { return Ok(0) };
        let province = active.value.code.as_str();
        let put_before = RealClock.now().checked_sub(ORPHANED_FOR).map_err(Failure::broken)?;
        let mut deleted = 0;
        let old = self.attachments.objects.old(province, put_before).await?;
        let mut pages = std::pin::pin!(old.try_chunks(LISTED));
        while let Some(objects) = pages.next().await {
            let objects = objects.map_err(|error| error.1)?;
            for orphan in store::unnamed(self.outbox.database().read(), province, &objects).await? {
                if stop.is_cancelled() {
                    return Ok(deleted);
                }
                self.attachments.objects.delete(province, orphan).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    async fn delete_all(
        &self,
        found: Vec<(String, AttachmentId)>,
        check: impl Fn(&AttachmentRecord) -> Result<(), Rejection> + Clone + Send + 'static,
        stop: &CancellationToken,
    ) -> Result<u64, Failure> {
        let mut deleted = 0;
        for (province, id) in found {
            if stop.is_cancelled() {
                break;
            }
            let (of, check) = (province.clone(), check.clone());
            let write =
                self.outbox.write(move |tx, _| Box::pin(async move { delete(tx, &of, id, check).await }));
            deleted += self.forgotten(&province, id, write.await).await;
        }
        Ok(deleted)
    }

    /// Deletes the objects of what was deleted; answers how many attachments that were.
    async fn forgotten(
        &self,
        province: &str,
        id: AttachmentId,
        deleted: Result<Vec<Object>, Failure>,
    ) -> u64 {
        match deleted {
            Ok(free) => {
                self.attachments.objects.forget(province, &free).await;
                return 1;
            }
            Err(Failure::Rejected(refusal)) if refusal.reason == WANTED => {}
            Err(failure) => tracing::warn!(attachment = %id, %failure, "it was not deleted"),
        }
        0
    }
}

const WANTED: &str = "WANTED";

fn allowed(may: bool) -> Result<(), Rejection> {
    if may { Ok(()) } else { Err(Rejection::new(Kind::Precondition, WANTED, "it is wanted by now")) }
}

fn before(now: Timestamp, hours: u64) -> Result<Timestamp, Failure> {
    now.checked_sub(Duration::from_secs(hours * HOUR)).map_err(Failure::broken)
}

/// Looks four times an hour, and at once when the process begins; for orphans once a day, and at once as well.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("retain-attachments", move |stop| async move {
        let mut listed: Option<Instant> = None;
        loop {
            tell(intake.retain(&stop).await);
            if listed.is_none_or(|listed| listed.elapsed() >= ORPHANS_EVERY) {
                let orphans = intake.delete_orphans(&stop).await;
                // Where it failed it is tried again soon.
                listed = orphans.is_ok().then(Instant::now);
                tell(orphans);
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}

fn tell(deleted: Result<u64, Failure>) {
    match deleted {
        Ok(0) => {}
        Ok(deleted) => tracing::info!(deleted, "attachments and objects that nobody wants were deleted"),
        Err(failure) => tracing::warn!(%failure, "it was not looked for attachments that nobody wants"),
    }
}
