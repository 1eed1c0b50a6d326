//! What people say, and what has happened to it.

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    feedback::{Desk, FeedbackChannel, FeedbackKind, Standing, State},
    id::{FeedbackId, Id as _, OfficerId, PersonId, UnitId},
    report::Window,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, PaginatorTrait as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    entity::{
        feedback::{self, Column, Entity},
        feedback_entry,
    },
    from_json, name, persons, to_json,
};

/// A piece of feedback. What was said opens with its author's key only.
#[derive(Clone, Debug)]
pub(crate) struct Feedback {
    pub(crate) id: FeedbackId,
    pub(crate) number: String,
    pub(crate) check_code: String,
    pub(crate) channel: FeedbackChannel,
    pub(crate) standing: Standing,
    pub(crate) dossier_code: Option<String>,
    pub(crate) procedure_code: Option<String>,
    pub(crate) taken_out_on: Option<Date>,
    pub(crate) person: PersonId,
    pub(crate) said: Vec<u8>,
    /// What a moderator has everybody read of it.
    pub(crate) published: Option<Published>,
    /// Lines of its history.
    pub(crate) entries: i32,
}

/// What everybody may read, in the words of a moderator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Published {
    pub(crate) question: String,
    pub(crate) answer: String,
}

/// By whom and on which day something was sent. Both marks stand for it on that day only.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) day: Date,
    pub(crate) caller: Vec<u8>,
    /// All that they sent.
    pub(crate) same: Vec<u8>,
}

/// A line of the history.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) act: String,
    pub(crate) unit: Option<UnitId>,
    pub(crate) officer: Option<OfficerId>,
    /// Sealed under the author's key.
    pub(crate) words: Option<Vec<u8>>,
}

/// Which feedback is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) kind: Option<FeedbackKind>,
    pub(crate) state: Option<State>,
    /// Only at this unit; `None` inside: at the province.
    pub(crate) owner: Option<UnitId>,
    /// Without what only supervisors see.
    pub(crate) officers: bool,
    /// Only what was due before this instant.
    pub(crate) due_before: Option<Timestamp>,
}

/// The place of feedback in a list: the instant that orders it, and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position(pub(crate) Timestamp, pub(crate) FeedbackId);

/// Writes what was sent, with its author's key.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    record: &Feedback,
    wrapped_key: Vec<u8>,
    sender: Sender,
) -> Result<(), Failure> {
    persons::insert(tx, province, record.person, wrapped_key).await?;
    let row = feedback::ActiveModel {
        province: Set(province.to_owned()),
        id: Set(record.id.uuid()),
        number: Set(record.number.clone()),
        check_code: Set(record.check_code.clone()),
        kind: Set(name(&record.standing.kind)?),
        channel: Set(name(&record.channel)?),
        dossier_code: Set(record.dossier_code.clone()),
        procedure_code: Set(record.procedure_code.clone()),
        taken_out_on: Set(record.taken_out_on.map(|day| day.to_string())),
        person: Set(record.person.uuid()),
        said: Set(record.said.clone()),
        received_at: Set(to_db(record.standing.received_at)),
        day: Set(sender.day.to_string()),
        caller: Set(sender.caller),
        same: Set(sender.same),
        ..moving(record)?
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes how it stands now.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    record: &Feedback,
) -> Result<(), Failure> {
    let row = feedback::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(record.id.uuid()),
        ..moving(record)?
    };
    Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The columns that change.
fn moving(record: &Feedback) -> Result<feedback::ActiveModel, Failure> {
    let Feedback { standing, .. } = record;
    let settled = match standing.state {
        State::Received | State::AwaitingAuthor | State::Answered => None,
        State::Published => standing.published_at,
        State::KeptPrivate => standing.kept_private_at,
        State::Refused => standing.refused_at,
        State::Withdrawn => standing.withdrawn_at,
    };
    // What was opened again is not read by everybody until it is answered anew.
    let published_at = standing.published_at.filter(|_| standing.state == State::Published);
    Ok(feedback::ActiveModel {
        state: Set(standing.state.as_str().to_owned()),
        owner_unit: Set(standing.desk.unit().map(|unit| unit.uuid())),
        with_supervisor: Set(matches!(standing.desk, Desk::Supervisor(_))),
        due_at: Set(standing.due_at().map(to_db)),
        settled_at: Set(settled.map(to_db)),
        standing: Set(to_json(standing)?),
        published: Set(record.published.as_ref().map(to_json).transpose()?),
        published_at: Set(published_at.map(to_db)),
        entries: Set(record.entries),
        ..Default::default()
    })
}

/// The feedback with this number.
pub(crate) async fn by_number<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    number: &str,
) -> Result<Option<Feedback>, Failure> {
    of(province, number).one(conn).await?.map(record).transpose()
}

/// The same, locked until the commit.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    number: &str,
) -> Result<Option<Feedback>, Failure> {
    of(province, number).lock_exclusive().one(tx).await?.map(record).transpose()
}

/// What the sender has sent that is the same, and how much else on this day.
pub(crate) async fn sent<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    sender: &Sender,
) -> Result<(Option<Feedback>, u64), Failure> {
    let today = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Day.eq(sender.day.to_string()))
        .filter(Column::Caller.eq(sender.caller.clone()));
    let count = today.clone().count(tx).await?;
    let same = today.filter(Column::Same.eq(sender.same.clone())).one(tx).await?;
    Ok((same.map(record).transpose()?, count))
}

/// What passes `filter`, newest first, that behind `after` only.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    filter: Filter,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Feedback>, Failure> {
    let mut found = Entity::find().filter(Column::Province.eq(province));
    if let Some(kind) = filter.kind {
        found = found.filter(Column::Kind.eq(name(&kind)?));
    }
    if let Some(state) = filter.state {
        found = found.filter(Column::State.eq(state.as_str()));
    }
    if let Some(owner) = filter.owner {
        found = found.filter(Column::OwnerUnit.eq(owner.uuid()));
    }
    if filter.officers {
        found = found.filter(Column::WithSupervisor.eq(false));
    }
    if let Some(before) = filter.due_before {
        found = found.filter(Column::DueAt.lt(to_db(before)));
    }
    newest(found, Column::ReceivedAt, after, limit).all(conn).await?.into_iter().map(record).collect()
}

/// What was published, newest first, that behind `after` only.
pub(crate) async fn published<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Feedback>, Failure> {
    let found =
        Entity::find().filter(Column::Province.eq(province)).filter(Column::PublishedAt.is_not_null());
    newest(found, Column::PublishedAt, after, limit).all(conn).await?.into_iter().map(record).collect()
}

fn newest(mut found: Select<Entity>, by: Column, after: Option<Position>, limit: u64) -> Select<Entity> {
    if let Some(Position(at, id)) = after {
        let columns = [by, Column::Id].map(Expr::col);
        let values = [Expr::value(to_db(at)), Expr::value(id.uuid())];
        found = found.filter(Expr::tuple(columns).lt(Expr::tuple(values)));
    }
    found.order_by_desc(by).order_by_desc(Column::Id).limit(limit)
}

/// How all that may count in a window stands; of one unit, where one is asked for.
pub(crate) async fn standings<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    window: &Window,
    unit: Option<UnitId>,
) -> Result<Vec<Standing>, Failure> {
    let over = Column::SettledAt.is_null().or(Column::SettledAt.gte(to_db(window.from)));
    let mut found = Entity::find()
        .select_only()
        .column(Column::Standing)
        .filter(Column::Province.eq(province))
        .filter(Column::ReceivedAt.lt(to_db(window.until)))
        .filter(over);
    if let Some(unit) = unit {
        found = found.filter(Column::OwnerUnit.eq(unit.uuid()));
    }
    found.into_tuple::<Value>().all(conn).await?.into_iter().map(from_json).collect()
}

/// What lies at the officers of a unit and was to be answered before an instant, by id, that behind `after` only.
pub(crate) async fn overdue_at_units<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    before: Timestamp,
    after: Option<FeedbackId>,
    limit: u64,
) -> Result<Vec<Feedback>, Failure> {
    let mut found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::State.eq(State::Received.as_str()))
        .filter(Column::OwnerUnit.is_not_null())
        .filter(Column::WithSupervisor.eq(false))
        .filter(Column::DueAt.lt(to_db(before)));
    if let Some(after) = after {
        found = found.filter(Column::Id.gt(after.uuid()));
    }
    found.order_by_asc(Column::Id).limit(limit).all(conn).await?.into_iter().map(record).collect()
}

/// Erases the authors of what came to its end before an instant, so many at most; answers how many that were.
pub(crate) async fn forget_settled<C: ConnectionTrait>(
    tx: &C,
    before: Timestamp,
    limit: u64,
) -> Result<u64, Failure> {
    let found = Entity::find()
        .select_only()
        .column(Column::Person)
        .filter(Column::SettledAt.lt(to_db(before)))
        .filter(Column::Person.in_subquery(persons::known()))
        .limit(limit);
    persons::erase(tx, found.into_tuple().all(tx).await?).await
}

/// The last line of the history.
pub(crate) async fn last_entry<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    record: &Feedback,
) -> Result<Option<Entry>, Failure> {
    let key = (province.to_owned(), record.id.uuid(), record.entries);
    Ok(feedback_entry::Entity::find_by_id(key).one(tx).await?.map(entry))
}

/// Adds a line to the history; its number is that of `record.entries`.
pub(crate) async fn add_entry<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    record: &Feedback,
    entry: Entry,
) -> Result<(), Failure> {
    let row = feedback_entry::ActiveModel {
        province: Set(province.to_owned()),
        feedback: Set(record.id.uuid()),
        number: Set(record.entries),
        at: Set(to_db(entry.at)),
        act: Set(entry.act),
        unit: Set(entry.unit.map(|unit| unit.uuid())),
        officer: Set(entry.officer.map(|officer| officer.uuid())),
        words: Set(entry.words),
    };
    feedback_entry::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What has happened to it, oldest first: each line with its number.
pub(crate) async fn entries<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: FeedbackId,
) -> Result<Vec<(i32, Entry)>, Failure> {
    use feedback_entry::{Column, Entity};
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Feedback.eq(id.uuid()))
        .order_by_asc(Column::Number);
    Ok(found.all(conn).await?.into_iter().map(|row| (row.number, entry(row))).collect())
}

fn entry(row: feedback_entry::Model) -> Entry {
    Entry {
        at: from_db(row.at),
        act: row.act,
        unit: row.unit.map(UnitId::from_uuid),
        officer: row.officer.map(OfficerId::from_uuid),
        words: row.words,
    }
}

fn of(province: &str, number: &str) -> Select<Entity> {
    Entity::find().filter(Column::Province.eq(province)).filter(Column::Number.eq(number))
}

fn record(row: feedback::Model) -> Result<Feedback, Failure> {
    Ok(Feedback {
        id: FeedbackId::from_uuid(row.id),
        number: row.number,
        check_code: row.check_code,
        channel: from_json(Value::String(row.channel))?,
        standing: from_json(row.standing)?,
        dossier_code: row.dossier_code,
        procedure_code: row.procedure_code,
        taken_out_on: row.taken_out_on.map(|day| day.parse().map_err(Failure::broken)).transpose()?,
        person: PersonId::from_uuid(row.person),
        said: row.said,
        published: row.published.map(from_json).transpose()?,
        entries: row.entries,
    })
}
