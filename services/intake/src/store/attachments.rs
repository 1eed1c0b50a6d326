//! Files that belong to applications, what is stored of their uploads, and what is in them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    attachment::FileType,
    id::{ApplicationId, AttachmentId, Id as _, ObjectId},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    Condition, ConnectionTrait, FromQueryResult, JoinType, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Query},
};

use super::entity::{
    application,
    attachment::{self, Column, Entity},
    attachment_part, attachment_reading, content, person_key,
};
use crate::record::{Attached, AttachmentRecord, ContentRecord, Found, Part, Verdict};

/// What a caller has here that belongs to no application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unclaimed {
    /// So many uploads that are not whole.
    pub(crate) unfinished: u64,
    /// So many files, with these.
    pub(crate) files: u64,
    /// So many bytes, with those that were announced only.
    pub(crate) bytes: u64,
}

/// One download.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) attachment: AttachmentId,
    pub(crate) application: Option<ApplicationId>,
    pub(crate) actor: String,
    pub(crate) by_receipt: bool,
    pub(crate) at: Timestamp,
}

/// A content as it came.
#[derive(Clone, Debug)]
pub(crate) struct NewContent {
    pub(crate) record: ContentRecord,
    pub(crate) pseudonym: Vec<u8>,
}

/// Writes down what was announced.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    record: &AttachmentRecord,
) -> Result<(), Failure> {
    let row = attachment::ActiveModel {
        province: Set(province.to_owned()),
        id: Set(record.id.uuid()),
        owner: Set(record.owner.clone()),
        file_type: Set(type_name(record.file_type).to_owned()),
        size: Set(signed(record.size)?),
        stored: Set(signed(record.stored)?),
        round: Set(record.round),
        wrapped_key: Set(record.wrapped_key.clone()),
        details: Set(record.details.clone()),
        content: Set(None),
        application: Set(None),
        begun_at: Set(to_db(record.begun_at)),
        attached_at: Set(None),
        wanted_until: Set(None),
        place: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// One attachment.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: AttachmentId,
) -> Result<Option<AttachmentRecord>, Failure> {
    let row = Entity::find_by_id((province.to_owned(), id.uuid())).one(conn).await?;
    Ok(with_contents(conn, province, row.into_iter().collect()).await?.pop())
}

/// These attachments, in the order of their ids; each stays locked until the commit.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    ids: &BTreeSet<AttachmentId>,
) -> Result<Vec<AttachmentRecord>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    let rows = found.order_by_asc(Column::Id).lock_exclusive().all(tx).await?;
    with_contents(tx, province, rows).await
}

/// The attachments of an application in the order in which they were attached.
pub(crate) async fn of_application<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
) -> Result<Vec<AttachmentRecord>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application.uuid()));
    let rows = found.order_by_asc(Column::AttachedAt).order_by_asc(Column::Place).all(conn).await?;
    with_contents(conn, province, rows).await
}

/// What a caller has here that belongs to no application.
pub(crate) async fn unclaimed<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    owner: &str,
) -> Result<Unclaimed, Failure> {
    #[derive(FromQueryResult)]
    struct Row {
        size: i64,
        content: Option<Uuid>,
    }
    let found = Entity::find()
        .select_only()
        .columns([Column::Size, Column::Content])
        .filter(Column::Province.eq(province))
        .filter(Column::Owner.eq(owner))
        .filter(Column::Application.is_null());
    let rows: Vec<Row> = found.into_model().all(tx).await?;
    rows.into_iter().try_fold(Unclaimed::default(), |sum, row| {
        Ok(Unclaimed {
            unfinished: sum.unfinished + u64::from(row.content.is_none()),
            files: sum.files + 1,
            bytes: sum.bytes + unsigned(row.size)?,
        })
    })
}

/// Adds a part to an upload, if it still stands where the part begins.
pub(crate) async fn add_part<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: AttachmentId,
    round: i32,
    part: Part,
) -> Result<bool, Failure> {
    let row = attachment::ActiveModel { stored: Set(signed(part.start + part.size)?), ..Default::default() };
    let standing = unfinished(province, id, round).add(Column::Stored.eq(signed(part.start)?));
    if Entity::update_many().set(row).filter(standing).exec(tx).await?.rows_affected == 0 {
        return Ok(false);
    }
    let row = attachment_part::ActiveModel {
        province: Set(province.to_owned()),
        attachment: Set(id.uuid()),
        start: Set(signed(part.start)?),
        size: Set(signed(part.size)?),
        object: Set(part.object.uuid()),
    };
    attachment_part::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(true)
}

/// How many parts an upload has.
pub(crate) async fn count_parts<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: AttachmentId,
) -> Result<u64, Failure> {
    Ok(of_upload(province, id).count(conn).await?)
}

/// The parts of an upload in their order.
pub(crate) async fn parts<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: AttachmentId,
) -> Result<Vec<Part>, Failure> {
    let rows = of_upload(province, id).order_by_asc(attachment_part::Column::Start).all(conn).await?;
    let part = |row: attachment_part::Model| {
        Ok(Part {
            start: unsigned(row.start)?,
            size: unsigned(row.size)?,
            object: ObjectId::from_uuid(row.object),
        })
    };
    rows.into_iter().map(part).collect()
}

/// Lets an upload begin again, unless somebody did so before, or it is whole. Answers the parts that nobody needs any more.
pub(crate) async fn begin_again<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: AttachmentId,
    round: i32,
) -> Result<Vec<Part>, Failure> {
    let row = attachment::ActiveModel { stored: Set(0), round: Set(round + 1), ..Default::default() };
    let standing = unfinished(province, id, round);
    if Entity::update_many().set(row).filter(standing).exec(tx).await?.rows_affected == 0 {
        return Ok(Vec::new());
    }
    take_parts(tx, province, id).await
}

/// Whether the content that this stands for is kept.
pub(crate) async fn keeps<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    pseudonym: &[u8],
) -> Result<bool, Failure> {
    let found = content::Entity::find()
        .filter(content::Column::Province.eq(province))
        .filter(content::Column::Pseudonym.eq(pseudonym));
    Ok(found.count(conn).await? > 0)
}

/// The content that this stands for, if it is kept; it stays locked until the commit.
pub(crate) async fn content<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    pseudonym: &[u8],
) -> Result<Option<ContentRecord>, Failure> {
    let found = content::Entity::find()
        .filter(content::Column::Province.eq(province))
        .filter(content::Column::Pseudonym.eq(pseudonym));
    found.lock_exclusive().one(tx).await?.map(content_record).transpose()
}

/// Keeps a content.
pub(crate) async fn insert_content<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    NewContent { record, pseudonym }: NewContent,
) -> Result<(), Failure> {
    let row = content::ActiveModel {
        province: Set(province.to_owned()),
        id: Set(record.id.uuid()),
        pseudonym: Set(pseudonym),
        size: Set(signed(record.size)?),
        wrapped_key: Set(record.wrapped_key),
        verdict: Set(record.verdict.name().to_owned()),
        stored_at: Set(to_db(record.stored_at)),
        found: Set(None),
        found_at: Set(None),
        scan_tries: Set(0),
        scan_after: Set(None),
    };
    content::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// An upload is whole: this is in it. Answers the parts that nobody needs any more; none: somebody else has finished it, or it was begun
/// again.
pub(crate) async fn finish<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: AttachmentId,
    round: i32,
    content: ObjectId,
    details: Vec<u8>,
) -> Result<Option<Vec<Part>>, Failure> {
    let row = attachment::ActiveModel {
        content: Set(Some(content.uuid())),
        details: Set(details),
        ..Default::default()
    };
    let standing = unfinished(province, id, round);
    if Entity::update_many().set(row).filter(standing).exec(tx).await?.rows_affected == 0 {
        return Ok(None);
    }
    take_parts(tx, province, id).await.map(Some)
}

/// Attaches to an application what was locked, in this order.
pub(crate) async fn attach<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    ids: &[AttachmentId],
    Attached { application, at }: Attached,
) -> Result<(), Failure> {
    for (place, id) in (0..).zip(ids) {
        let row = attachment::ActiveModel {
            application: Set(Some(application.uuid())),
            attached_at: Set(Some(to_db(at))),
            place: Set(Some(place)),
            ..Default::default()
        };
        let free =
            Column::Province.eq(province).and(Column::Id.eq(id.uuid())).and(Column::Application.is_null());
        Entity::update_many().set(row).filter(free).exec(tx).await?;
    }
    Ok(())
}

/// A draft of `owner` wants these until then: those that are theirs, or `before`'s whose draft it was, and belong to no application.
pub(crate) async fn want<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    ids: &BTreeSet<AttachmentId>,
    (before, owner): (&str, &str),
    until: Timestamp,
) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    let row = attachment::ActiveModel {
        owner: Set(owner.to_owned()),
        wanted_until: Set(Some(to_db(until))),
        ..Default::default()
    };
    let theirs = Column::Province
        .eq(province)
        .and(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .and(Column::Owner.is_in([before, owner]))
        .and(Column::Application.is_null());
    Entity::update_many().set(row).filter(theirs).exec(tx).await?;
    Ok(())
}

/// Deletes an attachment that was locked, and its content with the last one that has it. Answers the objects that nobody needs any more:
/// the parts, and the content.
pub(crate) async fn delete<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    record: &AttachmentRecord,
) -> Result<Vec<Object>, Failure> {
    let parts = take_parts(tx, province, record.id).await?;
    let mut free: Vec<_> = parts.into_iter().map(|part| Object::Part(part.object)).collect();
    Entity::delete_by_id((province.to_owned(), record.id.uuid())).exec(tx).await?;
    let Some(content) = &record.content else { return Ok(free) };
    let key = (province.to_owned(), content.id.uuid());
    // Whoever finishes an upload of the same content waits here, or is waited for.
    if content::Entity::find_by_id(key.clone()).lock_exclusive().one(tx).await?.is_none() {
        return Ok(free);
    }
    let others =
        Entity::find().filter(Column::Province.eq(province)).filter(Column::Content.eq(content.id.uuid()));
    if others.count(tx).await? == 0 {
        content::Entity::delete_by_id(key).exec(tx).await?;
        free.push(Object::Content(content.id));
    }
    Ok(free)
}

/// Something in the store of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// A part of an upload.
    Part(ObjectId),
    /// What is in attachments.
    Content(ObjectId),
}

/// Which of these objects no row names.
pub(crate) async fn unnamed<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    objects: &[Object],
) -> Result<Vec<Object>, Failure> {
    let of = |wanted: fn(&Object) -> Option<ObjectId>| objects.iter().filter_map(wanted).map(|id| id.uuid());
    let parts = of(|object| if let Object::Part(id) = object { Some(*id) } else { None });
    let contents = of(|object| if let Object::Content(id) = object { Some(*id) } else { None });
    let parts = attachment_part::Entity::find()
        .select_only()
        .column(attachment_part::Column::Object)
        .filter(attachment_part::Column::Province.eq(province))
        .filter(attachment_part::Column::Object.is_in(parts));
    let contents = content::Entity::find()
        .select_only()
        .column(content::Column::Id)
        .filter(content::Column::Province.eq(province))
        .filter(content::Column::Id.is_in(contents));
    let mut named: BTreeSet<Uuid> = parts.into_tuple().all(conn).await?.into_iter().collect();
    named.extend(contents.into_tuple::<Uuid>().all(conn).await?);
    let id = |object: &Object| match object {
        Object::Part(id) | Object::Content(id) => id.uuid(),
    };
    Ok(objects.iter().filter(|object| !named.contains(&id(object))).copied().collect())
}

/// A content that waits for the scanner.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) province: String,
    pub(crate) content: ContentRecord,
    /// How often the scanner said nothing of it.
    pub(crate) tries: i32,
}

/// Contents on which the scanner has not said anything and may be asked at `now` (real time): those that it was asked of least often, and
/// of these the oldest first. So those that it cannot judge stand in nobody's way.
pub(crate) async fn waiting<C: ConnectionTrait>(
    conn: &C,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Waiting>, Failure> {
    use content::Column;
    let may = Column::ScanAfter.is_null().or(Column::ScanAfter.lte(to_db(now)));
    let found = content::Entity::find().filter(Column::Verdict.eq(Verdict::Waiting.name())).filter(may);
    let ordered = found.order_by_asc(Column::ScanTries).order_by_asc(Column::StoredAt);
    let rows = ordered.limit(limit).all(conn).await?;
    let waiting = |row: content::Model| {
        Ok(Waiting { province: row.province.clone(), tries: row.scan_tries, content: content_record(row)? })
    };
    rows.into_iter().map(waiting).collect()
}

/// The scanner said nothing of a content for the `tries`th time; it is not asked again before `after` (real time).
pub(crate) async fn put_off<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ObjectId,
    tries: i32,
    after: Timestamp,
) -> Result<(), Failure> {
    let row = content::ActiveModel {
        scan_tries: Set(tries),
        scan_after: Set(Some(to_db(after))),
        ..Default::default()
    };
    let this = content::Column::Province.eq(province).and(content::Column::Id.eq(id.uuid()));
    content::Entity::update_many().set(row).filter(this).exec(tx).await?;
    Ok(())
}

/// How many contents wait for the scanner.
pub(crate) async fn count_waiting<C: ConnectionTrait>(conn: &C) -> Result<u64, Failure> {
    let found = content::Entity::find().filter(content::Column::Verdict.eq(Verdict::Waiting.name()));
    Ok(found.count(conn).await?)
}

/// The scanner has said something on a content: what it found; none: nothing. Whether it is news.
pub(crate) async fn judge<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ObjectId,
    found: Option<Found>,
) -> Result<bool, Failure> {
    let verdict = if found.is_some() { Verdict::Infected } else { Verdict::Clean };
    let row = content::ActiveModel {
        verdict: Set(verdict.name().to_owned()),
        found_at: Set(found.as_ref().map(|found| to_db(found.at))),
        found: Set(found.map(|found| found.signature)),
        ..Default::default()
    };
    let waiting = content::Column::Province
        .eq(province)
        .and(content::Column::Id.eq(id.uuid()))
        .and(content::Column::Verdict.eq(Verdict::Waiting.name()));
    Ok(content::Entity::update_many().set(row).filter(waiting).exec(tx).await?.rows_affected > 0)
}

/// Which attachments have this content.
pub(crate) async fn with_content<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ObjectId,
) -> Result<Vec<AttachmentId>, Failure> {
    let found = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Province.eq(province))
        .filter(Column::Content.eq(id.uuid()));
    let ids: Vec<Uuid> = found.into_tuple().all(conn).await?;
    Ok(ids.into_iter().map(AttachmentId::from_uuid).collect())
}

/// Attachments that belong to no application and have waited for one too long: those that are not whole since before
/// `unfinished_before`, the others since before `unclaimed_before`. What a draft wants by `now` waits on.
pub(crate) async fn forsaken<C: ConnectionTrait>(
    conn: &C,
    unfinished_before: Timestamp,
    unclaimed_before: Timestamp,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(String, AttachmentId)>, Failure> {
    let unwanted =
        Condition::any().add(Column::WantedUntil.is_null()).add(Column::WantedUntil.lte(to_db(now)));
    let unfinished = Column::Content.is_null().and(Column::BegunAt.lt(to_db(unfinished_before)));
    let unclaimed = Column::BegunAt.lt(to_db(unclaimed_before));
    let found = Entity::find()
        .select_only()
        .columns([Column::Province, Column::Id])
        .filter(Column::Application.is_null())
        .filter(unwanted)
        .filter(Condition::any().add(unfinished).add(unclaimed));
    keys(conn, found.order_by_asc(Column::BegunAt).limit(limit)).await
}

/// Attachments of persons who were erased.
pub(crate) async fn of_the_erased<C: ConnectionTrait>(
    conn: &C,
    limit: u64,
) -> Result<Vec<(String, AttachmentId)>, Failure> {
    use sea_orm::sea_query::Expr;
    let key_of = Query::select()
        .expr(Expr::val(1))
        .from(person_key::Entity)
        .and_where(
            Expr::col((person_key::Entity, person_key::Column::Province))
                .equals((application::Entity, application::Column::Province)),
        )
        .and_where(
            Expr::col((person_key::Entity, person_key::Column::Person))
                .equals((application::Entity, application::Column::Person)),
        )
        .to_owned();
    let found = joined().filter(Expr::exists(key_of).not());
    keys(conn, found.limit(limit)).await
}

/// Attachments of applications that have ended, after `after`: which, of which procedure in which version of the province, and when it has
/// ended.
pub(crate) async fn of_the_ended<C: ConnectionTrait>(
    conn: &C,
    ended_before: Timestamp,
    after: Option<(String, AttachmentId)>,
    limit: u64,
) -> Result<Vec<Ended>, Failure> {
    #[derive(FromQueryResult)]
    struct Row {
        province: String,
        id: Uuid,
        application: Uuid,
        procedure_code: String,
        province_version: i64,
        finished_at: DateTimeUtc,
    }
    let mut found = joined()
        .column(Column::Application)
        .column(application::Column::ProcedureCode)
        .column(application::Column::ProvinceVersion)
        .column(application::Column::FinishedAt)
        .filter(application::Column::FinishedAt.lt(to_db(ended_before)));
    if let Some((province, id)) = after {
        let later = Column::Province.eq(province.clone()).and(Column::Id.gt(id.uuid()));
        found = found.filter(Condition::any().add(Column::Province.gt(province)).add(later));
    }
    let ordered = found.order_by_asc(Column::Province).order_by_asc(Column::Id);
    let rows: Vec<Row> = ordered.limit(limit).into_model().all(conn).await?;
    let ended = |row: Row| Ended {
        province: row.province,
        attachment: AttachmentId::from_uuid(row.id),
        application: ApplicationId::from_uuid(row.application),
        procedure_code: row.procedure_code,
        province_version: row.province_version,
        ended_at: from_db(row.finished_at),
    };
    Ok(rows.into_iter().map(ended).collect())
}

/// An attachment of an application that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) province: String,
    pub(crate) attachment: AttachmentId,
    pub(crate) application: ApplicationId,
    pub(crate) procedure_code: String,
    pub(crate) province_version: i64,
    pub(crate) ended_at: Timestamp,
}

/// Writes down who was given an attachment.
pub(crate) async fn note_reading<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    reading: Reading,
) -> Result<(), Failure> {
    let row = attachment_reading::ActiveModel {
        id: NotSet,
        province: Set(province.to_owned()),
        attachment: Set(reading.attachment.uuid()),
        application: Set(reading.application.map(|id| id.uuid())),
        actor: Set(reading.actor),
        by_receipt: Set(reading.by_receipt),
        at: Set(to_db(reading.at)),
    };
    attachment_reading::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Attachments with the applications that they belong to: their keys.
fn joined() -> Select<Entity> {
    let to_application = Entity::belongs_to(application::Entity)
        .from((Column::Province, Column::Application))
        .to((application::Column::Province, application::Column::Id))
        .into();
    Entity::find()
        .select_only()
        .columns([Column::Province, Column::Id])
        .join(JoinType::InnerJoin, to_application)
}

async fn keys<C: ConnectionTrait>(
    conn: &C,
    found: Select<Entity>,
) -> Result<Vec<(String, AttachmentId)>, Failure> {
    let keys: Vec<(String, Uuid)> = found.into_tuple().all(conn).await?;
    Ok(keys.into_iter().map(|(province, id)| (province, AttachmentId::from_uuid(id))).collect())
}

/// An upload that is not whole, in the round that is meant.
fn unfinished(province: &str, id: AttachmentId, round: i32) -> Condition {
    Condition::all()
        .add(Column::Province.eq(province))
        .add(Column::Id.eq(id.uuid()))
        .add(Column::Round.eq(round))
        .add(Column::Content.is_null())
}

fn of_upload(province: &str, id: AttachmentId) -> Select<attachment_part::Entity> {
    attachment_part::Entity::find()
        .filter(attachment_part::Column::Province.eq(province))
        .filter(attachment_part::Column::Attachment.eq(id.uuid()))
}

/// Forgets the parts of an upload, and answers which they were.
async fn take_parts<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: AttachmentId,
) -> Result<Vec<Part>, Failure> {
    let parts = parts(tx, province, id).await?;
    let of =
        attachment_part::Column::Province.eq(province).and(attachment_part::Column::Attachment.eq(id.uuid()));
    attachment_part::Entity::delete_many().filter(of).exec(tx).await?;
    Ok(parts)
}

/// Rows with what is in them.
pub(super) async fn with_contents<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    rows: Vec<attachment::Model>,
) -> Result<Vec<AttachmentRecord>, Failure> {
    let wanted: Vec<_> = rows.iter().filter_map(|row| row.content).collect();
    let mut contents = BTreeMap::new();
    if !wanted.is_empty() {
        let found = content::Entity::find()
            .filter(content::Column::Province.eq(province))
            .filter(content::Column::Id.is_in(wanted));
        for row in found.all(conn).await? {
            contents.insert(row.id, content_record(row)?);
        }
    }
    let record = |row: attachment::Model| {
        let content = row.content.map(|id| {
            let missing = || Failure::broken(format!("content {id} of an attachment is not here"));
            contents.get(&id).cloned().ok_or_else(missing)
        });
        let attached = row.application.zip(row.attached_at);
        Ok(AttachmentRecord {
            id: AttachmentId::from_uuid(row.id),
            owner: row.owner,
            file_type: file_type(&row.file_type)?,
            size: unsigned(row.size)?,
            stored: unsigned(row.stored)?,
            round: row.round,
            wrapped_key: row.wrapped_key,
            details: row.details,
            content: content.transpose()?,
            begun_at: from_db(row.begun_at),
            attached: attached.map(|(application, at)| Attached {
                application: ApplicationId::from_uuid(application),
                at: from_db(at),
            }),
            wanted_until: row.wanted_until.map(from_db),
        })
    };
    rows.into_iter().map(record).collect()
}

fn content_record(row: content::Model) -> Result<ContentRecord, Failure> {
    let found = row.found.zip(row.found_at);
    Ok(ContentRecord {
        id: ObjectId::from_uuid(row.id),
        size: unsigned(row.size)?,
        wrapped_key: row.wrapped_key,
        verdict: Verdict::parse(&row.verdict)?,
        stored_at: from_db(row.stored_at),
        found: found.map(|(signature, at)| Found { signature, at: from_db(at) }),
    })
}

impl Verdict {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Clean => "clean",
            Self::Infected => "infected",
        }
    }

    fn parse(name: &str) -> Result<Self, Failure> {
        let known = [Self::Waiting, Self::Clean, Self::Infected].into_iter().find(|it| it.name() == name);
        known.ok_or_else(|| Failure::broken(format!("no verdict is called {name}")))
    }
}

/// A type as it is stored: its usual ending.
fn type_name(file_type: FileType) -> &'static str {
    file_type.endings()[0]
}

fn file_type(name: &str) -> Result<FileType, Failure> {
    let known = FileType::ALL.into_iter().find(|known| type_name(*known) == name);
    known.ok_or_else(|| Failure::broken(format!("no type of file is called {name}")))
}

fn signed(bytes: u64) -> Result<i64, Failure> {
    bytes.try_into().map_err(Failure::broken)
}

fn unsigned(bytes: i64) -> Result<u64, Failure> {
    bytes.try_into().map_err(Failure::broken)
}
