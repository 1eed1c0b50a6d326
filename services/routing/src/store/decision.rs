//! The log of decisions: a chain of hashes over them, so that none can be changed, removed or slipped in without
//! a trace.

use phidia_domain::id::{AssignmentId, Id as _};
use phidia_runtime::{database::to_db, failure::Failure};
use ring::digest::{Context, SHA256};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Set, sea_query::OnConflict,
};

use super::{
    assignment,
    entity::{
        chain,
        decision::{ActiveModel, Column, Entity, Model},
    },
    key,
};
use crate::work::{Assignment, Counted};

/// One link of the log.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// From 1, without gaps.
    pub(crate) position: i64,
    /// Whose decision it is.
    pub(crate) assignment: AssignmentId,
    /// SHA-256 over the link before, this one and the decision.
    pub(crate) hash: Vec<u8>,
}

impl Link {
    /// The hash that this link has to have behind `previous`, with the decision as it stands in the store.
    pub(crate) fn hash_behind(
        &self,
        province: &str,
        previous: &[u8],
        decision: &Assignment,
        counted: &Counted,
    ) -> Result<Vec<u8>, Failure> {
        hash(province, self.position, previous, decision, counted)
    }
}

/// Adds decisions to the log, each with its place on the board. Others who add wait until the commit.
pub(crate) async fn append<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    decisions: &[(&Assignment, &Counted)],
) -> Result<(), Failure> {
    if decisions.is_empty() {
        return Ok(());
    }
    let empty =
        chain::ActiveModel { province: Set(province.to_owned()), position: Set(0), hash: Set(Vec::new()) };
    let there = OnConflict::column(chain::Column::Province).do_nothing().to_owned();
    chain::Entity::insert(empty).on_conflict(there).exec_without_returning(tx).await?;
    let end = chain::Entity::find_by_id(province.to_owned()).lock_exclusive().one(tx).await?;
    let Some(chain::Model { mut position, mut hash, .. }) = end else {
        return Err(Failure::broken("the log of decisions has no end"));
    };
    let mut rows = Vec::with_capacity(decisions.len());
    for (decision, counted) in decisions {
        position += 1;
        hash = self::hash(province, position, &hash, decision, counted)?;
        rows.push(ActiveModel {
            province: Set(province.to_owned()),
            position: Set(position),
            assignment: Set(decision.id.uuid()),
            hash: Set(hash.clone()),
        });
    }
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    let end =
        chain::ActiveModel { province: Set(province.to_owned()), position: Set(position), hash: Set(hash) };
    chain::Entity::update(end).exec(tx).await?;
    Ok(())
}

/// The link of a decision.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    assignment: AssignmentId,
) -> Result<Option<Link>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Assignment.eq(assignment.uuid()))
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

/// Every part with its length before it, so that no two records are written alike.
fn hash(
    province: &str,
    position: i64,
    previous: &[u8],
    decision: &Assignment,
    counted: &Counted,
) -> Result<Vec<u8>, Failure> {
    let (application, step, attempt) = key(decision.work_item)?;
    let decided_at = to_db(decision.decided_at).timestamp_micros();
    let numbers = [position, step.into(), attempt.into(), decided_at, counted.epoch, counted.sequence];
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let (explanation, load) = (assignment::json(&counted.explanation)?, assignment::json(&counted.load)?);
    let (id, unit) = (decision.id.uuid(), decision.unit.uuid());
    let parts: [&[u8]; 9] = [
        previous,
        province.as_bytes(),
        &numbers,
        id.as_bytes(),
        application.as_bytes(),
        unit.as_bytes(),
        decision.ground.name().as_bytes(),
        explanation.as_bytes(),
        load.as_bytes(),
    ];
    let mut digest = Context::new(&SHA256);
    for part in parts {
        digest.update(&u64::try_from(part.len()).map_err(Failure::broken)?.to_be_bytes());
        digest.update(part);
    }
    Ok(digest.finish().as_ref().to_vec())
}

fn value(row: Model) -> Link {
    Link { position: row.position, assignment: AssignmentId::from_uuid(row.assignment), hash: row.hash }
}
