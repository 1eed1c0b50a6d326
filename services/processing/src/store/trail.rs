//! What has happened to work items: written with each change, never changed.

use jiff::Timestamp;
use phidia_domain::{
    case::{Happening, Passage},
    id::{ApplicationId, Id as _, OfficerId, UnitId},
    work_item::WorkItem,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    sea_query::ExprTrait as _,
};

use super::{
    entity::hand_over::{ActiveModel, Column, Entity, Model},
    fence_to_db, stored,
};
use crate::record::Item;

/// What happens to an item, and what it has from then on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) happening: Happening,
    pub(super) at: Timestamp,
    pub(super) fence: u64,
    pub(super) officer: Option<OfficerId>,
}

impl Change {
    /// One that leaves the holder as they were.
    pub(super) fn of(item: &Item, happening: Happening, at: Timestamp) -> Self {
        Self { happening, at, fence: item.held.fence, officer: item.held.holder }
    }
}

/// Writes down what happened to an item.
pub(super) async fn insert_passage<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    change: Change,
) -> Result<(), Failure> {
    let work_item = item.held.work_item;
    let row = ActiveModel {
        province: Set(item.province.clone()),
        application: Set(work_item.application.uuid()),
        step: Set(work_item.step.into()),
        attempt: Set(work_item.attempt.into()),
        fence: Set(fence_to_db(change.fence)),
        happening: Set(change.happening.into()),
        at: Set(to_db(change.at)),
        unit: Set(item.held.unit.uuid()),
        officer: Set(change.officer.map(|officer| officer.uuid())),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What has happened to the work items of an application, in no order. Nothing of before this was kept.
pub(crate) async fn list_passages<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
) -> Result<Vec<Passage>, Failure> {
    let of_case = Column::Province.eq(province).and(Column::Application.eq(application.uuid()));
    let rows = Entity::find().filter(of_case).all(conn).await?;
    rows.into_iter().map(|row| record(application, row)).collect()
}

fn record(application: ApplicationId, row: Model) -> Result<Passage, Failure> {
    Ok(Passage {
        work_item: WorkItem { application, step: stored(row.step)?, attempt: stored(row.attempt)? },
        fence: stored(row.fence)?,
        happening: row.happening.into(),
        at: from_db(row.at),
        unit: UnitId::from_uuid(row.unit),
        officer: row.officer.map(OfficerId::from_uuid),
    })
}
