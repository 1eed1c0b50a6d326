//! What was issued, signed and handed over, and the keys under which that is sealed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    case::{HandedOver, Issued},
    id::{ApplicationId, CaseId, Id as _, PersonId, UnitId},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::{
    cases,
    entity::{
        case, person_key,
        result::{ActiveModel, Column, Entity, Model},
        result_file::{self, Part},
    },
    figures,
};
use crate::record::{CaseRecord, ResultRecord};

/// The place of a result in the order in which they are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResultPosition {
    pub(crate) completed_at: Timestamp,
    pub(crate) application: ApplicationId,
}

/// Keeps the key of a citizen; one that is there already stays.
pub(crate) async fn keep_person_key<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    person: PersonId,
    wrapped_key: Vec<u8>,
) -> Result<(), Failure> {
    let row = person_key::ActiveModel {
        province: Set(province.to_owned()),
        person: Set(person.uuid()),
        wrapped_key: Set(wrapped_key),
    };
    let there = [person_key::Column::Province, person_key::Column::Person];
    person_key::Entity::insert(row).on_conflict_do_nothing_on(there).exec_without_returning(tx).await?;
    Ok(())
}

/// The wrapped key of a citizen; none: they were erased.
pub(crate) async fn find_person_key<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    person: PersonId,
) -> Result<Option<Vec<u8>>, Failure> {
    let found = person_key::Entity::find_by_id((province.to_owned(), person.uuid())).one(conn).await?;
    Ok(found.map(|row| row.wrapped_key))
}

/// A case that had nobody's key gets one.
pub(crate) async fn set_person<C: ConnectionTrait>(
    tx: &C,
    id: CaseId,
    person: PersonId,
) -> Result<(), Failure> {
    let row = case::ActiveModel { person: Set(Some(person.uuid())), ..case::ActiveModel::default() };
    case::Entity::update_many().set(row).filter(case::Column::Id.eq(id.uuid())).exec(tx).await?;
    Ok(())
}

/// What became of the result of an application; none: nothing so far.
pub(crate) async fn find_result<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
) -> Result<Option<ResultRecord>, Failure> {
    let row = Entity::find_by_id((province.to_owned(), application.uuid())).one(conn).await?;
    row.map(record).transpose()
}

/// What became of the results of several.
pub(crate) async fn find_results<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    applications: impl IntoIterator<Item = ApplicationId>,
) -> Result<BTreeMap<ApplicationId, ResultRecord>, Failure> {
    let applications = applications.into_iter().map(ApplicationId::uuid);
    let found =
        Entity::find().filter(Column::Province.eq(province)).filter(Column::Application.is_in(applications));
    let rows = found.all(conn).await?;
    rows.into_iter().map(|row| Ok((ApplicationId::from_uuid(row.application), record(row)?))).collect()
}

/// Writes down what became of the result of a case.
pub(crate) async fn save_result<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
    result: &ResultRecord,
) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(case.province.clone()),
        application: Set(case.application.uuid()),
        person: Set(result.person.uuid()),
        issued: Set(result
            .issued
            .as_ref()
            .map(serde_json::to_string)
            .transpose()
            .map_err(Failure::broken)?),
        handed_over: Set((result.handed_over.as_ref().map(serde_json::to_string))
            .transpose()
            .map_err(Failure::broken)?),
        file_name: Set(result.file_name.clone()),
        signer: Set(result.signer.clone()),
        receiver: Set(result.receiver.clone()),
    };
    let later = [Column::Issued, Column::HandedOver, Column::FileName, Column::Signer, Column::Receiver];
    let there = OnConflict::columns([Column::Province, Column::Application]).update_columns(later).to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(tx).await?;
    figures::follow_result(tx, case.id.uuid(), result.issued.is_some()).await
}

/// Notes at the case that its result is no longer to be handed over.
pub(crate) async fn set_handed_over<C: ConnectionTrait>(
    tx: &C,
    id: CaseId,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = case::ActiveModel { handed_over_at: Set(Some(to_db(at))), ..case::ActiveModel::default() };
    case::Entity::update_many().set(row).filter(case::Column::Id.eq(id.uuid())).exec(tx).await?;
    Ok(())
}

/// Keeps sealed bytes beside a result.
pub(crate) async fn insert_file<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
    part: Part,
    sealed: Vec<u8>,
) -> Result<(), Failure> {
    let row = result_file::ActiveModel {
        province: Set(case.province.clone()),
        application: Set(case.application.uuid()),
        part: Set(part),
        sealed: Set(sealed),
    };
    result_file::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The sealed bytes beside a result.
pub(crate) async fn find_file<C: ConnectionTrait>(
    conn: &C,
    case: &CaseRecord,
    part: Part,
) -> Result<Option<Vec<u8>>, Failure> {
    let key = (case.province.clone(), case.application.uuid(), part);
    Ok(result_file::Entity::find_by_id(key).one(conn).await?.map(|row| row.sealed))
}

/// What is decided and not handed over, of those that are to be handed over at these units, oldest first.
pub(crate) async fn list_to_hand_over<C: ConnectionTrait>(
    conn: &C,
    units: impl IntoIterator<Item = UnitId>,
    after: Option<ResultPosition>,
    limit: u64,
) -> Result<Vec<CaseRecord>, Failure> {
    use case::{Column, Entity, State};
    let mut found = Entity::find()
        .filter(Column::ReturnAt.is_in(units.into_iter().map(UnitId::uuid)))
        .filter(Column::HandedOverAt.is_null())
        .filter(Column::CompletedAt.is_not_null())
        .filter(Column::State.is_in([State::Granted, State::Refused]));
    if let Some(after) = after {
        let columns = [Column::CompletedAt, Column::Application].map(Expr::col);
        let values = [Expr::value(to_db(after.completed_at)), Expr::value(after.application.uuid())];
        found = found.filter(Expr::tuple(columns).gt(Expr::tuple(values)));
    }
    let ordered = found.order_by_asc(Column::CompletedAt).order_by_asc(Column::Application);
    ordered.limit(limit).all(conn).await?.into_iter().map(cases::record).collect()
}

pub(super) fn record(row: Model) -> Result<ResultRecord, Failure> {
    let issued = row.issued.map(|text| serde_json::from_str::<Issued>(&text));
    let handed_over = row.handed_over.map(|text| serde_json::from_str::<HandedOver>(&text));
    Ok(ResultRecord {
        person: PersonId::from_uuid(row.person),
        issued: issued.transpose().map_err(Failure::broken)?,
        handed_over: handed_over.transpose().map_err(Failure::broken)?,
        file_name: row.file_name,
        signer: row.signer,
        receiver: row.receiver,
    })
}
