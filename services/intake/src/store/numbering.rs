//! Running numbers of dossiers: those that are drawn, and those that were reserved ahead.

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Kind, Rejection,
    application::DossierCode,
    id::{ApplicationId, CodeRangeId, Id as _, UnitId},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
    idempotency,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, QueryOrder as _, QuerySelect as _, SqlErr,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};

use super::{
    entity::{code_range, dossier_number, issued_code},
    from_json, to_json,
};
use crate::numbering::{CodeRange, Span};

/// Draws the next `count` running numbers of a unit's day, from 1, and answers the last of them. Its row is locked until the commit, so
/// that numbers grow with commits, and what is rolled back gives its numbers back.
pub(crate) async fn draw<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    unit: UnitId,
    day: Date,
    count: u32,
) -> Result<u32, Failure> {
    use dossier_number::{Column, Entity};
    let count = number(count)?;
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([Column::Province, Column::Unit, Column::Day, Column::Last])
        .values_panic([province.into(), unit.uuid().into(), day.to_string().into(), count.into()])
        .on_conflict(
            OnConflict::columns([Column::Province, Column::Unit, Column::Day])
                .value(Column::Last, Expr::col((Entity, Column::Last)).add(count))
                .to_owned(),
        )
        .returning(Query::returning().column(Column::Last));
    let row = tx.query_one(&insert).await?;
    let last: i32 = row.ok_or_else(|| Failure::broken("no running number was given"))?.try_get("", "last")?;
    u32::try_from(last).map_err(Failure::broken)
}

/// Writes a range down.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    range: &CodeRange,
) -> Result<(), Failure> {
    let row = code_range::ActiveModel {
        province: Set(province.to_owned()),
        id: Set(range.id.uuid()),
        unit: Set(range.unit.uuid()),
        day: Set(range.day.to_string()),
        series: Set(range.series.clone()),
        first: Set(number(range.numbers.first)?),
        last: Set(number(range.numbers.last)?),
        reserved_by: Set(range.reserved_by.clone()),
        reserved_at: Set(to_db(range.reserved_at)),
        closed_at: Set(None),
        void: Set(None),
    };
    code_range::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// How many numbers of a unit's day are out in ranges that are not closed.
pub(crate) async fn out<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    unit: UnitId,
    day: Date,
) -> Result<u64, Failure> {
    use code_range::Column;
    let ranges = of_province(province)
        .filter(Column::Unit.eq(unit.uuid()))
        .filter(Column::Day.eq(day.to_string()))
        .filter(Column::ClosedAt.is_null());
    let spans = ranges.select_only().columns([Column::First, Column::Last]).into_tuple::<(i32, i32)>();
    let spans = spans.all(tx).await?;
    Ok(spans.into_iter().map(|(first, last)| u64::from(last.abs_diff(first)) + 1).sum())
}

/// The range with this id, with how many of its numbers are borne. It stays locked until the commit where `locked`.
pub(crate) async fn range<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: CodeRangeId,
    locked: bool,
) -> Result<Option<CodeRange>, Failure> {
    let found = code_range::Entity::find_by_id((province.to_owned(), id.uuid()));
    let found = if locked { found.lock_exclusive() } else { found };
    match found.one(tx).await? {
        Some(row) => {
            let used = used(tx, province, id).await?.len();
            record(row, used).map(Some)
        }
        None => Ok(None),
    }
}

/// For which unit a code was reserved, and the application that bears it, if one does.
pub(crate) async fn bearer<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    code: &DossierCode,
) -> Result<Option<(UnitId, ApplicationId)>, Failure> {
    let Some(range) = of_code(province, code)?.one(tx).await? else { return Ok(None) };
    let key = (province.to_owned(), range.id, number(code.number)?);
    let issued = issued_code::Entity::find_by_id(key).one(tx).await?;
    Ok(issued.map(|issued| (UnitId::from_uuid(range.unit), ApplicationId::from_uuid(issued.application))))
}

/// Lets an application of a unit bear a code that was reserved for it.
///
/// # Errors
/// `CODE_NOT_RESERVED`, `CODE_VOID`; `IDEMPOTENCY_RACE` where it is borne already: whoever asks has looked for its bearer before.
pub(crate) async fn bear<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    unit: UnitId,
    code: &DossierCode,
    application: ApplicationId,
) -> Result<(), Failure> {
    // Locked: it may be closed at this moment.
    let range = of_code(province, code)?.lock_exclusive().one(tx).await?;
    let Some(range) = range.filter(|range| range.unit == unit.uuid()) else {
        let expected = "must be one of the codes that were reserved for the receiving unit";
        return Err(Rejection::invalid("CODE_NOT_RESERVED", "issued.dossier_code", expected).into());
    };
    if range.closed_at.is_some() {
        let message = "this dossier code was given back unused and is void; give the application another one";
        return Err(Rejection::new(Kind::Precondition, "CODE_VOID", message).into());
    }
    let row = issued_code::ActiveModel {
        province: Set(province.to_owned()),
        range: Set(range.id),
        number: Set(number(code.number)?),
        application: Set(application.uuid()),
    };
    match issued_code::Entity::insert(row).exec_without_returning(tx).await {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            // Either the same application came twice at this moment, or another one: tried again, it is seen.
            let message = "this dossier code is being given at this moment; try again";
            Err(Rejection::new(Kind::Conflict, idempotency::RACE, message).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The numbers of a range that applications bear, in order.
pub(crate) async fn used<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: CodeRangeId,
) -> Result<Vec<u32>, Failure> {
    use issued_code::{Column, Entity};
    let numbers = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Range.eq(id.uuid()))
        .order_by_asc(Column::Number)
        .select_only()
        .column(Column::Number)
        .into_tuple::<i32>();
    numbers.all(tx).await?.into_iter().map(|number| u32::try_from(number).map_err(Failure::broken)).collect()
}

/// Closes a range.
pub(crate) async fn close<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: CodeRangeId,
    at: Timestamp,
    void: &[Span],
) -> Result<(), Failure> {
    let row = code_range::ActiveModel {
        province: Unchanged(province.to_owned()),
        id: Unchanged(id.uuid()),
        closed_at: Set(Some(to_db(at))),
        void: Set(Some(to_json(&void)?)),
        ..Default::default()
    };
    code_range::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Ranges of codes of a day before `day` that are still open.
pub(crate) async fn overdue<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    day: Date,
    limit: u64,
) -> Result<Vec<CodeRangeId>, Failure> {
    use code_range::Column;
    let found = of_province(province)
        .filter(Column::ClosedAt.is_null())
        .filter(Column::Day.lt(day.to_string()))
        .order_by_asc(Column::Day)
        .limit(limit);
    let ids = found.select_only().column(Column::Id).into_tuple::<Uuid>().all(conn).await?;
    Ok(ids.into_iter().map(CodeRangeId::from_uuid).collect())
}

/// Ranges, the newest first, those behind `after` only.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    (unit, day): (Option<UnitId>, Option<Date>),
    after: Option<CodeRangeId>,
    limit: u64,
) -> Result<Vec<CodeRange>, Failure> {
    use code_range::Column;
    let mut found = of_province(province);
    if let Some(unit) = unit {
        found = found.filter(Column::Unit.eq(unit.uuid()));
    }
    if let Some(day) = day {
        found = found.filter(Column::Day.eq(day.to_string()));
    }
    if let Some(after) = after {
        found = found.filter(Column::Id.lt(after.uuid()));
    }
    let rows = found.order_by_desc(Column::Id).limit(limit).all(conn).await?;
    let counts = counts(conn, province, rows.iter().map(|row| row.id).collect()).await?;
    let count = |id: Uuid| counts.iter().find(|(range, _)| *range == id).map_or(0, |(_, count)| *count);
    rows.into_iter()
        .map(|row| {
            let used = usize::try_from(count(row.id)).map_err(Failure::broken)?;
            record(row, used)
        })
        .collect()
}

async fn counts<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    ranges: Vec<Uuid>,
) -> Result<Vec<(Uuid, i64)>, Failure> {
    use issued_code::{Column, Entity};
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Range.is_in(ranges))
        .select_only()
        .column(Column::Range)
        .column_as(Column::Number.count(), "used")
        .group_by(Column::Range);
    Ok(found.into_tuple::<(Uuid, i64)>().all(conn).await?)
}

fn of_province(province: &str) -> Select<code_range::Entity> {
    code_range::Entity::find().filter(code_range::Column::Province.eq(province))
}

/// The range that has a code. Ranges of a series do not overlap.
fn of_code(province: &str, code: &DossierCode) -> Result<Select<code_range::Entity>, Failure> {
    use code_range::Column;
    let number = number(code.number)?;
    Ok(of_province(province)
        .filter(Column::Series.eq(code.series.to_string()))
        .filter(Column::First.lte(number))
        .filter(Column::Last.gte(number)))
}

fn record(row: code_range::Model, used: usize) -> Result<CodeRange, Failure> {
    let number = |number: i32| u32::try_from(number).map_err(Failure::broken);
    Ok(CodeRange {
        id: CodeRangeId::from_uuid(row.id),
        unit: UnitId::from_uuid(row.unit),
        day: row.day.parse().map_err(Failure::broken)?,
        series: row.series,
        numbers: Span { first: number(row.first)?, last: number(row.last)? },
        reserved_by: row.reserved_by,
        reserved_at: from_db(row.reserved_at),
        used: u32::try_from(used).map_err(Failure::broken)?,
        closed_at: row.closed_at.map(from_db),
        void: row.void.map(from_json).transpose()?.unwrap_or_default(),
    })
}

/// Running numbers are small: a unit has no two billion applications a day.
fn number(number: u32) -> Result<i32, Failure> {
    i32::try_from(number).map_err(Failure::broken)
}
