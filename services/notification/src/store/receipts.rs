//! What providers said of messages that they had taken.

use jiff::Timestamp;
use phidia_domain::notice::Receipt;
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    QueryFilter as _, QueryOrder as _,
};

use super::{
    Message,
    entity::{
        message,
        receipt::{ActiveModel, Column, Entity},
    },
    unreadable,
};

/// What a provider said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) provider: String,
    pub(crate) provider_ref: String,
    pub(crate) receipt: Receipt,
    /// The code that came with it; may be empty.
    pub(crate) code: String,
    /// Real time.
    pub(crate) seen_at: Timestamp,
}

/// Keeps what a provider said; the same a second time changes nothing.
pub(crate) async fn keep(tx: &DatabaseTransaction, said: &Said) -> Result<(), Failure> {
    let row = ActiveModel {
        provider: Set(said.provider.clone()),
        provider_ref: Set(said.provider_ref.clone()),
        kind: Set(said.receipt.as_str().to_owned()),
        code: Set(said.code.clone()),
        seen_at: Set(to_db(said.seen_at)),
    };
    Entity::insert(row)
        .on_conflict_do_nothing_on([Column::Provider, Column::ProviderRef, Column::Kind])
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// All that was said of what a provider calls so.
pub(crate) async fn of(
    conn: &impl ConnectionTrait,
    provider: &str,
    provider_ref: &str,
) -> Result<Vec<Said>, Failure> {
    let rows = Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::ProviderRef.eq(provider_ref))
        .order_by_asc(Column::SeenAt)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Said {
                receipt: Receipt::parse(&row.kind).ok_or_else(|| unreadable("receipt"))?,
                provider: row.provider,
                provider_ref: row.provider_ref,
                code: row.code,
                seen_at: from_db(row.seen_at),
            })
        })
        .collect()
}

/// The messages that a provider calls so; not held.
pub(crate) async fn messages(
    conn: &impl ConnectionTrait,
    provider: &str,
    provider_ref: &str,
) -> Result<Vec<Message>, Failure> {
    let rows = message::Entity::find()
        .filter(message::Column::Provider.eq(provider))
        .filter(message::Column::ProviderRef.eq(provider_ref))
        .all(conn)
        .await?;
    rows.into_iter().map(Message::try_from).collect()
}

/// Whether there is anything that was said before then.
pub(crate) async fn are_there_before(
    conn: &impl ConnectionTrait,
    before: Timestamp,
) -> Result<bool, Failure> {
    Ok(Entity::find().filter(Column::SeenAt.lt(to_db(before))).one(conn).await?.is_some())
}

/// Forgets what was said before then; answers how much.
pub(crate) async fn forget(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, Failure> {
    Ok(Entity::delete_many().filter(Column::SeenAt.lt(to_db(before))).exec(tx).await?.rows_affected)
}
