//! Which cases will soon be late, and what was said of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    case::{State, Warning},
    id::{CaseId, Id as _},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, prelude::Uuid,
};

use super::{
    END_OF_TIME, cases,
    entity::case::{self as entity, ActiveModel, Column, Entity, Warned},
};
use crate::record::CaseRecord;

/// Cases of which there may be something to say by now, what has waited longest first.
pub(crate) async fn list_nearly_late<C: ConnectionTrait>(
    conn: &C,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<CaseId>, Failure> {
    let states = [State::Queued, State::InProgress, State::Referred].map(entity::State::from);
    let found = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.is_in(states))
        .filter(Column::WarnAt.lte(to_db(now)))
        .order_by_asc(Column::WarnAt)
        .limit(limit);
    let ids = found.into_tuple::<Uuid>().all(conn).await?;
    Ok(ids.into_iter().map(CaseId::from_uuid).collect())
}

/// Keeps what was said last, and when there is something to say next; none: never. False when the case was changed since it was
/// read: somebody else may have said it.
pub(crate) async fn note_warned<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
    said: Option<Warning>,
    next: Option<Timestamp>,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        warned: Set(said.map(Into::into)),
        warn_at: Set(to_db(next.unwrap_or(END_OF_TIME))),
        ..ActiveModel::default()
    };
    let said_before = case.warned.map(Warned::from);
    let due_at = case.due_at.map(to_db);
    let as_read = Condition::all()
        .add(Column::Id.eq(case.id.uuid()))
        .add(cases::stands(&case.standing)?)
        .add(due_at.map_or_else(|| Column::DueAt.is_null(), |due_at| Column::DueAt.eq(due_at)))
        .add(said_before.map_or_else(|| Column::Warned.is_null(), |warned| Column::Warned.eq(warned)));
    let noted = Entity::update_many().set(row).filter(as_read).exec(tx).await?;
    Ok(noted.rows_affected == 1)
}

/// What was said last of those cases of which something was.
pub(crate) async fn warned<C: ConnectionTrait>(
    conn: &C,
    cases: impl IntoIterator<Item = CaseId>,
) -> Result<BTreeMap<CaseId, Warning>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Warned])
        .filter(Column::Id.is_in(cases.into_iter().map(|case| case.uuid())))
        .filter(Column::Warned.is_not_null());
    let rows = found.into_tuple::<(Uuid, Warned)>().all(conn).await?;
    Ok(rows.into_iter().map(|(case, warned)| (CaseId::from_uuid(case), warned.into())).collect())
}
