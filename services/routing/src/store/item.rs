//! Work items.

use jiff::Timestamp;
use phidia_domain::{
    id::{ApplicationId, EventId, Id as _, UnitId},
    work_item::WorkItem,
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, Set,
    sea_query::{Expr, ExprTrait as _, JoinType, OnConflict},
};
use uuid::Uuid;

use super::{
    MOST_KEYS, distinct,
    entity::{
        application, assignment,
        work_item::{ActiveModel, Column, Entity, Model},
    },
    key, to_number, work_item,
};
use crate::work::{Item, Origin, State};

/// Keeps a new work item; answers whether it is new.
pub(crate) async fn add<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    item: WorkItem,
    state: State,
    previous: Option<UnitId>,
    since: Timestamp,
    origin: Origin,
) -> Result<bool, Failure> {
    let (application, step, attempt) = key(item)?;
    let row = ActiveModel {
        province: Set(province.to_owned()),
        application: Set(application),
        step: Set(step),
        attempt: Set(attempt),
        state: Set(state),
        begun: Set(false),
        fence: Set(0),
        reason: Set(String::new()),
        previous_unit: Set(previous.map(|unit| unit.uuid())),
        waiting_since: Set(to_db(since)),
        cause: Set(origin.event.map(|event| event.uuid())),
        traceparent: Set(origin.traceparent),
        ..Default::default()
    };
    let there = OnConflict::columns([Column::Province, Column::Application, Column::Step, Column::Attempt])
        .do_nothing()
        .to_owned();
    Ok(Entity::insert(row).on_conflict(there).exec_without_returning(tx).await? > 0)
}

/// One work item.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    item: WorkItem,
) -> Result<Option<Item>, Failure> {
    let row = Entity::find().filter(is(province, item)?).one(conn).await?;
    row.map(value).transpose()
}

/// All attempts at a step, the first first.
pub(crate) async fn of_step<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
    step: u32,
) -> Result<Vec<Item>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application.uuid()))
        .filter(Column::Step.eq(to_number(step)?))
        .order_by_asc(Column::Attempt);
    found.all(conn).await?.into_iter().map(value).collect()
}

/// All work items of some applications, in the order of arrival.
pub(crate) async fn of_applications<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<Vec<Item>, Failure> {
    let mut rows = Vec::new();
    for some in distinct(applications).chunks(MOST_KEYS) {
        let found = Entity::find()
            .filter(Column::Province.eq(province))
            .filter(Column::Application.is_in(some.iter().copied()));
        rows.extend(found.all(conn).await?);
    }
    // Sorted here: asked for an order, SQLite takes the index of that order and reads the work items of all.
    rows.sort_unstable_by_key(|row| row.arrived);
    rows.into_iter().map(value).collect()
}

/// Application, state and reason of all work items of some applications, in the order of arrival.
pub(crate) async fn standing<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: &[Uuid],
) -> Result<Vec<(Uuid, State, String)>, Failure> {
    let mut all = Vec::with_capacity(applications.len());
    for some in applications.chunks(MOST_KEYS) {
        let found = Entity::find()
            .select_only()
            .columns([Column::Arrived, Column::Application, Column::State, Column::Reason])
            .filter(Column::Province.eq(province))
            .filter(Column::Application.is_in(some.iter().copied()));
        let mut rows = found.into_tuple::<(i64, Uuid, State, String)>().all(conn).await?;
        rows.sort_unstable_by_key(|row| row.0);
        all.extend(rows.into_iter().map(|(_, application, state, reason)| (application, state, reason)));
    }
    Ok(all)
}

/// A page of work items in the order of arrival: of one state or all; for a unit, what it has or had, and
/// what nobody has.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    state: Option<State>,
    unit: Option<UnitId>,
    after: i64,
    limit: u64,
) -> Result<Vec<Item>, Failure> {
    let mut found = Entity::find().filter(Column::Province.eq(province)).filter(Column::Arrived.gt(after));
    if let Some(state) = state {
        found = found.filter(Column::State.eq(state));
    }
    if let Some(unit) = unit {
        let nobodys = Column::State.is_in([State::Waiting, State::Unassignable]);
        found = found.filter(Condition::any().add(was_given_to(province, unit)).add(nobodys));
    }
    found.order_by_asc(Column::Arrived).limit(limit).all(conn).await?.into_iter().map(value).collect()
}

/// What has its unit, is due after `now`, and nobody has begun: what is due first, first.
pub(crate) async fn unstarted<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Item>, Failure> {
    let promised = Expr::col((application::Entity, application::Column::Province))
        .equals((Entity, Column::Province))
        .and(
            Expr::col((application::Entity, application::Column::Application))
                .equals((Entity, Column::Application)),
        );
    let mut found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::State.eq(State::Assigned))
        .filter(Column::Begun.eq(false))
        .filter(application::Column::DueAt.gt(to_db(now)))
        .order_by_asc(application::Column::DueAt)
        .order_by_asc(Column::Arrived)
        .limit(limit);
    sea_orm::QueryTrait::query(&mut found).join(JoinType::InnerJoin, application::Entity, promised);
    found.all(conn).await?.into_iter().map(value).collect()
}

/// What a unit has and nobody has begun, in the order of arrival, from behind `after`.
pub(crate) async fn unbegun_at<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    unit: UnitId,
    after: i64,
    limit: u64,
) -> Result<Vec<Item>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::State.eq(State::Assigned))
        .filter(Column::Begun.eq(false))
        .filter(Column::Arrived.gt(after))
        .filter(was_given_to(province, unit))
        .order_by_asc(Column::Arrived)
        .limit(limit);
    found.all(conn).await?.into_iter().map(value).collect()
}

/// Whether the decision on it was this unit.
fn was_given_to(province: &str, unit: UnitId) -> Expr {
    let theirs = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::Application)
        .filter(assignment::Column::Province.eq(province))
        .filter(assignment::Column::Unit.eq(unit.uuid()))
        .filter(
            Expr::col((assignment::Entity, assignment::Column::Application))
                .equals((Entity, Column::Application)),
        )
        .filter(Expr::col((assignment::Entity, assignment::Column::Step)).equals((Entity, Column::Step)))
        .filter(
            Expr::col((assignment::Entity, assignment::Column::Attempt)).equals((Entity, Column::Attempt)),
        )
        .into_query();
    Expr::exists(theirs)
}

/// What cannot be assigned, in the order of arrival, from behind `after`. On PostgreSQL whoever is about to change it waits
/// here for others who are, and finds what they have left.
pub(crate) async fn unassignable<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, WorkItem)>, Failure> {
    let found = Entity::find()
        .filter(Column::State.eq(State::Unassignable))
        .filter(Column::Province.eq(province))
        .filter(Column::Arrived.gt(after))
        .order_by_asc(Column::Arrived)
        .limit(limit)
        .lock_exclusive();
    let rows = found.all(tx).await?;
    rows.into_iter()
        .map(|row| Ok((row.arrived, work_item(row.application, row.step, row.attempt)?)))
        .collect()
}

/// Whether there is anything that cannot be assigned.
pub(crate) async fn is_any_unassignable<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<bool, Failure> {
    let found = Entity::find()
        .select_only()
        .column(Column::Arrived)
        .filter(Column::State.eq(State::Unassignable))
        .filter(Column::Province.eq(province));
    Ok(found.into_tuple::<i64>().one(conn).await?.is_some())
}

/// Moves work items that are still in one of the states `from`; answers how many were.
pub(crate) async fn turn<C: ConnectionTrait>(
    tx: &C,
    arrived: &[i64],
    from: &[State],
    to: State,
    reason: Option<&str>,
) -> Result<usize, Failure> {
    let mut moved = 0;
    for some in arrived.chunks(MOST_KEYS) {
        let mut update = Entity::update_many().col_expr(Column::State, Expr::value(to));
        if let Some(reason) = reason {
            update = update.col_expr(Column::Reason, Expr::value(reason));
        }
        let update = update
            .filter(Column::Arrived.is_in(some.iter().copied()))
            .filter(Column::State.is_in(from.iter().copied()));
        moved += usize::try_from(update.exec(tx).await?.rows_affected).map_err(Failure::broken)?;
    }
    Ok(moved)
}

/// Takes back what is assigned and nobody has begun; answers whether it was so.
pub(crate) async fn release<C: ConnectionTrait>(tx: &C, arrived: i64, reason: &str) -> Result<bool, Failure> {
    let taken = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Released))
        .col_expr(Column::Reason, Expr::value(reason))
        .filter(Column::Arrived.eq(arrived))
        .filter(Column::State.eq(State::Assigned))
        // Also where an officer was quicker than this transaction.
        .filter(Column::Begun.eq(false));
    Ok(taken.exec(tx).await?.rows_affected > 0)
}

/// An officer has taken it up; answers whether it was assigned.
pub(crate) async fn begin<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    item: WorkItem,
) -> Result<bool, Failure> {
    let begun = Entity::update_many()
        .col_expr(Column::Begun, Expr::value(true))
        .filter(is(province, item)?)
        .filter(Column::State.eq(State::Assigned));
    Ok(begun.exec(tx).await?.rows_affected > 0)
}

/// It lies in a worklist under this fence, and nobody has it in hand; answers whether it was assigned.
pub(crate) async fn lay_down<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    item: WorkItem,
    fence: u64,
) -> Result<bool, Failure> {
    let laid = Entity::update_many()
        .col_expr(Column::Begun, Expr::value(false))
        .col_expr(Column::Fence, Expr::value(i64::try_from(fence).map_err(Failure::broken)?))
        .filter(is(province, item)?)
        .filter(Column::State.eq(State::Assigned));
    Ok(laid.exec(tx).await?.rows_affected > 0)
}

/// It is done; answers whether it was assigned.
pub(crate) async fn finish<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    item: WorkItem,
) -> Result<bool, Failure> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Done))
        .col_expr(Column::Begun, Expr::value(true))
        .filter(is(province, item)?)
        .filter(Column::State.eq(State::Assigned));
    Ok(done.exec(tx).await?.rows_affected > 0)
}

fn is(province: &str, item: WorkItem) -> Result<Condition, Failure> {
    let (application, step, attempt) = key(item)?;
    Ok(Condition::all()
        .add(Column::Province.eq(province))
        .add(Column::Application.eq(application))
        .add(Column::Step.eq(step))
        .add(Column::Attempt.eq(attempt)))
}

fn value(row: Model) -> Result<Item, Failure> {
    Ok(Item {
        arrived: row.arrived,
        work_item: work_item(row.application, row.step, row.attempt)?,
        state: row.state,
        begun: row.begun,
        fence: u64::try_from(row.fence).map_err(Failure::broken)?,
        reason: row.reason,
        previous: row.previous_unit.map(UnitId::from_uuid),
        origin: Origin { event: row.cause.map(EventId::from_uuid), traceparent: row.traceparent },
    })
}
