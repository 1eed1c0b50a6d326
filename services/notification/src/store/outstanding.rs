//! What is not told yet, and what was given up.

use jiff::Timestamp;
use phidia_domain::{
    id::MessageId,
    notice::{Channel, State},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
    prelude::DateTimeUtc,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Message,
    delivery::find_message,
    entity::message::{Column, Entity},
    unreadable,
};

/// How much stands so over one channel at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pile {
    pub(crate) channel: Channel,
    pub(crate) state: State,
    /// Whom it was given to last; empty: nobody yet.
    pub(crate) provider: String,
    pub(crate) messages: u64,
    /// Business time of the oldest fact among them.
    pub(crate) oldest: Timestamp,
}

/// What has not come to its end, and the dead letters.
pub(crate) async fn piles(conn: &impl ConnectionTrait) -> Result<Vec<Pile>, Failure> {
    let rows: Vec<(String, String, Option<String>, i64, DateTimeUtc)> = Entity::find()
        .select_only()
        .column(Column::Channel)
        .column(Column::State)
        .column(Column::Provider)
        .column_as(Expr::col(Column::MessageId).count(), "messages")
        .column_as(Expr::col(Column::OccurredAt).min(), "oldest")
        .filter(Column::State.is_in(NOT_TOLD.map(State::as_str)))
        .group_by(Column::Channel)
        .group_by(Column::State)
        .group_by(Column::Provider)
        .order_by_asc(Column::Channel)
        .order_by_asc(Column::State)
        .order_by_asc(Column::Provider)
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|(channel, state, provider, messages, oldest)| {
            Ok(Pile {
                channel: Channel::parse(&channel).ok_or_else(|| unreadable("channel"))?,
                state: State::parse(&state).ok_or_else(|| unreadable("state"))?,
                provider: provider.unwrap_or_default(),
                messages: u64::try_from(messages).map_err(Failure::broken)?,
                oldest: from_db(oldest),
            })
        })
        .collect()
}

/// How a message stands that is not told.
pub(crate) const NOT_TOLD: [State; 5] =
    [State::Created, State::Sending, State::TemporaryFailure, State::Pending, State::TechnicalFailure];

/// Dead letters behind `after`, the oldest first: at most `limit`.
pub(crate) async fn dead(
    conn: &impl ConnectionTrait,
    after: Option<(Timestamp, Uuid)>,
    limit: u64,
) -> Result<Vec<Message>, Failure> {
    let mut query = Entity::find().filter(is_dead());
    if let Some((at, id)) = after {
        let later = Column::OccurredAt.gt(to_db(at));
        query = query.filter(later.or(Column::OccurredAt.eq(to_db(at)).and(Column::MessageId.gt(id))));
    }
    let rows = query.order_by_asc(Column::OccurredAt).order_by_asc(Column::MessageId).limit(limit);
    rows.all(conn).await?.into_iter().map(Message::try_from).collect()
}

/// How many dead letters there are.
pub(crate) async fn count_dead(conn: &impl ConnectionTrait) -> Result<u64, Failure> {
    Ok(Entity::find().filter(is_dead()).count(conn).await?)
}

/// The message with this id, of whichever province: there are few, and the key begins with it.
pub(crate) async fn find(conn: &impl ConnectionTrait, id: MessageId) -> Result<Option<Message>, Failure> {
    let mut after = None::<String>;
    loop {
        let mut provinces = Entity::find().select_only().column_as(Column::Province.min(), "province");
        if let Some(after) = &after {
            provinces = provinces.filter(Column::Province.gt(&**after));
        }
        let next: Option<Option<String>> = provinces.into_tuple().one(conn).await?;
        let Some(province) = next.flatten() else { return Ok(None) };
        if let Some(found) = find_message(conn, &province, id).await? {
            return Ok(Some(found));
        }
        after = Some(province);
    }
}

fn is_dead() -> sea_orm::sea_query::Expr {
    Column::State.eq(State::TechnicalFailure.as_str())
}
