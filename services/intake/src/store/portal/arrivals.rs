//! What became of what the portal brought.

use phidia_domain::id::{ApplicationId, Id as _};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::read;
use crate::{
    portal::{Arrival, ArrivalState, Brought},
    store::{entity::portal_arrival, from_json, name, to_json},
};

/// What became of something that the portal brought; none: it is new.
pub(crate) async fn arrival<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    item: &str,
) -> Result<Option<Arrival>, Failure> {
    let found = portal_arrival::Entity::find_by_id((province.to_owned(), item.to_owned())).one(conn).await?;
    found.map(read_arrival).transpose()
}

/// Writes down what became of something that the portal brought.
pub(crate) async fn keep_arrival<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    arrival: &Arrival,
) -> Result<(), Failure> {
    use portal_arrival::{Column, Entity};
    let answer = &arrival.answer;
    let row = portal_arrival::ActiveModel {
        province: Set(province.to_owned()),
        item: Set(arrival.item.clone()),
        kind: Set(name(&arrival.kind)?),
        code: Set(arrival.code.clone()),
        seen_at: Set(to_db(arrival.seen_at)),
        state: Set(name(&arrival.state)?),
        attempts: Set(arrival.attempts),
        next_at: Set(to_db(arrival.next_at)),
        reason: Set(arrival.reason.clone()),
        answer: Set((!answer.is_empty()).then(|| to_json(answer)).transpose()?),
        application: Set(arrival.application.map(|id| id.uuid())),
    };
    let changed = [
        Column::State,
        Column::Attempts,
        Column::NextAt,
        Column::Reason,
        Column::Answer,
        Column::Application,
    ];
    // What another replica has finished meanwhile stays.
    let failed = Expr::col((Entity, Column::State)).eq(name(&ArrivalState::Failed)?);
    let mut known = OnConflict::columns([Column::Province, Column::Item]);
    let known = known.update_columns(changed).action_and_where(failed).to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether such a thing was brought of the dossier with this code and could not be taken in yet.
pub(crate) async fn is_awaited<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    code: &str,
    kind: Brought,
) -> Result<bool, Failure> {
    use portal_arrival::{Column, Entity};
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Code.eq(code))
        .filter(Column::Kind.eq(name(&kind)?))
        .filter(Column::State.eq(name(&ArrivalState::Failed)?));
    Ok(found.count(conn).await? > 0)
}

/// What the portal brought, by its ids, what is behind `after` only; where a state is named, in that.
pub(crate) async fn arrivals<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    state: Option<ArrivalState>,
    after: Option<String>,
    limit: u64,
) -> Result<Vec<Arrival>, Failure> {
    use portal_arrival::{Column, Entity};
    let mut found = Entity::find().filter(Column::Province.eq(province));
    if let Some(state) = state {
        found = found.filter(Column::State.eq(name(&state)?));
    }
    if let Some(after) = after {
        found = found.filter(Column::Item.gt(after));
    }
    found.order_by_asc(Column::Item).limit(limit).all(conn).await?.into_iter().map(read_arrival).collect()
}

fn read_arrival(row: portal_arrival::Model) -> Result<Arrival, Failure> {
    Ok(Arrival {
        item: row.item,
        kind: read::<Brought>(row.kind)?,
        code: row.code,
        seen_at: from_db(row.seen_at),
        state: read(row.state)?,
        attempts: row.attempts,
        next_at: from_db(row.next_at),
        reason: row.reason,
        answer: row.answer.map_or(Ok(Vec::new()), from_json)?,
        application: row.application.map(ApplicationId::from_uuid),
    })
}
