//! New appointments: what a case keeps beside its due date.

use phidia_domain::{
    case::Postponement,
    id::{CaseId, Id as _},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};

use super::{
    cases::changed_meanwhile,
    entity::case::{ActiveModel, Column, Entity, State},
};
use crate::record::CaseRecord;

/// Writes down a new appointment of a case that stands as it was read.
///
/// # Errors
/// `UNAVAILABLE` when it does not, or has one by now.
pub(crate) async fn postpone<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
    postponement: &Postponement,
) -> Result<(), Failure> {
    let there = Condition::all()
        .add(Column::Id.eq(case.id.uuid()))
        .add(Column::State.eq(State::from(case.standing.state)))
        .add(Column::Step.eq(i64::from(case.standing.step)))
        .add(Column::DueAt.eq(case.due_at.map(to_db)))
        .add(Column::Postponement.is_null());
    let row = ActiveModel { postponement: Set(Some(json(postponement)?)), ..ActiveModel::default() };
    match Entity::update_many().set(row).filter(there).exec(tx).await?.rows_affected {
        1 => Ok(()),
        _ => Err(changed_meanwhile(case.id)),
    }
}

/// Writes down where an appointment has moved to, with the due date.
pub(crate) async fn move_appointment<C: ConnectionTrait>(
    tx: &C,
    id: CaseId,
    postponement: &Postponement,
) -> Result<(), Failure> {
    let row = ActiveModel { postponement: Set(Some(json(postponement)?)), ..ActiveModel::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id.uuid())).exec(tx).await?;
    Ok(())
}

pub(super) fn json(postponement: &Postponement) -> Result<String, Failure> {
    serde_json::to_string(postponement).map_err(Failure::broken)
}
