//! What reports count of a case, reckoned from the case and its work items: for those that nobody has counted.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use jiff::Timestamp;
use phidia_domain::{
    case::{Payment, Reopening, Standstill, Supplement, paid_online},
    id::{CaseId, Id as _},
    province::Province,
    report::{Measured, Wait},
};
use phidia_runtime::{database::from_db, failure::Failure, reference};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait as _, FromQueryResult,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
    prelude::{DateTimeUtc, Uuid},
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement, UpdateStatement},
};

use super::entity::{
    case,
    case_figure::{ActiveModel, Column, Entity, NEVER},
    result, work_item,
};

/// Cases that are read at a time.
const PAGE: u64 = 500;

/// What a case has. Its columns are named one by one: the migration reads them as they are at its point of the schema's history.
#[derive(FromQueryResult)]
struct Case {
    id: Uuid,
    province: String,
    application: Uuid,
    procedure_code: String,
    province_version: i64,
    received_at: Uuid,
    submitted_at: DateTimeUtc,
    due_at: Option<DateTimeUtc>,
    state: case::State,
    completed_at: Option<DateTimeUtc>,
    on_time: Option<bool>,
    supplement: Option<String>,
    payments: Option<String>,
    reopenings: Option<String>,
}

const CASE: [case::Column; 13] = [
    case::Column::Id,
    case::Column::Province,
    case::Column::Application,
    case::Column::ProcedureCode,
    case::Column::ProvinceVersion,
    case::Column::ReceivedAt,
    case::Column::SubmittedAt,
    case::Column::DueAt,
    case::Column::State,
    case::Column::CompletedAt,
    case::Column::OnTime,
    case::Column::Supplement,
    case::Column::Payments,
];

/// What intake tells of a case, as it is counted and as it is kept.
const TOLD: [(Column, case::Column); 3] = [
    (Column::Channel, case::Column::Channel),
    (Column::Digitised, case::Column::Digitised),
    (Column::Rating, case::Column::Rating),
];

/// An attempt at a step of an application.
#[derive(Clone, FromQueryResult)]
struct Item {
    application: Uuid,
    step: i64,
    unit: Uuid,
    officer: Option<Uuid>,
    effort_minutes: i64,
}

const ITEM: [work_item::Column; 5] = [
    work_item::Column::Application,
    work_item::Column::Step,
    work_item::Column::Unit,
    work_item::Column::Officer,
    work_item::Column::EffortMinutes,
];

/// Counts every case that there is; none is counted yet.
pub(super) async fn all<C: ConnectionTrait>(conn: &C) -> Result<(), Failure> {
    let mut provinces = Provinces::default();
    let mut after = Uuid::nil();
    loop {
        // At that point of the schema's history none was ever opened again.
        let cases = cases().expr_as(Expr::cust("CAST(NULL AS TEXT)"), "reopenings");
        let page = cases.filter(case::Column::Id.gt(after)).order_by_asc(case::Column::Id).limit(PAGE);
        let cases = page.into_model::<Case>().all(conn).await?;
        let Some(last) = cases.last() else { return Ok(()) };
        after = last.id;
        count(conn, cases, &mut provinces).await?;
    }
}

/// Some cases that are not counted as they stand.
pub(crate) async fn list_astray<C: ConnectionTrait>(conn: &C) -> Result<Vec<CaseId>, Failure> {
    let (one, other) = ((case::Entity, case::Column::Id), (Entity, Column::CaseId));
    let differs = Expr::col((Entity, Column::State)).not_equals((case::Entity, case::Column::State));
    // It stands as it did, and was supplemented in between.
    let unasked = Expr::col((case::Entity, case::Column::Supplement))
        .is_not_null()
        .and(Expr::col((Entity, Column::Supplements)).eq(0));
    // It had no row when it reached its unit.
    let there = Query::select()
        .expr(Expr::val(1))
        .from(work_item::Entity)
        .and_where(
            Expr::col((work_item::Entity, work_item::Column::Province))
                .equals((case::Entity, case::Column::Province)),
        )
        .and_where(
            Expr::col((work_item::Entity, work_item::Column::Application))
                .equals((case::Entity, case::Column::Application)),
        )
        .take();
    let nowhere = Expr::col((Entity, Column::WorkedAt)).is_null().and(Expr::exists(there));
    // It was counted anew by a version that was not told all that this one is.
    let untold = TOLD.into_iter().map(|(counted, told)| {
        let known = Expr::col((case::Entity, told)).is_not_null();
        known.and(Expr::col((Entity, counted)).is_null())
    });
    // Or that counted no results that were issued, and were withdrawn.
    let otherwise_issued = Expr::col((Entity, Column::Issued)).ne(Expr::col(one).in_subquery(issued()));
    let not_counted = Expr::col(other).is_null();
    let otherwise = [not_counted, differs, unasked, nowhere, otherwise_issued].into_iter().chain(untold);
    let mut astray = Query::select();
    astray
        .column(one)
        .from(case::Entity)
        .left_join(Entity, Expr::col(one).equals(other))
        .cond_where(otherwise.fold(Condition::any(), Condition::add))
        .limit(PAGE);
    let rows = conn.query_all(&astray).await?;
    rows.iter().map(|row| Ok(CaseId::from_uuid(row.try_get_by_index(0)?))).collect()
}

/// Counts these cases anew.
pub(crate) async fn recount(tx: &DatabaseTransaction, ids: &[CaseId]) -> Result<(), Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    // Whoever moves one of them on comes before or after. Work items come first, as they do for everybody.
    let theirs = work_item::Entity::find().filter(work_item::Column::CaseId.is_in(ids.clone()));
    let theirs = theirs.order_by_asc(work_item::Column::Application).order_by_asc(work_item::Column::Step);
    theirs.order_by_asc(work_item::Column::Attempt).lock_exclusive().all(tx).await?;
    let cases = cases().column(case::Column::Reopenings).filter(case::Column::Id.is_in(ids.clone()));
    let cases = cases.order_by_asc(case::Column::Application).lock_exclusive();
    let cases = cases.into_model::<Case>().all(tx).await?;
    Entity::delete_many().filter(Column::CaseId.is_in(ids.clone())).exec(tx).await?;
    let paid: Vec<_> = cases.iter().map(paid).collect::<Result<_, Failure>>()?;
    count(tx, cases, &mut Provinces::default()).await?;
    note_told(tx, &ids).await?;
    for (id, paid_online) in paid {
        let row = ActiveModel { paid_online: Set(paid_online), ..ActiveModel::default() };
        Entity::update_many().set(row).filter(Column::CaseId.eq(id)).exec(tx).await?;
    }
    tx.execute(&note_issued(Condition::all().add(Column::CaseId.is_in(ids)))).await?;
    Ok(())
}

/// Notes of these cases what intake has told. [`all`] need not: when it counts, nobody has told of any, and there are no such columns yet.
async fn note_told(tx: &DatabaseTransaction, ids: &[Uuid]) -> Result<(), Failure> {
    let mut update = Entity::update_many();
    for (counted, told) in TOLD {
        let told = Query::select()
            .column((case::Entity, told))
            .from(case::Entity)
            .and_where(Expr::col((case::Entity, case::Column::Id)).equals((Entity, Column::CaseId)))
            .take();
        update = update.col_expr(counted, Expr::SubQuery(None, Box::new(told.into())));
    }
    update.filter(Column::CaseId.is_in(ids.iter().copied())).exec(tx).await?;
    Ok(())
}

/// Whether all that was paid for a case was paid online, as far as that is known.
fn paid(case: &Case) -> Result<(Uuid, Option<bool>), Failure> {
    Ok((case.id, paid_online(&payments(case)?)))
}

/// What was asked to be paid.
fn payments(case: &Case) -> Result<Vec<Payment>, Failure> {
    let asked = case.payments.as_deref().map(serde_json::from_str).transpose().map_err(Failure::broken)?;
    Ok(asked.unwrap_or_default())
}

/// Notes of which of these cases the result was issued as a file.
pub(super) fn note_issued(which: Condition) -> UpdateStatement {
    let issued = Expr::col((Entity, Column::CaseId)).in_subquery(issued());
    Query::update().table(Entity).value(Column::Issued, true).cond_where(which.add(issued)).to_owned()
}

/// The cases of which there is a result that was issued as a file.
fn issued() -> SelectStatement {
    let same = [
        Expr::col((result::Entity, result::Column::Province)).equals((case::Entity, case::Column::Province)),
        Expr::col((result::Entity, result::Column::Application))
            .equals((case::Entity, case::Column::Application)),
    ];
    Query::select()
        .column((case::Entity, case::Column::Id))
        .from(result::Entity)
        .inner_join(case::Entity, same.into_iter().fold(Condition::all(), Condition::add))
        .and_where(Expr::col((result::Entity, result::Column::Issued)).is_not_null())
        .take()
}

/// The versions of the province that were met.
type Provinces = BTreeMap<i64, Province>;

fn cases() -> Select<case::Entity> {
    case::Entity::find().select_only().columns(CASE)
}

async fn count<C: ConnectionTrait>(
    conn: &C,
    cases: Vec<Case>,
    provinces: &mut Provinces,
) -> Result<(), Failure> {
    let worked = worked(conn, &cases).await?;
    let mut rows = Vec::with_capacity(cases.len());
    for case in cases {
        let version = case.province_version;
        if let Entry::Vacant(vacant) = provinces.entry(version) {
            vacant.insert(province(conn, version).await?);
        }
        let worked = worked.get(&case.application);
        rows.push(row(&provinces[&version], case, worked)?);
    }
    Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

async fn province<C: ConnectionTrait>(conn: &C, version: i64) -> Result<Province, Failure> {
    let documents = reference::load(conn, version).await?;
    let documents = documents.ok_or_else(|| {
        Failure::broken(format!("version {version} of the province, which cases are pinned to, is missing"))
    })?;
    Ok(Province::try_from(&documents)?)
}

/// By application, the last attempt at the step with the most effort: as `figures::follow_unit` has it from then on.
async fn worked<C: ConnectionTrait>(conn: &C, cases: &[Case]) -> Result<BTreeMap<Uuid, Item>, Failure> {
    use work_item::Column;
    let provinces: BTreeSet<_> = cases.iter().map(|case| case.province.as_str()).collect();
    let items = work_item::Entity::find()
        .select_only()
        .columns(ITEM)
        .filter(Column::Province.is_in(provinces))
        .filter(Column::Application.is_in(cases.iter().map(|case| case.application)))
        .order_by_asc(Column::Step)
        .order_by_asc(Column::Attempt);
    let mut worked: BTreeMap<Uuid, Item> = BTreeMap::new();
    for item in items.into_model::<Item>().all(conn).await? {
        let before = worked.get(&item.application);
        let weighs = |before: &Item| before.step == item.step || before.effort_minutes < item.effort_minutes;
        if before.is_none_or(weighs) {
            worked.insert(item.application, item);
        }
    }
    Ok(worked)
}

fn row(province: &Province, case: Case, worked: Option<&Item>) -> Result<ActiveModel, Failure> {
    let day = province.clock.local_date(from_db(case.submitted_at));
    let procedure = province.procedures.on(&case.procedure_code, day).ok_or_else(|| {
        Failure::broken(format!("procedure {} is missing from its version", case.procedure_code))
    })?;
    let payments = payments(&case)?;
    let supplement: Option<Supplement> =
        case.supplement.map(|json| serde_json::from_str(&json)).transpose().map_err(Failure::broken)?;
    let mut waits: Vec<_> = supplement.iter().map(|supplement| Standstill::from(supplement).wait()).collect();
    waits.extend(payments.iter().map(|payment| Standstill::from(payment).wait()));
    waits.sort_by_key(|wait| wait.from);
    let wait = waits.last().copied();
    let reopenings: Option<Vec<Reopening>> =
        case.reopenings.map(|json| serde_json::from_str(&json)).transpose().map_err(Failure::broken)?;
    waits.extend(reopenings.iter().flatten().map(|reopening| Wait::from(reopening.closed())));
    let (submitted_at, due_at) = (from_db(case.submitted_at), case.due_at.map(from_db));
    let ended = case.completed_at.map(from_db).zip(case.on_time);
    let measured =
        ended.map(|(at, on_time)| Measured::of(&province.clock, submitted_at, due_at, &waits, at, on_time));
    Ok(ActiveModel {
        case_id: Set(case.id),
        province: Set(case.province),
        procedure_code: Set(case.procedure_code),
        field: Set(procedure.field.vi.clone()),
        received_at: Set(case.received_at),
        worked_at: Set(worked.map(|item| item.unit)),
        worked_step: Set(worked.map(|item| item.step)),
        worked_effort: Set(worked.map(|item| item.effort_minutes)),
        officer: Set(worked.and_then(|item| item.officer)),
        submitted_at: Set(submitted_at.as_microsecond()),
        due_at: Set(due_at.map(Timestamp::as_microsecond)),
        ended_at: Set(ended.map_or(NEVER, |(at, _)| at.as_microsecond())),
        state: Set(case.state),
        timeliness: Set(measured.map(|measured| measured.timeliness.into())),
        minutes: Set(measured.map(|measured| measured.minutes)),
        allowed_minutes: Set(measured.and_then(|measured| measured.allowed_minutes)),
        waits_from: Set(wait.map(|wait| wait.from.as_microsecond())),
        waits_to: Set(wait.and_then(|wait| wait.to).map(Timestamp::as_microsecond)),
        supplements: Set(i64::from(supplement.is_some())),
        ..ActiveModel::default()
    })
}
