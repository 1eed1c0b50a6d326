//! Questions to other offices.

use jiff::Timestamp;
use phidia_domain::{
    case::{Referral, ReferralEnd},
    id::{ApplicationId, CaseId, Id as _, OfficerId, ReferralId, UnitId},
    work_item::WorkItem,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
    seal::Sealed,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    entity::referral::{ActiveModel, Column, Entity, Model},
    fence_to_db, stored,
};
use crate::record::ReferralRecord;

/// Which questions of a unit are asked for.
#[derive(Clone, Debug)]
pub(crate) struct ReferralQuery {
    pub(crate) unit: UnitId,
    /// Those that it has asked, instead of those that it is asked.
    pub(crate) asked_by: bool,
    /// Also those that have ended.
    pub(crate) all: bool,
    /// Only what comes after this one: when its answer is due, and its id.
    pub(crate) after: Option<(Timestamp, ReferralId)>,
    pub(crate) limit: u64,
}

/// Writes a question down.
pub(crate) async fn insert_referral<C: ConnectionTrait>(
    tx: &C,
    record: &ReferralRecord,
) -> Result<(), Failure> {
    let referral = &record.referral;
    let row = ActiveModel {
        id: Set(referral.id.uuid()),
        province: Set(record.province.clone()),
        application: Set(referral.work_item.application.uuid()),
        step: Set(referral.work_item.step.into()),
        attempt: Set(referral.work_item.attempt.into()),
        case_id: Set(referral.case.uuid()),
        dossier_code: Set(record.dossier_code.clone()),
        procedure_code: Set(record.procedure_code.clone()),
        province_version: Set(record.province_version),
        kind: Set(referral.kind.into()),
        from_unit: Set(referral.from.uuid()),
        to_unit: Set(referral.to.uuid()),
        officer: Set(referral.officer.uuid()),
        fence: Set(fence_to_db(referral.fence)),
        asked_at: Set(to_db(referral.asked_at)),
        due_at: Set(to_db(referral.due_at)),
        acknowledged_at: Set(referral.acknowledged_at.map(to_db)),
        outcome: Set(referral.ended.map(|(end, _)| end.into())),
        ended_at: Set(referral.ended.map(|(_, at)| to_db(at))),
        wrapped_key: Set(record.wrapped_key.clone()),
        question: Set(record.question.as_bytes().to_vec()),
        answer: Set(record.answer.as_ref().map(|answer| answer.as_bytes().to_vec())),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The question with this id.
pub(crate) async fn find_referral<C: ConnectionTrait>(
    conn: &C,
    id: ReferralId,
) -> Result<Option<ReferralRecord>, Failure> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(record).transpose()
}

/// The questions of a case, oldest first.
pub(crate) async fn referrals_of<C: ConnectionTrait>(
    conn: &C,
    case: CaseId,
) -> Result<Vec<ReferralRecord>, Failure> {
    let rows = Entity::find().filter(Column::CaseId.eq(case.uuid())).order_by_asc(Column::AskedAt);
    rows.order_by_asc(Column::Id).all(conn).await?.into_iter().map(record).collect()
}

/// One page of the questions of a unit, by when the answer is due.
pub(crate) async fn list_referrals<C: ConnectionTrait>(
    conn: &C,
    query: &ReferralQuery,
) -> Result<Vec<ReferralRecord>, Failure> {
    let side = if query.asked_by { Column::FromUnit } else { Column::ToUnit };
    let mut rows = Entity::find().filter(side.eq(query.unit.uuid()));
    if !query.all {
        rows = rows.filter(Column::EndedAt.is_null());
    }
    if let Some((due_at, id)) = query.after {
        let place = [Column::DueAt, Column::Id].map(Expr::col);
        rows = rows
            .filter(Expr::tuple(place).gt(Expr::tuple([Expr::value(to_db(due_at)), Expr::value(id.uuid())])));
    }
    let rows = rows.order_by_asc(Column::DueAt).order_by_asc(Column::Id).limit(query.limit);
    rows.all(conn).await?.into_iter().map(record).collect()
}

/// Writes down that the other office has it.
pub(crate) async fn acknowledge_referral<C: ConnectionTrait>(
    tx: &C,
    id: ReferralId,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = ActiveModel { acknowledged_at: Set(Some(to_db(at))), ..ActiveModel::default() };
    let there = Column::Id.eq(id.uuid()).and(Column::AcknowledgedAt.is_null());
    Entity::update_many().set(row).filter(there).exec(tx).await?;
    Ok(())
}

/// Ends a question. False when it has ended before.
pub(crate) async fn end_referral<C: ConnectionTrait>(
    tx: &C,
    id: ReferralId,
    end: ReferralEnd,
    at: Timestamp,
    answer: Option<&Sealed<String>>,
) -> Result<bool, Failure> {
    let row = ActiveModel {
        outcome: Set(Some(end.into())),
        ended_at: Set(Some(to_db(at))),
        answer: Set(answer.map(|answer| answer.as_bytes().to_vec())),
        ..ActiveModel::default()
    };
    let there = Column::Id.eq(id.uuid()).and(Column::EndedAt.is_null());
    Ok(Entity::update_many().set(row).filter(there).exec(tx).await?.rows_affected == 1)
}

pub(super) fn record(row: Model) -> Result<ReferralRecord, Failure> {
    let work_item = WorkItem {
        application: ApplicationId::from_uuid(row.application),
        step: stored(row.step)?,
        attempt: stored(row.attempt)?,
    };
    let referral = Referral {
        id: ReferralId::from_uuid(row.id),
        case: CaseId::from_uuid(row.case_id),
        work_item,
        kind: row.kind.into(),
        from: UnitId::from_uuid(row.from_unit),
        to: UnitId::from_uuid(row.to_unit),
        officer: OfficerId::from_uuid(row.officer),
        fence: stored(row.fence)?,
        asked_at: from_db(row.asked_at),
        due_at: from_db(row.due_at),
        acknowledged_at: row.acknowledged_at.map(from_db),
        ended: row.outcome.map(Into::into).zip(row.ended_at.map(from_db)),
    };
    Ok(ReferralRecord {
        referral,
        province: row.province,
        dossier_code: row.dossier_code,
        procedure_code: row.procedure_code,
        province_version: row.province_version,
        wrapped_key: row.wrapped_key,
        question: Sealed::from_bytes(row.question),
        answer: row.answer.map(Sealed::from_bytes),
    })
}
