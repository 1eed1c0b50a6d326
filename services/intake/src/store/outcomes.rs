//! What became of results.

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
use crate::record::Outcome;

/// What became of the result of an application so far, locked until the commit; none: there is no such application.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<Outcome>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), id.uuid())).lock_exclusive();
    let found = found.select_only().column(Column::Outcome).into_tuple::<Option<Value>>().one(tx).await?;
    found.map(read).transpose()
}

/// Writes it down.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    outcome: &Outcome,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        outcome: Set(Some(to_json(outcome)?)),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// From its column.
pub(super) fn read(outcome: Option<Value>) -> Result<Outcome, Failure> {
    outcome.map(from_json).transpose().map(Option::unwrap_or_default)
}
