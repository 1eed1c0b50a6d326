//! What decisions on days off have promised for cases.

use std::collections::BTreeMap;

use phidia_domain::{
    case::replan::Dates,
    id::{ApplicationId, Id as _},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, entity::prelude::*};

use super::entity::replanning::{ActiveModel, Column, Entity, Model};
use crate::record::CaseRecord;

/// Writes down what a decision promises for a case instead of what was promised before.
pub(crate) async fn insert_replanning<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
    version: i64,
    decision: &str,
    [before, after]: [Dates; 2],
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(case.province.clone()),
        application: Set(case.application.uuid()),
        version: Set(version),
        decision: Set(decision.to_owned()),
        previous_due_at: Set(to_db(before.due_at)),
        previous_appointment_at: Set(before.appointment_at.map(to_db)),
        due_at: Set(to_db(after.due_at)),
        appointment_at: Set(after.appointment_at.map(to_db)),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What this decision has promised already by the clock of a version, for those of these applications that it has: before and after.
pub(crate) async fn find_replannings<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    version: i64,
    decision: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<BTreeMap<ApplicationId, [Dates; 2]>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Version.eq(version))
        .filter(Column::Decision.eq(decision))
        .filter(Column::Application.is_in(applications.into_iter().map(ApplicationId::uuid)));
    let rows = found.all(conn).await?;
    Ok(rows.into_iter().map(|row| (ApplicationId::from_uuid(row.application), dates(&row))).collect())
}

fn dates(row: &Model) -> [Dates; 2] {
    let dates = |due_at: DateTimeUtc, appointment_at: Option<DateTimeUtc>| Dates {
        due_at: from_db(due_at),
        appointment_at: appointment_at.map(from_db),
    };
    [dates(row.previous_due_at, row.previous_appointment_at), dates(row.due_at, row.appointment_at)]
}
