//! The row of a case that reports count, kept in step with the case and its work items: whoever changes those
//! (`cases.rs`, `items.rs`) changes this in the same transaction.

use jiff::Timestamp;
use phidia_domain::{
    application::Rating,
    case::State,
    id::{Id as _, OfficerId},
    report::Wait,
};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::entity::case_figure::{ActiveModel, Column, Entity, NEVER};
use crate::record::{CaseRecord, Ended, Item};

/// What of a case that moves on the figures follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved<'m> {
    pub(super) state: State,
    pub(super) ended: Option<&'m Ended>,
    /// What the citizen is asked for, or has done.
    pub(super) wait: Option<Wait>,
    /// Whether that is a supplement which is asked for.
    pub(super) asks_supplement: bool,
    /// What is promised from now on, where that changes.
    pub(super) due_at: Option<Timestamp>,
    /// Whether all that was paid for it was paid online, as far as that is known, where something was asked for, or paid.
    pub(super) paid_online: Option<Option<bool>>,
}

/// Counts a case that has just been prepared; `field` is that of its procedure.
pub(super) async fn count_case<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
    field: &str,
) -> Result<(), Failure> {
    let row = ActiveModel {
        case_id: Set(case.id.uuid()),
        province: Set(case.province.clone()),
        procedure_code: Set(case.procedure_code.clone()),
        field: Set(field.to_owned()),
        received_at: Set(case.received_at.uuid()),
        submitted_at: Set(case.submitted_at.as_microsecond()),
        due_at: Set(case.due_at.map(Timestamp::as_microsecond)),
        ended_at: Set(NEVER),
        state: Set(case.standing.state.into()),
        supplements: Set(0),
        channel: Set(case.channel.map(Into::into)),
        digitised: Set(case.digitised),
        issued: Set(false),
        rating: Set(None),
        paid_online: Set(None),
        ..ActiveModel::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Follows a case that has moved on.
///
/// # Errors
/// Broken where one ends and it is not said how: its time would be missing from every mean.
pub(super) async fn follow_case<C: ConnectionTrait>(
    tx: &C,
    case: Uuid,
    moved: Moved<'_>,
) -> Result<(), Failure> {
    let Moved { state, ended, wait, asks_supplement, due_at, paid_online } = moved;
    let mut row = ActiveModel { state: Set(state.into()), ..ActiveModel::default() };
    match (state.is_final(), ended) {
        (true, Some(ended)) => end(&mut row, ended),
        (true, None) => return Err(Failure::broken("a case ends, and nobody says how")),
        // One that is opened again has not ended, and has no result, nor anything to be content with.
        (false, _) => {
            (row.ended_at, row.issued, row.rating) = (Set(NEVER), Set(false), Set(None));
            (row.timeliness, row.minutes, row.allowed_minutes) = (Set(None), Set(None), Set(None));
        }
    }
    if let Some(due_at) = due_at {
        row.due_at = Set(Some(due_at.as_microsecond()));
    }
    if let Some(paid_online) = paid_online {
        row.paid_online = Set(paid_online);
    }
    let mut update = Entity::update_many().set(row).filter(Column::CaseId.eq(case));
    if let Some(Wait { from, to }) = wait {
        update = update
            .col_expr(Column::WaitsFrom, Expr::value(from.as_microsecond()))
            .col_expr(Column::WaitsTo, Expr::value(to.map(Timestamp::as_microsecond)));
    }
    if asks_supplement {
        update = update.col_expr(Column::Supplements, Expr::col(Column::Supplements).add(1));
    }
    update.exec(tx).await?;
    Ok(())
}

/// Follows a case that is due at another instant.
pub(super) async fn follow_promise<C: ConnectionTrait>(
    tx: &C,
    case: Uuid,
    due_at: Timestamp,
) -> Result<(), Failure> {
    let row = ActiveModel { due_at: Set(Some(due_at.as_microsecond())), ..ActiveModel::default() };
    Entity::update_many().set(row).filter(Column::CaseId.eq(case)).exec(tx).await?;
    Ok(())
}

/// Follows what became of the result of a case: whether it was issued as a file.
pub(super) async fn follow_result<C: ConnectionTrait>(
    tx: &C,
    case: Uuid,
    issued: bool,
) -> Result<(), Failure> {
    let row = ActiveModel { issued: Set(issued), ..ActiveModel::default() };
    Entity::update_many().set(row).filter(Column::CaseId.eq(case)).exec(tx).await?;
    Ok(())
}

/// Follows what whoever has the receipt thinks of how a case ended.
pub(super) async fn follow_rating<C: ConnectionTrait>(
    tx: &C,
    case: Uuid,
    rating: Rating,
) -> Result<(), Failure> {
    let row = ActiveModel { rating: Set(Some(rating.into())), ..ActiveModel::default() };
    Entity::update_many().set(row).filter(Column::CaseId.eq(case)).exec(tx).await?;
    Ok(())
}

/// Notes how a case ended.
fn end(row: &mut ActiveModel, Ended { finished, measured }: &Ended) {
    row.ended_at = Set(finished.at.as_microsecond());
    row.timeliness = Set(Some(measured.timeliness.into()));
    row.minutes = Set(Some(measured.minutes));
    row.allowed_minutes = Set(measured.allowed_minutes);
    // What was said of an end that was undone: a replica of the version before has left it there.
    row.rating = Set(None);
}

/// Follows a work item that has reached a unit, in place of an earlier attempt or for the first time: where its step has more effort than
/// every other, or as much as a later one that goes on together with it, the case is worked on there.
pub(super) async fn follow_unit<C: ConnectionTrait>(tx: &C, item: &Item) -> Result<(), Failure> {
    let (step, effort) = (i64::from(item.held.work_item.step), i64::from(item.effort_minutes));
    let weighs = Condition::any()
        .add(Column::WorkedStep.is_null())
        .add(Column::WorkedStep.eq(step))
        .add(Column::WorkedEffort.lt(effort))
        .add(Column::WorkedEffort.eq(effort).and(Column::WorkedStep.gt(step)));
    let row = ActiveModel {
        worked_at: Set(Some(item.held.unit.uuid())),
        worked_step: Set(Some(step)),
        worked_effort: Set(Some(effort)),
        officer: Set(item.held.holder.map(|officer| officer.uuid())),
        ..ActiveModel::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::CaseId.eq(item.case.uuid()))
        .filter(weighs)
        .exec(tx)
        .await?;
    Ok(())
}

/// Follows a work item that was taken up, or given back, once its case is followed: everybody locks the case before its figures.
pub(crate) async fn follow_holder<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    holder: Option<OfficerId>,
) -> Result<(), Failure> {
    let row = ActiveModel { officer: Set(holder.map(|officer| officer.uuid())), ..ActiveModel::default() };
    Entity::update_many()
        .set(row)
        .filter(Column::CaseId.eq(item.case.uuid()))
        .filter(Column::WorkedStep.eq(i64::from(item.held.work_item.step)))
        .exec(tx)
        .await?;
    Ok(())
}
