//! What waits for a letter of the day: one row for each message in a mailbox that is not sent by itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    id::{ApplicationId, Id as _, MessageId, UnitId},
    notice::{Channel, Notice},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
    prelude::{DateTimeUtc, Expr},
};
use uuid::Uuid;

use super::{
    Message,
    entity::{
        digest_item::{ActiveModel, Column, Entity, Model},
        message,
    },
    unreadable,
};

/// Who reads a letter of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reader {
    /// A person, by what stands for them over all their applications.
    Person(Uuid),
    /// A unit.
    Unit(UnitId),
}

impl Reader {
    /// How it is kept: `person:…`, `unit:ctr_…`.
    pub(crate) fn key(self) -> String {
        match self {
            Self::Person(person) => format!("person:{}", person.simple()),
            Self::Unit(unit) => format!("unit:{unit}"),
        }
    }

    fn parse(key: &str) -> Option<Self> {
        match key.split_once(':')? {
            ("person", person) => Uuid::try_parse(person).ok().map(Self::Person),
            ("unit", unit) => unit.parse().ok().map(Self::Unit),
            _ => None,
        }
    }
}

/// Something that waits for a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) province: String,
    /// As it stands in the mailbox.
    pub(crate) message: MessageId,
    pub(crate) reader: Reader,
    /// Real time.
    pub(crate) due_at: Timestamp,
    /// Business time from which on it is not told by a letter any more.
    pub(crate) expires_at: Option<Timestamp>,
}

/// Why a letter does not tell something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// It is of no use any more.
    Expired,
    /// The person was erased.
    Erased,
    /// They do not want e-mail any more.
    Declined,
    /// They have the outcome by now.
    Outrun,
    /// The unit has no address any more, or the person.
    NoAddress,
    /// It does not stand in the mailbox any more.
    Gone,
}

impl LeftOut {
    fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Erased => "erased",
            Self::Declined => "declined",
            Self::Outrun => "outrun",
            Self::NoAddress => "no_address",
            Self::Gone => "gone",
        }
    }
}

/// Has something wait for the next letter.
pub(crate) async fn queue(tx: &DatabaseTransaction, item: Item) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(item.province),
        message_id: Set(item.message.uuid()),
        reader: Set(item.reader.key()),
        due_at: Set(to_db(item.due_at)),
        expires_at: Set(item.expires_at.map(to_db)),
        digest_id: Set(None),
        left_out: Set(None),
        settled_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// When the next letter is due; none: nothing waits.
pub(crate) async fn next_due(conn: &impl ConnectionTrait) -> Result<Option<Timestamp>, Failure> {
    let first: Option<DateTimeUtc> = waiting()
        .select_only()
        .column(Column::DueAt)
        .order_by_asc(Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(first.map(from_db))
}

/// For whom a letter is due, those first who have waited longest: found among at most `limit` things, not held.
pub(crate) async fn readers(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(String, Reader)>, Failure> {
    let due: Vec<(String, String)> = waiting()
        .select_only()
        .column(Column::Province)
        .column(Column::Reader)
        .filter(Column::DueAt.lte(to_db(now)))
        .order_by_asc(Column::DueAt)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    let mut readers = Vec::new();
    for (province, key) in due {
        let reader = (province, Reader::parse(&key).ok_or_else(|| unreadable("reader"))?);
        if !readers.contains(&reader) {
            readers.push(reader);
        }
    }
    Ok(readers)
}

/// What is due for somebody.
#[derive(Debug)]
pub(crate) struct Due {
    /// Each thing, and as it stands in the mailbox, in the order in which they came true.
    pub(crate) things: Vec<(Item, Message)>,
    /// Those that do not stand there any more.
    pub(crate) gone: Vec<MessageId>,
}

/// What is due for somebody at an instant: at most `limit` things, those first that have waited longest.
pub(crate) async fn due(
    tx: &DatabaseTransaction,
    province: &str,
    reader: Reader,
    at: Timestamp,
    limit: u64,
) -> Result<Due, Failure> {
    let rows = waiting()
        .filter(Column::Province.eq(province))
        .filter(Column::Reader.eq(reader.key()))
        .filter(Column::DueAt.lte(to_db(at)))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::MessageId)
        .limit(limit);
    let mut items: BTreeMap<Uuid, Model> =
        rows.all(tx).await?.into_iter().map(|row| (row.message_id, row)).collect();
    let messages = kept(tx, province, items.keys().copied().collect()).await?;
    let things = messages.into_iter().filter_map(|message| {
        let row = items.remove(&message.id.uuid())?;
        let item = Item {
            reader,
            message: message.id,
            due_at: from_db(row.due_at),
            expires_at: row.expires_at.map(from_db),
            province: row.province,
        };
        Some((item, message))
    });
    let things = things.collect();
    Ok(Due { things, gone: items.into_keys().map(MessageId::from_uuid).collect() })
}

/// These wait no more: a letter tells them, or they are left out.
pub(crate) async fn settle(
    tx: &DatabaseTransaction,
    province: &str,
    messages: impl IntoIterator<Item = MessageId>,
    by: Result<MessageId, LeftOut>,
    now: Timestamp,
) -> Result<(), Failure> {
    let messages: Vec<Uuid> = messages.into_iter().map(MessageId::uuid).collect();
    Entity::update_many()
        .col_expr(Column::DigestId, Expr::value(by.ok().map(MessageId::uuid)))
        .col_expr(Column::LeftOut, Expr::value(by.err().map(LeftOut::as_str)))
        .col_expr(Column::SettledAt, Expr::value(to_db(now)))
        .filter(Column::Province.eq(province))
        .filter(Column::MessageId.is_in(messages))
        .exec(tx)
        .await?;
    Ok(())
}

/// What a letter tells, as it stands in the mailbox, in the order in which it came true.
pub(crate) async fn told_by(conn: &impl ConnectionTrait, letter: &Message) -> Result<Vec<Message>, Failure> {
    let told: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::MessageId)
        .filter(Column::Province.eq(&*letter.province))
        .filter(Column::DigestId.eq(letter.id.uuid()))
        .into_tuple()
        .all(conn)
        .await?;
    kept(conn, &letter.province, told).await
}

/// What outcomes people have been told of these applications, and when they came true.
pub(crate) async fn outcomes(
    conn: &impl ConnectionTrait,
    province: &str,
    applications: &[ApplicationId],
) -> Result<Vec<(ApplicationId, Notice, Timestamp)>, Failure> {
    use message::{Column, Entity};
    let outcomes = Notice::ALL.into_iter().filter(|notice| notice.is_outcome());
    let rows: Vec<(Uuid, String, DateTimeUtc)> = Entity::find()
        .select_only()
        .column(Column::ApplicationId)
        .column(Column::Template)
        .column(Column::OccurredAt)
        .filter(Column::Province.eq(province))
        .filter(Column::ApplicationId.is_in(applications.iter().map(|application| application.uuid())))
        .filter(Column::UnitId.is_null())
        .filter(Column::Channel.eq(Channel::InApp.as_str()))
        .filter(Column::Template.is_in(outcomes.map(Notice::template)))
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|(application, template, at)| {
            let notice = Notice::parse(&template).ok_or_else(|| unreadable("template"))?;
            Ok((ApplicationId::from_uuid(application), notice, from_db(at)))
        })
        .collect()
}

/// How many things wait for a letter; those only that are due before `before`, if given.
pub(crate) async fn count(conn: &impl ConnectionTrait, before: Option<Timestamp>) -> Result<u64, Failure> {
    let due = before.map(|before| Column::DueAt.lt(to_db(before)));
    Ok(due.into_iter().fold(waiting(), |waiting, due| waiting.filter(due)).count(conn).await?)
}

/// Whether there are some that wait no more since before then.
pub(crate) async fn are_there_before(
    conn: &impl ConnectionTrait,
    before: Timestamp,
) -> Result<bool, Failure> {
    let old = Entity::find().filter(Column::SettledAt.lt(to_db(before)));
    Ok(old.one(conn).await?.is_some())
}

/// Forgets those that wait no more since before then: such a letter cannot be sent again.
pub(crate) async fn forget(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, Failure> {
    let old = Entity::delete_many().filter(Column::SettledAt.lt(to_db(before)));
    Ok(old.exec(tx).await?.rows_affected)
}

fn waiting() -> Select<Entity> {
    Entity::find().filter(Column::SettledAt.is_null())
}

/// Messages by their ids, in the order in which they came true.
async fn kept(conn: &impl ConnectionTrait, province: &str, ids: Vec<Uuid>) -> Result<Vec<Message>, Failure> {
    use message::{Column, Entity};
    let kept = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::MessageId.is_in(ids))
        .order_by_asc(Column::OccurredAt)
        .order_by_asc(Column::Stage)
        .order_by_asc(Column::MessageId);
    kept.all(conn).await?.into_iter().map(Message::try_from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_go_there_and_back() {
        for reader in [Reader::Person(Uuid::from_u128(7)), Reader::Unit(UnitId::of("37", "13285"))] {
            assert_eq!(Reader::parse(&reader.key()), Some(reader));
        }
        for none in ["", "person", "person:x", "unit:off_1", "everybody:1"] {
            assert_eq!(Reader::parse(none), None, "{none}");
        }
    }
}
