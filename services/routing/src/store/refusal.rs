//! Decisions that found no unit.

use std::collections::BTreeMap;

use phidia_domain::{
    id::{ApplicationId, AssignmentId, Id as _},
    work_item::WorkItem,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};

use super::{
    assignment::{json, parse},
    entity::refusal::{ActiveModel, Column, Entity, Model},
    key, work_item,
};
use crate::work::Refusal;

/// Keeps refusals.
pub(crate) async fn add<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    refusals: &[&Refusal],
) -> Result<(), Failure> {
    if refusals.is_empty() {
        return Ok(());
    }
    let rows = refusals.iter().map(|refusal| row(province, refusal)).collect::<Result<Vec<_>, _>>()?;
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

fn row(province: &str, refusal: &Refusal) -> Result<ActiveModel, Failure> {
    let (application, step, attempt) = key(refusal.work_item)?;
    Ok(ActiveModel {
        id: Set(refusal.id.uuid()),
        province: Set(province.to_owned()),
        application: Set(application),
        step: Set(step),
        attempt: Set(attempt),
        reason: Set(refusal.reason.clone()),
        decided_at: Set(to_db(refusal.decided_at)),
        province_version: Set(refusal.province_version),
        registry_revision: Set(refusal.registry_revision),
        finding: Set(refusal.finding.as_ref().map(json).transpose()?),
    })
}

/// The last decision on each work item of an application that found no unit.
pub(crate) async fn latest<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
) -> Result<BTreeMap<WorkItem, Refusal>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application.uuid()))
        // An id begins with its instant.
        .order_by_asc(Column::Id);
    let rows = found.all(conn).await?;
    rows.into_iter().map(|row| value(row).map(|refusal| (refusal.work_item, refusal))).collect()
}

pub(super) fn value(row: Model) -> Result<Refusal, Failure> {
    Ok(Refusal {
        id: AssignmentId::from_uuid(row.id),
        work_item: work_item(row.application, row.step, row.attempt)?,
        reason: row.reason,
        decided_at: from_db(row.decided_at),
        province_version: row.province_version,
        registry_revision: row.registry_revision,
        finding: row.finding.as_deref().map(parse).transpose()?,
    })
}
