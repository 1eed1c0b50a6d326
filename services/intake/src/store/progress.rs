//! What facts of other services change, and what applicants hand in later.

use jiff::Timestamp;
use phidia_domain::{
    application::{Charge, Standing, Status, Stop},
    id::{ApplicationId, Id as _},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, DerivePartialModel, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};
use serde_json::Value;

use super::{
    entity::{application, status_entry},
    from_json,
    reading::{self, wanted},
    status, to_json,
};
use crate::record::{Beside, Entry, Law, Progress};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
struct Row {
    status: String,
    working_unit: Option<Uuid>,
    working_unit_name: Option<Value>,
    beside: Option<Value>,
    procedure_code: String,
    province_version: i64,
    submitted_at: DateTimeUtc,
    changes: i32,
    finished_at: Option<DateTimeUtc>,
    on_time: Option<bool>,
    due_at: Option<DateTimeUtc>,
    supplement_until: Option<DateTimeUtc>,
    supplement_received_at: Option<DateTimeUtc>,
    stop_asked_at: Option<DateTimeUtc>,
    payments: Option<Value>,
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "application::Entity")]
struct StandingRow {
    status: String,
    supplement_until: Option<DateTimeUtc>,
    supplement_received_at: Option<DateTimeUtc>,
    stop_ground: Option<String>,
    stop_asked_at: Option<DateTimeUtc>,
}

/// What was not supplemented in time.
pub(crate) struct Overdue {
    pub(crate) province: String,
    pub(crate) id: ApplicationId,
    pub(crate) until: Timestamp,
}

/// How far an application has come, the number of its last entry, and by what it is done. It stays locked until the commit:
/// routing's facts and processing's come over two streams.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Option<(Progress, i32, Law)>, Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid())).lock_exclusive();
    let Some(row) = found.into_partial_model::<Row>().one(tx).await? else { return Ok(None) };
    let progress = reading::progress(
        &row.status,
        row.working_unit.zip(row.working_unit_name),
        row.finished_at.zip(row.on_time),
        row.due_at,
        wanted(row.supplement_until, row.supplement_received_at),
        reading::payments(row.payments)?,
        row.stop_asked_at.is_some(),
    )?;
    let progress = Progress { beside: reading::beside(row.beside)?, ..progress };
    let law = Law {
        procedure_code: row.procedure_code,
        province_version: row.province_version,
        submitted_at: from_db(row.submitted_at),
    };
    Ok(Some((progress, row.changes, law)))
}

/// Writes how far an application has come now, and what is told of that.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    progress: &Progress,
    entry: &Entry,
    number: i32,
) -> Result<(), Failure> {
    let unit = progress.working_unit.as_ref();
    let row = application::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        status: Set(progress.status.as_str().to_owned()),
        working_unit: Set(unit.map(|unit| unit.id.uuid())),
        working_unit_name: Set(unit.map(|unit| to_json(&unit.name)).transpose()?),
        beside: Set(beside(&progress.beside)?),
        changes: Set(number),
        finished_at: Set(progress.finished.map(|finish| to_db(finish.at))),
        on_time: Set(progress.finished.map(|finish| finish.on_time)),
        due_at: Set(progress.due_at.map(to_db)),
        supplement_until: Set(progress.supplement.map(|wanted| to_db(wanted.until))),
        supplement_received_at: Set(progress.supplement.and_then(|wanted| wanted.received_at).map(to_db)),
        payments: Set(charges(&progress.payments)?),
        ..Default::default()
    };
    application::Entity::update(row).exec_without_returning(tx).await?;
    let entry = status_entry::ActiveModel {
        province: Set(province.to_owned()),
        application: Set(id.uuid()),
        number: Set(number),
        at: Set(to_db(entry.at)),
        status: Set(entry.status.as_str().to_owned()),
        unit_name: Set(entry.unit_name.as_ref().map(to_json).transpose()?),
        why: Set(entry.why.as_ref().map(to_json).transpose()?),
        reopened_by: Set(entry.reopened_by.clone()),
    };
    status_entry::Entity::insert(entry).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes which units work on it: nothing of that is told.
pub(crate) async fn save_units<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    progress: &Progress,
) -> Result<(), Failure> {
    let unit = progress.working_unit.as_ref();
    let row = application::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        working_unit: Set(unit.map(|unit| unit.id.uuid())),
        working_unit_name: Set(unit.map(|unit| to_json(&unit.name)).transpose()?),
        beside: Set(beside(&progress.beside)?),
        ..Default::default()
    };
    application::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

fn beside(units: &[Beside]) -> Result<Option<Value>, Failure> {
    (!units.is_empty()).then(|| to_json(&units)).transpose()
}

fn charges(payments: &[Charge]) -> Result<Option<Value>, Failure> {
    (!payments.is_empty()).then(|| to_json(&payments)).transpose()
}

/// What of an application was asked to be paid, and how it stands. It stays locked until the commit.
pub(crate) async fn lock_payments<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<(Standing, Vec<Charge>), Failure> {
    let standing = lock_standing(tx, province, id).await?;
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid()));
    let column = found.select_only().column(application::Column::Payments);
    let column = column.into_tuple::<Option<Value>>().one(tx).await?.flatten();
    Ok((standing, reading::payments(column)?))
}

/// Writes what was paid. The status follows the facts of processing.
pub(crate) async fn save_payments<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    payments: &[Charge],
) -> Result<(), Failure> {
    let row = application::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        payments: Set(charges(payments)?),
        ..Default::default()
    };
    application::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// How an application stands towards its applicant. It stays locked until the commit.
pub(crate) async fn lock_standing<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<Standing, Failure> {
    let found = application::Entity::find_by_id((province.to_owned(), id.uuid())).lock_exclusive();
    let row = found.into_partial_model::<StandingRow>().one(tx).await?;
    let row = row.ok_or_else(|| Failure::broken(format!("{id} was here and is no more")))?;
    let stop = match row.stop_ground.zip(row.stop_asked_at) {
        Some((ground, asked_at)) => {
            Some(Stop { ground: from_json(Value::String(ground))?, asked_at: from_db(asked_at) })
        }
        None => None,
    };
    Ok(Standing {
        status: status(&row.status)?,
        supplement: wanted(row.supplement_until, row.supplement_received_at),
        stop,
    })
}

/// Writes what the applicant has handed in, or not. The status follows the facts of processing.
pub(crate) async fn save_standing<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    standing: &Standing,
) -> Result<(), Failure> {
    let ground = match standing.stop.map(|stop| to_json(&stop.ground)).transpose()? {
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err(Failure::broken("a ground has no name")),
        None => None,
    };
    let row = application::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        supplement_received_at: Set(standing.supplement.and_then(|wanted| wanted.received_at).map(to_db)),
        stop_ground: Set(ground),
        stop_asked_at: Set(standing.stop.map(|stop| to_db(stop.asked_at))),
        ..Default::default()
    };
    application::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What ought to have been supplemented before `now`, and was not, in the order of the dates; what is behind `after` only.
pub(crate) async fn overdue<C: ConnectionTrait>(
    conn: &C,
    now: Timestamp,
    after: Option<(Timestamp, ApplicationId)>,
    limit: u64,
) -> Result<Vec<Overdue>, Failure> {
    use application::Column;
    let mut found = application::Entity::find()
        .select_only()
        .columns([Column::Province, Column::Id, Column::SupplementUntil])
        .filter(Column::SupplementUntil.lt(to_db(now)))
        .filter(Column::SupplementReceivedAt.is_null())
        .filter(Column::StopAskedAt.is_null())
        .filter(Column::Status.eq(Status::AwaitingSupplement.as_str()))
        .order_by_asc(Column::SupplementUntil)
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some((until, id)) = after {
        let columns = [Column::SupplementUntil, Column::Id].map(Expr::col);
        let values = [Expr::value(to_db(until)), Expr::value(id.uuid())];
        found = found.filter(Expr::tuple(columns).gt(Expr::tuple(values)));
    }
    let found = found.into_tuple::<(String, Uuid, DateTimeUtc)>().all(conn).await?;
    let overdue =
        |(province, id, until)| Overdue { province, id: ApplicationId::from_uuid(id), until: from_db(until) };
    Ok(found.into_iter().map(overdue).collect())
}
