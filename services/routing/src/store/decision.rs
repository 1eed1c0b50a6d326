//! The log of decisions: a chain of hashes over them, so that none can be changed, removed or slipped in without
//! a trace.
//!
//! A decision gets its place in the chain a moment after it was made: its transaction puts it among those that have none,
//! and [`link`] takes them from there. So nobody who decides waits for the end of the chain, and none is passed over: one
//! that is committed late is still there, whatever its number.

use phidia_domain::id::{AssignmentId, Id as _};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set,
    sea_query::{Expr, ExprTrait as _, Func, OnConflict, Query, SelectStatement},
};

use super::{
    entity::{
        chain,
        decision::{ActiveModel, Column, Entity, Model},
        unlinked,
    },
    record::{self, Record},
};

/// One link of the log.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// From 1, without gaps.
    pub(crate) position: i64,
    /// Which decision it is.
    pub(crate) decision: AssignmentId,
    /// SHA-256 over the link before, this one and the decision.
    pub(crate) hash: Vec<u8>,
}

impl Link {
    /// The hash that this link has to have behind `previous`, with the decision as it stands in the store.
    pub(crate) fn hash_behind(
        &self,
        province: &str,
        previous: &[u8],
        record: &Record,
    ) -> Result<Vec<u8>, Failure> {
        record::hash(province, self.position, previous, self.decision, Some(record))
    }
}

/// Notes decisions that are to be linked, in the transaction that makes them.
pub(crate) async fn note<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    decisions: impl IntoIterator<Item = AssignmentId>,
) -> Result<(), Failure> {
    let rows: Vec<_> = (decisions.into_iter())
        .map(|decision| unlinked::ActiveModel {
            province: Set(province.to_owned()),
            decision: Set(decision.uuid()),
            ..Default::default()
        })
        .collect();
    if !rows.is_empty() {
        unlinked::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// How many decisions have no place yet.
pub(crate) async fn unlinked<C: ConnectionTrait>(conn: &C, province: &str) -> Result<u64, Failure> {
    Ok(unlinked::Entity::find().filter(unlinked::Column::Province.eq(province)).count(conn).await?)
}

/// How many decisions are neither in the log nor waiting for their place in it: none, unless somebody has slipped one in.
pub(crate) async fn outside<C: ConnectionTrait>(conn: &C, province: &str) -> Result<i64, Failure> {
    let of = |table: &'static str| {
        let mut count = Query::select();
        count.expr(Func::count(Expr::val(1))).from(table);
        count.and_where(Expr::col("province").eq(province));
        count
    };
    let mut made = of("assignment");
    made.and_where(Expr::col("explanation").is_not_null());
    let sum = |[one, other]: [SelectStatement; 2]| Expr::from(one).add(Expr::from(other));
    // In one statement: of decisions that are being made it sees all or nothing.
    let outside = sum([made, of("refusal")]).sub(sum([of("decision"), of("unlinked")]));
    let found = conn.query_one(&Query::select().expr_as(outside, "outside").to_owned()).await?;
    found.map_or(Ok(0), |row| Ok(row.try_get("", "outside")?))
}

/// Links the first decisions that have no place yet; answers how many. Others who link wait until the commit. One that is
/// gone by then is linked as gone: that it was there is not forgotten.
pub(crate) async fn link<C: ConnectionTrait>(tx: &C, province: &str, most: u64) -> Result<usize, Failure> {
    let empty =
        chain::ActiveModel { province: Set(province.to_owned()), position: Set(0), hash: Set(Vec::new()) };
    let there = OnConflict::column(chain::Column::Province).do_nothing().to_owned();
    chain::Entity::insert(empty).on_conflict(there).exec_without_returning(tx).await?;
    let end = chain::Entity::find_by_id(province.to_owned()).lock_exclusive().one(tx).await?;
    let Some(chain::Model { mut position, mut hash, .. }) = end else {
        return Err(Failure::broken("the log of decisions has no end"));
    };
    let waiting = unlinked::Entity::find()
        .filter(unlinked::Column::Province.eq(province))
        .order_by_asc(unlinked::Column::Number)
        .limit(most);
    let waiting = waiting.all(tx).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = waiting.iter().map(|row| AssignmentId::from_uuid(row.decision)).collect();
    let records = record::of_ids(tx, &ids).await?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        position += 1;
        hash = record::hash(province, position, &hash, id, records.get(&id))?;
        rows.push(ActiveModel {
            province: Set(province.to_owned()),
            position: Set(position),
            decision: Set(id.uuid()),
            hash: Set(hash.clone()),
        });
    }
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    let linked = unlinked::Column::Number.is_in(waiting.iter().map(|row| row.number));
    unlinked::Entity::delete_many().filter(linked).exec(tx).await?;
    let end =
        chain::ActiveModel { province: Set(province.to_owned()), position: Set(position), hash: Set(hash) };
    chain::Entity::update(end).exec(tx).await?;
    Ok(waiting.len())
}

/// The link of a decision; none: it has none yet.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    decision: AssignmentId,
) -> Result<Option<Link>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Decision.eq(decision.uuid()))
        .one(conn)
        .await?;
    Ok(found.map(value))
}

/// Links in their order, from behind a position.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<Link>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Position.gt(after))
        .order_by_asc(Column::Position)
        .limit(limit);
    Ok(found.all(conn).await?.into_iter().map(value).collect())
}

/// Position and hash of the last link; 0 and nothing: there is none.
pub(crate) async fn end<C: ConnectionTrait>(conn: &C, province: &str) -> Result<(i64, Vec<u8>), Failure> {
    let end = chain::Entity::find_by_id(province.to_owned()).one(conn).await?;
    Ok(end.map(|end| (end.position, end.hash)).unwrap_or_default())
}

fn value(row: Model) -> Link {
    Link { position: row.position, decision: AssignmentId::from_uuid(row.decision), hash: row.hash }
}
