//! Drafts: what somebody has begun to write.

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, DraftId, Id as _, UnitId};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, PaginatorTrait as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
};

use super::entity::draft::{ActiveModel, Column, Entity, Model};
use crate::record::DraftRecord;

/// Whose drafts are asked for.
#[derive(Clone, Debug)]
pub(crate) enum Whose {
    Owner(String),
    Unit(UnitId),
}

/// A draft, locked until the commit.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: DraftId,
) -> Result<Option<DraftRecord>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), id.uuid())).lock_exclusive();
    Ok(found.one(tx).await?.map(Into::into))
}

/// A draft.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: DraftId,
) -> Result<Option<DraftRecord>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), id.uuid()));
    Ok(found.one(conn).await?.map(Into::into))
}

/// How many drafts of an owner were saved after `since` and are not handed in.
pub(crate) async fn count<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    owner: &str,
    since: Timestamp,
) -> Result<u64, Failure> {
    let found = open(province, since).filter(Column::Owner.eq(owner));
    Ok(found.count(tx).await?)
}

/// Drafts that were saved after `since` and are not handed in, the last that was begun first; those before `before` only.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    whose: &Whose,
    since: Timestamp,
    before: Option<DraftId>,
    limit: u64,
) -> Result<Vec<DraftRecord>, Failure> {
    let mut found = match whose {
        Whose::Owner(owner) => open(province, since).filter(Column::Owner.eq(owner)),
        Whose::Unit(unit) => open(province, since).filter(Column::Unit.eq(unit.uuid())),
    };
    if let Some(before) = before {
        found = found.filter(Column::Id.lt(before.uuid()));
    }
    let rows = found.order_by_desc(Column::Id).limit(limit).all(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Writes a new draft.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    draft: DraftRecord,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(province.to_owned()),
        id: Set(draft.id.uuid()),
        owner: Set(draft.owner),
        unit: Set(draft.unit.map(UnitId::uuid)),
        revision: Set(draft.revision),
        procedure_code: Set(draft.procedure_code),
        wrapped_key: Set(draft.wrapped_key),
        content: Set(draft.content),
        created_at: Set(to_db(draft.created_at)),
        saved_at: Set(to_db(draft.saved_at)),
        application: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces what a draft says.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    draft: DraftRecord,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(draft.id.uuid()),
        owner: Set(draft.owner),
        unit: Set(draft.unit.map(UnitId::uuid)),
        revision: Set(draft.revision),
        procedure_code: Set(draft.procedure_code),
        wrapped_key: Set(draft.wrapped_key),
        content: Set(draft.content),
        saved_at: Set(to_db(draft.saved_at)),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// It has become an application: there is what it said, and here nothing more of it.
pub(crate) async fn hand_in<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: DraftId,
    application: ApplicationId,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        wrapped_key: Set(None),
        content: Set(None),
        saved_at: Set(to_db(at)),
        application: Set(Some(application.uuid())),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Deletes drafts.
pub(crate) async fn delete<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    ids: &[DraftId],
) -> Result<(), Failure> {
    let these = Column::Id.is_in(ids.iter().map(|id| id.uuid()));
    Entity::delete_many().filter(Column::Province.eq(province)).filter(these).exec(tx).await?;
    Ok(())
}

/// Deletes drafts that were last saved at `since` or before, at most so many, and answers how many.
pub(crate) async fn delete_saved_before<C: ConnectionTrait>(
    tx: &C,
    since: Timestamp,
    limit: u64,
) -> Result<u64, Failure> {
    let expired = Entity::find().select_only().columns([Column::Province, Column::Id]);
    let expired = expired.filter(Column::SavedAt.lte(to_db(since))).limit(limit);
    let mut deleted = 0;
    for key in expired.into_tuple::<(String, Uuid)>().all(tx).await? {
        // Unless it was saved a moment ago.
        let still = Entity::delete_many()
            .filter(Column::Province.eq(key.0))
            .filter(Column::Id.eq(key.1))
            .filter(Column::SavedAt.lte(to_db(since)));
        deleted += still.exec(tx).await?.rows_affected;
    }
    Ok(deleted)
}

fn open(province: &str, since: Timestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::SavedAt.gt(to_db(since)))
        .filter(Column::Application.is_null())
}

impl From<Model> for DraftRecord {
    fn from(row: Model) -> Self {
        Self {
            id: DraftId::from_uuid(row.id),
            owner: row.owner,
            unit: row.unit.map(UnitId::from_uuid),
            revision: row.revision,
            procedure_code: row.procedure_code,
            wrapped_key: row.wrapped_key,
            content: row.content,
            created_at: from_db(row.created_at),
            saved_at: from_db(row.saved_at),
            application: row.application.map(ApplicationId::from_uuid),
        }
    }
}
