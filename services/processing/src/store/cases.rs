//! Cases.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    application::{Rating, ReturnWay},
    case::{Payment, Standing, Standstill, Supplement, paid_online},
    id::{ApplicationId, CaseId, Id as _, PersonId, UnitId},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};

use serde::Serialize;

use super::{
    END_OF_TIME, appointments,
    entity::case::{ActiveModel, Column, Entity, Model, State},
    figures::{self, Moved},
    stored,
};
use crate::{
    get_case::CaseKey,
    record::{CaseRecord, Ended, Finished},
};

/// An application whose case is open or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) application: ApplicationId,
    pub(crate) state: phidia_domain::case::State,
}

/// Writes a case down, of whose procedure the field is given.
pub(crate) async fn insert_case<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
    field: &str,
) -> Result<(), Failure> {
    let places = serde_json::to_string(&case.places).map_err(Failure::broken)?;
    let row = ActiveModel {
        id: Set(case.id.uuid()),
        province: Set(case.province.clone()),
        application: Set(case.application.uuid()),
        dossier_code: Set(case.dossier_code.clone()),
        procedure_code: Set(case.procedure_code.clone()),
        province_version: Set(case.province_version),
        received_at: Set(case.received_at.uuid()),
        return_at: Set(case.return_at.uuid()),
        places: Set(places),
        conflicts: Set(serde_json::to_string(&case.conflicts).map_err(Failure::broken)?),
        submitted_at: Set(to_db(case.submitted_at)),
        due_at: Set(case.due_at.map(to_db)),
        corridor_due_at: Set(case.corridor_due_at.map(to_db)),
        state: Set(case.standing.state.into()),
        step: Set(case.standing.step.into()),
        branches: Set(branches(&case.standing)?),
        opened_at: Set(case.opened_at.map(to_db)),
        completed_at: Set(case.finished.map(|finished| to_db(finished.at))),
        on_time: Set(case.finished.map(|finished| finished.on_time)),
        traceparent: Set(case.traceparent.clone()),
        supplement: Set(case.supplement.map(|supplement| json(&supplement)).transpose()?),
        payments: Set(payments(&case.payments)?),
        warn_at: Set(to_db(case.warn_at.unwrap_or(END_OF_TIME))),
        warned: Set(case.warned.map(Into::into)),
        postponement: Set(case.postponement.as_ref().map(appointments::json).transpose()?),
        clock_version: Set(case.follows),
        person: Set(case.person.map(PersonId::uuid)),
        handed_over_at: Set(None),
        channel: Set(case.channel.map(Into::into)),
        digitised: Set(case.digitised),
        result_by: Set(Some(case.result_by.as_str().to_owned())),
        reopenings: Set(None),
        rating: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    figures::count_case(tx, case, field).await
}

/// Whether an application has its case already.
pub(crate) async fn is_prepared<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    application: ApplicationId,
) -> Result<bool, Failure> {
    let id = Entity::find().select_only().column(Column::Id).filter(of(province, application));
    Ok(id.into_tuple::<sea_orm::prelude::Uuid>().one(tx).await?.is_some())
}

/// The case with this id.
pub(crate) async fn find_case<C: ConnectionTrait>(
    conn: &C,
    id: CaseId,
) -> Result<Option<CaseRecord>, Failure> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(record).transpose()
}

/// The case of an application.
pub(crate) async fn find_case_of<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
) -> Result<Option<CaseRecord>, Failure> {
    Entity::find().filter(of(province, application)).one(conn).await?.map(record).transpose()
}

/// The case of this key.
pub(crate) async fn find_by_key<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    key: CaseKey,
) -> Result<Option<CaseRecord>, Failure> {
    match key {
        CaseKey::Case(id) => find_case(conn, id).await,
        CaseKey::Application(id) => find_case_of(conn, province, id).await,
    }
}

/// The same, locked until the commit.
pub(crate) async fn lock_case<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    key: CaseKey,
) -> Result<Option<CaseRecord>, Failure> {
    let found = match key {
        CaseKey::Case(id) => Entity::find_by_id(id.uuid()),
        CaseKey::Application(id) => Entity::find().filter(of(province, id)),
    };
    found.lock_exclusive().one(tx).await?.map(record).transpose()
}

/// What a case that moves on takes with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Besides {
    /// Its first step has reached a unit.
    pub(crate) opened_at: Option<Timestamp>,
    pub(crate) ended: Option<Ended>,
    /// What was asked for, or received.
    pub(crate) supplement: Option<Supplement>,
    /// All payments, where one was asked for, or received.
    pub(crate) payments: Option<Vec<Payment>>,
    /// What is promised from now on, where that changes.
    pub(crate) due_at: Option<Timestamp>,
    /// And the date of the corridor.
    pub(crate) corridor_due_at: Option<Timestamp>,
    /// What was promised as it was read, of whoever judges by it or reckons from it: it may have been re-planned meanwhile.
    pub(crate) promised: Option<Promised>,
}

/// What is promised for a case, as far as it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Promised {
    due_at: Option<Timestamp>,
    clock_version: Option<i64>,
    is_postponed: bool,
}

impl CaseRecord {
    /// What is promised, as it was read.
    pub(crate) fn promised(&self) -> Promised {
        let is_postponed = self.postponement.is_some();
        Promised { due_at: self.due_at, clock_version: self.follows, is_postponed }
    }
}

impl Promised {
    fn still(self) -> Condition {
        let due_at = self.due_at.map(to_db);
        Condition::all()
            .add(due_at.map_or_else(|| Column::DueAt.is_null(), |at| Column::DueAt.eq(at)))
            .add(
                self.clock_version.map_or_else(
                    || Column::ClockVersion.is_null(),
                    |version| Column::ClockVersion.eq(version),
                ),
            )
            .add(match self.is_postponed {
                true => Column::Postponement.is_not_null(),
                false => Column::Postponement.is_null(),
            })
    }
}

/// Moves a case that stands at `from` to `to`.
///
/// # Errors
/// `UNAVAILABLE` when it stands elsewhere by now, or something else is promised. Whoever moves a case has moved its work item under its fence before; where it has
/// none, the citizen may withdraw it while its next unit is told.
pub(crate) async fn advance<C: ConnectionTrait>(
    tx: &C,
    id: CaseId,
    from: &Standing,
    to: &Standing,
    besides: Besides,
) -> Result<(), Failure> {
    let mut row = ActiveModel {
        state: Set(State::from(to.state)),
        step: Set(to.step.into()),
        branches: Set(branches(to)?),
        ..ActiveModel::default()
    };
    let Besides { opened_at, ended, supplement, payments: asked, due_at, corridor_due_at, promised } =
        besides;
    let waits = supplement.iter().map(Standstill::from);
    let waits = waits.chain(asked.iter().flatten().map(Standstill::from));
    let wait = waits.last().map(|standstill| standstill.wait());
    let asks_supplement = supplement.is_some_and(|supplement| supplement.received_at.is_none());
    if let Some(at) = opened_at {
        row.opened_at = Set(Some(to_db(at)));
    }
    if let Some(Finished { at, on_time }) = ended.map(|ended| ended.finished) {
        (row.completed_at, row.on_time) = (Set(Some(to_db(at))), Set(Some(on_time)));
        row.rating = Set(None);
    }
    if let Some(supplement) = supplement {
        row.supplement = Set(Some(json(&supplement)?));
    }
    let paid_online = asked.as_deref().map(paid_online);
    if let Some(asked) = asked {
        row.payments = Set(payments(&asked)?);
    }
    if let Some(due_at) = due_at {
        row.due_at = Set(Some(to_db(due_at)));
    }
    if let Some(due_at) = corridor_due_at {
        row.corridor_due_at = Set(Some(to_db(due_at)));
    }
    let there = Condition::all()
        .add(Column::Id.eq(id.uuid()))
        .add(stands(from)?)
        .add_option(promised.map(Promised::still));
    let moved = Entity::update_many().set(row).filter(there).exec(tx).await?;
    match moved.rows_affected {
        1 => {
            let (state, ended) = (to.state, ended.as_ref());
            let moved = Moved { state, ended, wait, asks_supplement, due_at, paid_online };
            figures::follow_case(tx, id.uuid(), moved).await
        }
        _ => Err(changed_meanwhile(id)),
    }
}

/// Moves a case by what becomes of one of its work items.
///
/// # Errors
/// Those of `change`; broken when there is no such case. As it is read it is locked, for others may be at work on what goes on together
/// with the item.
pub(crate) async fn follow_item(
    tx: &DatabaseTransaction,
    id: CaseId,
    change: impl FnOnce(&Standing) -> Result<Standing, Rejection>,
) -> Result<(), Failure> {
    let found =
        Entity::find_by_id(id.uuid()).select_only().columns([Column::State, Column::Step, Column::Branches]);
    let found = found.lock_exclusive().into_tuple().one(tx).await?;
    let (state, step, branches) =
        found.ok_or_else(|| Failure::broken(format!("{id} is not there, but its work item is")))?;
    let from = standing(state, step, branches)?;
    let to = change(&from)?;
    advance(tx, id, &from, &to, Besides::default()).await
}

/// That a case stands so.
pub(super) fn stands(standing: &Standing) -> Result<Condition, Failure> {
    Ok(Condition::all()
        .add(Column::State.eq(State::from(standing.state)))
        .add(Column::Step.eq(i64::from(standing.step)))
        .add(match branches(standing)? {
            Some(branches) => Column::Branches.eq(branches),
            None => Column::Branches.is_null(),
        }))
}

/// The steps that go on together, as they are kept.
pub(super) fn branches(standing: &Standing) -> Result<Option<String>, Failure> {
    (!standing.branches.is_empty()).then(|| json(&standing.branches)).transpose()
}

fn standing(state: State, step: i64, branches: Option<String>) -> Result<Standing, Failure> {
    let branches = branches.map(|text| serde_json::from_str(&text)).transpose().map_err(Failure::broken)?;
    Ok(Standing { state: state.into(), step: stored(step)?, branches: branches.unwrap_or_default() })
}

/// Notes what whoever has the receipt thinks of how a case ended.
pub(crate) async fn set_rating<C: ConnectionTrait>(
    tx: &C,
    id: CaseId,
    rating: Rating,
) -> Result<(), Failure> {
    let row = ActiveModel { rating: Set(Some(rating.into())), ..ActiveModel::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id.uuid())).exec(tx).await?;
    figures::follow_rating(tx, id.uuid(), rating).await
}

/// Somebody else was at it between reading and writing.
pub(super) fn changed_meanwhile(id: CaseId) -> Failure {
    Rejection::new(Kind::Unavailable, "CHANGED_MEANWHILE", format!("{id} changed meanwhile")).into()
}

/// Applications whose case was opened, in the order of their ids.
pub(crate) async fn list_opened<C: ConnectionTrait>(
    conn: &C,
    after: Option<ApplicationId>,
    limit: u64,
) -> Result<Vec<Opened>, Failure> {
    let mut query = Entity::find()
        .select_only()
        .columns([Column::Application, Column::State])
        .filter(Column::OpenedAt.is_not_null());
    if let Some(after) = after {
        query = query.filter(Column::Application.gt(after.uuid()));
    }
    let rows = query.order_by_asc(Column::Application).limit(limit);
    let rows = rows.into_tuple::<(sea_orm::prelude::Uuid, State)>().all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|(application, state)| Opened {
            application: ApplicationId::from_uuid(application),
            state: state.into(),
        })
        .collect())
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::broken)
}

fn payments(asked: &[Payment]) -> Result<Option<String>, Failure> {
    (!asked.is_empty()).then(|| json(&asked)).transpose()
}

fn of(province: &str, application: ApplicationId) -> Expr {
    Column::Province.eq(province).and(Column::Application.eq(application.uuid()))
}

pub(super) fn record(row: Model) -> Result<CaseRecord, Failure> {
    let finished = match (row.completed_at, row.on_time) {
        (Some(at), Some(on_time)) => Some(Finished { at: from_db(at), on_time }),
        _ => None,
    };
    let postponement = row.postponement.map(|text| serde_json::from_str(&text)).transpose();
    let reopenings = row.reopenings.map(|text| serde_json::from_str(&text)).transpose();
    Ok(CaseRecord {
        id: CaseId::from_uuid(row.id),
        province: row.province,
        application: ApplicationId::from_uuid(row.application),
        dossier_code: row.dossier_code,
        procedure_code: row.procedure_code,
        province_version: row.province_version,
        received_at: UnitId::from_uuid(row.received_at),
        return_at: UnitId::from_uuid(row.return_at),
        places: serde_json::from_str(&row.places).map_err(Failure::broken)?,
        conflicts: serde_json::from_str(&row.conflicts).map_err(Failure::broken)?,
        submitted_at: from_db(row.submitted_at),
        due_at: row.due_at.map(from_db),
        corridor_due_at: row.corridor_due_at.map(from_db),
        standing: standing(row.state, row.step, row.branches)?,
        opened_at: row.opened_at.map(from_db),
        finished,
        supplement: supplement(row.supplement)?,
        payments: paid(row.payments)?,
        warn_at: Some(from_db(row.warn_at)).filter(|at| *at < END_OF_TIME),
        warned: row.warned.map(Into::into),
        postponement: postponement.map_err(Failure::broken)?,
        follows: row.clock_version,
        reopenings: reopenings.map_err(Failure::broken)?.unwrap_or_default(),
        person: row.person.map(PersonId::from_uuid),
        channel: row.channel.map(Into::into),
        digitised: row.digitised,
        result_by: row.result_by.map_or(Ok(ReturnWay::Counter), |name| return_way(&name))?,
        traceparent: row.traceparent,
    })
}

/// What a citizen was asked to supplement, from the column that says so.
pub(super) fn supplement(column: Option<String>) -> Result<Option<Supplement>, Failure> {
    column.map(|text| serde_json::from_str(&text)).transpose().map_err(Failure::broken)
}

/// What they were asked to pay, from the column that says so.
pub(super) fn paid(column: Option<String>) -> Result<Vec<Payment>, Failure> {
    column.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text).map_err(Failure::broken))
}

fn return_way(name: &str) -> Result<ReturnWay, Failure> {
    ReturnWay::parse(name).ok_or_else(|| Failure::broken(format!("no way is called {name}")))
}
