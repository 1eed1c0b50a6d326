//! Applications.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    id::{ApplicationId, Id as _, UnitId},
    procedure::CompetenceKey,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Set,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    MOST_KEYS, applicant, distinct,
    entity::application::{ActiveModel, Column, Entity, Model},
};
use crate::work::Application;

/// Keeps an application; answers whether it is new.
pub(crate) async fn add<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    application: &Application,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        province: Set(province.to_owned()),
        application: Set(id.uuid()),
        procedure_code: Set(application.procedure_code.clone()),
        province_version: Set(application.province_version),
        received_at: Set(application.received_at.uuid()),
        places: Set(serde_json::to_string(&application.places).map_err(Failure::broken)?),
        conflicts: Set(serde_json::to_string(&application.conflicts).map_err(Failure::broken)?),
        submitted_at: Set(to_db(application.submitted_at)),
        due_at: Set(application.due_at.map(to_db)),
        completed: Set(false),
    };
    let there = OnConflict::columns([Column::Province, Column::Application]).do_nothing().to_owned();
    let added = Entity::insert(row).on_conflict(there).exec_without_returning(tx).await?;
    Ok(added > 0)
}

/// Whether it is known here.
pub(crate) async fn is_known<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<bool, Failure> {
    Ok(Entity::find_by_id((province.to_owned(), id.uuid())).one(conn).await?.is_some())
}

/// One application.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<Application>, Failure> {
    Ok(find_all(conn, province, [id]).await?.remove(&id))
}

/// Those of these that are known.
pub(crate) async fn find_all<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    ids: impl IntoIterator<Item = ApplicationId>,
) -> Result<BTreeMap<ApplicationId, Application>, Failure> {
    let mut rows = Vec::new();
    for some in distinct(ids).chunks(MOST_KEYS) {
        let found = Entity::find()
            .filter(Column::Province.eq(province))
            .filter(Column::Application.is_in(some.iter().copied()));
        rows.extend(found.all(conn).await?);
    }
    let found = rows.iter().map(|row| Ok((ApplicationId::from_uuid(row.application), value(row)?)));
    let mut found: BTreeMap<_, _> = found.collect::<Result<_, Failure>>()?;
    let accepted = found.iter().map(|(id, application)| (*id, application.submitted_at)).collect();
    for (id, unit) in applicant::earlier(conn, province, &accepted).await? {
        found.entry(id).and_modify(|application: &mut Application| application.earlier = Some(unit));
    }
    Ok(found)
}

/// Another instant is promised from now on.
pub(crate) async fn promise<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    due_at: Timestamp,
) -> Result<(), Failure> {
    let promised = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(to_db(due_at)))
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(id.uuid()));
    promised.exec(tx).await?;
    Ok(())
}

/// Routing no longer holds it; answers whether it is known.
pub(crate) async fn complete<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<bool, Failure> {
    let completed = Entity::update_many()
        .col_expr(Column::Completed, Expr::value(true))
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(id.uuid()));
    Ok(completed.exec(tx).await?.rows_affected > 0)
}

/// Routing holds it again, by what is promised from now on; answers whether it is known.
pub(crate) async fn reopen<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    due_at: Option<Timestamp>,
) -> Result<bool, Failure> {
    let reopened = Entity::update_many()
        .col_expr(Column::Completed, Expr::value(false))
        .col_expr(Column::DueAt, Expr::value(due_at.map(to_db)))
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(id.uuid()));
    Ok(reopened.exec(tx).await?.rows_affected > 0)
}

/// Applications that routing holds, by id, from behind `after`, each with its province.
pub(crate) async fn held<C: ConnectionTrait>(
    conn: &C,
    after: Option<ApplicationId>,
    limit: u64,
) -> Result<Vec<(String, Uuid)>, Failure> {
    let columns = [Column::Province, Column::Application];
    let mut held = Entity::find().select_only().columns(columns).filter(Column::Completed.eq(false));
    if let Some(after) = after {
        held = held.filter(Column::Application.gt(after.uuid()));
    }
    Ok(held.order_by_asc(Column::Application).limit(limit).into_tuple().all(conn).await?)
}

fn value(row: &Model) -> Result<Application, Failure> {
    let places: BTreeMap<CompetenceKey, String> =
        serde_json::from_str(&row.places).map_err(Failure::broken)?;
    Ok(Application {
        procedure_code: row.procedure_code.clone(),
        province_version: row.province_version,
        received_at: UnitId::from_uuid(row.received_at),
        places,
        conflicts: serde_json::from_str(&row.conflicts).map_err(Failure::broken)?,
        submitted_at: from_db(row.submitted_at),
        due_at: row.due_at.map(from_db),
        earlier: None,
    })
}
