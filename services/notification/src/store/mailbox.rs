//! Reading messages, oldest first, or from the newest back.

use jiff::Timestamp;
use phidia_domain::{
    id::{ApplicationId, Id as _, UnitId},
    notice::{Audience, Channel},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use super::{
    Message,
    entity::message::{Column, Entity},
    no_application,
};

/// A place in the order of messages: what was told at an earlier instant comes first, then what comes
/// earlier in an application's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) occurred_at: Timestamp,
    pub(crate) stage: u8,
    pub(crate) id: Uuid,
}

impl Cursor {
    /// The place of a message.
    pub(crate) fn of(message: &Message) -> Self {
        Self { occurred_at: message.occurred_at, stage: message.notice.stage(), id: message.id.uuid() }
    }

    /// What lies behind it, spelled out: not every store compares rows.
    fn after(self) -> Condition {
        let (at, stage) = (to_db(self.occurred_at), i16::from(self.stage));
        let same_stage = Condition::all().add(Column::Stage.eq(stage)).add(Column::MessageId.gt(self.id));
        let same_instant = Condition::any().add(Column::Stage.gt(stage)).add(same_stage);
        // The first bound alone is what the index serves.
        Condition::all().add(Column::OccurredAt.gte(at)).add(
            Condition::any()
                .add(Column::OccurredAt.gt(at))
                .add(Condition::all().add(Column::OccurredAt.eq(at)).add(same_instant)),
        )
    }

    /// What lies before it, likewise.
    fn before(self) -> Condition {
        let (at, stage) = (to_db(self.occurred_at), i16::from(self.stage));
        let same_stage = Condition::all().add(Column::Stage.eq(stage)).add(Column::MessageId.lt(self.id));
        let same_instant = Condition::any().add(Column::Stage.lt(stage)).add(same_stage);
        Condition::all().add(Column::OccurredAt.lte(at)).add(
            Condition::any()
                .add(Column::OccurredAt.lt(at))
                .add(Condition::all().add(Column::OccurredAt.eq(at)).add(same_instant)),
        )
    }
}

/// Whose messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mailbox {
    /// All citizens'.
    Citizens,
    /// The citizen's whose application it is.
    Application(ApplicationId),
    /// The unit's.
    Unit(UnitId),
    /// Of those who run the installation.
    Operators,
}

impl Mailbox {
    /// By what it is known, for ever.
    pub(crate) fn key(self) -> String {
        match self {
            Self::Citizens => "citizens".to_owned(),
            Self::Application(application) => application.to_string(),
            Self::Unit(unit) => unit.to_string(),
            Self::Operators => "operators".to_owned(),
        }
    }
}

/// At most `limit` messages behind `after`.
pub(crate) async fn list(
    conn: &impl ConnectionTrait,
    mailbox: Mailbox,
    after: Option<Cursor>,
    limit: u64,
) -> Result<Vec<Message>, Failure> {
    let mut query = of(mailbox);
    if let Some(after) = after {
        query = query.filter(after.after());
    }
    query
        .order_by_asc(Column::OccurredAt)
        .order_by_asc(Column::Stage)
        .order_by_asc(Column::MessageId)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(Message::try_from)
        .collect()
}

/// At most `limit` messages before `before`, the last one first.
pub(crate) async fn list_back(
    conn: &impl ConnectionTrait,
    mailbox: Mailbox,
    before: Option<Cursor>,
    limit: u64,
) -> Result<Vec<Message>, Failure> {
    let mut query = of(mailbox);
    if let Some(before) = before {
        query = query.filter(before.before());
    }
    query
        .order_by_desc(Column::OccurredAt)
        .order_by_desc(Column::Stage)
        .order_by_desc(Column::MessageId)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(Message::try_from)
        .collect()
}

/// The same fact as it stands in the mailbox of the citizen; none: a version from before told it.
pub(crate) async fn kept(conn: &impl ConnectionTrait, told: &Message) -> Result<Option<Message>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(&*told.province))
        .filter(Column::EventId.eq(told.event.uuid()))
        .filter(Column::Template.eq(told.notice.template()))
        .filter(Column::Channel.eq(Channel::InApp.as_str()))
        .filter(Column::UnitId.is_null());
    found.one(conn).await?.map(Message::try_from).transpose()
}

/// How many messages there are.
pub(crate) async fn count(conn: &impl ConnectionTrait, mailbox: Mailbox) -> Result<u64, Failure> {
    Ok(of(mailbox).count(conn).await?)
}

fn of(mailbox: Mailbox) -> Select<Entity> {
    Entity::find().filter(in_it(mailbox))
}

/// That a message is in a mailbox.
pub(super) fn in_it(mailbox: Mailbox) -> Condition {
    let operators = Audience::Operators.key();
    let citizens =
        Condition::all().add(Column::UnitId.is_null()).add(Column::Addressee.ne(operators.as_str()));
    match mailbox {
        Mailbox::Citizens => citizens,
        Mailbox::Application(application) => citizens.add(Column::ApplicationId.eq(application.uuid())),
        Mailbox::Unit(unit) => Condition::all().add(Column::UnitId.eq(unit.uuid())),
        // By the application that it is not about: there is an index.
        Mailbox::Operators => Condition::all()
            .add(Column::ApplicationId.eq(no_application().uuid()))
            .add(Column::Addressee.eq(operators)),
    }
}
