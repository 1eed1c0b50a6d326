//! What the portal is told: each message of a dossier in its turn.

use jiff::Timestamp;
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ConnectionTrait, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};

use super::{dossiers::lock, integer, number, read};
use crate::{
    portal::{ArrivalState, Message, MessageState},
    store::{
        entity::{portal_arrival, portal_message},
        from_json, name,
    },
};

/// What an attempt came to.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// The portal has taken it: the SHA-256 of what it took.
    Delivered(String),
    /// It will be tried again then, for this failure.
    Later(Timestamp, String),
    /// It refuses it.
    Refused(String),
}

/// Which messages a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageFilter {
    /// Of this dossier; empty: of all.
    pub(crate) code: String,
    pub(crate) state: Option<MessageState>,
}

/// What is to be told by now, what waits longest first.
pub(crate) async fn due<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Message>, Failure> {
    use portal_message::{Column, Entity};
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::State.eq(name(&MessageState::Waiting)?))
        .filter(Column::NextAt.lte(to_db(now)))
        .order_by_asc(Column::NextAt)
        .limit(limit);
    found.all(conn).await?.into_iter().map(message).collect()
}

/// Takes a message for an attempt, until `until`; whether nobody else did. Then its attempts are one more.
pub(crate) async fn claim<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    message: &Message,
    until: Timestamp,
) -> Result<bool, Failure> {
    use portal_message::{Column, Entity};
    let taken = Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(message.attempts + 1))
        .col_expr(Column::NextAt, Expr::value(to_db(until)))
        .filter(this(province, &message.code, message.number))
        .filter(Column::State.eq(name(&MessageState::Waiting)?))
        .filter(Column::Attempts.eq(message.attempts))
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Writes what an attempt came to, unless somebody else has taken the message meanwhile; the next of the dossier has its turn
/// when it was taken.
pub(crate) async fn settle<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    message: &Message,
    attempt: i32,
    told: Told,
    now: Timestamp,
) -> Result<(), Failure> {
    use portal_message::{Column, Entity};
    // What is noted meanwhile must not think that it is behind this.
    lock(tx, province, &message.code).await?;
    let mut update = Entity::update_many()
        .filter(this(province, &message.code, message.number))
        .filter(Column::State.eq(name(&MessageState::Waiting)?))
        .filter(Column::Attempts.eq(attempt));
    let is_delivered = matches!(told, Told::Delivered(_));
    update = match told {
        Told::Delivered(sha256) => update
            .col_expr(Column::State, Expr::value(name(&MessageState::Delivered)?))
            // The last that was taken is found by this.
            .col_expr(Column::NextAt, Expr::value(to_db(now)))
            .col_expr(Column::DeliveredAt, Expr::value(to_db(now)))
            .col_expr(Column::Failure, Expr::value(None::<String>))
            .col_expr(Column::Sha256, Expr::value(sha256)),
        Told::Later(at, failure) => update
            .col_expr(Column::NextAt, Expr::value(to_db(at)))
            .col_expr(Column::Failure, Expr::value(failure)),
        Told::Refused(failure) => update
            .col_expr(Column::State, Expr::value(name(&MessageState::Refused)?))
            .col_expr(Column::Failure, Expr::value(failure)),
    };
    let is_mine = update.exec(tx).await?.rows_affected == 1;
    if is_mine && is_delivered {
        next_turn(tx, province, &message.code, now).await?;
    }
    Ok(())
}

/// Has the first message of a dossier that is behind wait.
async fn next_turn<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    code: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    use portal_message::{Column, Entity};
    let next = of_dossier(province, code)
        .filter(Column::State.eq(name(&MessageState::Behind)?))
        .order_by_asc(Column::Number)
        .select_only()
        .column(Column::Number)
        .into_tuple::<i32>();
    let Some(next) = next.one(tx).await? else { return Ok(()) };
    Entity::update_many()
        .col_expr(Column::State, Expr::value(name(&MessageState::Waiting)?))
        .col_expr(Column::NextAt, Expr::value(to_db(now)))
        .filter(this(province, code, next))
        .exec(tx)
        .await?;
    Ok(())
}

/// Has all messages of a dossier from one on told again, in their order; whether there is such a one.
pub(crate) async fn replay<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    (code, from): (&str, i32),
    (note, by): (&str, &str),
    now: Timestamp,
) -> Result<bool, Failure> {
    use portal_message::{Column, Entity};
    lock(tx, province, code).await?;
    let behind = Entity::update_many()
        .col_expr(Column::State, Expr::value(name(&MessageState::Behind)?))
        .col_expr(Column::DeliveredAt, Expr::value(None::<DateTimeUtc>))
        .col_expr(Column::Sha256, Expr::value(None::<String>))
        // An attempt that is under way has lost its turn by this.
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Province.eq(province))
        .filter(Column::Code.eq(code))
        .filter(Column::Number.gte(from))
        .filter(Column::State.ne(name(&MessageState::LeftOut)?))
        .exec(tx)
        .await?;
    if behind.rows_affected == 0 {
        return Ok(false);
    }
    let again = (MessageState::Behind, MessageState::Behind);
    write_note(tx, province, (code, from), again, (note, by)).await?;
    let earlier = of_dossier(province, code)
        .filter(Column::Number.lt(from))
        .filter(Column::State.is_in([name(&MessageState::Waiting)?, name(&MessageState::Refused)?]));
    if earlier.count(tx).await? == 0 {
        next_turn(tx, province, code, now).await?;
    }
    Ok(true)
}

/// Has all that is refused told again, each with those behind it; answers how much that is. What is refused is the first of its dossier.
pub(crate) async fn replay_refused<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    (note, by): (&str, &str),
    now: Timestamp,
) -> Result<u64, Failure> {
    use portal_message::{Column, Entity};
    let again = Entity::update_many()
        .col_expr(Column::State, Expr::value(name(&MessageState::Waiting)?))
        .col_expr(Column::NextAt, Expr::value(to_db(now)))
        .col_expr(Column::Note, Expr::value(note))
        .col_expr(Column::NotedBy, Expr::value(by))
        .filter(Column::Province.eq(province))
        .filter(Column::State.eq(name(&MessageState::Refused)?));
    Ok(again.exec(tx).await?.rows_affected)
}

/// Leaves a refused message out: the next has its turn. Whether it was refused.
pub(crate) async fn leave_out<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    (code, number): (&str, i32),
    (note, by): (&str, &str),
    now: Timestamp,
) -> Result<bool, Failure> {
    lock(tx, province, code).await?;
    let left = (MessageState::Refused, MessageState::LeftOut);
    if !write_note(tx, province, (code, number), left, (note, by)).await? {
        return Ok(false);
    }
    next_turn(tx, province, code, now).await?;
    Ok(true)
}

async fn write_note<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    (code, number): (&str, i32),
    (from, to): (MessageState, MessageState),
    (note, by): (&str, &str),
) -> Result<bool, Failure> {
    use portal_message::{Column, Entity};
    let update = Entity::update_many()
        .col_expr(Column::Note, Expr::value(note))
        .col_expr(Column::NotedBy, Expr::value(by))
        .col_expr(Column::State, Expr::value(name(&to)?))
        .filter(Column::State.eq(name(&from)?))
        .filter(this(province, code, number));
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// Whether there is a later message of the same code: then what an officer wrote may be of that.
pub(crate) async fn has_later<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    message: &Message,
) -> Result<bool, Failure> {
    use portal_message::Column;
    let later = of_dossier(province, &message.code)
        .filter(Column::Number.gt(message.number))
        .filter(Column::NationalCode.eq(integer(message.national_code)?));
    Ok(later.count(conn).await? > 0)
}

/// Messages by dossier and number, those behind `after` only.
pub(crate) async fn messages<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    filter: MessageFilter,
    after: Option<(String, i32)>,
    limit: u64,
) -> Result<Vec<Message>, Failure> {
    use portal_message::{Column, Entity};
    let mut found = Entity::find().filter(Column::Province.eq(province));
    if !filter.code.is_empty() {
        found = found.filter(Column::Code.eq(filter.code));
    }
    if let Some(state) = filter.state {
        found = found.filter(Column::State.eq(name(&state)?));
    }
    if let Some((code, number)) = after {
        let columns = [Column::Code, Column::Number].map(Expr::col);
        found = found.filter(Expr::tuple(columns).gt(Expr::tuple([Expr::value(code), Expr::value(number)])));
    }
    let found = found.order_by_asc(Column::Code).order_by_asc(Column::Number).limit(limit);
    found.all(conn).await?.into_iter().map(message).collect()
}

/// How much of what there is to tell is in each state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backlog {
    pub(crate) waiting: u64,
    pub(crate) behind: u64,
    pub(crate) refused: u64,
    /// When the oldest of what waits happened.
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) delivered_at: Option<Timestamp>,
    pub(crate) failed_arrivals: u64,
}

/// What there is to tell, and what failed.
pub(crate) async fn backlog<C: ConnectionTrait>(conn: &C, province: &str) -> Result<Backlog, Failure> {
    use portal_message::{Column, Entity};
    let of = |state: MessageState| {
        Ok::<_, Failure>(
            Entity::find().filter(Column::Province.eq(province)).filter(Column::State.eq(name(&state)?)),
        )
    };
    let waiting = of(MessageState::Waiting)?;
    let oldest = waiting.clone().select_only().column_as(Column::At.min(), "at");
    let oldest = oldest.into_tuple::<Option<DateTimeUtc>>().one(conn).await?.flatten();
    let delivered = of(MessageState::Delivered)?.order_by_desc(Column::NextAt).limit(1);
    let delivered = delivered.select_only().column(Column::DeliveredAt);
    let delivered = delivered.into_tuple::<Option<DateTimeUtc>>().one(conn).await?.flatten();
    let failed = portal_arrival::Entity::find()
        .filter(portal_arrival::Column::Province.eq(province))
        .filter(portal_arrival::Column::State.eq(name(&ArrivalState::Failed)?));
    Ok(Backlog {
        waiting: waiting.count(conn).await?,
        behind: of(MessageState::Behind)?.count(conn).await?,
        refused: of(MessageState::Refused)?.count(conn).await?,
        oldest: oldest.map(from_db),
        delivered_at: delivered.map(from_db),
        failed_arrivals: failed.count(conn).await?,
    })
}

pub(super) fn of_dossier(province: &str, code: &str) -> Select<portal_message::Entity> {
    use portal_message::{Column, Entity};
    Entity::find().filter(Column::Province.eq(province)).filter(Column::Code.eq(code))
}

fn this(province: &str, code: &str, number: i32) -> Expr {
    use portal_message::Column;
    Column::Province.eq(province).and(Column::Code.eq(code)).and(Column::Number.eq(number))
}

fn message(row: portal_message::Model) -> Result<Message, Failure> {
    Ok(Message {
        code: row.code,
        number: row.number,
        national_code: number(row.national_code)?,
        at: from_db(row.at),
        unit_name: row.unit_name.map(from_json).transpose()?,
        due_at: row.due_at.map(from_db),
        reasons: row.reasons.map_or(Ok(Vec::new()), from_json)?,
        state: read(row.state)?,
        attempts: row.attempts,
        next_at: from_db(row.next_at),
        failure: row.failure,
        delivered_at: row.delivered_at.map(from_db),
        sha256: row.sha256,
        note: row.note,
        noted_by: row.noted_by,
    })
}
