//! Claims run out whose officers have given no sign of life: what they hold lies in the worklist again.

use jiff::Timestamp;
use phidia_domain::{case::Lease, work_item::WorkItem};
use phidia_outbox::{Facts, NewEvent};
use phidia_proto::events::v1::event::Fact;
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{ACTOR, Processing, deed::Deed, hand_over::lay_down, look::AT_ONCE, renew_claim::prolong, store};

impl Processing {
    /// Takes back whatever is held longer than its claim holds.
    ///
    /// # Errors
    /// The last failure: those work items are found again.
    pub(crate) async fn expire_all(&self) -> Result<(), Failure> {
        let (now, db) = (self.business.now(), self.outbox.database().read());
        loop {
            let items = store::list_run_out(db, now, AT_ONCE).await?;
            let is_last = u64::try_from(items.len()).is_ok_and(|count| count < AT_ONCE);
            let mut done = Ok(());
            for item in items {
                // What fails keeps nothing else from being taken back.
                done = self.expire(item.province, item.held.work_item, now).await.and(done);
            }
            // What failed would be found at once again.
            if is_last || done.is_err() {
                return done;
            }
        }
    }

    async fn expire(&self, province: String, work_item: WorkItem, now: Timestamp) -> Result<(), Failure> {
        let (today, this) = (self.versions.active().await?, self.clone());
        self.outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    // Locked: a renewal comes before it, and is seen, or after it, and is refused.
                    let mut item = store::lock_item(tx, &province, work_item).await?;
                    match item.held.lease(now) {
                        // Its officer, or another replica, was faster.
                        Lease::Holds => Ok(()),
                        Lease::Unreckoned => {
                            let until = this.held_until(&today.value, item.held.unit, now);
                            prolong(tx, &mut item, until).await.map(drop)
                        }
                        Lease::RunOut { fence } => take_back(tx, facts, &province, item, fence, now).await,
                    }
                })
            })
            .await
    }
}

async fn take_back(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    province: &str,
    mut item: crate::record::Item,
    fence: u64,
    now: Timestamp,
) -> Result<(), Failure> {
    let application = item.held.work_item.application;
    let Some(returned) = lay_down(tx, &mut item, fence, Deed { actor: ACTOR, at: now }).await? else {
        return Ok(());
    };
    let case = store::find_case(tx, item.case).await?;
    facts.tell(NewEvent {
        province: province.to_owned(),
        application,
        occurred_at: now,
        actor: ACTOR.to_owned(),
        cause: None,
        traceparent: case.map(|case| case.traceparent).unwrap_or_default(),
        fact: Fact::StepReturned(returned),
    });
    Ok(())
}
