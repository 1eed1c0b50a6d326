//! The epochs of boards.

use phidia_runtime::failure::Failure;
use sea_orm::{
    ConnectionTrait, EntityTrait as _, QuerySelect as _, Set,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::entity::epoch::{ActiveModel, Column, Entity};

/// The epoch that holds, with the sequence at which it began; 0 and 0 when there was none.
pub(crate) async fn current<C: ConnectionTrait>(conn: &C, province: &str) -> Result<(i64, i64), Failure> {
    let row = Entity::find_by_id(province.to_owned()).one(conn).await?;
    Ok(row.map_or((0, 0), |row| (row.epoch, row.sequence)))
}

/// Begins an epoch; answers whether it was this call that did. It waits for decisions that are being written
/// in the one before ([`hold`]): whoever reads the decisions after it reads all of them.
pub(crate) async fn begin<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    epoch: i64,
    sequence: i64,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        province: Set(province.to_owned()),
        epoch: Set(epoch),
        sequence: Set(sequence),
        registry_revision: Set(0),
    };
    let next = OnConflict::column(Column::Province)
        .update_columns([Column::Epoch, Column::Sequence])
        .action_and_where(Expr::col((Entity, Column::Epoch)).lt(epoch))
        .to_owned();
    Ok(Entity::insert(row).on_conflict(next).exec_without_returning(tx).await? > 0)
}

/// Holds the epoch and the revision of the registry until the commit; answers which they are.
pub(crate) async fn hold<C: ConnectionTrait>(tx: &C, province: &str) -> Result<(i64, i64), Failure> {
    let row = Entity::find_by_id(province.to_owned()).lock_shared().one(tx).await?;
    Ok(row.map_or((0, 0), |row| (row.epoch, row.registry_revision)))
}
