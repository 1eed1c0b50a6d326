//! In which order what stands in a mailbox came to be read. Whoever watches a mailbox numbers what is in it, behind the commit of whoever wrote
//! it and one after the other: so a number says that everything with a smaller one was told, which neither ids nor instants do where
//! transactions commit out of order. Nobody who writes waits for it, and a mailbox that nobody watches costs nothing.

use std::collections::BTreeMap;

use phidia_domain::{
    id::{ApplicationId, Id as _, UnitId},
    notice::Channel,
};
use phidia_runtime::{
    database::{self, Database},
    failure::Failure,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement, Value,
};
use uuid::Uuid;

use super::{
    Message,
    entity::message::{Column, Entity},
    mailbox::{Mailbox, in_it},
};

/// So many mailboxes are asked for in one statement: SQLite takes no deeper conditions.
const AT_ONCE: usize = 200;
/// So many rows are looked at for them: where there are more, the next look finds them.
const MOST_ROWS: u64 = 1_000;

/// Numbers what stands in a mailbox and has no number yet; answers the last that was given.
pub(crate) async fn number(db: &Database, mailbox: Mailbox) -> Result<i64, Failure> {
    let unnumbered = kept(mailbox).filter(Column::Place.is_null()).limit(1);
    if unnumbered.one(db.read()).await?.is_some() {
        let numbered = db.write(move |tx| Box::pin(async move { number_all(tx, mailbox).await }));
        return numbered.await;
    }
    last(db.read(), mailbox).await
}

/// The last number that was given in a mailbox; 0: none was.
pub(crate) async fn last(conn: &impl ConnectionTrait, mailbox: Mailbox) -> Result<i64, Failure> {
    let last = kept(mailbox)
        .filter(Column::Place.is_not_null())
        .select_only()
        .column(Column::Place)
        .order_by_desc(Column::Place)
        .limit(1);
    Ok(last.into_tuple::<i64>().one(conn).await?.unwrap_or_default())
}

/// At most `limit` messages behind a number, with theirs.
pub(crate) async fn behind(
    conn: &impl ConnectionTrait,
    mailbox: Mailbox,
    place: i64,
    limit: u64,
) -> Result<Vec<(i64, Message)>, Failure> {
    let found = kept(mailbox).filter(Column::Place.gt(place)).order_by_asc(Column::Place).limit(limit);
    let numbered =
        |row: super::entity::message::Model| Ok((row.place.unwrap_or_default(), Message::try_from(row)?));
    found.all(conn).await?.into_iter().map(numbered).collect()
}

/// In which of these mailboxes there is more than was seen so far, and whether some of it has no number yet.
pub(crate) async fn news(
    conn: &impl ConnectionTrait,
    seen: &BTreeMap<Mailbox, i64>,
) -> Result<BTreeMap<Mailbox, bool>, Failure> {
    let mut news = BTreeMap::new();
    let all: Vec<_> = seen.iter().collect();
    for some in all.chunks(AT_ONCE) {
        let more = some.iter().fold(Condition::any(), |any, (mailbox, seen)| {
            let unseen = Condition::any().add(Column::Place.is_null()).add(Column::Place.gt(**seen));
            any.add(in_it(**mailbox).add(unseen))
        });
        let found = Entity::find()
            .select_only()
            .columns([Column::ApplicationId, Column::UnitId, Column::Place])
            .filter(Column::Channel.eq(Channel::InApp.as_str()))
            .filter(more)
            .limit(MOST_ROWS);
        for (application, unit, place) in
            found.into_tuple::<(Uuid, Option<Uuid>, Option<i64>)>().all(conn).await?
        {
            let mailbox = match unit {
                Some(unit) => Mailbox::Unit(UnitId::from_uuid(unit)),
                None => Mailbox::Application(ApplicationId::from_uuid(application)),
            };
            *news.entry(mailbox).or_default() |= place.is_none();
        }
    }
    Ok(news)
}

/// Numbers what was committed by now, one who does at a time.
async fn number_all(tx: &DatabaseTransaction, mailbox: Mailbox) -> Result<i64, Failure> {
    let (of, id): (&str, Uuid) = match mailbox {
        Mailbox::Application(application) => {
            ("application_id = $2 AND unit_id IS NULL AND addressee <> 'operators'", application.uuid())
        }
        Mailbox::Unit(unit) => ("unit_id = $2", unit.uuid()),
        Mailbox::Citizens | Mailbox::Operators => return Err(Failure::broken("nobody watches this mailbox")),
    };
    database::alone(tx, &format!("mailbox/{id}")).await?;
    let known = last(tx, mailbox).await?;
    let number = format!(
        "UPDATE message SET place = numbered.given FROM \
         (SELECT province AS of_province, message_id AS of_message, \
          $1 + row_number() OVER (ORDER BY occurred_at, stage, message_id) AS given \
          FROM message WHERE {of} AND channel = 'in_app' AND place IS NULL) AS numbered \
         WHERE message.province = numbered.of_province AND message.message_id = numbered.of_message"
    );
    let values: [Value; 2] = [known.into(), id.into()];
    let numbered =
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), number, values)).await?;
    Ok(known + i64::try_from(numbered.rows_affected()).map_err(Failure::broken)?)
}

/// What is kept to be read in a mailbox that is watched.
fn kept(mailbox: Mailbox) -> sea_orm::Select<Entity> {
    Entity::find().filter(in_it(mailbox)).filter(Column::Channel.eq(Channel::InApp.as_str()))
}
