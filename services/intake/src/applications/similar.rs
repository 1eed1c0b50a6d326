//! What the same person has handed in of the same procedure: whoever takes in an application is told, so that nothing is done twice that was
//! meant once. It is a warning, for some things are asked for again and again.
//!
//! What links two applications is a mark of the person in the procedure ([`mark`]), as routing's pseudonym is in a field
//! (`decisions/0018-continuity-across-applications.md`): who reads the store learns of one procedure at a time that somebody came back,
//! and not who. It stands in the row of the person's key, goes with it when they are erased, and is forgotten when nobody asks for it any more.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    application::Submission,
    caller::{Caller, Role},
};
use phidia_runtime::{
    failure::Failure,
    seal::{MasterKey, PSEUDONYM_LEN},
    service::Worker,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Intake,
    store::similar::{self as store, Similar},
};

/// Stands for a person in one procedure.
pub(crate) type Mark = [u8; PSEUDONYM_LEN];

/// What has ended counts for so long after it was accepted: as long as continuity looks back (0018).
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(90 * 24);
/// So many are told.
const MOST: u64 = 5;
/// How often marks are forgotten.
const EVERY: Duration = Duration::from_secs(3600);
/// So many at once: others write between two of them.
const AT_ONCE: u64 = 500;

impl Intake {
    /// What the applicant has handed in of the same procedure, the newest first; nothing for who does not take applications in.
    pub(crate) async fn similar(
        &self,
        caller: &Caller,
        province: &str,
        submission: &Submission,
    ) -> Result<Vec<Similar>, Failure> {
        if !matches!(caller.role, Role::Officer | Role::Supervisor) {
            return Ok(Vec::new());
        }
        let Some(mark) = mark(&self.master_key, province, submission)? else { return Ok(Vec::new()) };
        let since = long_ago(self.business.now())?;
        store::find(self.outbox.database().read(), province, mark, since, MOST).await
    }

    /// Forgets the marks that nobody is told of any more; answers how many.
    async fn forget_marks(&self, stop: &CancellationToken) -> Result<u64, Failure> {
        let before = long_ago(self.business.now())?;
        let mut forgotten = 0;
        while !stop.is_cancelled() {
            let database = self.outbox.database();
            let some = database
                .write(move |tx| Box::pin(async move { store::forget(tx, before, AT_ONCE).await }))
                .await?;
            forgotten += some;
            if some < AT_ONCE {
                break;
            }
        }
        Ok(forgotten)
    }
}

/// What stands for an applicant in the procedure that they apply for; none: they gave no identity number.
pub(crate) fn mark(
    master_key: &MasterKey,
    province: &str,
    submission: &Submission,
) -> Result<Option<Mark>, Failure> {
    let Some(identity) = submission.applicant.identity() else { return Ok(None) };
    let context = format!("intake.similar/{province}/{}", submission.procedure_code);
    master_key.pseudonym(&context, &identity).map(Some)
}

fn long_ago(now: Timestamp) -> Result<Timestamp, Failure> {
    now.checked_sub(LOOKS_BACK).map_err(Failure::broken)
}

/// Looks once an hour, and at once when the process begins.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("forget-marks", move |stop| async move {
        loop {
            match intake.forget_marks(&stop).await {
                Ok(0) => {}
                Ok(forgotten) => tracing::info!(forgotten, "marks of applicants of long ago were forgotten"),
                Err(failure) => {
                    tracing::warn!(%failure, "marks of applicants of long ago were not forgotten")
                }
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}
