//! What is still to be handed to a provider. A claim is an attempt begun: it pushes the row's time past its lease and counts the
//! attempt, which is its fence from then on. Who dies with a claim loses it when the lease is over.

use jiff::Timestamp;
use phidia_domain::{
    id::{Id as _, MessageId},
    notice::{Channel, Happening, State},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
    prelude::Expr,
    sea_query::{LockBehavior, LockType},
};
use uuid::Uuid;

use super::{
    Message, count,
    entity::{delivery, message},
    unreadable,
};

/// What is to be handed to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) province: String,
    pub(crate) message: MessageId,
    pub(crate) channel: Channel,
    /// Attempts begun so far.
    pub(crate) attempt: u32,
    /// Those of them that patience does not count.
    pub(crate) base: u32,
    /// The sealed contact that it goes to; none: where its recipient is reached by then.
    pub(crate) contact: Option<Vec<u8>>,
    /// Whom the last attempt was made at.
    pub(crate) provider: Option<String>,
    /// Whether an attempt there had no clear end.
    pub(crate) may_be_heard: bool,
    /// When an attempt was begun of which no end was written down.
    pub(crate) began_at: Option<Timestamp>,
    /// Business time from which on it is not sent any more.
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether it waits for a decent hour.
    pub(crate) waits: bool,
}

/// A message that is ours to send, until the lease is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) province: String,
    pub(crate) message: MessageId,
    /// This attempt, from 1.
    pub(crate) attempt: u32,
    /// As patience counts it, from 1.
    pub(crate) patience: u32,
    pub(crate) contact: Option<Vec<u8>>,
    pub(crate) provider: String,
    /// Whether it may have been heard there before.
    pub(crate) may_be_heard: bool,
    pub(crate) began_at: Timestamp,
}

impl Claim {
    pub(super) fn id(&self) -> (String, Uuid) {
        (self.province.clone(), self.message.uuid())
    }
}

/// Puts a message among those that are to be sent at once; to this sealed contact, which is forgotten with its last attempt,
/// or else to where its recipient is reached then. `heard_at`: the provider where it may have been heard already.
pub(crate) async fn queue(
    tx: &impl ConnectionTrait,
    message: &Message,
    contact: Option<Vec<u8>>,
    heard_at: Option<&str>,
    real_now: Timestamp,
) -> Result<(), Failure> {
    let row = delivery::ActiveModel {
        province: Set(message.province.clone()),
        message_id: Set(message.id.uuid()),
        attempt: Set(count(message.attempts)),
        due_at: Set(to_db(real_now)),
        contact: Set(contact),
        channel: Set(message.channel.as_str().to_owned()),
        provider: Set(heard_at.map(str::to_owned)),
        may_be_heard: Set(heard_at.is_some()),
        began_at: Set(None),
        base: Set(count(message.attempts)),
        expires_at: Set(message.expires_at.map(to_db)),
        waits: Set(message.unit.is_none() && message.notice.waits_over(message.channel)),
    };
    delivery::Entity::insert(row)
        .on_conflict_do_nothing_on([delivery::Column::Province, delivery::Column::MessageId])
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// When the next attempt over a channel is due; none: nothing is to be sent.
pub(crate) async fn next_due(
    conn: &impl ConnectionTrait,
    channel: Channel,
) -> Result<Option<Timestamp>, Failure> {
    let first: Option<sea_orm::prelude::DateTimeUtc> = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::DueAt)
        .filter(delivery::Column::Channel.eq(channel.as_str()))
        .order_by_asc(delivery::Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(first.map(from_db))
}

/// At most `limit` that are due, held for the rest of the transaction; others pass by those that somebody else holds.
pub(crate) async fn due(
    tx: &DatabaseTransaction,
    channel: Channel,
    real_now: Timestamp,
    limit: u64,
) -> Result<Vec<Delivery>, Failure> {
    use delivery::{Column, Entity};
    let due = Entity::find()
        .filter(Column::Channel.eq(channel.as_str()))
        .filter(Column::DueAt.lte(to_db(real_now)))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::MessageId)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    due.all(tx).await?.into_iter().map(Delivery::try_from).collect()
}

/// The delivery of a message, held for the rest of the transaction; none: nothing is to be sent.
///
/// Whoever needs both holds the delivery first and then the message, as whoever claims does.
pub(crate) async fn hold(
    tx: &DatabaseTransaction,
    province: &str,
    message: MessageId,
) -> Result<Option<Delivery>, Failure> {
    let id = (province.to_owned(), message.uuid());
    let row = delivery::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    row.map(Delivery::try_from).transpose()
}

/// Begins an attempt at a provider: it is ours until the lease is over.
pub(crate) async fn take(
    tx: &DatabaseTransaction,
    delivery: Delivery,
    provider: &str,
    may_be_heard: bool,
    real_now: Timestamp,
    lease_until: Timestamp,
) -> Result<Claim, Failure> {
    use delivery::Column;
    let attempt = delivery.attempt.saturating_add(1);
    of_delivery(&delivery.province, delivery.message)
        .col_expr(Column::DueAt, Expr::value(to_db(lease_until)))
        .col_expr(Column::Attempt, Expr::value(count(attempt)))
        .col_expr(Column::Provider, Expr::value(provider))
        .col_expr(Column::MayBeHeard, Expr::value(may_be_heard))
        .col_expr(Column::BeganAt, Expr::value(to_db(real_now)))
        .exec(tx)
        .await?;
    Ok(Claim {
        attempt,
        patience: attempt.saturating_sub(delivery.base),
        provider: provider.to_owned(),
        may_be_heard,
        began_at: real_now,
        province: delivery.province,
        message: delivery.message,
        contact: delivery.contact,
    })
}

/// These messages are under way from now on.
pub(crate) async fn mark_sending(tx: &DatabaseTransaction, claims: &[Claim]) -> Result<(), Failure> {
    use message::Column;
    if claims.is_empty() {
        return Ok(());
    }
    let begun = State::ALL.into_iter().filter(|state| state.after(Happening::Begun).is_some());
    message::Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Sending.as_str()))
        .filter(Column::Province.is_in(claims.iter().map(|claim| &*claim.province)))
        .filter(Column::MessageId.is_in(claims.iter().map(|claim| claim.message.uuid())))
        .filter(Column::State.is_in(begun.map(State::as_str)))
        .exec(tx)
        .await?;
    Ok(())
}

/// No attempt is made before then.
pub(crate) async fn put_off(
    tx: &DatabaseTransaction,
    delivery: &Delivery,
    until: Timestamp,
) -> Result<(), Failure> {
    of_delivery(&delivery.province, delivery.message)
        .col_expr(delivery::Column::DueAt, Expr::value(to_db(until)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Of the attempt under way nothing will be heard: the message may have been heard.
pub(crate) async fn lose(tx: &DatabaseTransaction, delivery: &Delivery) -> Result<(), Failure> {
    of_delivery(&delivery.province, delivery.message)
        .col_expr(delivery::Column::BeganAt, Expr::value(None::<sea_orm::prelude::DateTimeUtc>))
        .col_expr(delivery::Column::MayBeHeard, Expr::value(true))
        .exec(tx)
        .await?;
    Ok(())
}

/// Nothing is to be sent any more.
pub(crate) async fn drop_delivery(
    tx: &DatabaseTransaction,
    province: &str,
    message: MessageId,
) -> Result<(), Failure> {
    delivery::Entity::delete_by_id((province.to_owned(), message.uuid())).exec(tx).await?;
    Ok(())
}

/// The claim is still ours, and another attempt follows then.
pub(crate) async fn again(
    tx: &DatabaseTransaction,
    claim: &Claim,
    may_be_heard: bool,
    at: Timestamp,
) -> Result<bool, Failure> {
    use delivery::Column;
    let still_ours = of_delivery(&claim.province, claim.message)
        .col_expr(Column::DueAt, Expr::value(to_db(at)))
        .col_expr(Column::BeganAt, Expr::value(None::<sea_orm::prelude::DateTimeUtc>))
        .col_expr(Column::MayBeHeard, Expr::value(may_be_heard))
        .filter(Column::Attempt.eq(count(claim.attempt)))
        .exec(tx)
        .await?;
    Ok(still_ours.rows_affected > 0)
}

/// The claim is still ours, and none follows.
pub(crate) async fn over(tx: &DatabaseTransaction, claim: &Claim) -> Result<bool, Failure> {
    let still_ours = delivery::Entity::delete_by_id(claim.id())
        .filter(delivery::Column::Attempt.eq(count(claim.attempt)))
        .exec(tx)
        .await?;
    Ok(still_ours.rows_affected > 0)
}

/// A message, held for the rest of the transaction: whatever happens to it, happens one after the other.
pub(crate) async fn hold_message(
    tx: &DatabaseTransaction,
    province: &str,
    id: MessageId,
) -> Result<Option<Message>, Failure> {
    let row = message::Entity::find_by_id((province.to_owned(), id.uuid())).lock_exclusive().one(tx).await?;
    row.map(Message::try_from).transpose()
}

/// A message.
pub(crate) async fn find_message(
    conn: &impl ConnectionTrait,
    province: &str,
    id: MessageId,
) -> Result<Option<Message>, Failure> {
    let row = message::Entity::find_by_id((province.to_owned(), id.uuid())).one(conn).await?;
    row.map(Message::try_from).transpose()
}

/// Keeps how a message stands that was held and changed. `settled_at`: since when nothing more happens by itself, if nothing does.
pub(crate) async fn keep(
    tx: &DatabaseTransaction,
    message: &Message,
    settled_at: Option<Timestamp>,
) -> Result<(), Failure> {
    use message::Column;
    message::Entity::update_many()
        .col_expr(Column::State, Expr::value(message.state.as_str()))
        .col_expr(Column::SentAt, Expr::value(message.sent_at.map(to_db)))
        .col_expr(Column::Attempts, Expr::value(count(message.attempts)))
        .col_expr(Column::Failure, Expr::value(&*message.failure))
        .col_expr(Column::Provider, Expr::value(message.provider.as_deref()))
        .col_expr(Column::ProviderRef, Expr::value(message.provider_ref.as_deref()))
        .col_expr(Column::Resends, Expr::value(count(message.resends)))
        .col_expr(Column::SettledAt, Expr::value(settled_at.map(to_db)))
        .filter(Column::Province.eq(&*message.province))
        .filter(Column::MessageId.eq(message.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Over which channels a fact was told to somebody.
pub(crate) async fn told_over(
    conn: &impl ConnectionTrait,
    message: &Message,
) -> Result<Vec<Channel>, Failure> {
    use message::{Column, Entity};
    let channels: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Channel)
        .filter(Column::Province.eq(&*message.province))
        .filter(Column::EventId.eq(message.event.uuid()))
        .filter(Column::Template.eq(message.notice.template()))
        .filter(Column::Addressee.eq(message.audience.key()))
        .into_tuple()
        .all(conn)
        .await?;
    channels.iter().map(|name| Channel::parse(name).ok_or_else(|| unreadable("channel"))).collect()
}

fn of_delivery(province: &str, message: MessageId) -> sea_orm::UpdateMany<delivery::Entity> {
    delivery::Entity::update_many()
        .filter(delivery::Column::Province.eq(province))
        .filter(delivery::Column::MessageId.eq(message.uuid()))
}

impl TryFrom<delivery::Model> for Delivery {
    type Error = Failure;

    fn try_from(row: delivery::Model) -> Result<Self, Failure> {
        Ok(Self {
            province: row.province,
            message: MessageId::from_uuid(row.message_id),
            channel: Channel::parse(&row.channel).ok_or_else(|| unreadable("channel"))?,
            attempt: u32::try_from(row.attempt).map_err(Failure::broken)?,
            base: u32::try_from(row.base).map_err(Failure::broken)?,
            contact: row.contact,
            provider: row.provider,
            may_be_heard: row.may_be_heard,
            began_at: row.began_at.map(from_db),
            expires_at: row.expires_at.map(from_db),
            waits: row.waits,
        })
    }
}
