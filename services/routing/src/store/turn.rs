//! Whose turn it is.

use phidia_runtime::failure::Failure;
use sea_orm::{
    ConnectionTrait, EntityTrait as _, Set,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use uuid::Uuid;

use super::entity::turn::{ActiveModel, Column, Entity};

/// Who wants the turn.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// The process.
    pub(crate) id: Uuid,
    /// The name of its replica.
    pub(crate) replica: String,
    /// It begins: what the process of that name before it held is free.
    pub(crate) start: bool,
}

/// Takes the turn or keeps it, where it is `holder`'s or free at `now`; answers whether it is `holder`'s.
/// Instants are microseconds since 1970.
pub(crate) async fn take<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    holder: Holder,
    now: i64,
    until: i64,
) -> Result<bool, Failure> {
    let Holder { id, replica, start } = holder;
    let mut free = Expr::col((Entity, Column::Holder)).eq(id).or(Expr::col((Entity, Column::Until)).lt(now));
    if start {
        free = free.or(Expr::col((Entity, Column::Replica)).eq(&*replica));
    }
    let row = ActiveModel {
        province: Set(province.to_owned()),
        holder: Set(id),
        replica: Set(replica),
        until: Set(until),
    };
    let next = OnConflict::column(Column::Province)
        .update_columns([Column::Holder, Column::Replica, Column::Until])
        .action_and_where(free)
        .to_owned();
    Ok(Entity::insert(row).on_conflict(next).exec_without_returning(tx).await? > 0)
}
