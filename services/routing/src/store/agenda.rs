//! The agenda: what the board does not know yet, in the order of arrival.

use std::collections::BTreeSet;

use phidia_domain::{
    id::{Id as _, UnitId},
    work_item::WorkItem,
};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
};

use super::{
    entity::agenda::{ActiveModel, Column, Entity},
    key, work_item,
};
use crate::work::{Action, Entry};

/// Rows per statement.
const ROWS: usize = 1_000;

/// Puts an entry at the end.
pub(crate) async fn add<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    item: WorkItem,
    action: Action,
) -> Result<(), Failure> {
    add_all(tx, province, &[item], action).await
}

/// Puts entries at the end, in their order.
pub(crate) async fn add_all<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    items: &[WorkItem],
    action: Action,
) -> Result<(), Failure> {
    for some in items.chunks(ROWS) {
        let mut rows = Vec::with_capacity(some.len());
        for item in some {
            let (application, step, attempt) = key(*item)?;
            rows.push(ActiveModel {
                province: Set(province.to_owned()),
                application: Set(application),
                step: Set(step),
                attempt: Set(attempt),
                action: Set(action),
                ..Default::default()
            });
        }
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The first entries.
pub(crate) async fn first<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    limit: u64,
) -> Result<Vec<Entry>, Failure> {
    let first =
        Entity::find().filter(Column::Province.eq(province)).order_by_asc(Column::Position).limit(limit);
    first
        .all(conn)
        .await?
        .into_iter()
        .map(|row| {
            Ok(Entry {
                position: row.position,
                work_item: work_item(row.application, row.step, row.attempt)?,
                action: row.action,
            })
        })
        .collect()
}

/// The units of the decisions that entries are about.
pub(crate) async fn units<C: ConnectionTrait>(conn: &C, province: &str) -> Result<BTreeSet<UnitId>, Failure> {
    use super::entity::assignment;
    let decision = Entity::belongs_to(assignment::Entity)
        .from((Column::Province, Column::Application, Column::Step, Column::Attempt))
        .to((
            assignment::Column::Province,
            assignment::Column::Application,
            assignment::Column::Step,
            assignment::Column::Attempt,
        ));
    let units = Entity::find()
        .select_only()
        .column(assignment::Column::Unit)
        .distinct()
        .join(JoinType::InnerJoin, decision.into())
        .filter(Column::Province.eq(province));
    let units: Vec<uuid::Uuid> = units.into_tuple().all(conn).await?;
    Ok(units.into_iter().map(UnitId::from_uuid).collect())
}

/// The last position that was given; 0 when there is none.
pub(crate) async fn last<C: ConnectionTrait>(conn: &C) -> Result<i64, Failure> {
    let last = Entity::find().select_only().column(Column::Position).order_by_desc(Column::Position);
    Ok(last.into_tuple().one(conn).await?.unwrap_or(0))
}

/// The board knows: the entries go.
pub(crate) async fn done<C: ConnectionTrait>(tx: &C, positions: &[i64]) -> Result<(), Failure> {
    if positions.is_empty() {
        return Ok(());
    }
    Entity::delete_many().filter(Column::Position.is_in(positions.iter().copied())).exec(tx).await?;
    Ok(())
}
