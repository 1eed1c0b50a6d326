//! What the national portal knows, is told and brings.

use jiff::Timestamp;
use phidia_domain::{
    application::{Status, national_code, national_way},
    id::{ApplicationId, Id as _},
    procedure::Text,
};
use phidia_runtime::{
    clock::RealClock,
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, DatabaseTransaction, DerivePartialModel, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    entity::{application, portal_arrival, portal_dossier, portal_message, status_entry},
    from_json, name, outcomes, status, to_json,
};
use crate::portal::{Arrival, ArrivalState, Brought, Message, MessageState};

/// What is to be told of a dossier.
#[derive(Clone, Debug)]
pub(crate) struct News {
    /// National code of the status.
    pub(crate) national_code: u32,
    pub(crate) at: Timestamp,
    pub(crate) unit_name: Option<Text>,
    pub(crate) due_at: Option<Timestamp>,
    /// Why it was not taken in, in Vietnamese.
    pub(crate) reasons: Vec<String>,
}

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

#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
struct Standing {
    dossier_code: String,
    status: String,
    outcome: Option<Value>,
    due_at: Option<DateTimeUtc>,
    working_unit_name: Option<Value>,
    receipt: Value,
}

#[derive(serde::Deserialize)]
struct ReceivedAt {
    received_at_name: Text,
}

/// The portal is to know an application: by its code there, where it brought it, or by its dossier code. Where another dossier
/// has that code there, it is told nothing of this one: nothing that goes wrong with the portal keeps anybody from handing in.
pub(crate) async fn know<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    code: &str,
    application: Option<ApplicationId>,
    brought: bool,
    news: Vec<News>,
) -> Result<(), Failure> {
    use portal_dossier::{Column, Entity};
    let row = portal_dossier::ActiveModel {
        province: Set(province.to_owned()),
        code: Set(code.to_owned()),
        application: Set(application.map(|id| id.uuid())),
        brought: Set(brought),
        last_code: Set(0),
        last_number: Set(0),
    };
    let taken = OnConflict::columns([Column::Province, Column::Code]).do_nothing().to_owned();
    let inserted = Entity::insert(row).on_conflict(taken).exec_without_returning(tx).await?;
    if inserted == 0 {
        tracing::warn!(code, "the national portal has another dossier with this code");
        return Ok(());
    }
    append(tx, province, code, 0, news).await
}

/// Notes what the portal is to be told of an application, if it is not as it was told last.
pub(crate) async fn follow(
    tx: &DatabaseTransaction,
    province: &str,
    id: ApplicationId,
    at: Timestamp,
) -> Result<(), Failure> {
    let known = portal_dossier::Entity::find()
        .filter(portal_dossier::Column::Province.eq(province))
        .filter(portal_dossier::Column::Application.eq(id.uuid()))
        .lock_exclusive()
        .one(tx)
        .await?;
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let Some(row) = found.into_partial_model::<Standing>().one(tx).await? else { return Ok(()) };
    let begun = status_entry::Entity::find()
        .filter(status_entry::Column::Province.eq(province))
        .filter(status_entry::Column::Application.eq(id.uuid()))
        .filter(status_entry::Column::Status.eq(Status::InProcess.as_str()))
        .count(tx)
        .await?
        > 0;
    let handed_over = outcomes::read(row.outcome)?.handed_over.is_some();
    let now = national_code(status(&row.status)?, begun, handed_over);
    let last = known.as_ref().map(|known| number(known.last_code)).transpose()?;
    let way = national_way(last, now);
    if way.is_empty() {
        return Ok(());
    }
    let unit_name: Option<Text> = row.working_unit_name.map(from_json).transpose()?;
    let received_at: ReceivedAt = from_json(row.receipt)?;
    let due_at = row.due_at.map(from_db);
    let news = way.into_iter().map(|national_code| News {
        national_code,
        at,
        unit_name: unit_name.clone().or_else(|| Some(received_at.received_at_name.clone())),
        due_at,
        reasons: Vec::new(),
    });
    let news = news.collect();
    match known {
        Some(known) => append(tx, province, &known.code, known.last_number, news).await,
        // It was accepted before anybody told the portal.
        None => know(tx, province, &row.dossier_code, Some(id), false, news).await,
    }
}

async fn append<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    code: &str,
    mut last_number: i32,
    news: Vec<News>,
) -> Result<(), Failure> {
    let Some(last) = news.last() else { return Ok(()) };
    let last_code = integer(last.national_code)?;
    let mut is_open = open(tx, province, code).await?;
    let mut rows = Vec::new();
    for news in news {
        last_number += 1;
        let state = if is_open { MessageState::Behind } else { MessageState::Waiting };
        is_open = true;
        rows.push(portal_message::ActiveModel {
            province: Set(province.to_owned()),
            code: Set(code.to_owned()),
            number: Set(last_number),
            national_code: Set(integer(news.national_code)?),
            at: Set(to_db(news.at)),
            unit_name: Set(news.unit_name.as_ref().map(to_json).transpose()?),
            due_at: Set(news.due_at.map(to_db)),
            reasons: Set((!news.reasons.is_empty()).then(|| to_json(&news.reasons)).transpose()?),
            state: Set(name(&state)?),
            attempts: Set(0),
            next_at: Set(to_db(RealClock.now())),
            failure: Set(None),
            delivered_at: Set(None),
            sha256: Set(None),
            note: Set(None),
            noted_by: Set(None),
        });
    }
    portal_message::Entity::insert_many(rows).exec_without_returning(tx).await?;
    let row = portal_dossier::ActiveModel {
        province: Unchanged(province.to_owned()),
        code: Unchanged(code.to_owned()),
        last_code: Set(last_code),
        last_number: Set(last_number),
        ..Default::default()
    };
    portal_dossier::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether something of a dossier is not told yet.
async fn open<C: ConnectionTrait>(tx: &C, province: &str, code: &str) -> Result<bool, Failure> {
    let open = [MessageState::Behind, MessageState::Waiting, MessageState::Refused];
    let open = open.iter().map(name).collect::<Result<Vec<_>, _>>()?;
    let found = of_dossier(province, code).filter(portal_message::Column::State.is_in(open));
    Ok(found.count(tx).await? > 0)
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

async fn lock<C: ConnectionTrait>(tx: &C, province: &str, code: &str) -> Result<(), Failure> {
    let dossier = portal_dossier::Entity::find_by_id((province.to_owned(), code.to_owned()));
    dossier.lock_exclusive().one(tx).await?;
    Ok(())
}

/// The application that the portal knows by a code, and whether the portal brought it; none: it knows no such one, or it was not
/// taken in.
pub(crate) async fn application<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    code: &str,
) -> Result<Option<(ApplicationId, bool)>, Failure> {
    let found = portal_dossier::Entity::find_by_id((province.to_owned(), code.to_owned())).one(conn).await?;
    Ok(found.and_then(|row| Some((ApplicationId::from_uuid(row.application?), row.brought))))
}

/// When an application was handed in, where that was before it was accepted.
pub(crate) async fn handed_in_at<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<Timestamp>, Failure> {
    use application::Column;
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let found = found.select_only().column(Column::HandedInAt).into_tuple::<Option<DateTimeUtc>>();
    Ok(found.one(conn).await?.flatten().map(from_db))
}

/// Whether the portal knows a dossier by this code.
pub(crate) async fn knows<C: ConnectionTrait>(conn: &C, province: &str, code: &str) -> Result<bool, Failure> {
    let found = portal_dossier::Entity::find_by_id((province.to_owned(), code.to_owned()));
    Ok(found.one(conn).await?.is_some())
}

/// Which messages a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageFilter {
    /// Of this dossier; empty: of all.
    pub(crate) code: String,
    pub(crate) state: Option<MessageState>,
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

/// What became of something that the portal brought; none: it is new.
pub(crate) async fn arrival<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    item: &str,
) -> Result<Option<Arrival>, Failure> {
    let found = portal_arrival::Entity::find_by_id((province.to_owned(), item.to_owned())).one(conn).await?;
    found.map(read_arrival).transpose()
}

/// Writes down what became of something that the portal brought.
pub(crate) async fn keep_arrival<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    arrival: &Arrival,
) -> Result<(), Failure> {
    use portal_arrival::{Column, Entity};
    let answer = &arrival.answer;
    let row = portal_arrival::ActiveModel {
        province: Set(province.to_owned()),
        item: Set(arrival.item.clone()),
        kind: Set(name(&arrival.kind)?),
        code: Set(arrival.code.clone()),
        seen_at: Set(to_db(arrival.seen_at)),
        state: Set(name(&arrival.state)?),
        attempts: Set(arrival.attempts),
        next_at: Set(to_db(arrival.next_at)),
        reason: Set(arrival.reason.clone()),
        answer: Set((!answer.is_empty()).then(|| to_json(answer)).transpose()?),
        application: Set(arrival.application.map(|id| id.uuid())),
    };
    let changed = [
        Column::State,
        Column::Attempts,
        Column::NextAt,
        Column::Reason,
        Column::Answer,
        Column::Application,
    ];
    // What another replica has finished meanwhile stays.
    let failed = Expr::col((Entity, Column::State)).eq(name(&ArrivalState::Failed)?);
    let mut known = OnConflict::columns([Column::Province, Column::Item]);
    let known = known.update_columns(changed).action_and_where(failed).to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether a dossier with this code was brought and could not be taken in yet.
pub(crate) async fn is_awaited<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    code: &str,
) -> Result<bool, Failure> {
    use portal_arrival::{Column, Entity};
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Code.eq(code))
        .filter(Column::Kind.eq(name(&Brought::Dossier)?))
        .filter(Column::State.eq(name(&ArrivalState::Failed)?));
    Ok(found.count(conn).await? > 0)
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

/// What the portal brought, by its ids, what is behind `after` only; where a state is named, in that.
pub(crate) async fn arrivals<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    state: Option<ArrivalState>,
    after: Option<String>,
    limit: u64,
) -> Result<Vec<Arrival>, Failure> {
    use portal_arrival::{Column, Entity};
    let mut found = Entity::find().filter(Column::Province.eq(province));
    if let Some(state) = state {
        found = found.filter(Column::State.eq(name(&state)?));
    }
    if let Some(after) = after {
        found = found.filter(Column::Item.gt(after));
    }
    found.order_by_asc(Column::Item).limit(limit).all(conn).await?.into_iter().map(read_arrival).collect()
}

fn of_dossier(province: &str, code: &str) -> Select<portal_message::Entity> {
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

fn read_arrival(row: portal_arrival::Model) -> Result<Arrival, Failure> {
    Ok(Arrival {
        item: row.item,
        kind: read::<Brought>(row.kind)?,
        code: row.code,
        seen_at: from_db(row.seen_at),
        state: read(row.state)?,
        attempts: row.attempts,
        next_at: from_db(row.next_at),
        reason: row.reason,
        answer: row.answer.map_or(Ok(Vec::new()), from_json)?,
        application: row.application.map(ApplicationId::from_uuid),
    })
}

fn read<T: DeserializeOwned>(name: String) -> Result<T, Failure> {
    from_json(Value::String(name))
}

fn number(value: i32) -> Result<u32, Failure> {
    value.try_into().map_err(Failure::broken)
}

fn integer(value: u32) -> Result<i32, Failure> {
    value.try_into().map_err(Failure::broken)
}
