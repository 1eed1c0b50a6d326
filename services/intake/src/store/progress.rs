//! What facts of other services change.

use phidia_domain::id::{ApplicationId, Id as _};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, DerivePartialModel, QuerySelect as _,
    entity::prelude::*,
};
use serde_json::Value;

use super::{
    entity::{application, status_entry},
    reading, to_json,
};
use crate::record::{Entry, Progress};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
struct Row {
    status: String,
    working_unit: Option<Uuid>,
    working_unit_name: Option<Value>,
    changes: i32,
    finished_at: Option<DateTimeUtc>,
    on_time: Option<bool>,
}

/// How far an application has come, and the number of its last entry. It stays locked until the commit:
/// routing's facts and processing's come over two streams.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<(Progress, i32)>, Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid())).lock_exclusive();
    let Some(row) = found.into_partial_model::<Row>().one(tx).await? else { return Ok(None) };
    let progress = reading::progress(
        &row.status,
        row.working_unit.zip(row.working_unit_name),
        row.finished_at.zip(row.on_time),
    )?;
    Ok(Some((progress, row.changes)))
}

/// Writes how far an application has come now, and what is told of that.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    progress: &Progress,
    entry: &Entry,
    number: i32,
) -> Result<(), Failure> {
    let unit = progress.working_unit.as_ref();
    let row = application::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        status: Set(progress.status.as_str().to_owned()),
        working_unit: Set(unit.map(|unit| unit.id.uuid())),
        working_unit_name: Set(unit.map(|unit| to_json(&unit.name)).transpose()?),
        changes: Set(number),
        finished_at: Set(progress.finished.map(|finish| to_db(finish.at))),
        on_time: Set(progress.finished.map(|finish| finish.on_time)),
        ..Default::default()
    };
    application::Entity::update(row).exec_without_returning(tx).await?;
    let entry = status_entry::ActiveModel {
        province: Set(province.to_owned()),
        application: Set(id.uuid()),
        number: Set(number),
        at: Set(to_db(entry.at)),
        status: Set(entry.status.as_str().to_owned()),
        unit_name: Set(entry.unit_name.as_ref().map(to_json).transpose()?),
        why: Set(entry.why.as_ref().map(to_json).transpose()?),
    };
    status_entry::Entity::insert(entry).exec_without_returning(tx).await?;
    Ok(())
}
