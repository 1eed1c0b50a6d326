//! The wrapped keys of persons.

use phidia_domain::id::{Id as _, PersonId};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, QuerySelect as _, QueryTrait as _, entity::prelude::*,
    sea_query::SelectStatement,
};

use super::entity::person_key::{ActiveModel, Column, Entity};

/// Keeps the key of somebody new.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    person: PersonId,
    wrapped_key: Vec<u8>,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(province.to_owned()),
        person: Set(person.uuid()),
        wrapped_key: Set(wrapped_key),
        mark: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Erases some persons: nobody opens again what was sealed for them. Answers how many still had a key.
pub(crate) async fn erase<C: ConnectionTrait>(tx: &C, persons: Vec<Uuid>) -> Result<u64, Failure> {
    Ok(Entity::delete_many().filter(Column::Person.is_in(persons)).exec(tx).await?.rows_affected)
}

/// Those who have not been erased.
pub(crate) fn known() -> SelectStatement {
    Entity::find().select_only().column(Column::Person).into_query()
}

/// The key of somebody; none once they were erased.
pub(crate) async fn wrapped_key<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    person: PersonId,
) -> Result<Option<Vec<u8>>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), person.uuid())).one(conn).await?;
    Ok(found.map(|row| row.wrapped_key))
}
