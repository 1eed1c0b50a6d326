//! How much waits, of each kind.

use phidia_runtime::failure::Failure;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use super::entity::{agenda, assignment, moves, unlinked, work_item};
use crate::work::{State, Way};

/// Counts of what waits, each with the name of its kind.
pub(crate) async fn counts<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<[(&'static str, u64); 5], Failure> {
    let agenda = agenda::Entity::find().filter(agenda::Column::Province.eq(province));
    let moves = moves::Entity::find()
        .filter(moves::Column::Province.eq(province))
        .filter(moves::Column::State.eq(Way::Open));
    let unassignable = work_item::Entity::find()
        .filter(work_item::Column::Province.eq(province))
        .filter(work_item::Column::State.eq(State::Unassignable));
    let uncounted = assignment::Entity::find()
        .filter(assignment::Column::Province.eq(province))
        .filter(assignment::Column::Open.eq(true))
        .filter(assignment::Column::Load.is_null());
    let unlinked = unlinked::Entity::find().filter(unlinked::Column::Province.eq(province));
    Ok([
        ("agenda", agenda.count(conn).await?),
        ("moves", moves.count(conn).await?),
        ("unassignable", unassignable.count(conn).await?),
        ("uncounted", uncounted.count(conn).await?),
        ("unlinked", unlinked.count(conn).await?),
    ])
}
