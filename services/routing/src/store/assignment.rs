//! Decisions.

use std::collections::BTreeMap;

use phidia_domain::{
    id::{ApplicationId, AssignmentId, Id as _, UnitId},
    route::{Explanation, Ground, Load, SharedLoad},
    work_item::WorkItem,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
    sea_query::{CaseStatement, Expr},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    MOST_KEYS, distinct,
    entity::assignment::{ActiveModel, Column, Entity, Model},
    given_twice, is_taken, key, moves, work_item,
};
use crate::work::{Assignment, Counted};

/// Values per statement.
const ROWS: usize = 1_000;

/// Keeps decisions.
///
/// # Errors
/// [`super::is_taken`] when one of the work items has its decision already.
pub(crate) async fn add<C: ConnectionTrait>(tx: &C, rows: Vec<Row>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    Entity::insert_many(rows.into_iter().map(|row| row.0)).exec_without_returning(tx).await?;
    Ok(())
}

/// A decision, ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct Row(ActiveModel);

/// Makes the row of a decision.
pub(crate) fn row(province: &str, assignment: &Assignment) -> Result<Row, Failure> {
    let (application, step, attempt) = key(assignment.work_item)?;
    let counted = assignment.counted.as_ref();
    Ok(Row(ActiveModel {
        id: Set(assignment.id.uuid()),
        province: Set(province.to_owned()),
        application: Set(application),
        step: Set(step),
        attempt: Set(attempt),
        unit: Set(assignment.unit.uuid()),
        ground: Set(text(&assignment.ground)?),
        predicted_finish_at: Set(predicted(assignment.unit, counted)),
        decided_at: Set(to_db(assignment.decided_at)),
        decided_in_micros: Set(assignment.decided_in_micros),
        explanation: Set(counted.map(|counted| json(&counted.explanation)).transpose()?),
        load: Set(counted.map(|counted| json(&counted.load)).transpose()?),
        epoch: Set(counted.map(|counted| counted.epoch)),
        board_sequence: Set(counted.map(|counted| counted.sequence)),
        open: Set(assignment.open),
    }))
}

/// A kept step is on the board now; answers whether it was not before.
///
/// # Errors
/// [`super::given_twice`] when another decision bears its sequence.
pub(crate) async fn count<C: ConnectionTrait>(
    tx: &C,
    id: AssignmentId,
    unit: UnitId,
    counted: &Counted,
    micros: i64,
) -> Result<bool, Failure> {
    let update = ActiveModel {
        predicted_finish_at: Set(predicted(unit, Some(counted))),
        decided_in_micros: Set(micros),
        explanation: Set(Some(json(&counted.explanation)?)),
        load: Set(Some(json(&counted.load)?)),
        epoch: Set(Some(counted.epoch)),
        board_sequence: Set(Some(counted.sequence)),
        ..Default::default()
    };
    let counted = Entity::update_many()
        .set(update)
        .filter(Column::Id.eq(id.uuid()))
        // The log has what was written first.
        .filter(Column::Explanation.is_null());
    match counted.exec(tx).await {
        Ok(counted) => Ok(counted.rows_affected > 0),
        Err(error) if is_taken(&error) => Err(given_twice()),
        Err(error) => Err(error.into()),
    }
}

/// How long decisions took, until they were confirmed.
pub(crate) async fn measure<C: ConnectionTrait>(tx: &C, took: &[(AssignmentId, i64)]) -> Result<(), Failure> {
    if took.is_empty() {
        return Ok(());
    }
    let micros = took
        .iter()
        .fold(CaseStatement::new(), |case, (id, micros)| case.case(Column::Id.eq(id.uuid()), *micros))
        .finally(Expr::col(Column::DecidedInMicros));
    Entity::update_many()
        .col_expr(Column::DecidedInMicros, micros.into())
        .filter(Column::Id.is_in(took.iter().map(|(id, _)| id.uuid())))
        .exec(tx)
        .await?;
    Ok(())
}

/// Of what the board was `told` of work items – whether it counts them – what is otherwise in the store: the work
/// items, and whether they count there.
pub(crate) async fn otherwise<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    told: &BTreeMap<WorkItem, bool>,
) -> Result<Vec<(WorkItem, bool)>, Failure> {
    let mut otherwise = Vec::new();
    for some in distinct(told.keys().map(|item| item.application)).chunks(ROWS) {
        let found = Entity::find()
            .select_only()
            .columns([Column::Application, Column::Step, Column::Attempt, Column::Open])
            .filter(Column::Province.eq(province))
            .filter(Column::Application.is_in(some.iter().copied()));
        let rows: Vec<(uuid::Uuid, i32, i32, bool)> = found.into_tuple().all(conn).await?;
        for (application, step, attempt, open) in rows {
            let item = work_item(application, step, attempt)?;
            if told.get(&item).is_some_and(|told| *told != open) {
                otherwise.push((item, open));
            }
        }
    }
    Ok(otherwise)
}

/// Opens or closes a decision: whether its load counts.
pub(crate) async fn set_open<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    item: WorkItem,
    open: bool,
) -> Result<bool, Failure> {
    let update = Entity::update_many().col_expr(Column::Open, Expr::value(open)).filter(is(province, item)?);
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// The decision on a work item.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    item: WorkItem,
) -> Result<Option<Assignment>, Failure> {
    let row = Entity::find().filter(is(province, item)?).one(conn).await?;
    row.map(value).transpose()
}

/// All decisions on some applications.
pub(crate) async fn of_applications<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<BTreeMap<WorkItem, Assignment>, Failure> {
    let rows = rows(conn, province, applications).await?;
    rows.into_iter().map(|row| value(row).map(|decision| (decision.work_item, decision))).collect()
}

/// The same without what cannot be read any more, which is told: somebody has changed it, and it must not stand in the
/// way of all others.
pub(crate) async fn legible<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<BTreeMap<WorkItem, Assignment>, Failure> {
    let mut legible = BTreeMap::new();
    for row in rows(conn, province, applications).await? {
        let id = AssignmentId::from_uuid(row.id);
        match value(row) {
            Ok(decision) => {
                legible.insert(decision.work_item, decision);
            }
            Err(failure) => tracing::error!(%id, %failure, "a decision cannot be read any more"),
        }
    }
    Ok(legible)
}

async fn rows<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<Vec<Model>, Failure> {
    let mut rows = Vec::new();
    for some in distinct(applications).chunks(MOST_KEYS) {
        let found = Entity::find()
            .filter(Column::Province.eq(province))
            .filter(Column::Application.is_in(some.iter().copied()));
        rows.extend(found.all(conn).await?);
    }
    Ok(rows)
}

/// What the board has to add up to: work item, unit and load of every decision that counts, and of every open move.
pub(crate) async fn open<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<Vec<(WorkItem, UnitId, Load)>, Failure> {
    // First: one that arrives meanwhile is among the decisions, too.
    let moving = moves::reserved(conn, province).await?;
    let mut open: BTreeMap<_, _> =
        moving.into_iter().map(|(item, unit, load)| (item, (unit, load))).collect();
    let found = Entity::find()
        .select_only()
        .columns([Column::Application, Column::Step, Column::Attempt, Column::Unit, Column::Load])
        .filter(Column::Province.eq(province))
        .filter(Column::Open.eq(true))
        // What is not counted yet is on the agenda.
        .filter(Column::Load.is_not_null());
    let rows: Vec<(uuid::Uuid, i32, i32, uuid::Uuid, String)> = found.into_tuple().all(conn).await?;
    for (application, step, attempt, unit, load) in rows {
        open.insert(work_item(application, step, attempt)?, (UnitId::from_uuid(unit), parse(&load)?));
    }
    Ok(open.into_iter().map(|(item, (unit, load))| (item, unit, load)).collect())
}

/// What that adds up to at each unit. Much of it is alike, and is counted where it is kept.
pub(crate) async fn sums<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<BTreeMap<UnitId, SharedLoad>, Failure> {
    let alike = Entity::find()
        .select_only()
        .columns([Column::Unit, Column::Load])
        .column_as(Column::Id.count(), "items")
        .filter(Column::Province.eq(province))
        .filter(Column::Open.eq(true))
        .filter(Column::Load.is_not_null())
        .group_by(Column::Unit)
        .group_by(Column::Load);
    let mut units = BTreeMap::<_, SharedLoad>::new();
    for (unit, load, items) in alike.into_tuple::<(uuid::Uuid, String, i64)>().all(conn).await? {
        let (load, at) = (parse::<Load>(&load)?, units.entry(UnitId::from_uuid(unit)).or_default());
        (0..items).for_each(|_| at.add(&load));
    }
    for (_, unit, load) in moves::reserved(conn, province).await? {
        units.entry(unit).or_default().add(&load);
    }
    Ok(units)
}

/// The highest sequence of an epoch that a decision bears; 0 when there is none.
pub(crate) async fn highest_sequence<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    epoch: i64,
) -> Result<i64, Failure> {
    let highest = Entity::find()
        .select_only()
        .column(Column::BoardSequence)
        .filter(Column::Province.eq(province))
        .filter(Column::Epoch.eq(epoch))
        .order_by_desc(Column::BoardSequence);
    Ok(highest.into_tuple::<Option<i64>>().one(conn).await?.flatten().unwrap_or(0))
}

fn is(province: &str, item: WorkItem) -> Result<Condition, Failure> {
    let (application, step, attempt) = key(item)?;
    Ok(Condition::all()
        .add(Column::Province.eq(province))
        .add(Column::Application.eq(application))
        .add(Column::Step.eq(step))
        .add(Column::Attempt.eq(attempt)))
}

pub(super) fn value(row: Model) -> Result<Assignment, Failure> {
    let counted = match (row.explanation, row.load, row.epoch, row.board_sequence) {
        (Some(explanation), Some(load), Some(epoch), Some(sequence)) => Some(Counted {
            explanation: parse::<Explanation>(&explanation)?,
            load: parse(&load)?,
            epoch,
            sequence,
        }),
        _ => None,
    };
    Ok(Assignment {
        id: AssignmentId::from_uuid(row.id),
        work_item: work_item(row.application, row.step, row.attempt)?,
        unit: UnitId::from_uuid(row.unit),
        ground: ground(&row.ground)?,
        decided_at: from_db(row.decided_at),
        decided_in_micros: row.decided_in_micros,
        open: row.open,
        counted,
    })
}

fn predicted(unit: UnitId, counted: Option<&Counted>) -> Option<chrono::DateTime<chrono::Utc>> {
    counted?.explanation.candidate(unit).map(|candidate| to_db(candidate.predicted_finish_at))
}

pub(super) fn text(ground: &Ground) -> Result<String, Failure> {
    match serde_json::to_value(ground).map_err(Failure::broken)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err(Failure::broken("a ground has no name")),
    }
}

pub(super) fn ground(name: &str) -> Result<Ground, Failure> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(Failure::broken)
}

/// As it is written.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::broken)
}

/// As it was written.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(Failure::broken)
}
