//! What has happened to work items: written with each change, never changed.

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
use crate::{deed::Deed, record::Item};

/// What happens to an item, by whom, and what it has from then on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change<'a> {
    pub(super) happening: Happening,
    pub(super) deed: Deed<'a>,
    pub(super) fence: u64,
    pub(super) officer: Option<OfficerId>,
}

impl<'a> Change<'a> {
    /// One that leaves the holder as they were.
    pub(super) fn of(item: &Item, happening: Happening, deed: Deed<'a>) -> Self {
        Self { happening, deed, fence: item.held.fence, officer: item.held.holder }
    }
}

/// Writes down what happened to an item.
pub(super) async fn insert_passage<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    change: Change<'_>,
) -> Result<(), Failure> {
    let work_item = item.held.work_item;
    let row = ActiveModel {
        province: Set(item.province.clone()),
        application: Set(work_item.application.uuid()),
        step: Set(work_item.step.into()),
        attempt: Set(work_item.attempt.into()),
        fence: Set(fence_to_db(change.fence)),
        happening: Set(change.happening.into()),
        at: Set(to_db(change.deed.at)),
        unit: Set(item.held.unit.uuid()),
        officer: Set(change.officer.map(|officer| officer.uuid())),
        actor: Set(Some(change.deed.actor.to_owned())),
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
        actor: row.actor,
    })
}
