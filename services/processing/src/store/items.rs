//! Work items and the worklists that they lie in.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    case::{Happening, Held, Outcome, Stage, Wait},
    id::{ApplicationId, CaseId, Id as _, OfficerId, UnitId},
    officer::{Level, Officer},
    work_item::WorkItem,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
    seal::Sealed,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait as _, LockBehavior, LockType},
};

use super::{
    END_OF_TIME,
    entity::work_item::{self as entity, ActiveModel, Column, Entity, Model},
    fence_to_db, figures, stored,
    trail::{self, Change},
};
use crate::{
    deed::Deed,
    record::{Correction, Item},
};

/// What of a unit's worklist is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The unit.
    pub(crate) unit: UnitId,
    /// What is laid down and waits for somebody else, instead of what is to be done.
    pub(crate) laid_down: bool,
    /// Held by whom.
    pub(crate) held_by: HeldBy,
    /// Only what needs no more than these levels in these fields; none: whatever it needs.
    pub(crate) competencies: Option<Vec<(String, Level)>>,
    /// Only what comes after this position.
    pub(crate) after: Option<Position>,
    /// The most items.
    pub(crate) limit: u64,
}

/// Which work items of a worklist, by their holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeldBy {
    /// Free or held by anybody.
    Anybody,
    /// Free.
    Nobody,
    /// Free or held by this officer.
    NobodyOr(OfficerId),
}

/// The place of an item in the order of its worklist: that of `phidia_domain::case::urgency`, then the id
/// of the application and the step, so that no two are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) urgent_by: Timestamp,
    pub(crate) submitted_at: Timestamp,
    pub(crate) application: ApplicationId,
    pub(crate) step: u32,
}

impl Position {
    /// The position of `item`.
    pub(crate) fn of(item: &Item) -> Self {
        Self {
            urgent_by: urgent_by(item.due_at, item.corridor_due_at),
            submitted_at: item.submitted_at,
            application: item.held.work_item.application,
            step: item.held.work_item.step,
        }
    }
}

/// By when it is to be done: the date of its corridor, or the promised one, or, without either, the end of time.
fn urgent_by(due_at: Option<Timestamp>, corridor_due_at: Option<Timestamp>) -> Timestamp {
    corridor_due_at.or(due_at).unwrap_or(END_OF_TIME)
}

/// Writes a work item down. `actor`: who has it come there.
pub(crate) async fn insert_item<C: ConnectionTrait>(tx: &C, item: &Item, actor: &str) -> Result<(), Failure> {
    let held = &item.held;
    let row = ActiveModel {
        province: Set(item.province.clone()),
        application: Set(held.work_item.application.uuid()),
        step: Set(held.work_item.step.into()),
        attempt: Set(held.work_item.attempt.into()),
        case_id: Set(item.case.uuid()),
        dossier_code: Set(item.dossier_code.clone()),
        procedure_code: Set(item.procedure_code.clone()),
        province_version: Set(item.province_version),
        field: Set(held.field.clone()),
        level: Set(held.level.into()),
        effort_minutes: Set(item.effort_minutes.into()),
        unit: Set(held.unit.uuid()),
        fence: Set(fence_to_db(held.fence)),
        officer: Set(held.holder.map(|officer| officer.uuid())),
        outcome: Set(held.outcome().map(Into::into)),
        superseded: Set(held.stage == Stage::Superseded),
        open: Set(held.stage == Stage::Open),
        queued_at: Set(to_db(item.queued_at)),
        started_at: Set(item.started_at.map(to_db)),
        completed_at: Set(item.completed_at.map(to_db)),
        submitted_at: Set(to_db(item.submitted_at)),
        due_at: Set(item.due_at.map(to_db)),
        corridor_due_at: Set(item.corridor_due_at.map(to_db)),
        correction_key: Set(None),
        correction: Set(None),
        urgent_by: Set(to_db(Position::of(item).urgent_by)),
        held_until: Set(to_db(held.held_until.unwrap_or(END_OF_TIME))),
        next_step: Set(held.next_step.map(i64::from)),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    let deed = Deed { actor, at: item.queued_at };
    trail::insert_passage(tx, item, Change::of(item, Happening::Reached, deed)).await?;
    figures::follow_unit(tx, item).await
}

/// One work item.
pub(crate) async fn get_item<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    item: WorkItem,
) -> Result<Item, Failure> {
    match Entity::find().filter(key(province, item)).one(conn).await? {
        Some(row) => record(row),
        None => Err(unknown().into()),
    }
}

fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_WORK_ITEM", "no such work item has come here")
}

/// The same, locked until the commit.
pub(crate) async fn lock_item<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    item: WorkItem,
) -> Result<Item, Failure> {
    match Entity::find().filter(key(province, item)).lock_exclusive().one(tx).await? {
        Some(row) => record(row),
        None => Err(unknown().into()),
    }
}

/// The work items of an application, or of one of its steps, oldest first.
pub(crate) async fn list_items<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
    step: Option<u32>,
) -> Result<Vec<Item>, Failure> {
    let mut query = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application.uuid()));
    if let Some(step) = step {
        query = query.filter(Column::Step.eq(i64::from(step)));
    }
    let rows = query.order_by_asc(Column::Step).order_by_asc(Column::Attempt).all(conn).await?;
    rows.into_iter().map(record).collect()
}

/// The units that some applications are or were at.
pub(crate) async fn units_of<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<BTreeMap<ApplicationId, BTreeSet<UnitId>>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Application, Column::Unit])
        .filter(Column::Province.eq(province))
        .filter(Column::Application.is_in(applications.into_iter().map(|id| id.uuid())));
    let mut units = BTreeMap::<_, BTreeSet<_>>::new();
    for (application, unit) in found.into_tuple::<(Uuid, Uuid)>().all(conn).await? {
        units.entry(ApplicationId::from_uuid(application)).or_default().insert(UnitId::from_uuid(unit));
    }
    Ok(units)
}

/// What is to be done at a unit, or is laid down there, most urgent first.
pub(crate) async fn list_worklist<C: ConnectionTrait>(conn: &C, query: &Query) -> Result<Vec<Item>, Failure> {
    let mut wanted = match query.laid_down {
        false => open_at(query.unit, query.competencies.as_deref()),
        true => laid_down_at(query.unit),
    };
    let free = Column::Officer.is_null();
    wanted = match query.held_by {
        HeldBy::Anybody => wanted,
        HeldBy::Nobody => wanted.add(free),
        HeldBy::NobodyOr(officer) => wanted.add(free.or(Column::Officer.eq(officer.uuid()))),
    };
    if let Some(after) = query.after {
        let columns =
            [Column::UrgentBy, Column::SubmittedAt, Column::Application, Column::Step].map(Expr::col);
        let values = [
            Expr::value(to_db(after.urgent_by)),
            Expr::value(to_db(after.submitted_at)),
            Expr::value(after.application.uuid()),
            Expr::value(i64::from(after.step)),
        ];
        wanted = wanted.add(Expr::tuple(columns).gt(Expr::tuple(values)));
    }
    let rows = most_urgent_first(Entity::find().filter(wanted)).limit(query.limit);
    rows.all(conn).await?.into_iter().map(record).collect()
}

/// What nobody holds of what an officer is competent for, as far as it may be the next: the most urgent that are not due
/// yet, and the oldest that are overdue, so many of each.
pub(crate) async fn list_waiting<C: ConnectionTrait>(
    conn: &C,
    officer: &Officer,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Item>, Failure> {
    let competencies: Vec<_> =
        officer.competencies.iter().map(|(field, level)| (field.clone(), *level)).collect();
    let free = || open_at(officer.unit, Some(&competencies)).add(Column::Officer.is_null());
    // By the promise: a corridor that is missed makes nothing late.
    let due_later = Column::DueAt.is_null().or(Column::DueAt.gte(to_db(now)));
    let ahead = Entity::find().filter(free().add(due_later));
    let overdue = Entity::find().filter(free().add(Column::DueAt.lt(to_db(now))));
    let mut rows = most_urgent_first(ahead).limit(limit).all(conn).await?;
    rows.extend(overdue.order_by_asc(Column::SubmittedAt).limit(limit).all(conn).await?);
    rows.into_iter().map(record).collect()
}

/// What an officer holds at a unit, the longest first.
pub(crate) async fn first_in_hand<C: ConnectionTrait>(
    conn: &C,
    officer: &Officer,
) -> Result<Option<Item>, Failure> {
    let held = open_at(officer.unit, None).add(Column::Officer.eq(officer.id.uuid()));
    let row = Entity::find().filter(held).order_by_asc(Column::StartedAt).one(conn).await?;
    row.map(record).transpose()
}

/// What an officer took up, the last first.
pub(crate) async fn last_taken<C: ConnectionTrait>(
    conn: &C,
    officer: OfficerId,
    limit: u64,
) -> Result<Vec<Item>, Failure> {
    let taken = Entity::find().filter(Column::Officer.eq(officer.uuid())).order_by_desc(Column::StartedAt);
    taken.limit(limit).all(conn).await?.into_iter().map(record).collect()
}

/// Holds an item for the rest of the transaction, as it was read and free. False when it is so no longer, or somebody is
/// about to change it: whoever looks for any does not wait for one.
pub(crate) async fn hold_item(tx: &DatabaseTransaction, item: &Item) -> Result<bool, Failure> {
    let free = as_read(item).and(Column::Officer.is_null());
    let row =
        Entity::find().filter(free).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).one(tx);
    Ok(row.await?.is_some())
}

/// What is open at a unit, of the fields and levels that are named; none: of all.
fn open_at(unit: UnitId, competencies: Option<&[(String, Level)]>) -> Condition {
    let open = Condition::all().add(Column::Unit.eq(unit.uuid())).add(Column::Open.eq(true));
    let Some(competencies) = competencies else { return open };
    // An empty `any` would be no condition at all.
    let able = Condition::any().add(Expr::value(false));
    open.add(competencies.iter().fold(able, |able, (field, level)| {
        able.add(Column::Field.eq(field.as_str()).and(Column::Level.lte(i64::from(*level))))
    }))
}

/// What is laid down at a unit: the stage [`Stage::Paused`].
fn laid_down_at(unit: UnitId) -> Condition {
    Condition::all()
        .add(Column::Unit.eq(unit.uuid()))
        .add(Column::Open.eq(false))
        .add(Column::Superseded.eq(false))
        .add(Column::Outcome.is_null())
}

/// In the order of a [`Position`].
fn most_urgent_first(rows: Select<Entity>) -> Select<Entity> {
    rows.order_by_asc(Column::UrgentBy)
        .order_by_asc(Column::SubmittedAt)
        .order_by_asc(Column::Application)
        .order_by_asc(Column::Step)
}

/// Gives a free item to an officer under a new fence, until an instant. False when it was changed since it was read.
pub(crate) async fn take_item<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    officer: OfficerId,
    fence: u64,
    deed: Deed<'_>,
    until: Timestamp,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        fence: Set(fence_to_db(fence)),
        officer: Set(Some(officer.uuid())),
        started_at: Set(Some(to_db(deed.at))),
        held_until: Set(to_db(until)),
        ..ActiveModel::default()
    };
    let taken = Change { happening: Happening::TakenUp, deed, fence, officer: Some(officer) };
    update(tx, item, row, taken).await
}

/// Ends an item, and keeps which step follows (0: none). False when it was changed since it was read.
pub(crate) async fn finish_item<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    outcome: Outcome,
    next_step: u32,
    deed: Deed<'_>,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        outcome: Set(Some(outcome.into())),
        next_step: Set(Some(i64::from(next_step))),
        completed_at: Set(Some(to_db(deed.at))),
        open: Set(false),
        ..ActiveModel::default()
    };
    update(tx, item, row, Change::of(item, Happening::Done, deed)).await
}

/// Takes an item that nobody has begun out of its worklist. False when it was changed since it was read.
pub(crate) async fn supersede_item<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    deed: Deed<'_>,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        fence: Set(fence_to_db(item.held.fence + 1)),
        superseded: Set(true),
        open: Set(false),
        ..ActiveModel::default()
    };
    update(tx, item, row, Change::of(item, Happening::Superseded, deed)).await
}

/// Lays down an item until somebody else has done their part. False when it was changed since it was read.
pub(crate) async fn pause_item<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    wait: Wait,
    deed: Deed<'_>,
) -> Result<bool, Failure> {
    let row = ActiveModel { open: Set(false), ..ActiveModel::default() };
    let happening = match wait {
        Wait::Supplement => Happening::Paused,
        Wait::Payment => Happening::Charged,
        Wait::Referral => Happening::Referred,
    };
    update(tx, item, row, Change::of(item, happening, deed)).await
}

/// Puts an item into its worklist again that somebody holds, under a new fence. False when it was changed since it was read.
pub(crate) async fn free_item<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    fence: u64,
    deed: Deed<'_>,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        fence: Set(fence_to_db(fence)),
        officer: Set(None),
        started_at: Set(None),
        held_until: Set(to_db(END_OF_TIME)),
        queued_at: Set(to_db(deed.at)),
        ..ActiveModel::default()
    };
    let returned = Change { happening: Happening::Returned, deed, fence, officer: None };
    update(tx, item, row, returned).await
}

/// Leaves an item to its officer until an instant. False when it was changed since it was read.
pub(crate) async fn renew_item<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    until: Timestamp,
) -> Result<bool, Failure> {
    // Nothing changes hands.
    let row = ActiveModel { held_until: Set(to_db(until)), ..ActiveModel::default() };
    Ok(Entity::update_many().set(row).filter(as_read(item)).exec(tx).await?.rows_affected == 1)
}

/// What officers hold longer than their claims do, or for no reckoned time, so many at most.
pub(crate) async fn list_run_out<C: ConnectionTrait>(
    conn: &C,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Item>, Failure> {
    let found = Entity::find()
        .filter(Column::Open.eq(true))
        .filter(Column::HeldUntil.lte(to_db(now)).or(Column::HeldUntil.eq(to_db(END_OF_TIME))))
        .filter(Column::Officer.is_not_null())
        .order_by_asc(Column::HeldUntil)
        .limit(limit);
    found.all(conn).await?.into_iter().map(record).collect()
}

/// Puts a paused item into its worklist again, for whoever takes it up next. False when it was changed since it was read.
pub(crate) async fn resume_item<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    (due_at, corridor_due_at): (Option<Timestamp>, Option<Timestamp>),
    deed: Deed<'_>,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        fence: Set(fence_to_db(item.held.fence + 1)),
        officer: Set(None),
        started_at: Set(None),
        held_until: Set(to_db(END_OF_TIME)),
        open: Set(true),
        queued_at: Set(to_db(deed.at)),
        due_at: Set(due_at.map(to_db)),
        corridor_due_at: Set(corridor_due_at.map(to_db)),
        urgent_by: Set(to_db(urgent_by(due_at, corridor_due_at))),
        ..ActiveModel::default()
    };
    let fence = item.held.fence + 1;
    let resumed = Change { happening: Happening::Resumed, deed, fence, officer: None };
    update(tx, item, row, resumed).await
}

/// Ends an item whose case is sent back to an earlier step. False when it was changed since it was read.
pub(crate) async fn send_item_back<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    correction: &Correction,
    deed: Deed<'_>,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        outcome: Set(Some(entity::Outcome::SentBack)),
        completed_at: Set(Some(to_db(deed.at))),
        open: Set(false),
        correction_key: Set(Some(correction.wrapped_key.clone())),
        correction: Set(Some(correction.reason.as_bytes().to_vec())),
        ..ActiveModel::default()
    };
    update(tx, item, row, Change::of(item, Happening::SentBack, deed)).await
}

/// What is left to do of a case is due at another instant: as its case is.
pub(crate) async fn promise_items<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    application: ApplicationId,
    due_at: Timestamp,
    corridor_due_at: Option<Timestamp>,
) -> Result<(), Failure> {
    let urgent_by = to_db(urgent_by(Some(due_at), corridor_due_at));
    let row = ActiveModel {
        due_at: Set(Some(to_db(due_at))),
        corridor_due_at: Set(corridor_due_at.map(to_db)),
        urgent_by: Set(urgent_by),
        ..ActiveModel::default()
    };
    let otherwise = Entity::update_many()
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application.uuid()))
        .filter(Column::Outcome.is_null())
        .filter(Column::Superseded.eq(false))
        .filter(Column::DueAt.ne(to_db(due_at)).or(Column::UrgentBy.ne(urgent_by)));
    otherwise.set(row).exec(tx).await?;
    Ok(())
}

/// Ends an item whose case was stopped, open or paused. False when it was changed since it was read.
pub(crate) async fn stop_item<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    deed: Deed<'_>,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        outcome: Set(Some(entity::Outcome::Stopped)),
        open: Set(false),
        ..ActiveModel::default()
    };
    update(tx, item, row, Change::of(item, Happening::Stopped, deed)).await
}

/// Changes an item that still has the fence and is still open, or paused, as it was read, and writes down what happened to it.
async fn update<C: ConnectionTrait>(
    tx: &C,
    item: &Item,
    row: ActiveModel,
    change: Change<'_>,
) -> Result<bool, Failure> {
    let changed = Entity::update_many().set(row).filter(as_read(item)).exec(tx).await?.rows_affected == 1;
    if changed {
        trail::insert_passage(tx, item, change).await?;
    }
    Ok(changed)
}

/// Locks all work items of an application until the commit, in the order of their steps: whoever changes more than one of them does that
/// first.
pub(crate) async fn lock_items<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    application: ApplicationId,
) -> Result<(), Failure> {
    let items = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Application.eq(application.uuid()))
        .order_by_asc(Column::Step)
        .order_by_asc(Column::Attempt);
    items.lock_exclusive().all(tx).await?;
    Ok(())
}

/// That an item still has the fence and is still open, or paused.
fn as_read(item: &Item) -> Expr {
    key(&item.province, item.held.work_item)
        .and(Column::Fence.eq(fence_to_db(item.held.fence)))
        .and(Column::Open.eq(item.held.stage == Stage::Open))
        .and(Column::Outcome.is_null())
        .and(Column::Superseded.eq(false))
}

fn key(province: &str, item: WorkItem) -> Expr {
    Column::Province
        .eq(province)
        .and(Column::Application.eq(item.application.uuid()))
        .and(Column::Step.eq(i64::from(item.step)))
        .and(Column::Attempt.eq(i64::from(item.attempt)))
}

fn record(row: Model) -> Result<Item, Failure> {
    let stage = row.stage();
    let until = from_db(row.held_until);
    // A replica of the version before leaves it as it was before the claim.
    let is_reckoned = until > Timestamp::UNIX_EPOCH && until < END_OF_TIME;
    let is_leased = row.officer.is_some() && stage == Stage::Open && is_reckoned;
    let work_item = WorkItem {
        application: ApplicationId::from_uuid(row.application),
        step: stored(row.step)?,
        attempt: stored(row.attempt)?,
    };
    let held = Held {
        work_item,
        unit: UnitId::from_uuid(row.unit),
        field: row.field,
        level: stored(row.level)?,
        fence: stored(row.fence)?,
        holder: row.officer.map(OfficerId::from_uuid),
        held_until: is_leased.then_some(until),
        stage,
        next_step: row.next_step.map(stored).transpose()?,
    };
    Ok(Item {
        case: CaseId::from_uuid(row.case_id),
        province: row.province,
        dossier_code: row.dossier_code,
        procedure_code: row.procedure_code,
        province_version: row.province_version,
        held,
        effort_minutes: stored(row.effort_minutes)?,
        queued_at: from_db(row.queued_at),
        started_at: row.started_at.map(from_db),
        completed_at: row.completed_at.map(from_db),
        submitted_at: from_db(row.submitted_at),
        due_at: row.due_at.map(from_db),
        corridor_due_at: row.corridor_due_at.map(from_db),
        correction: (row.correction_key.zip(row.correction))
            .map(|(wrapped_key, reason)| Correction { wrapped_key, reason: Sealed::from_bytes(reason) }),
    })
}
