//! What was lost: messages that nobody would ever send, and what was said of them and never counted. There is none as long as
//! nothing is wrong; it is looked for on purpose, because something always is.

use jiff::Timestamp;
use phidia_domain::{
    id::{Id as _, MessageId},
    notice::{Receipt, State},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, Query},
};

use uuid::Uuid;

use super::{
    Message,
    entity::{delivery, message, receipt},
};

/// Messages that are still to be sent and that nobody will: at most `limit`, not held.
pub(crate) async fn unsent(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<Message>, Failure> {
    use message::{Column, Entity};
    let open = State::ALL.into_iter().filter(|state| state.is_open()).map(State::as_str);
    let queued = Query::select()
        .expr(Expr::value(1))
        .from(delivery::Entity)
        .and_where(
            Expr::col((delivery::Entity, delivery::Column::Province)).equals((Entity, Column::Province)),
        )
        .and_where(
            Expr::col((delivery::Entity, delivery::Column::MessageId)).equals((Entity, Column::MessageId)),
        )
        .take();
    let lost = Entity::find()
        .filter(Column::State.is_in(open))
        // What a provider says did not get through rests until somebody has it sent again.
        .filter(Column::SettledAt.is_null())
        .filter(Expr::exists(queued).not())
        .limit(limit);
    lost.all(conn).await?.into_iter().map(Message::try_from).collect()
}

/// Messages that a provider took before `before` and has said nothing of since that ends it: at most `limit`, not held.
pub(crate) async fn unheard(
    conn: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<Message>, Failure> {
    use message::{Column, Entity};
    let pending = Entity::find()
        .filter(Column::State.eq(State::Pending.as_str()))
        .filter(Column::SentAt.lt(to_db(before)))
        .limit(limit);
    pending.all(conn).await?.into_iter().map(Message::try_from).collect()
}

/// Messages of which something was said that does not count yet, because it came in while they were being written down: at most
/// `limit`, not held.
pub(crate) async fn unread(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<Message>, Failure> {
    use message::{Column, Entity};
    let said = Query::select()
        .expr(Expr::value(1))
        .from(receipt::Entity)
        .and_where(Expr::col((receipt::Entity, receipt::Column::Provider)).equals((Entity, Column::Provider)))
        .and_where(
            Expr::col((receipt::Entity, receipt::Column::ProviderRef)).equals((Entity, Column::ProviderRef)),
        )
        .and_where(receipt::Column::Kind.ne(Receipt::Pending.as_str()))
        .take();
    let unread = Entity::find()
        .filter(Column::State.eq(State::Pending.as_str()))
        .filter(Expr::exists(said))
        .limit(limit);
    unread.all(conn).await?.into_iter().map(Message::try_from).collect()
}

/// What is to be sent and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Orphan {
    pub(crate) province: String,
    pub(crate) message: MessageId,
}

/// What is to be sent of messages that are not there: at most `limit`.
pub(crate) async fn orphans(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<Orphan>, Failure> {
    use delivery::{Column, Entity};
    let there = Query::select()
        .expr(Expr::value(1))
        .from(message::Entity)
        .and_where(Expr::col((message::Entity, message::Column::Province)).equals((Entity, Column::Province)))
        .and_where(
            Expr::col((message::Entity, message::Column::MessageId)).equals((Entity, Column::MessageId)),
        )
        .take();
    let rows: Vec<(String, Uuid)> = Entity::find()
        .select_only()
        .column(Column::Province)
        .column(Column::MessageId)
        .filter(Expr::exists(there).not())
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    let orphan = |(province, id)| Orphan { province, message: MessageId::from_uuid(id) };
    Ok(rows.into_iter().map(orphan).collect())
}
