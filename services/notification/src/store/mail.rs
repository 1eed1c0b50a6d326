//! What is still to be handed to the mail server. A claim is an attempt begun: it pushes the row's time
//! past its lease and counts the attempt, which is its fence from then on. Who dies with a claim loses it
//! when the lease is over.

use jiff::Timestamp;
use phidia_domain::{
    id::{Id as _, MessageId},
    notice::State,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, prelude::Expr, sea_query::ExprTrait as _,
};

use super::{
    Message, count,
    entity::{delivery, message},
};

/// A message that is ours to send, until the lease is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) province: String,
    pub(crate) message: MessageId,
    /// This attempt, from 1.
    pub(crate) attempt: u32,
    /// The sealed contact that it goes to; none: where its recipient is reached by now.
    pub(crate) contact: Option<Vec<u8>>,
}

impl Claim {
    fn id(&self) -> (String, uuid::Uuid) {
        (self.province.clone(), self.message.uuid())
    }
}

/// Puts a message among those that are to be sent at once; to this sealed contact, which is forgotten with its last attempt, or else to where its
/// recipient is reached then.
pub(crate) async fn queue(
    tx: &impl ConnectionTrait,
    province: &str,
    message: MessageId,
    contact: Option<Vec<u8>>,
    real_now: Timestamp,
) -> Result<(), Failure> {
    let row = delivery::ActiveModel {
        province: Set(province.to_owned()),
        message_id: Set(message.uuid()),
        attempt: Set(0),
        due_at: Set(to_db(real_now)),
        contact: Set(contact),
    };
    delivery::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// When the next attempt is due; none: nothing is to be sent.
pub(crate) async fn next_due(conn: &impl ConnectionTrait) -> Result<Option<Timestamp>, Failure> {
    let first: Option<sea_orm::prelude::DateTimeUtc> = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::DueAt)
        .order_by_asc(delivery::Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(first.map(from_db))
}

/// Claims at most `limit` messages that are due. Of several replicas one gets each: the outer condition is
/// looked at again once the row is locked.
pub(crate) async fn claim(
    tx: &impl ConnectionTrait,
    real_now: Timestamp,
    lease_until: Timestamp,
    limit: u64,
) -> Result<Vec<Claim>, Failure> {
    use delivery::{Column, Entity};
    let due = Entity::find()
        .select_only()
        .column(Column::MessageId)
        .filter(Column::DueAt.lte(to_db(real_now)))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::MessageId)
        .limit(limit)
        .into_query();
    let rows = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(to_db(lease_until)))
        .col_expr(Column::Attempt, Expr::col(Column::Attempt).add(1))
        .filter(Column::MessageId.in_subquery(due))
        .filter(Column::DueAt.lte(to_db(real_now)))
        .exec_with_returning(tx)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Claim {
                province: row.province,
                message: MessageId::from_uuid(row.message_id),
                attempt: u32::try_from(row.attempt).map_err(Failure::broken)?,
                contact: row.contact,
            })
        })
        .collect()
}

/// The claimed message.
pub(crate) async fn find(conn: &impl ConnectionTrait, claim: &Claim) -> Result<Option<Message>, Failure> {
    message::Entity::find_by_id(claim.id()).one(conn).await?.map(Message::try_from).transpose()
}

/// The server took the message. That is true whoever holds the claim by now, so no fence is asked for.
pub(crate) async fn mark_sent(
    tx: &impl ConnectionTrait,
    claim: &Claim,
    real_now: Timestamp,
) -> Result<(), Failure> {
    use message::Column;
    delivery::Entity::delete_by_id(claim.id()).exec(tx).await?;
    of(claim)
        .col_expr(Column::State, Expr::value(State::Sent.as_str()))
        .col_expr(Column::SentAt, Expr::value(to_db(real_now)))
        .col_expr(Column::Attempts, Expr::value(count(claim.attempt)))
        .col_expr(Column::Failure, Expr::value(""))
        .filter(Column::SentAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The attempt failed and another follows, unless the claim went to somebody else.
pub(crate) async fn mark_retrying(
    tx: &impl ConnectionTrait,
    claim: &Claim,
    reason: &str,
    again_at: Timestamp,
) -> Result<(), Failure> {
    let still_ours = delivery::Entity::update_many()
        .col_expr(delivery::Column::DueAt, Expr::value(to_db(again_at)))
        .filter(delivery::Column::Province.eq(&*claim.province))
        .filter(delivery::Column::MessageId.eq(claim.message.uuid()))
        .filter(delivery::Column::Attempt.eq(count(claim.attempt)))
        .exec(tx)
        .await?;
    if still_ours.rows_affected > 0 {
        mark_unsent(tx, claim, State::Retrying, reason).await?;
    }
    Ok(())
}

/// The attempt failed and none follows, unless the claim went to somebody else.
pub(crate) async fn mark_failed(
    tx: &impl ConnectionTrait,
    claim: &Claim,
    reason: &str,
) -> Result<(), Failure> {
    let still_ours = delivery::Entity::delete_by_id(claim.id())
        .filter(delivery::Column::Attempt.eq(count(claim.attempt)))
        .exec(tx)
        .await?;
    if still_ours.rows_affected > 0 {
        mark_unsent(tx, claim, State::Failed, reason).await?;
    }
    Ok(())
}

async fn mark_unsent(
    tx: &impl ConnectionTrait,
    claim: &Claim,
    state: State,
    reason: &str,
) -> Result<(), Failure> {
    use message::Column;
    of(claim)
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::Attempts, Expr::value(count(claim.attempt)))
        .col_expr(Column::Failure, Expr::value(reason))
        .filter(Column::SentAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

fn of(claim: &Claim) -> sea_orm::UpdateMany<message::Entity> {
    message::Entity::update_many()
        .filter(message::Column::Province.eq(&*claim.province))
        .filter(message::Column::MessageId.eq(claim.message.uuid()))
}
