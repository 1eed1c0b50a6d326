//! Leases that have fallen due: a reservation was made, and whoever made it did not come back.

use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    desk::unavailable,
    store::{assignment, moves},
};

/// How many at once.
const MOST: usize = 100;

impl Routing {
    /// Asks the store before anything is given back: where the decision was written, or a move that is not settled
    /// yet, the lease is made permanent; otherwise the load is released, and the work item, which is still waiting on the agenda, is
    /// decided anew. Answers how many there were.
    pub(crate) async fn settle_leases(&self) -> Result<usize, Failure> {
        let mut desk = self.desk.lock().await;
        let today = self.versions.active().await?;
        let code = today.value.code();
        let due = desk.due_leases(code, MOST).await.map_err(unavailable)?;
        let count = due.len();
        for lease in due {
            let decided = assignment::find(self.db.read(), code, lease.work_item).await?;
            let decided = decided.filter(|decided| decided.open);
            let mut stands = decided.and_then(|decided| Some((decided.unit, decided.counted?.load)));
            if stands.is_none() {
                let moving = moves::find_open(self.db.read(), code, lease.work_item).await?;
                stands = moving.map(|moving| (moving.to.unit, moving.counted.load));
            }
            match stands {
                Some((unit, load)) => {
                    desk.confirm(code, lease.epoch, lease.work_item, unit, &load)
                        .await
                        .map_err(unavailable)?;
                }
                None => desk.release(code, lease.work_item, None).await.map_err(unavailable)?,
            }
            desk.forget();
            tracing::info!(work_item = %lease.work_item, unit = %lease.unit, "a lease fell due and was settled");
        }
        Ok(count)
    }
}
