//! The reform plan: its tasks as they are, and what has happened to them.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    plan::{ChangeKind, Task},
    procedure::Text,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, TryInsertResult,
};

use super::{
    entity::{
        plan_change,
        plan_task::{ActiveModel, Column, Entity, Model},
    },
    stored,
};
use crate::record::{PlanChange, PlanRecord};

/// The tasks of a province in the order of its plan.
pub(crate) async fn list_plan<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<Vec<PlanRecord>, Failure> {
    in_order(province).all(conn).await?.into_iter().map(record).collect()
}

/// The same, locked until the commit.
pub(crate) async fn lock_plan(tx: &DatabaseTransaction, province: &str) -> Result<Vec<PlanRecord>, Failure> {
    in_order(province).lock_exclusive().all(tx).await?.into_iter().map(record).collect()
}

/// A task, locked until the commit.
pub(crate) async fn lock_task(
    tx: &DatabaseTransaction,
    province: &str,
    code: &str,
) -> Result<Option<PlanRecord>, Failure> {
    let key = (province.to_owned(), code.to_owned());
    Entity::find_by_id(key).lock_exclusive().one(tx).await?.map(record).transpose()
}

/// Writes tasks down that are new.
///
/// # Errors
/// `UNAVAILABLE` where somebody else has brought one of them in meanwhile.
pub(crate) async fn insert_tasks(tx: &DatabaseTransaction, tasks: &[PlanRecord]) -> Result<(), Failure> {
    for task in tasks {
        let there = [Column::Province, Column::Code];
        let row = Entity::insert(row(task)).on_conflict_do_nothing_on(there);
        if !matches!(row.exec_without_returning(tx).await?, TryInsertResult::Inserted(1)) {
            let message = "the plan changed meanwhile";
            return Err(Rejection::new(Kind::Unavailable, "CHANGED_MEANWHILE", message).into());
        }
    }
    Ok(())
}

/// Writes down how a task is now; it is locked.
pub(crate) async fn save_task(tx: &DatabaseTransaction, task: &PlanRecord) -> Result<(), Failure> {
    Entity::update(row(task)).exec(tx).await?;
    Ok(())
}

/// Writes down what has just happened to a task: its last change.
pub(crate) async fn insert_change(
    tx: &DatabaseTransaction,
    task: &PlanRecord,
    kind: ChangeKind,
    note: &str,
) -> Result<(), Failure> {
    let change = plan_change::ActiveModel {
        province: Set(task.province.clone()),
        code: Set(task.task.code.clone()),
        number: Set(task.changes.into()),
        at: Set(to_db(task.changed_at)),
        actor: Set(task.changed_by.clone()),
        kind: Set(kind.into()),
        state: Set(task.state.into()),
        owner: Set(task.task.owner.clone()),
        due: Set(task.task.due.to_string()),
        note: Set(note.to_owned()),
    };
    plan_change::Entity::insert(change).exec_without_returning(tx).await?;
    Ok(())
}

/// What has happened to a task behind the change with this number, oldest first.
pub(crate) async fn list_changes<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    code: &str,
    after: u32,
    limit: u64,
) -> Result<Vec<PlanChange>, Failure> {
    use plan_change::Column;
    let changes = plan_change::Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Code.eq(code))
        .filter(Column::Number.gt(i64::from(after)))
        .order_by_asc(Column::Number)
        .limit(limit);
    changes.all(conn).await?.into_iter().map(change).collect()
}

fn in_order(province: &str) -> Select<Entity> {
    let tasks = Entity::find().filter(Column::Province.eq(province));
    tasks.order_by_asc(Column::Position).order_by_asc(Column::Code)
}

fn row(record: &PlanRecord) -> ActiveModel {
    let PlanRecord { province, position, task, state, note, changes, changed_at, changed_by } = record;
    let Task { code, area, what, owner, due } = task.clone();
    ActiveModel {
        province: Set(province.clone()),
        code: Set(code),
        position: Set((*position).into()),
        area_vi: Set(area.vi),
        area_en: Set(area.en),
        what_vi: Set(what.vi),
        what_en: Set(what.en),
        owner: Set(owner),
        due: Set(due.to_string()),
        state: Set((*state).into()),
        note: Set(note.clone()),
        changes: Set((*changes).into()),
        changed_at: Set(to_db(*changed_at)),
        changed_by: Set(changed_by.clone()),
    }
}

fn record(row: Model) -> Result<PlanRecord, Failure> {
    Ok(PlanRecord {
        province: row.province,
        position: stored(row.position)?,
        task: Task {
            code: row.code,
            area: Text { vi: row.area_vi, en: row.area_en },
            what: Text { vi: row.what_vi, en: row.what_en },
            owner: row.owner,
            due: row.due.parse().map_err(Failure::broken)?,
        },
        state: row.state.into(),
        note: row.note,
        changes: stored(row.changes)?,
        changed_at: from_db(row.changed_at),
        changed_by: row.changed_by,
    })
}

fn change(row: plan_change::Model) -> Result<PlanChange, Failure> {
    let at: Timestamp = from_db(row.at);
    Ok(PlanChange {
        number: stored(row.number)?,
        at,
        actor: row.actor,
        kind: row.kind.into(),
        state: row.state.into(),
        owner: row.owner,
        due: row.due.parse().map_err(Failure::broken)?,
        note: row.note,
    })
}
