//! Whose turn it is.

use phidia_runtime::failure::Failure;
use sea_orm::{
    ConnectionTrait, EntityTrait as _, Set,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use uuid::Uuid;

use super::entity::turn::{ActiveModel, Column, Entity};

/// Takes the turn or keeps it, where it is `holder`'s or free at `now`; answers whether it is `holder`'s.
/// Instants are microseconds since 1970.
pub(crate) async fn take<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    holder: Uuid,
    now: i64,
    until: i64,
) -> Result<bool, Failure> {
    let row = ActiveModel { province: Set(province.to_owned()), holder: Set(holder), until: Set(until) };
    let free = Expr::col((Entity, Column::Holder)).eq(holder).or(Expr::col((Entity, Column::Until)).lt(now));
    let next = OnConflict::column(Column::Province)
        .update_columns([Column::Holder, Column::Until])
        .action_and_where(free)
        .to_owned();
    Ok(Entity::insert(row).on_conflict(next).exec_without_returning(tx).await? > 0)
}
