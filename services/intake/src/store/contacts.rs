//! How applicants are reached: sealed with all else that is known of them.

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, Id as _, PersonId};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, DerivePartialModel, QuerySelect as _,
    entity::prelude::*,
};

use super::entity::{application, person_key};
use crate::record::SealedApplicant;

#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
struct Row {
    person: Uuid,
    applicant: Vec<u8>,
    submitted_at: DateTimeUtc,
    contact_corrected_at: Option<DateTimeUtc>,
}

/// Who applied.
pub(crate) async fn read<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<SealedApplicant, Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let row = found.into_partial_model::<Row>().one(conn).await?;
    Ok(applicant(conn, province, row.ok_or_else(|| gone(id))?).await?.0)
}

/// The same with when their contact was corrected last, or given. It stays locked until the commit.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<(SealedApplicant, Timestamp), Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid())).lock_exclusive();
    let row = found.into_partial_model::<Row>().one(tx).await?;
    applicant(tx, province, row.ok_or_else(|| gone(id))?).await
}

/// Writes down who applied, as they are reached from now on.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    applicant: Vec<u8>,
    corrected_at: Timestamp,
) -> Result<(), Failure> {
    let row = application::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        applicant: Set(applicant),
        contact_corrected_at: Set(Some(to_db(corrected_at))),
        ..Default::default()
    };
    application::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes down who applied, reached as before.
pub(crate) async fn save_applicant<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    applicant: Vec<u8>,
) -> Result<(), Failure> {
    let row = application::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        applicant: Set(applicant),
        ..Default::default()
    };
    application::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

async fn applicant<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    row: Row,
) -> Result<(SealedApplicant, Timestamp), Failure> {
    let key = person_key::Entity::find_by_id((province.to_owned(), row.person)).one(conn).await?;
    let applicant = SealedApplicant {
        person: PersonId::from_uuid(row.person),
        wrapped_key: key.map(|key| key.wrapped_key),
        sealed: row.applicant,
    };
    Ok((applicant, from_db(row.contact_corrected_at.unwrap_or(row.submitted_at))))
}

fn gone(id: ApplicationId) -> Failure {
    Failure::broken(format!("{id} was here and is no more"))
}
