//! Which clock open cases follow, and the dates that this makes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    case::Postponement,
    id::{ApplicationId, CaseId, Id as _},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    prelude::Uuid,
};

use super::{
    END_OF_TIME, appointments, cases,
    entity::case::{ActiveModel, Column, Entity},
    figures, items,
};
use crate::{record::CaseRecord, replan_deadlines::Beside};

/// The version whose clock they follow, of those cases that were re-planned.
pub(crate) async fn followed<C: ConnectionTrait>(
    conn: &C,
    cases: impl IntoIterator<Item = CaseId>,
) -> Result<BTreeMap<CaseId, i64>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::ClockVersion])
        .filter(Column::Id.is_in(cases.into_iter().map(|case| case.uuid())))
        .filter(Column::ClockVersion.is_not_null());
    let rows = found.into_tuple::<(Uuid, i64)>().all(conn).await?;
    Ok(rows.into_iter().map(|(case, version)| (CaseId::from_uuid(case), version)).collect())
}

/// Open cases in the order of their applications, also those that no unit has yet.
pub(crate) async fn list_open<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    after: Option<ApplicationId>,
    limit: u64,
) -> Result<Vec<CaseRecord>, Failure> {
    let mut found =
        Entity::find().filter(Column::Province.eq(province)).filter(Column::CompletedAt.is_null());
    if let Some(after) = after {
        found = found.filter(Column::Application.gt(after.uuid()));
    }
    let rows = found.order_by_asc(Column::Application).limit(limit).all(conn).await?;
    rows.into_iter().map(cases::record).collect()
}

/// The case as it is now, locked until the commit with what is open of it; none: it has ended. Work items come first, as they do
/// for everybody who changes both.
pub(crate) async fn lock_open<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
) -> Result<Option<CaseRecord>, Failure> {
    items::lock_items(tx, &case.province, case.application).await?;
    let open = Entity::find_by_id(case.id.uuid()).filter(Column::CompletedAt.is_null());
    open.lock_exclusive().one(tx).await?.map(cases::record).transpose()
}

/// From now on a case follows the clock of this version, with these dates where they change.
pub(crate) async fn follow_clock<C: ConnectionTrait>(
    tx: &C,
    id: CaseId,
    version: i64,
    beside: Beside,
    due_at: Option<Timestamp>,
    postponement: Option<&Postponement>,
) -> Result<(), Failure> {
    let row = ActiveModel {
        clock_version: Set(Some(version)),
        corridor_due_at: Set(beside.corridor_due_at.map(to_db)),
        warn_at: Set(to_db(beside.warn_at.unwrap_or(END_OF_TIME))),
        due_at: due_at.map_or(NotSet, |due_at| Set(Some(to_db(due_at)))),
        postponement: match postponement {
            Some(postponement) => Set(Some(appointments::json(postponement)?)),
            None => NotSet,
        },
        ..ActiveModel::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id.uuid())).exec(tx).await?;
    match due_at {
        Some(due_at) => figures::follow_promise(tx, id.uuid(), due_at).await,
        None => Ok(()),
    }
}
