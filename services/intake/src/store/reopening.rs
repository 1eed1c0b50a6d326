//! What an application that was finished has, in case it is opened again.

use phidia_domain::id::{ApplicationId, Id as _};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, QuerySelect as _,
    entity::prelude::*,
};
use serde_json::Value;

use super::{
    entity::application::{ActiveModel, Column, Entity},
    from_json, to_json,
};
use crate::record::{Ahead, Reopening};

/// Keeps what routing has told of it last, of each step.
pub(crate) async fn note_ahead<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    ahead: Ahead,
) -> Result<(), Failure> {
    let step = |ahead: &Ahead| ahead.work_item.map(|work_item| work_item.step);
    let mut all = told_ahead(tx, province, id).await?;
    all.retain(|earlier| step(earlier) != step(&ahead));
    all.push(ahead);
    // A version of before knows one alone.
    let kept = match all.as_slice() {
        [one] => to_json(one)?,
        all => to_json(&all)?,
    };
    let row = ActiveModel { ahead: Set(Some(kept)), ..of(province, id) };
    Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// In the order in which it was told.
async fn told_ahead<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Vec<Ahead>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), id.uuid())).select_only().column(Column::Ahead);
    match found.into_tuple::<Option<Value>>().one(tx).await?.flatten() {
        None => Ok(Vec::new()),
        Some(one @ Value::Object(_)) => Ok(vec![from_json(one)?]),
        Some(all) => from_json(all),
    }
}

/// The last time that it was opened again, if it was.
pub(crate) async fn last<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<Reopening>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), id.uuid())).select_only().column(Column::Reopening);
    let last = found.into_tuple::<Option<Value>>().one(tx).await?.flatten();
    last.map(from_json).transpose()
}

/// It is open again: the new appointment of before holds no more, and what routing has told last is answered and forgotten.
pub(crate) async fn settle<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    reopening: &Reopening,
) -> Result<Vec<Ahead>, Failure> {
    let ahead = told_ahead(tx, province, id).await?;
    let row = ActiveModel {
        ahead: Set(None),
        appointment_at: Set(None),
        reopening: Set(Some(to_json(reopening)?)),
        ..of(province, id)
    };
    Entity::update(row).exec_without_returning(tx).await?;
    Ok(ahead)
}

fn of(province: &str, id: ApplicationId) -> ActiveModel {
    ActiveModel { province: Unchanged(province.to_owned()), id: Unchanged(id.uuid()), ..Default::default() }
}
