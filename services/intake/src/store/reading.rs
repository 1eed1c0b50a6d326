//! What is asked of the store. Lists leave out what they do not show: receipts and sealed applicants.

use std::collections::BTreeMap;

use phidia_domain::{
    application::{Channel, Charge, ReturnWay, Status, Wanted},
    id::{ApplicationId, Id, PersonId, UnitId},
};
use phidia_runtime::{database::from_db, failure::Failure};
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, DerivePartialModel, QueryOrder as _, QuerySelect as _,
    entity::prelude::*, sea_query::ExprTrait as _,
};
use serde_json::Value;

use super::{
    entity::{application, person_key, status_entry},
    from_json, outcomes, status,
};
use crate::record::{
    Application, Beside, Dossier, Entry, Finish, Progress, Receipt, SealedApplicant, WorkingUnit,
};

/// Which applications are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filter<'f> {
    pub(crate) status: Option<Status>,
    pub(crate) received_at: Option<UnitId>,
    /// Only those that this unit may open (`Scope::opens`).
    pub(crate) opened_by: Option<UnitId>,
    /// Only those whose dossier code begins so; it has the characters of one.
    pub(crate) begins: Option<&'f str>,
}

/// Applications that pass `filter`, newest first, those before `before` only.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    filter: &Filter<'_>,
    before: Option<ApplicationId>,
    limit: u64,
) -> Result<Vec<Application>, Failure> {
    use application::Column;
    let mut found = application::Entity::find().filter(Column::Province.eq(province));
    if let Some(status) = filter.status {
        found = found.filter(Column::Status.eq(status.as_str()));
    }
    if let Some(unit) = filter.received_at {
        found = found.filter(Column::ReceivedAtUnit.eq(unit.uuid()));
    }
    if let Some(unit) = filter.opened_by {
        found = found.filter(opened_by(unit));
    }
    if let Some(beginning) = filter.begins {
        found = found.filter(begins(conn, beginning));
    }
    if let Some(before) = before {
        found = found.filter(Column::Id.lt(before.uuid()));
    }
    let rows = found.order_by_desc(Column::Id).limit(limit).into_partial_model::<Row>().all(conn).await?;
    rows.into_iter().map(Application::try_from).collect()
}

/// That an application is received, worked on or handed out at a unit.
fn opened_by(unit: UnitId) -> Condition {
    use application::Column;
    Condition::any()
        .add(Column::ReceivedAtUnit.eq(unit.uuid()))
        .add(Column::ReturnAtUnit.eq(unit.uuid()))
        .add(Column::WorkingUnit.eq(unit.uuid()))
        .add(Expr::col(Column::Beside).cast_as("text").like(format!("%{unit}%")))
}

/// That a dossier code begins so, byte by byte, in the way that the engine has an index for.
fn begins<C: ConnectionTrait>(conn: &C, beginning: &str) -> Expr {
    let code = match conn.get_database_backend() {
        // Whatever the collation of the database.
        DbBackend::Postgres => Expr::cust(r#""dossier_code" COLLATE "C""#),
        _ => Expr::col(application::Column::DossierCode),
    };
    // Behind everything that codes are made of.
    let end = format!("{beginning}~");
    code.clone().gte(beginning).and(code.lt(end))
}

/// The ids of all applications in their order, those after `after` only.
pub(crate) async fn ids<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    after: Option<ApplicationId>,
    limit: u64,
) -> Result<Vec<ApplicationId>, Failure> {
    use application::Column;
    let mut found = application::Entity::find().select_only().column(Column::Id);
    found = found.filter(Column::Province.eq(province));
    if let Some(after) = after {
        found = found.filter(Column::Id.gt(after.uuid()));
    }
    let ids = found.order_by_asc(Column::Id).limit(limit).into_tuple::<Uuid>().all(conn).await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}

/// An application, its receipt, and its applicant under seal.
pub(crate) async fn dossier<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<Dossier>, Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let Some(row) = found.into_partial_model::<DossierRow>().one(conn).await? else { return Ok(None) };
    let key = person_key::Entity::find_by_id((province.to_owned(), row.person)).one(conn).await?;
    row.dossier(key.map(|key| key.wrapped_key)).map(Some)
}

/// The receipt of an application.
pub(crate) async fn receipt<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<Receipt>, Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let found = found.select_only().column(application::Column::Receipt).into_tuple::<Value>();
    found.one(conn).await?.map(from_json).transpose()
}

/// The application and the receipt with this dossier code.
pub(crate) async fn by_dossier_code<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    dossier_code: &str,
) -> Result<Option<(Application, Receipt)>, Failure> {
    use application::Column;
    let found = application::Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::DossierCode.eq(dossier_code));
    let Some(row) = found.into_partial_model::<DossierRow>().one(conn).await? else { return Ok(None) };
    Ok(Some((row.application.try_into()?, from_json(row.receipt)?)))
}

/// The application with this dossier code, and its check code.
pub(crate) async fn codes<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    dossier_code: &str,
) -> Result<Option<(ApplicationId, String)>, Failure> {
    use application::Column;
    let found = application::Entity::find()
        .select_only()
        .columns([Column::Id, Column::CheckCode])
        .filter(Column::Province.eq(province))
        .filter(Column::DossierCode.eq(dossier_code));
    let found = found.into_tuple::<(Uuid, String)>().one(conn).await?;
    Ok(found.map(|(id, check_code)| (ApplicationId::from_uuid(id), check_code)))
}

/// An application and its receipt.
pub(crate) async fn with_receipt<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<(Application, Receipt)>, Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let Some(row) = found.into_partial_model::<DossierRow>().one(conn).await? else { return Ok(None) };
    Ok(Some((row.application.try_into()?, from_json(row.receipt)?)))
}

/// By what it is told whether an application is as it was, as far as its applicant sees it.
#[derive(Clone, Debug, PartialEq, DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
pub(crate) struct Mark {
    id: Uuid,
    changes: i32,
    due_at: Option<DateTimeUtc>,
    supplement_received_at: Option<DateTimeUtc>,
    stop_asked_at: Option<DateTimeUtc>,
    payments: Option<Value>,
    appointment_at: Option<DateTimeUtc>,
    outcome: Option<Value>,
    contact_corrected_at: Option<DateTimeUtc>,
}

/// The marks of some applications.
pub(crate) async fn marks<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, Mark>, Failure> {
    use application::Column;
    let found = application::Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    let rows = found.into_partial_model::<Mark>().all(conn).await?;
    Ok(rows.into_iter().map(|mark| (ApplicationId::from_uuid(mark.id), mark)).collect())
}

/// What has happened to an application, oldest first: routing's facts and processing's come over two streams, and
/// one may be late. What happened at the same instant stands in the order in which it became known.
pub(crate) async fn entries<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Vec<Entry>, Failure> {
    use status_entry::Column;
    let rows = status_entry::Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(id.uuid()))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Number)
        .all(conn)
        .await?;
    let entry = |row: status_entry::Model| {
        Ok(Entry {
            at: from_db(row.at),
            status: status(&row.status)?,
            unit_name: row.unit_name.map(from_json).transpose()?,
            why: row.why.map(from_json).transpose()?,
            reopened_by: row.reopened_by,
        })
    };
    let mut entries = rows.into_iter().map(entry).collect::<Result<Vec<Entry>, Failure>>()?;
    // Routing may have decided something for a case of which it did not know yet that it was at its end. That
    // came to nothing, unless the case was opened again before.
    let mut has_ended = false;
    entries.retain(|entry| {
        let counts = !has_ended || entry.reopened_by.is_some();
        has_ended = if counts { entry.status.is_final() } else { has_ended };
        counts
    });
    Ok(entries)
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
pub(super) struct Row {
    id: Uuid,
    dossier_code: String,
    procedure_code: String,
    procedure_name: Value,
    province_version: i64,
    received_at_unit: Uuid,
    return_at_unit: Uuid,
    channel: String,
    digitised: Option<bool>,
    entrance: Option<String>,
    result_by: Option<String>,
    submitted_at: DateTimeUtc,
    due_at: Option<DateTimeUtc>,
    status: String,
    working_unit: Option<Uuid>,
    working_unit_name: Option<Value>,
    beside: Option<Value>,
    finished_at: Option<DateTimeUtc>,
    on_time: Option<bool>,
    supplement_until: Option<DateTimeUtc>,
    supplement_received_at: Option<DateTimeUtc>,
    stop_asked_at: Option<DateTimeUtc>,
    payments: Option<Value>,
    appointment_at: Option<DateTimeUtc>,
    outcome: Option<Value>,
    contact_corrected_at: Option<DateTimeUtc>,
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
pub(super) struct DossierRow {
    #[sea_orm(nested)]
    pub(super) application: Row,
    pub(super) receipt: Value,
    pub(super) person: Uuid,
    pub(super) applicant: Vec<u8>,
    pub(super) answers: Option<Vec<u8>>,
    pub(super) documents: Option<Value>,
}

impl DossierRow {
    pub(super) fn id(&self) -> Uuid {
        self.application.id
    }

    /// The dossier, with the wrapped key of its applicant unless they were erased.
    pub(super) fn dossier(self, wrapped_key: Option<Vec<u8>>) -> Result<Dossier, Failure> {
        Ok(Dossier {
            application: self.application.try_into()?,
            receipt: from_json(self.receipt)?,
            applicant: SealedApplicant {
                person: PersonId::from_uuid(self.person),
                wrapped_key,
                sealed: self.applicant,
            },
            answers: self.answers,
            documents: self.documents.map_or(Ok(Vec::new()), from_json)?,
        })
    }
}

impl TryFrom<Row> for Application {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let channel = Channel::parse(&row.channel)
            .ok_or_else(|| Failure::broken(format!("no channel is called {}", row.channel)))?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            dossier_code: row.dossier_code,
            procedure_code: row.procedure_code,
            procedure_name: from_json(row.procedure_name)?,
            province_version: row.province_version,
            received_at_unit: Id::from_uuid(row.received_at_unit),
            return_at_unit: Id::from_uuid(row.return_at_unit),
            channel,
            digitised: row.digitised,
            entrance: row.entrance.map(|name| from_json(Value::String(name))).transpose()?,
            result_by: row.result_by.map_or(Ok(ReturnWay::Counter), |name| return_way(&name))?,
            submitted_at: from_db(row.submitted_at),
            progress: Progress {
                beside: beside(row.beside)?,
                ..progress(
                    &row.status,
                    row.working_unit.zip(row.working_unit_name),
                    row.finished_at.zip(row.on_time),
                    row.due_at,
                    wanted(row.supplement_until, row.supplement_received_at),
                    payments(row.payments)?,
                    row.stop_asked_at.is_some(),
                )?
            },
            appointment_at: row.appointment_at.map(from_db),
            outcome: outcomes::read(row.outcome)?,
            contact_corrected_at: row.contact_corrected_at.map(from_db),
        })
    }
}

fn return_way(name: &str) -> Result<ReturnWay, Failure> {
    ReturnWay::parse(name).ok_or_else(|| Failure::broken(format!("no way is called {name}")))
}

/// The units of steps that go on together, from the column that says so.
pub(super) fn beside(column: Option<Value>) -> Result<Vec<Beside>, Failure> {
    column.map_or(Ok(Vec::new()), from_json)
}

/// How far an application has come, from the columns that say so; which units work on it beside each other is in another one.
pub(super) fn progress(
    status_name: &str,
    working_unit: Option<(Uuid, Value)>,
    finished: Option<(DateTimeUtc, bool)>,
    due_at: Option<DateTimeUtc>,
    supplement: Option<Wanted>,
    payments: Vec<Charge>,
    stopping: bool,
) -> Result<Progress, Failure> {
    let working_unit = working_unit
        .map(|(id, name)| Ok::<_, Failure>(WorkingUnit { id: Id::from_uuid(id), name: from_json(name)? }))
        .transpose()?;
    Ok(Progress {
        status: status(status_name)?,
        working_unit,
        beside: Vec::new(),
        finished: finished.map(|(at, on_time)| Finish { at: from_db(at), on_time }),
        due_at: due_at.map(from_db),
        supplement,
        payments,
        stopping,
    })
}

/// What was asked to be paid, from the column that says so.
pub(super) fn payments(column: Option<Value>) -> Result<Vec<Charge>, Failure> {
    column.map_or(Ok(Vec::new()), from_json)
}

/// What was asked to be supplemented, from the columns that say so.
pub(super) fn wanted(until: Option<DateTimeUtc>, received_at: Option<DateTimeUtc>) -> Option<Wanted> {
    until.map(|until| Wanted { until: from_db(until), received_at: received_at.map(from_db) })
}
