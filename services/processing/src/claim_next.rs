//! An officer takes up whatever is the next at their unit. Many ask at once: each passes by what another is about to have.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    case::{self, TURNS_BEFORE, Taken, Turn, Waiting},
    officer::Officer,
    province::Province,
};
use phidia_runtime::{database::alone, failure::Failure, versions::Versions};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    claim,
    deed::Deed,
    line::Line,
    record::{self, Item},
    store,
};

/// So many of those that may be the next are read at once.
const CANDIDATES: u64 = 64;

/// So often they are read again when others took all of them meanwhile.
const LOOKS: usize = 8;

impl Processing {
    /// Gives the officer who asks what they are to do next, and says why it is that; none: there is nothing that they could
    /// do. Whoever has something in hand gets that: nobody hoards, and whoever asks again after a lost answer gets the same.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; `UNAVAILABLE` while others are quicker each time.
    pub(crate) async fn claim_next(&self, sender: Sender) -> Result<Option<(Line, Turn)>, Failure> {
        let today = self.versions.active().await?;
        let officer = caller::officer(&sender.caller, &today.value)?.clone();
        let (now, versions) = (self.business.now(), self.versions.clone());
        let until = self.held_until(&today.value, officer.unit, now);
        let taken = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let today = &today.value;
                    let deed = Deed { actor: &sender.caller.actor(), at: now };
                    // Two calls of one officer at once must not both find nothing in hand.
                    alone(tx, &format!("claim_next/{}", officer.id)).await?;
                    if let Some(item) = store::first_in_hand(tx, &officer).await? {
                        let (work_item, fence) = (item.held.work_item, item.held.fence);
                        let (item, _) =
                            claim::take(tx, today, work_item, &officer, fence, deed, until).await?;
                        return Ok(Some((item, Turn::InHand)));
                    }
                    let Some((item, turn)) = hold_next(tx, &versions, today, &officer, now).await? else {
                        return Ok(None);
                    };
                    let (work_item, fence) = (item.held.work_item, item.held.fence);
                    let (item, _) = claim::take(tx, today, work_item, &officer, fence, deed, until).await?;
                    claim::tell(tx, facts, &sender, today, &item, now).await?;
                    Ok(Some((item, turn)))
                })
            })
            .await?;
        match taken {
            Some((item, turn)) => Ok(Some((self.line(item, now).await?, turn))),
            None => Ok(None),
        }
    }
}

/// The next one that nobody else is about to have.
async fn hold_next(
    tx: &DatabaseTransaction,
    versions: &Versions<Province>,
    today: &Province,
    officer: &Officer,
    now: Timestamp,
) -> Result<Option<(Item, Turn)>, Failure> {
    let mut before = Vec::with_capacity(TURNS_BEFORE);
    for item in store::last_taken(tx, officer.id, TURNS_BEFORE as u64).await? {
        let waiting = waiting(versions, &item).await?;
        let late = !waiting.can_be_on_time(&today.clock, item.started_at.unwrap_or(now));
        before.push(Taken { late, green: waiting.green });
    }
    for _ in 0..LOOKS {
        let mut items = store::list_waiting(tx, officer, now, CANDIDATES).await?;
        if items.is_empty() {
            return Ok(None);
        }
        let mut all = Vec::with_capacity(items.len());
        for item in &items {
            all.push(waiting(versions, item).await?);
        }
        while let Some((place, turn)) = case::next(&today.clock, &all, &before, now) {
            all.swap_remove(place);
            let item = items.swap_remove(place);
            if store::hold_item(tx, &item).await? {
                return Ok(Some((item, turn)));
            }
        }
    }
    let busy = "others take up work at this unit faster than it could be looked through; ask again";
    Err(Rejection::new(Kind::Unavailable, "WORKLIST_BUSY", busy).into())
}

async fn waiting(versions: &Versions<Province>, item: &Item) -> Result<Waiting, Failure> {
    let pinned = versions.at(item.province_version).await?;
    let green = record::pinned(&pinned.value, &item.procedure_code, item.submitted_at)?.corridor.is_some();
    let Item { due_at, corridor_due_at, submitted_at, effort_minutes, .. } = *item;
    Ok(Waiting { due_at, corridor_due_at, submitted_at, effort_minutes, green })
}
