//! The sets of templates, and what they were told.

use phidia_domain::{
    application::Language,
    id::{ApplicationId, Id as _, UnitId},
    notice::{Channel, Notice},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Set,
    prelude::{DateTimeUtc, Json, Uuid},
    sea_query::OnConflict,
};

use super::{
    entity::{
        message,
        template_set::{ActiveModel, Column, Entity},
    },
    language,
};
use crate::template::{Files, sets::Kept};

/// The highest number; none: there is no set yet.
pub(crate) async fn newest(conn: &impl ConnectionTrait) -> Result<Option<u16>, Failure> {
    let newest = Entity::find().select_only().column(Column::Version).order_by_desc(Column::Version).limit(1);
    version(newest.into_tuple().one(conn).await?)
}

/// The highest number of those that were brought in.
pub(crate) async fn newest_imported(conn: &impl ConnectionTrait) -> Result<Option<u16>, Failure> {
    let imported = Entity::find().select_only().column(Column::Version).filter(Column::Bundled.eq(false));
    version(imported.order_by_desc(Column::Version).limit(1).into_tuple().one(conn).await?)
}

/// The number of the one with these files that came with a binary.
pub(crate) async fn bundled(conn: &impl ConnectionTrait, digest: &str) -> Result<Option<u16>, Failure> {
    let same = Entity::find().select_only().column(Column::Version).filter(Column::Digest.eq(digest));
    version(same.filter(Column::Bundled.eq(true)).limit(1).into_tuple().one(conn).await?)
}

/// One set.
pub(crate) async fn find(
    conn: &impl ConnectionTrait,
    version: u16,
) -> Result<Option<(Kept, Files)>, Failure> {
    let Some(row) = Entity::find_by_id(i32::from(version)).one(conn).await? else { return Ok(None) };
    let kept = Kept {
        version,
        digest: row.digest,
        bundled: row.bundled,
        imported_at: from_db(row.imported_at),
        imported_by: row.imported_by,
        reason: row.reason,
    };
    Ok(Some((kept, serde_json::from_value(row.files).map_err(Failure::broken)?)))
}

/// Sets before `before`, newest first, without their files.
pub(crate) async fn page(conn: &impl ConnectionTrait, before: u16, size: u64) -> Result<Vec<Kept>, Failure> {
    let rows: Vec<(i32, String, bool, DateTimeUtc, String, String)> = Entity::find()
        .select_only()
        .columns([Column::Version, Column::Digest, Column::Bundled])
        .columns([Column::ImportedAt, Column::ImportedBy, Column::Reason])
        .filter(Column::Version.lt(i32::from(before)))
        .order_by_desc(Column::Version)
        .limit(size)
        .into_tuple()
        .all(conn)
        .await?;
    let kept = |(version, digest, bundled, imported_at, imported_by, reason)| {
        let version = u16::try_from(version).map_err(Failure::broken)?;
        Ok(Kept { version, digest, bundled, imported_at: from_db(imported_at), imported_by, reason })
    };
    rows.into_iter().map(kept).collect()
}

/// Adds a set; answers whether its number was free.
pub(crate) async fn add(conn: &impl ConnectionTrait, new: Kept, files: Files) -> Result<bool, Failure> {
    let row = ActiveModel {
        version: Set(new.version.into()),
        digest: Set(new.digest),
        files: Set(serde_json::to_value(files).map_err(Failure::broken)?),
        bundled: Set(new.bundled),
        imported_at: Set(to_db(new.imported_at)),
        imported_by: Set(new.imported_by),
        reason: Set(new.reason),
    };
    let free = OnConflict::column(Column::Version).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(free).exec_without_returning(conn).await? > 0)
}

/// With what a notice was told.
#[derive(Clone, Debug)]
pub(crate) struct ToldWith {
    /// None: the citizen was told.
    pub(crate) unit: Option<UnitId>,
    pub(crate) language: Language,
    /// By name.
    pub(crate) variables: Json,
}

/// With what a notice about an application was last told; none: it was not, or before that was kept.
pub(crate) async fn told_with(
    conn: &impl ConnectionTrait,
    application: ApplicationId,
    notice: Notice,
) -> Result<Option<ToldWith>, Failure> {
    use message::Column;
    let told: Option<(Option<Uuid>, String, Option<Json>)> = message::Entity::find()
        .select_only()
        .columns([Column::UnitId, Column::Language, Column::ToldWith])
        .filter(Column::ApplicationId.eq(application.uuid()))
        .filter(Column::Template.eq(notice.template()))
        .filter(Column::Channel.eq(Channel::InApp.as_str()))
        .filter(Column::ToldWith.is_not_null())
        .order_by_desc(Column::OccurredAt)
        .order_by_desc(Column::MessageId)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    match told {
        Some((unit, told_in, Some(variables))) => {
            let unit = unit.map(UnitId::from_uuid);
            Ok(Some(ToldWith { unit, language: language(&told_in)?, variables }))
        }
        _ => Ok(None),
    }
}

fn version(found: Option<i32>) -> Result<Option<u16>, Failure> {
    found.map(u16::try_from).transpose().map_err(Failure::broken)
}
