//! What officers wrote to applicants. It may name people, so it rests sealed.

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, Id as _};
use phidia_runtime::{database::from_db, failure::Failure};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, DerivePartialModel,
    entity::prelude::*,
};

use super::entity::{application, person_key};

/// What was written, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// What is missing or wrong: a list of reasons.
    Supplement(Vec<u8>),
    /// Why it is refused.
    Refusal(Vec<u8>),
    /// An apology.
    Apology(Vec<u8>),
}

/// All that was written about an application.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) supplement: Option<Vec<u8>>,
    pub(crate) refusal: Option<Vec<u8>>,
    pub(crate) apology: Option<Vec<u8>>,
    /// When it was asked to end without a decision.
    pub(crate) stop_asked_at: Option<Timestamp>,
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
struct Row {
    supplement_words: Option<Vec<u8>>,
    refusal_words: Option<Vec<u8>>,
    apology_words: Option<Vec<u8>>,
    stop_asked_at: Option<DateTimeUtc>,
}

/// The wrapped key of whoever applied; none once they were erased.
pub(crate) async fn wrapped_key<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<Vec<u8>>, Failure> {
    use sea_orm::QuerySelect as _;
    let person = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let person = person.select_only().column(application::Column::Person).into_tuple::<Uuid>();
    let Some(person) = person.one(conn).await? else { return Ok(None) };
    let key = person_key::Entity::find_by_id((province.to_owned(), person)).one(conn).await?;
    Ok(key.map(|key| key.wrapped_key))
}

/// Keeps what was written.
pub(crate) async fn keep<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    words: Words,
) -> Result<(), Failure> {
    let mut row = application::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        ..Default::default()
    };
    match words {
        Words::Supplement(sealed) => row.supplement_words = Set(Some(sealed)),
        Words::Refusal(sealed) => row.refusal_words = Set(Some(sealed)),
        Words::Apology(sealed) => row.apology_words = Set(Some(sealed)),
    }
    application::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What was written about an application.
pub(crate) async fn written<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<Written>, Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let row = found.into_partial_model::<Row>().one(conn).await?;
    Ok(row.map(|row| Written {
        supplement: row.supplement_words,
        refusal: row.refusal_words,
        apology: row.apology_words,
        stop_asked_at: row.stop_asked_at.map(from_db),
    }))
}
