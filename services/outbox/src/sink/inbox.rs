//! The memory of a sink: which events have had their effect.

use std::collections::BTreeSet;

use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    sea_query::{OnConflict, Query},
};
use uuid::Uuid;

use crate::store::entity::inbox::{Column, Entity};

/// Remembers events and answers with those that were not known: only these are to be applied.
///
/// It is written before the effect: on PostgreSQL a second delivery of the same event waits here until the
/// first has committed, and then knows it.
pub(super) async fn remember(
    tx: &DatabaseTransaction,
    events: impl IntoIterator<Item = (Uuid, &str)>,
    now: i64,
) -> Result<BTreeSet<Uuid>, Failure> {
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([Column::EventId, Column::Source, Column::SeenAt])
        .on_conflict(OnConflict::column(Column::EventId).do_nothing().to_owned())
        .returning_col(Column::EventId);
    let mut some = false;
    for (event, source) in events {
        insert.values_panic([event.into(), source.into(), now.into()]);
        some = true;
    }
    if !some {
        return Ok(BTreeSet::new());
    }
    let rows = tx.query_all(&insert).await?;
    Ok(rows.iter().map(|row| row.try_get("", "event_id")).collect::<Result<_, _>>()?)
}

/// Forgets events that were remembered in this transaction, and then not applied.
pub(super) async fn forget(tx: &DatabaseTransaction, events: &BTreeSet<Uuid>) -> Result<(), Failure> {
    if !events.is_empty() {
        Entity::delete_many().filter(Column::EventId.is_in(events.iter().copied())).exec(tx).await?;
    }
    Ok(())
}
