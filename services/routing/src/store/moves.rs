//! Moves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    id::{ApplicationId, AssignmentId, Id as _, UnitId},
    route::{Ground, Load},
    work_item::WorkItem,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set, sea_query::Expr,
};

use super::{
    assignment::{ground, json, parse, text},
    distinct,
    entity::moves::{ActiveModel, Column, Entity, Model},
    key, to_number, work_item,
};
use crate::work::{Assignment, Counted, Move, Way};

/// Keeps a move that begins.
///
/// # Errors
/// [`super::is_taken`] when its attempt was given before.
pub(crate) async fn add<C: ConnectionTrait>(tx: &C, row: Row) -> Result<(), DbErr> {
    Entity::insert(row.0).exec_without_returning(tx).await?;
    Ok(())
}

/// A move, ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct Row(ActiveModel);

/// Makes the row of a move.
pub(crate) fn row(province: &str, moving: &Move) -> Result<Row, Failure> {
    let Move { from, from_unit, expected_fence, to, counted, traceparent } = moving;
    let (application, step, attempt) = key(to.work_item)?;
    Ok(Row(ActiveModel {
        province: Set(province.to_owned()),
        application: Set(application),
        step: Set(step),
        attempt: Set(attempt),
        from_attempt: Set(to_number(from.attempt)?),
        from_unit: Set(from_unit.uuid()),
        expected_fence: Set(i64::try_from(*expected_fence).unwrap_or(i64::MAX)),
        state: Set(Way::Open),
        refused_because: Set(String::new()),
        assignment: Set(to.id.uuid()),
        unit: Set(to.unit.uuid()),
        ground: Set(text(&to.ground)?),
        decided_at: Set(to_db(to.decided_at)),
        decided_in_micros: Set(to.decided_in_micros),
        explanation: Set(json(&counted.explanation)?),
        load: Set(json(&counted.load)?),
        epoch: Set(counted.epoch),
        board_sequence: Set(counted.sequence),
        traceparent: Set(traceparent.clone()),
    }))
}

/// Ends a move; answers whether it was still open.
pub(crate) async fn close<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    to: WorkItem,
    state: Way,
    because: &str,
) -> Result<bool, Failure> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::RefusedBecause, Expr::value(because))
        .filter(is(province, to)?)
        .filter(Column::State.eq(Way::Open));
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// The open moves, the first decided first. One that cannot be read any more is told and left out: it must not stand in the
/// way of all others.
pub(crate) async fn open<C: ConnectionTrait>(conn: &C, province: &str) -> Result<Vec<Move>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::State.eq(Way::Open))
        .order_by_asc(Column::DecidedAt);
    let mut open = Vec::new();
    for row in found.all(conn).await? {
        let id = AssignmentId::from_uuid(row.assignment);
        match value(row) {
            Ok(moving) => open.push(moving),
            Err(failure) => tracing::error!(%id, %failure, "a move cannot be read any more"),
        }
    }
    Ok(open)
}

/// Whether a move has brought this attempt elsewhere.
pub(crate) async fn has_left<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    from: WorkItem,
) -> Result<bool, Failure> {
    let (application, step, attempt) = key(from)?;
    let left = Entity::find()
        .select_only()
        .column(Column::Attempt)
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application))
        .filter(Column::Step.eq(step))
        .filter(Column::FromAttempt.eq(attempt))
        .filter(Column::State.eq(Way::Done));
    Ok(left.into_tuple::<i32>().one(conn).await?.is_some())
}

/// The attempts that open moves are to bring elsewhere.
pub(crate) async fn under_way<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<BTreeSet<WorkItem>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Application, Column::Step, Column::FromAttempt])
        .filter(Column::Province.eq(province))
        .filter(Column::State.eq(Way::Open));
    let rows: Vec<(uuid::Uuid, i32, i32)> = found.into_tuple().all(conn).await?;
    rows.into_iter().map(|(application, step, attempt)| work_item(application, step, attempt)).collect()
}

/// What the open moves have reserved on the board.
pub(crate) async fn reserved<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<Vec<(WorkItem, UnitId, Load)>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Application, Column::Step, Column::Attempt, Column::Unit, Column::Load])
        .filter(Column::Province.eq(province))
        .filter(Column::State.eq(Way::Open));
    let rows: Vec<(uuid::Uuid, i32, i32, uuid::Uuid, String)> = found.into_tuple().all(conn).await?;
    rows.into_iter()
        .map(|(application, step, attempt, unit, load)| {
            Ok((work_item(application, step, attempt)?, UnitId::from_uuid(unit), parse(&load)?))
        })
        .collect()
}

/// The open move that brings this attempt about.
pub(crate) async fn find_open<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    to: WorkItem,
) -> Result<Option<Move>, Failure> {
    let found = Entity::find().filter(is(province, to)?).filter(Column::State.eq(Way::Open));
    found.one(conn).await?.map(value).transpose()
}

/// Of a step: the last attempt that a move was to bring about, whatever came of it, and whether one is open.
pub(crate) async fn of_step<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    step_of: WorkItem,
) -> Result<(u32, bool), Failure> {
    let (application, step, _) = key(step_of)?;
    let found = Entity::find()
        .select_only()
        .columns([Column::Attempt, Column::State])
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application))
        .filter(Column::Step.eq(step));
    let rows: Vec<(i32, Way)> = found.into_tuple().all(conn).await?;
    let last = rows.iter().map(|(attempt, _)| *attempt).max().unwrap_or(0);
    let is_open = rows.iter().any(|(_, state)| *state == Way::Open);
    Ok((u32::try_from(last).map_err(Failure::broken)?, is_open))
}

/// Whether any work item of an application is on a move.
pub(crate) async fn is_any_open<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
) -> Result<bool, Failure> {
    let open = Entity::find()
        .select_only()
        .column(Column::Step)
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application.uuid()))
        .filter(Column::State.eq(Way::Open));
    Ok(open.into_tuple::<i32>().one(conn).await?.is_some())
}

/// The units that steps of some applications were rescued from, by the first attempt at each step.
pub(crate) async fn rescued_from<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<BTreeMap<WorkItem, Vec<UnitId>>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Application, Column::Step, Column::FromUnit])
        .filter(Column::Province.eq(province))
        .filter(Column::Application.is_in(distinct(applications)))
        .filter(Column::Ground.eq(text(&Ground::Rescued)?))
        .filter(Column::State.ne(Way::Refused))
        .order_by_asc(Column::Attempt);
    let rows: Vec<(uuid::Uuid, i32, uuid::Uuid)> = found.into_tuple().all(conn).await?;
    let mut units = BTreeMap::<_, Vec<_>>::new();
    for (application, step, unit) in rows {
        units.entry(work_item(application, step, 1)?).or_default().push(UnitId::from_uuid(unit));
    }
    Ok(units)
}

/// From where to where was rescued since then.
pub(crate) async fn rescued_since<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    since: Timestamp,
) -> Result<Vec<(UnitId, UnitId)>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::FromUnit, Column::Unit])
        .filter(Column::Province.eq(province))
        .filter(Column::DecidedAt.gt(to_db(since)))
        .filter(Column::Ground.eq(text(&Ground::Rescued)?))
        .filter(Column::State.ne(Way::Refused));
    let rows: Vec<(uuid::Uuid, uuid::Uuid)> = found.into_tuple().all(conn).await?;
    Ok(rows.into_iter().map(|(from, to)| (UnitId::from_uuid(from), UnitId::from_uuid(to))).collect())
}

fn is(province: &str, to: WorkItem) -> Result<Condition, Failure> {
    let (application, step, attempt) = key(to)?;
    Ok(Condition::all()
        .add(Column::Province.eq(province))
        .add(Column::Application.eq(application))
        .add(Column::Step.eq(step))
        .add(Column::Attempt.eq(attempt)))
}

fn value(row: Model) -> Result<Move, Failure> {
    let to = work_item(row.application, row.step, row.attempt)?;
    Ok(Move {
        from: work_item(row.application, row.step, row.from_attempt)?,
        from_unit: UnitId::from_uuid(row.from_unit),
        expected_fence: u64::try_from(row.expected_fence).map_err(Failure::broken)?,
        to: Assignment {
            id: AssignmentId::from_uuid(row.assignment),
            work_item: to,
            unit: UnitId::from_uuid(row.unit),
            ground: ground(&row.ground)?,
            decided_at: from_db(row.decided_at),
            decided_in_micros: row.decided_in_micros,
            open: true,
            counted: None,
        },
        counted: Counted {
            explanation: parse(&row.explanation)?,
            load: parse(&row.load)?,
            epoch: row.epoch,
            sequence: row.board_sequence,
        },
        traceparent: row.traceparent,
    })
}
