//! Over which ways persons want to be told.

use jiff::Timestamp;
use phidia_domain::preference::ContactPreferences;
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::entity::preference::{ActiveModel, Column, Entity};

/// Keeps what a person says, unless they have said something since.
pub(crate) async fn keep<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    person: Uuid,
    preferences: ContactPreferences,
    stated_at: Timestamp,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(province.to_owned()),
        person: Set(person),
        preferences: Set(serde_json::to_value(preferences).map_err(Failure::broken)?),
        stated_at: Set(to_db(stated_at)),
    };
    let earlier = Expr::col((Entity, Column::StatedAt)).lte(to_db(stated_at));
    let mut known = OnConflict::columns([Column::Province, Column::Person]);
    let known = known.update_columns([Column::Preferences, Column::StatedAt]).action_and_where(earlier);
    Entity::insert(row).on_conflict(known.to_owned()).exec_without_returning(tx).await?;
    Ok(())
}

/// What a person has said; nothing, where they have not.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    person: Uuid,
) -> Result<ContactPreferences, Failure> {
    match Entity::find_by_id((province.to_owned(), person)).one(conn).await? {
        Some(row) => serde_json::from_value(row.preferences).map_err(Failure::broken),
        None => Ok(ContactPreferences::default()),
    }
}
