//! What one person has handed in of one procedure, found by a mark that tells neither.

use jiff::Timestamp;
use phidia_domain::{
    application::Status,
    id::{Id as _, UnitId},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, ExprTrait as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    entity::prelude::*,
};

use super::{
    entity::{application, person_key},
    status,
};
use crate::applications::similar::Mark;

/// So many that bear one mark are looked at, those who came last: a name in which hundreds are handed in needs no warning.
const MOST_OF_ONE: u64 = 200;

/// An application as a warning tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Similar {
    pub(crate) dossier_code: String,
    pub(crate) received_at_unit: UnitId,
    pub(crate) submitted_at: Timestamp,
    pub(crate) status: Status,
}

/// The applications that bear a mark and are open, or were accepted since an instant: the newest first, so many at most.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    mark: Mark,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<Similar>, Failure> {
    // Every application has a person of its own; their ids are in the order of time.
    let persons = person_key::Entity::find()
        .select_only()
        .column(person_key::Column::Person)
        .filter(person_key::Column::Province.eq(province))
        .filter(person_key::Column::Mark.eq(Vec::from(mark)))
        .order_by_desc(person_key::Column::Person)
        .limit(MOST_OF_ONE);
    let persons: Vec<Uuid> = persons.into_tuple().all(conn).await?;
    if persons.is_empty() {
        return Ok(Vec::new());
    }
    use application::Column;
    let found = application::Entity::find()
        .select_only()
        .columns([Column::DossierCode, Column::ReceivedAtUnit, Column::SubmittedAt, Column::Status])
        .filter(Column::Province.eq(province))
        .filter(Column::Person.is_in(persons))
        .filter(Column::FinishedAt.is_null().or(Column::SubmittedAt.gte(to_db(since))))
        .order_by_desc(Column::Id)
        .limit(limit);
    let rows = found.into_tuple::<(String, Uuid, DateTimeUtc, String)>().all(conn).await?;
    let similar = |(dossier_code, unit, submitted_at, name): (String, Uuid, DateTimeUtc, String)| {
        Ok(Similar {
            dossier_code,
            received_at_unit: UnitId::from_uuid(unit),
            submitted_at: from_db(submitted_at),
            status: status(&name)?,
        })
    };
    rows.into_iter().map(similar).collect()
}

/// Forgets the marks of applications that have ended and were accepted before an instant, so many at once; answers how many those were.
pub(crate) async fn forget<C: ConnectionTrait>(
    tx: &C,
    before: Timestamp,
    limit: u64,
) -> Result<u64, Failure> {
    let marked = person_key::Entity::find()
        .select_only()
        .column(person_key::Column::Person)
        .filter(person_key::Column::Mark.is_not_null());
    let over = application::Entity::find()
        .select_only()
        .column(application::Column::Person)
        .filter(application::Column::Person.in_subquery(marked.into_query()))
        .filter(application::Column::FinishedAt.is_not_null())
        .filter(application::Column::SubmittedAt.lt(to_db(before)))
        .limit(limit);
    let over: Vec<Uuid> = over.into_tuple().all(tx).await?;
    let row = person_key::ActiveModel { mark: Set(None), ..Default::default() };
    let forgotten = person_key::Entity::update_many().set(row).filter(person_key::Column::Person.is_in(over));
    Ok(forgotten.exec(tx).await?.rows_affected)
}
