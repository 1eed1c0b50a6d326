//! A sign of life of whoever holds a work item: their claim holds for longer.

use jiff::Timestamp;
use phidia_domain::{case, id::UnitId, province::Province, work_item::WorkItem};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    caller::{self, Sender},
    line::Line,
    record::Item,
    store,
};

impl Processing {
    /// Leaves a work item to its holder for longer. Told again, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; `NOT_FOUND`; `ABORTED` with the present holder for an old fence;
    /// `FAILED_PRECONDITION` when it has ended.
    pub(crate) async fn renew_claim(
        &self,
        sender: Sender,
        work_item: WorkItem,
        fence: u64,
    ) -> Result<Line, Failure> {
        let today = self.versions.active().await?;
        let officer = caller::officer(&sender.caller, &today.value)?.id;
        let (now, this) = (self.business.now(), self.clone());
        let item = self
            .outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    // Once more when somebody was faster: what is there then gives the precise answer.
                    for _ in 0..2 {
                        let mut item = store::get_item(tx, &today.value.code, work_item).await?;
                        let until = this.held_until(&today.value, item.held.unit, now);
                        let renewed = item.held.renew(officer, fence, until);
                        let until = renewed.map_err(|refusal| item.naming_holder(refusal, &today.value))?;
                        if prolong(tx, &mut item, until).await? {
                            return Ok(item);
                        }
                    }
                    Err(Failure::broken(format!("{work_item} changes without its fence")))
                })
            })
            .await?;
        self.line(item, now).await
    }

    /// Until when a claim at a unit holds of which there is a sign of life now; where no calendar reaches that far, for good.
    pub(crate) fn held_until(&self, today: &Province, unit: UnitId, now: Timestamp) -> Timestamp {
        case::holds_until(&today.clock, today.capacity.get(&unit), now, self.claim_days)
            .unwrap_or(store::FOR_GOOD)
    }
}

/// Writes down until when an item is its officer's, where that is news. False when it was changed since it was read.
pub(crate) async fn prolong<C: sea_orm::ConnectionTrait>(
    tx: &C,
    item: &mut Item,
    until: Timestamp,
) -> Result<bool, Failure> {
    // A client that tells every minute costs a write a day.
    if item.held.held_until == Some(until) {
        return Ok(true);
    }
    item.held.held_until = Some(until);
    store::renew_item(tx, item, until).await
}
