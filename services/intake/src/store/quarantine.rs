//! Attachments in which the virus scanner found something, and what was done with them.

use jiff::Timestamp;
use phidia_domain::id::{AttachmentId, Id as _, ObjectId};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Query},
};

use super::{
    attachments::with_contents,
    entity::{attachment, content, quarantine_act},
};
use crate::record::{AttachmentRecord, Verdict};

/// What an operator does with an attachment that is in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// It was a false alarm: what has the same content may be given out.
    Release,
    /// It is deleted.
    Discard,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "released",
            Self::Discard => "discarded",
        }
    }
}

/// What was done, by whom and why.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) act: Act,
    /// `role/name`.
    pub(crate) actor: String,
    pub(crate) reason: String,
    pub(crate) at: Timestamp,
}

/// Attachments in quarantine, those that were announced last first, those before `before` only.
pub(crate) async fn list<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    before: Option<AttachmentId>,
    limit: u64,
) -> Result<Vec<AttachmentRecord>, Failure> {
    use attachment::{Column, Entity};
    let infected = Query::select()
        .column(content::Column::Id)
        .from(content::Entity)
        .and_where(content::Column::Province.eq(province))
        .and_where(content::Column::Verdict.eq(Verdict::Infected.name()))
        .to_owned();
    let mut found =
        Entity::find().filter(Column::Province.eq(province)).filter(Column::Content.in_subquery(infected));
    if let Some(before) = before {
        found = found.filter(Column::Id.lt(before.uuid()));
    }
    let rows = found.order_by_desc(Column::Id).limit(limit).all(conn).await?;
    with_contents(conn, province, rows).await
}

/// What has this content may be given out.
pub(crate) async fn release<C: ConnectionTrait>(tx: &C, province: &str, id: ObjectId) -> Result<(), Failure> {
    let row = content::ActiveModel { verdict: Set(Verdict::Clean.name().to_owned()), ..Default::default() };
    let this = content::Column::Province
        .eq(province)
        .and(content::Column::Id.eq(id.uuid()))
        .and(content::Column::Verdict.eq(Verdict::Infected.name()));
    content::Entity::update_many().set(row).filter(this).exec(tx).await?;
    Ok(())
}

/// Writes down what is done with an attachment.
pub(crate) async fn note<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    record: &AttachmentRecord,
    Deed { act, actor, reason, at }: Deed,
) -> Result<(), Failure> {
    let missing = || Failure::broken(format!("{} is in quarantine without a content", record.id));
    let content = record.content.as_ref().ok_or_else(missing)?;
    let row = quarantine_act::ActiveModel {
        id: NotSet,
        province: Set(province.to_owned()),
        attachment: Set(record.id.uuid()),
        content: Set(content.id.uuid()),
        application: Set(record.attached.map(|attached| attached.application.uuid())),
        act: Set(act.name().to_owned()),
        found: Set(content.found.as_ref().map(|found| found.signature.clone())),
        reason: Set(reason),
        actor: Set(actor),
        at: Set(to_db(at)),
    };
    quarantine_act::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether this was done with an attachment.
pub(crate) async fn was<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: AttachmentId,
    act: Act,
) -> Result<bool, Failure> {
    use quarantine_act::{Column, Entity};
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Attachment.eq(id.uuid()))
        .filter(Column::Act.eq(act.name()));
    Ok(found.count(conn).await? > 0)
}
