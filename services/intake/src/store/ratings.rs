//! What was said of applications that have ended.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    application::Rating,
    id::{ApplicationId, Id as _, UnitId},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DerivePartialModel, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};
use serde_json::Value;

use super::{
    entity::{
        application, person_key,
        rating::{self, Column, Entity},
    },
    from_json, name,
};
use crate::record::{Rated, RatingRecord};

/// Which ratings are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RatingFilter {
    pub(crate) rating: Option<Rating>,
    pub(crate) received_at: Option<UnitId>,
}

/// The place of a rating in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RatingPosition {
    pub(crate) at: Timestamp,
    pub(crate) application: ApplicationId,
    pub(crate) number: i32,
}

/// The last rating of an application, if there is any.
pub(crate) async fn last<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<RatingRecord>, Failure> {
    let found = of(province, id).order_by_desc(Column::Number).one(tx).await?;
    found.map(record).transpose()
}

/// Writes a rating down.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    rating: RatingRecord,
) -> Result<(), Failure> {
    let row = rating::ActiveModel {
        province: Set(province.to_owned()),
        application: Set(rating.application.uuid()),
        number: Set(rating.number),
        received_at_unit: Set(rating.received_at_unit.uuid()),
        rating: Set(name(&rating.rating)?),
        comment: Set(rating.comment),
        rated_at: Set(to_db(rating.at)),
        ended_at: Set(to_db(rating.ended_at)),
        reopened_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The application is opened again: what was said of its end counts no more.
pub(crate) async fn supersede<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = rating::ActiveModel { reopened_at: Set(Some(to_db(at))), ..Default::default() };
    let counts = Column::Province
        .eq(province)
        .and(Column::Application.eq(id.uuid()))
        .and(Column::ReopenedAt.is_null());
    Entity::update_many().set(row).filter(counts).exec(tx).await?;
    Ok(())
}

/// Ratings that pass `filter`, newest first, those behind `after` only, with what a list shows of their applications.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    filter: RatingFilter,
    after: Option<RatingPosition>,
    limit: u64,
) -> Result<Vec<Rated>, Failure> {
    let mut found = Entity::find().filter(Column::Province.eq(province));
    if let Some(rating) = filter.rating {
        found = found.filter(Column::Rating.eq(name(&rating)?));
    }
    if let Some(unit) = filter.received_at {
        found = found.filter(Column::ReceivedAtUnit.eq(unit.uuid()));
    }
    if let Some(RatingPosition { at, application, number }) = after {
        let columns = [Column::RatedAt, Column::Application, Column::Number].map(Expr::col);
        let values = [Expr::value(to_db(at)), Expr::value(application.uuid()), Expr::value(number)];
        found = found.filter(Expr::tuple(columns).lt(Expr::tuple(values)));
    }
    let newest =
        found.order_by_desc(Column::RatedAt).order_by_desc(Column::Application).order_by_desc(Column::Number);
    let ratings = newest.limit(limit).all(conn).await?;
    let ratings: Vec<_> = ratings.into_iter().map(record).collect::<Result<_, Failure>>()?;
    let applications = applications(conn, province, &ratings).await?;
    let keys = keys(conn, province, applications.values().map(|row| row.person)).await?;
    ratings
        .into_iter()
        .map(|rating| {
            let missing = || Failure::broken(format!("{} was rated and is not here", rating.application));
            let row = applications.get(&rating.application.uuid()).ok_or_else(missing)?;
            Ok(Rated {
                dossier_code: row.dossier_code.clone(),
                procedure_code: row.procedure_code.clone(),
                procedure_name: from_json(row.procedure_name.clone())?,
                wrapped_key: keys.get(&row.person).cloned(),
                rating,
            })
        })
        .collect()
}

/// What a list shows of an application, and whose it is.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
struct Row {
    id: Uuid,
    dossier_code: String,
    procedure_code: String,
    procedure_name: Value,
    person: Uuid,
}

async fn applications<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    ratings: &[RatingRecord],
) -> Result<BTreeMap<Uuid, Row>, Failure> {
    let found = application::Entity::find()
        .filter(application::Column::Province.eq(province))
        .filter(application::Column::Id.is_in(ratings.iter().map(|rating| rating.application.uuid())));
    let rows = found.into_partial_model::<Row>().all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The wrapped keys of those who were not erased.
async fn keys<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    persons: impl IntoIterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, Vec<u8>>, Failure> {
    let found = person_key::Entity::find()
        .filter(person_key::Column::Province.eq(province))
        .filter(person_key::Column::Person.is_in(persons));
    Ok(found.all(conn).await?.into_iter().map(|key| (key.person, key.wrapped_key)).collect())
}

fn of(province: &str, id: ApplicationId) -> Select<Entity> {
    Entity::find().filter(Column::Province.eq(province)).filter(Column::Application.eq(id.uuid()))
}

fn record(row: rating::Model) -> Result<RatingRecord, Failure> {
    Ok(RatingRecord {
        application: ApplicationId::from_uuid(row.application),
        number: row.number,
        received_at_unit: UnitId::from_uuid(row.received_at_unit),
        rating: from_json(Value::String(row.rating))?,
        comment: row.comment,
        at: from_db(row.rated_at),
        ended_at: from_db(row.ended_at),
        reopened_at: row.reopened_at.map(from_db),
    })
}
