//! Cases that are opened again, and the results that are withdrawn by it.

use jiff::Timestamp;
use phidia_domain::{
    case::{HandedOver, Issued},
    id::{ApplicationId, Id as _, PersonId},
};
use phidia_runtime::{database::to_db, failure::Failure, seal::Sealed};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, DerivePartialModel, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, prelude::Uuid,
};

use super::{
    END_OF_TIME,
    cases::{self, changed_meanwhile},
    entity::{
        case,
        reopening::{ActiveModel, Column, Entity},
        result,
        result_file::{self, Part},
    },
    figures::{self, Moved},
    results, stored,
    trail::{self, Change},
};
use crate::{
    deed::Deed,
    record::{CaseRecord, Correction, Item, ResultRecord},
};

/// A result that was withdrawn by a reopening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Withdrawn {
    /// The 1-based number of that reopening.
    pub(crate) reopening: u32,
    pub(crate) result: ResultRecord,
}

/// Opens a case again that stands as `before`, so that it stands as `after`; `item` is what is to be done, as it reaches its unit, or as it
/// was left at the last. Before `warn_at` there is nothing to say of its being late soon.
///
/// # Errors
/// `UNAVAILABLE` when it stands elsewhere by now.
pub(crate) async fn reopen<C: ConnectionTrait>(
    tx: &C,
    before: &CaseRecord,
    after: &CaseRecord,
    item: &Item,
    warn_at: Option<Timestamp>,
    deed: Deed<'_>,
) -> Result<(), Failure> {
    let row = case::ActiveModel {
        state: Set(after.standing.state.into()),
        step: Set(after.standing.step.into()),
        branches: Set(cases::branches(&after.standing)?),
        completed_at: Set(None),
        on_time: Set(None),
        handed_over_at: Set(None),
        rating: Set(None),
        due_at: Set(after.due_at.map(to_db)),
        corridor_due_at: Set(after.corridor_due_at.map(to_db)),
        postponement: Set(None),
        clock_version: Set(after.follows),
        warned: Set(None),
        warn_at: Set(to_db(warn_at.unwrap_or(END_OF_TIME))),
        reopenings: Set(Some(serde_json::to_string(&after.reopenings).map_err(Failure::broken)?)),
        ..case::ActiveModel::default()
    };
    let there =
        Condition::all().add(case::Column::Id.eq(before.id.uuid())).add(cases::stands(&before.standing)?);
    let moved = case::Entity::update_many().set(row).filter(there).exec(tx).await?;
    if moved.rows_affected != 1 {
        return Err(changed_meanwhile(before.id));
    }
    let happened = Change::of(item, phidia_domain::case::Happening::Reopened, deed);
    trail::insert_passage(tx, item, happened).await?;
    let state = after.standing.state;
    let moved = Moved {
        state,
        ended: None,
        wait: None,
        asks_supplement: false,
        due_at: after.due_at,
        paid_online: None,
    };
    figures::follow_case(tx, after.id.uuid(), moved).await
}

/// Keeps why a case was opened again for the `number`th time, and what was issued and handed over before: from now on it has no
/// result. Answers what was withdrawn, if anything.
pub(crate) async fn insert_reopening<C: ConnectionTrait>(
    tx: &C,
    case: &CaseRecord,
    number: usize,
    why: Correction,
) -> Result<Option<ResultRecord>, Failure> {
    let application = case.application.uuid();
    let key = (case.province.clone(), application);
    let result = result::Entity::find_by_id(key.clone()).one(tx).await?;
    let mut row = ActiveModel {
        province: Set(case.province.clone()),
        application: Set(application),
        number: Set(i64::try_from(number).map_err(Failure::broken)?),
        reason_key: Set(why.wrapped_key),
        reason: Set(why.reason.into_bytes()),
        ..ActiveModel::default()
    };
    if let Some(result) = result.clone() {
        row.person = Set(Some(result.person));
        (row.issued, row.handed_over) = (Set(result.issued), Set(result.handed_over));
        row.file_name = Set(result.file_name);
        (row.signer, row.receiver) = (Set(result.signer), Set(result.receiver));
        row.file = Set(results::find_file(tx, case, Part::File).await?);
        row.signature = Set(results::find_file(tx, case, Part::Signature).await?);
    }
    Entity::insert(row).exec_without_returning(tx).await?;
    result_file::Entity::delete_many()
        .filter(result_file::Column::Province.eq(&case.province))
        .filter(result_file::Column::Application.eq(application))
        .exec(tx)
        .await?;
    result::Entity::delete_by_id(key).exec(tx).await?;
    result.map(results::record).transpose()
}

/// Why a case was opened again, in the order in which it was.
pub(crate) async fn list_reasons<C: ConnectionTrait>(
    conn: &C,
    case: &CaseRecord,
) -> Result<Vec<Correction>, Failure> {
    let rows = of(&case.province, case.application)
        .select_only()
        .columns([Column::ReasonKey, Column::Reason])
        .order_by_asc(Column::Number);
    let rows = rows.into_tuple::<(Vec<u8>, Vec<u8>)>().all(conn).await?;
    let sealed = |(wrapped_key, reason)| Correction { wrapped_key, reason: Sealed::from_bytes(reason) };
    Ok(rows.into_iter().map(sealed).collect())
}

/// A row without its files.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Row {
    number: i64,
    person: Option<Uuid>,
    issued: Option<String>,
    handed_over: Option<String>,
    file_name: Option<Vec<u8>>,
    signer: Option<Vec<u8>>,
    receiver: Option<Vec<u8>>,
}

/// The results of a case that were withdrawn, oldest first.
pub(crate) async fn find_withdrawn<C: ConnectionTrait>(
    conn: &C,
    case: &CaseRecord,
) -> Result<Vec<Withdrawn>, Failure> {
    let rows = of(&case.province, case.application).order_by_asc(Column::Number);
    let rows = rows.into_partial_model::<Row>().all(conn).await?;
    rows.into_iter().filter_map(|row| withdrawn(row).transpose()).collect()
}

fn withdrawn(row: Row) -> Result<Option<Withdrawn>, Failure> {
    let Some(person) = row.person else { return Ok(None) };
    let issued = row.issued.map(|text| serde_json::from_str::<Issued>(&text));
    let handed_over = row.handed_over.map(|text| serde_json::from_str::<HandedOver>(&text));
    let result = ResultRecord {
        person: PersonId::from_uuid(person),
        issued: issued.transpose().map_err(Failure::broken)?,
        handed_over: handed_over.transpose().map_err(Failure::broken)?,
        file_name: row.file_name,
        signer: row.signer,
        receiver: row.receiver,
    };
    Ok(Some(Withdrawn { reopening: stored(row.number)?, result }))
}

/// The sealed bytes beside a result that was withdrawn.
pub(crate) async fn find_withdrawn_file<C: ConnectionTrait>(
    conn: &C,
    case: &CaseRecord,
    reopening: u32,
    part: Part,
) -> Result<Option<Vec<u8>>, Failure> {
    let column = match part {
        Part::File => Column::File,
        Part::Signature => Column::Signature,
    };
    let found = of(&case.province, case.application).filter(Column::Number.eq(i64::from(reopening)));
    let bytes = found.select_only().column(column).into_tuple::<Option<Vec<u8>>>().one(conn).await?;
    Ok(bytes.flatten())
}

fn of(province: &str, application: ApplicationId) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::Province.eq(province)).filter(Column::Application.eq(application.uuid()))
}
