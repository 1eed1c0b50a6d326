//! New appointments: what a case keeps beside its due date.

use phidia_domain::{
    case::Postponement,
    id::{CaseId, Id as _},
};
use phidia_runtime::failure::Failure;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::entity::case::{ActiveModel, Column, Entity};

/// Writes down a new appointment, or where it has moved to with the due date.
pub(crate) async fn save_postponement<C: ConnectionTrait>(
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
