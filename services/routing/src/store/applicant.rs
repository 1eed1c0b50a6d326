//! Which applications are of the same person: all that routing knows of people, and not for long.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    application::Pseudonym,
    id::{ApplicationId, Id as _, UnitId},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, JoinType, QueryFilter as _, QuerySelect as _,
    QueryTrait, Set,
    prelude::DateTimeUtc,
    sea_query::{Alias, Expr, ExprTrait as _, OnConflict, Query},
};
use uuid::Uuid;

use super::{
    MOST_KEYS,
    entity::{
        applicant::{ActiveModel, Column, Entity},
        assignment, work_item,
    },
};
use crate::work::State;

/// How far continuity looks back from the day of acceptance. Whoever is unknown for longer is forgotten.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Keeps whose an application is.
pub(crate) async fn add<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    application: ApplicationId,
    pseudonym: Pseudonym,
    submitted_at: Timestamp,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(province.to_owned()),
        application: Set(application.uuid()),
        pseudonym: Set(Uuid::from_bytes(pseudonym.bytes())),
        submitted_at: Set(to_db(submitted_at)),
    };
    let there = OnConflict::columns([Column::Province, Column::Application]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// The units that last did work of an earlier application of the same person, by application. These are given with
/// the time of their acceptance.
///
/// Two questions instead of one: SQLite would begin a join of all that at the work items, and read every one.
pub(crate) async fn earlier<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: &BTreeMap<ApplicationId, Timestamp>,
) -> Result<BTreeMap<ApplicationId, UnitId>, Failure> {
    let others = others(conn, province, applications).await?;
    let worked = worked(conn, province, &others).await?;
    let last = |others: &BTreeSet<Uuid>| others.iter().filter_map(|other| worked.get(other)).max().copied();
    Ok(others.iter().filter_map(|(id, others)| Some((*id, last(others)?.1))).collect())
}

type Others = BTreeMap<ApplicationId, BTreeSet<Uuid>>;

/// The other applications of the same persons, as far as continuity looks back.
async fn others<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: &BTreeMap<ApplicationId, Timestamp>,
) -> Result<Others, Failure> {
    let (own, other) = (Alias::new("own"), Alias::new("other"));
    let theirs = |column| Expr::col((own.clone(), column));
    let its = |column| Expr::col((other.clone(), column));
    let mut others = Others::new();
    let Some(oldest) = applications.values().min() else { return Ok(others) };
    let ids: Vec<Uuid> = applications.keys().map(|id| id.uuid()).collect();
    for some in ids.chunks(MOST_KEYS) {
        let same_person = its(Column::Province)
            .equals((own.clone(), Column::Province))
            .and(its(Column::Pseudonym).equals((own.clone(), Column::Pseudonym)))
            .and(its(Column::Application).ne(theirs(Column::Application)))
            .and(its(Column::SubmittedAt).lte(theirs(Column::SubmittedAt)))
            .and(its(Column::SubmittedAt).gte(to_db(looks_back(*oldest))));
        let select = Query::select()
            .expr_as(theirs(Column::Application), "own")
            .expr_as(its(Column::Application), "other")
            .expr_as(its(Column::SubmittedAt), "submitted_at")
            .from_as(Entity, own.clone())
            .join_as(JoinType::InnerJoin, Entity, other.clone(), same_person)
            .and_where(theirs(Column::Province).eq(province))
            .and_where(theirs(Column::Application).is_in(some.iter().copied()))
            .to_owned();
        for row in conn.query_all(&select).await? {
            let own = ApplicationId::from_uuid(row.try_get("", "own")?);
            let submitted_at = from_db(row.try_get::<DateTimeUtc>("", "submitted_at")?);
            if applications.get(&own).is_some_and(|at| submitted_at >= looks_back(*at)) {
                others.entry(own).or_default().insert(row.try_get("", "other")?);
            }
        }
    }
    Ok(others)
}

/// Of each that was begun: the last work item to arrive of those that were, and the unit that has or had it.
async fn worked<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    others: &Others,
) -> Result<BTreeMap<Uuid, (i64, UnitId)>, Failure> {
    let all: BTreeSet<Uuid> = others.values().flatten().copied().collect();
    let mut worked = BTreeMap::new();
    for some in all.into_iter().collect::<Vec<_>>().chunks(MOST_KEYS) {
        let same = |left, right| Expr::col((work_item::Entity, left)).equals((assignment::Entity, right));
        let given = same(work_item::Column::Province, assignment::Column::Province)
            .and(same(work_item::Column::Application, assignment::Column::Application))
            .and(same(work_item::Column::Step, assignment::Column::Step))
            .and(same(work_item::Column::Attempt, assignment::Column::Attempt));
        let mut begun = work_item::Entity::find()
            .select_only()
            .columns([work_item::Column::Application, work_item::Column::Arrived])
            .column(assignment::Column::Unit)
            .filter(work_item::Column::Province.eq(province))
            .filter(work_item::Column::Application.is_in(some.iter().copied()))
            .filter(work_item::Column::Begun.eq(true))
            .filter(work_item::Column::State.ne(State::Released));
        QueryTrait::query(&mut begun).join(JoinType::InnerJoin, assignment::Entity, given);
        for (application, arrived, unit) in begun.into_tuple::<(Uuid, i64, Uuid)>().all(conn).await? {
            let last = worked.entry(application).or_insert((arrived, UnitId::from_uuid(unit)));
            *last = (*last).max((arrived, UnitId::from_uuid(unit)));
        }
    }
    Ok(worked)
}

/// Forgets whose the applications are that continuity does not look back to any more; answers how many went.
pub(crate) async fn forget<C: ConnectionTrait>(tx: &C, now: Timestamp) -> Result<u64, Failure> {
    let old = Entity::delete_many().filter(Column::SubmittedAt.lt(to_db(looks_back(now))));
    Ok(old.exec(tx).await?.rows_affected)
}

fn looks_back(from: Timestamp) -> Timestamp {
    from.checked_sub(LOOKS_BACK).unwrap_or(Timestamp::MIN)
}
