//! By what the portal knows which application, and what is noted to tell it.

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
    ConnectionTrait, DatabaseTransaction, DerivePartialModel, QuerySelect as _,
    entity::prelude::*,
    sea_query::OnConflict,
};
use serde_json::Value;

use super::{integer, messages::of_dossier, number};
use crate::{
    portal::MessageState,
    store::{
        entity::{application, portal_dossier, portal_message, status_entry},
        from_json, name, outcomes, status, to_json,
    },
};

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

/// By which code the portal knows an application; none: it does not.
pub(crate) async fn code_of<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<String>, Failure> {
    use portal_dossier::{Column, Entity};
    let found =
        Entity::find().filter(Column::Province.eq(province)).filter(Column::Application.eq(id.uuid()));
    Ok(found.one(conn).await?.map(|row| row.code))
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

pub(super) async fn lock<C: ConnectionTrait>(tx: &C, province: &str, code: &str) -> Result<(), Failure> {
    let dossier = portal_dossier::Entity::find_by_id((province.to_owned(), code.to_owned()));
    dossier.lock_exclusive().one(tx).await?;
    Ok(())
}
