//! From receipts to what is stored: cursors move, refused events are parked.

use std::collections::{BTreeMap, BTreeSet};

use phidia_proto::events::v1::{Receipt, Verdict};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::batch::{Batch, Pending};
use crate::{
    lane::Advance,
    parked::{PARKED_BEHIND, UNSUPPORTED},
    store::entity::parked::{ActiveModel, Column, Entity},
};

/// What receipts say about a row of events.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    /// Positions whose effect is committed at the sink.
    pub(super) applied: Vec<i64>,
    /// What is to be parked, with its reason.
    pub(super) parked: Vec<(Pending, String)>,
    /// Everything up to this position is dealt with; `None`: nothing is.
    pub(super) upto: Option<i64>,
    /// Something was left over: it is to come again.
    pub(super) again: bool,
}

/// Reads the receipts of those events of a batch that were sent.
pub(super) fn judge(batch: Batch, receipts: Vec<Receipt>) -> Verdicts {
    let mut verdicts = Verdicts::default();
    let mut refused = BTreeSet::new();
    let mut receipts = receipts.into_iter();
    for pending in batch.pending {
        let position = pending.position;
        if pending.behind {
            verdicts.parked.push((pending, PARKED_BEHIND.to_owned()));
        } else {
            let (verdict, reason) = receipts
                .next()
                .map_or((Verdict::Retry, String::new()), |receipt| (receipt.verdict(), receipt.reason));
            match verdict {
                Verdict::Applied => verdicts.applied.push(position),
                Verdict::Refused | Verdict::Unsupported => {
                    let reason = if !refused.insert(pending.application) {
                        PARKED_BEHIND.to_owned()
                    } else if verdict == Verdict::Unsupported {
                        UNSUPPORTED.to_owned()
                    } else if reason.is_empty() {
                        "REFUSED".to_owned()
                    } else {
                        reason
                    };
                    verdicts.parked.push((pending, reason));
                }
                Verdict::Retry | Verdict::Unspecified => {
                    verdicts.again = true;
                    return verdicts;
                }
            }
        }
        verdicts.upto = Some(position);
    }
    verdicts.upto = Some(batch.end);
    verdicts
}

/// Moves the cursors and parks what was refused, in one transaction under the fences.
pub(super) async fn settle(
    tx: &DatabaseTransaction,
    subscriber: &'static str,
    now: i64,
    advance: Advance,
    parked: Vec<(Pending, String)>,
) -> Result<(), Failure> {
    advance.run(tx).await?;
    if parked.is_empty() {
        return Ok(());
    }
    let applications = parked.iter().map(|(pending, _)| pending.application);
    // What comes behind an application that is being replayed is replayed after it.
    let replayed: BTreeSet<Uuid> = Entity::find()
        .select_only()
        .column(Column::Application)
        .distinct()
        .filter(Column::Subscriber.eq(subscriber))
        .filter(Column::Application.is_in(applications))
        .filter(Column::Replay.eq(true))
        .into_tuple()
        .all(tx)
        .await?
        .into_iter()
        .collect();
    let rows = parked.into_iter().map(|(pending, reason)| ActiveModel {
        subscriber: Set(subscriber.to_owned()),
        position: Set(pending.position),
        event_id: Set(pending.event_id),
        replay: Set(replayed.contains(&pending.application)),
        application: Set(pending.application),
        lane: Set(pending.lane),
        sequence: Set(pending.sequence),
        kind: Set(pending.kind),
        reason: Set(reason),
        parked_at: Set(now),
    });
    let there = OnConflict::columns([Column::Subscriber, Column::Position]).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes what was applied at last out of the parked ones; what was refused again stops its application.
pub(super) async fn settle_replay(
    tx: &DatabaseTransaction,
    subscriber: &'static str,
    advance: Advance,
    verdicts: Verdicts,
    applications: BTreeMap<i64, Uuid>,
) -> Result<(), Failure> {
    advance.run(tx).await?;
    let refused: BTreeSet<Uuid> = verdicts.parked.iter().map(|(pending, _)| pending.application).collect();
    for (pending, reason) in verdicts.parked {
        Entity::update_many()
            .col_expr(Column::Reason, Expr::value(reason))
            .filter(Column::Subscriber.eq(subscriber))
            .filter(Column::Position.eq(pending.position))
            .exec(tx)
            .await?;
    }
    let gone: BTreeSet<Uuid> =
        verdicts.applied.iter().filter_map(|position| applications.get(position)).copied().collect();
    Entity::delete_many()
        .filter(Column::Subscriber.eq(subscriber))
        .filter(Column::Position.is_in(verdicts.applied))
        .exec(tx)
        .await?;
    // Also what was parked behind while this was under way: it goes on, or stops, with the rest.
    for (replay, these) in [(true, &gone), (false, &refused)] {
        if !these.is_empty() {
            Entity::update_many()
                .col_expr(Column::Replay, Expr::value(replay))
                .filter(Column::Subscriber.eq(subscriber))
                .filter(Column::Application.is_in(these.iter().copied()))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}
