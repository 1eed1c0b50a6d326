//! What each attempt came to, and what operators did: the proof of what was told how.

use jiff::Timestamp;
use phidia_domain::id::{Id as _, MessageId};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, sea_query::OnConflict,
};

use super::{
    Message, count,
    entity::{attempt, deed},
};

/// An attempt that nobody has written the end of.
pub(crate) const LOST: &str = "lost";
/// An attempt by which a provider took the message.
pub(crate) const TAKEN: &str = "taken";

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) provider: String,
    /// Real time.
    pub(crate) began_at: Timestamp,
    pub(crate) took_milliseconds: u32,
    /// [`TAKEN`], [`LOST`], or the name of a fault.
    pub(crate) outcome: String,
    /// Nothing personal; may be empty.
    pub(crate) code: String,
}

/// What somebody did with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deed {
    /// `resend`, `cancel`, `replay`.
    pub(crate) deed: String,
    pub(crate) actor: String,
    pub(crate) reason: String,
    /// Real time.
    pub(crate) done_at: Timestamp,
}

/// Keeps what an attempt came to; what came of it later takes the place of that it was lost.
pub(crate) async fn keep(
    tx: &DatabaseTransaction,
    province: &str,
    message: MessageId,
    attempt: Attempt,
) -> Result<(), Failure> {
    use attempt::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        province: Set(province.to_owned()),
        message_id: Set(message.uuid()),
        number: Set(count(attempt.number)),
        provider: Set(attempt.provider),
        began_at: Set(to_db(attempt.began_at)),
        took_milliseconds: Set(count(attempt.took_milliseconds)),
        outcome: Set(attempt.outcome),
        code: Set(attempt.code),
    };
    let once = OnConflict::columns([Column::Province, Column::MessageId, Column::Number])
        .update_columns([Column::TookMilliseconds, Column::Outcome, Column::Code])
        .to_owned();
    Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// All attempts at a message, the first first.
pub(crate) async fn of(conn: &impl ConnectionTrait, message: &Message) -> Result<Vec<Attempt>, Failure> {
    use attempt::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Province.eq(&*message.province))
        .filter(Column::MessageId.eq(message.id.uuid()))
        .order_by_asc(Column::Number)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Attempt {
                number: u32::try_from(row.number).map_err(Failure::broken)?,
                provider: row.provider,
                began_at: from_db(row.began_at),
                took_milliseconds: u32::try_from(row.took_milliseconds).map_err(Failure::broken)?,
                outcome: row.outcome,
                code: row.code,
            })
        })
        .collect()
}

/// Keeps what somebody did with a message that is held.
pub(crate) async fn note(tx: &DatabaseTransaction, message: &Message, done: Deed) -> Result<(), Failure> {
    let number = deeds(message).count(tx).await?;
    let row = deed::ActiveModel {
        province: Set(message.province.clone()),
        message_id: Set(message.id.uuid()),
        number: Set(i32::try_from(number).unwrap_or(i32::MAX).saturating_add(1)),
        deed: Set(done.deed),
        actor: Set(done.actor),
        reason: Set(done.reason),
        done_at: Set(to_db(done.done_at)),
    };
    deed::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What was done with a message, the first first.
pub(crate) async fn done(conn: &impl ConnectionTrait, message: &Message) -> Result<Vec<Deed>, Failure> {
    let rows = deeds(message).order_by_asc(deed::Column::Number).all(conn).await?;
    let done = rows.into_iter().map(|row| Deed {
        deed: row.deed,
        actor: row.actor,
        reason: row.reason,
        done_at: from_db(row.done_at),
    });
    Ok(done.collect())
}

/// Whether there are attempts that were begun before then.
pub(crate) async fn are_there_before(
    conn: &impl ConnectionTrait,
    before: Timestamp,
) -> Result<bool, Failure> {
    let old = attempt::Entity::find().filter(attempt::Column::BeganAt.lt(to_db(before)));
    Ok(old.one(conn).await?.is_some())
}

/// Forgets attempts begun before then; answers how many.
pub(crate) async fn forget(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, Failure> {
    let old = attempt::Entity::delete_many().filter(attempt::Column::BeganAt.lt(to_db(before)));
    Ok(old.exec(tx).await?.rows_affected)
}

fn deeds(message: &Message) -> sea_orm::Select<deed::Entity> {
    deed::Entity::find()
        .filter(deed::Column::Province.eq(&*message.province))
        .filter(deed::Column::MessageId.eq(message.id.uuid()))
}
