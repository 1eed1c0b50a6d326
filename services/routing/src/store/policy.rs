//! The versions of the policy.

use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Set, sea_query::OnConflict,
};

use super::{
    entity::policy::{ActiveModel, Column, Entity, Model},
    to_number,
};
use crate::policies::Published;

/// The version that holds; 0: there is none yet.
pub(crate) async fn active<C: ConnectionTrait>(conn: &C) -> Result<u32, Failure> {
    let newest = Entity::find().select_only().column(Column::Version).order_by_desc(Column::Version);
    let newest: Option<i32> = newest.limit(1).into_tuple().one(conn).await?;
    u32::try_from(newest.unwrap_or_default()).map_err(Failure::broken)
}

/// One version.
pub(crate) async fn find<C: ConnectionTrait>(conn: &C, version: u32) -> Result<Option<Published>, Failure> {
    // No version is that high.
    let Ok(version) = i32::try_from(version) else { return Ok(None) };
    Entity::find_by_id(version).one(conn).await?.map(published).transpose()
}

/// Versions before `before`, newest first.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    before: u32,
    size: u64,
) -> Result<Vec<Published>, Failure> {
    let before = i32::try_from(before).unwrap_or(i32::MAX);
    let rows = Entity::find().filter(Column::Version.lt(before)).order_by_desc(Column::Version).limit(size);
    rows.all(conn).await?.into_iter().map(published).collect()
}

/// Adds a version; answers whether it was free.
pub(crate) async fn add<C: ConnectionTrait>(tx: &C, new: Published) -> Result<bool, Failure> {
    let row = ActiveModel {
        version: Set(to_number(new.version)?),
        name: Set(new.name),
        document: Set(new.document),
        digest: Set(new.digest),
        published_at: Set(to_db(new.published_at)),
        published_by: Set(new.published_by),
        reason: Set(new.reason),
    };
    let free = OnConflict::column(Column::Version).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(free).exec_without_returning(tx).await? > 0)
}

fn published(row: Model) -> Result<Published, Failure> {
    Ok(Published {
        version: u32::try_from(row.version).map_err(Failure::broken)?,
        name: row.name,
        document: row.document,
        digest: row.digest,
        published_at: from_db(row.published_at),
        published_by: row.published_by,
        reason: row.reason,
    })
}
