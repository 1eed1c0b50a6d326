//! The halls: how they are set up, and how their day goes. Whoever changes anything in a hall, its tickets included, holds its row, so that
//! nobody else does.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    id::{Id as _, UnitId},
    queue::{Arrangement, Letter, Seat, Tally},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{OnConflict, Query},
};
use serde::{Deserialize, Serialize};

use super::{
    entity::{hall, ticket_call, ticket_day},
    from_json, to_json,
};

/// A hall: a place of reception of a centre.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Place {
    pub(crate) unit: UnitId,
    /// Empty: the main one.
    pub(crate) point: String,
}

/// How the day of a hall goes, beside its tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Course {
    pub(crate) seats: BTreeMap<u32, Seat>,
    pub(crate) calls: u32,
    /// The last number of each kind.
    pub(crate) numbers: BTreeMap<Letter, u32>,
}

/// What is kept of a hall.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// None: nothing was set up.
    pub(crate) arrangement: Option<Arrangement>,
    /// Of the day that was asked for.
    pub(crate) course: Course,
    /// The place of its last call on the board; 0: there was none.
    pub(crate) sequence: i64,
}

/// One call, as the board shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) sequence: i64,
    pub(crate) number: String,
    pub(crate) kind: String,
    pub(crate) counter: u32,
    pub(crate) called_at: Timestamp,
    pub(crate) again: bool,
}

/// What was counted of one hour and kind.
pub(crate) type Tallies = Vec<(u32, Letter, Tally)>;

/// A hall as it is on a day.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    place: &Place,
    day: Date,
) -> Result<Kept, Failure> {
    let row = hall::Entity::find_by_id(key(province, place)).one(conn).await?;
    row.map_or_else(
        || Ok(Kept { arrangement: None, course: Course::default(), sequence: 0 }),
        |row| kept(row, day),
    )
}

/// The same, for whoever changes it: until the commit nobody else does.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    place: &Place,
    day: Date,
) -> Result<Kept, Failure> {
    use hall::{Column, Entity};
    // There must be a row that can be held.
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([
            Column::Province,
            Column::Unit,
            Column::Point,
            Column::Day,
            Column::Course,
            Column::Sequence,
        ])
        .values_panic([
            province.into(),
            place.unit.uuid().into(),
            place.point.clone().into(),
            day.to_string().into(),
            to_json(&Course::default())?.into(),
            0_i64.into(),
        ])
        .on_conflict(
            OnConflict::columns([Column::Province, Column::Unit, Column::Point]).do_nothing().to_owned(),
        );
    tx.execute(&insert).await?;
    let row = Entity::find_by_id(key(province, place)).lock_exclusive().one(tx).await?;
    kept(row.ok_or_else(|| Failure::broken("a hall that was just written is not here"))?, day)
}

/// Writes down how a hall is; it must be locked.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    place: &Place,
    day: Date,
    kept: &Kept,
) -> Result<(), Failure> {
    let (province, unit, point) = key(province, place);
    let row = hall::ActiveModel {
        province: Set(province),
        unit: Set(unit),
        point: Set(point),
        arrangement: Set(kept.arrangement.as_ref().map(to_json).transpose()?),
        day: Set(day.to_string()),
        course: Set(to_json(&kept.course)?),
        sequence: Set(kept.sequence),
    };
    hall::Entity::update(row).exec(tx).await?;
    Ok(())
}

/// Puts a call on the board.
pub(crate) async fn insert_call<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    place: &Place,
    day: Date,
    call: Call,
) -> Result<(), Failure> {
    let (province, unit, point) = key(province, place);
    let row = ticket_call::ActiveModel {
        province: Set(province),
        unit: Set(unit),
        point: Set(point),
        sequence: Set(call.sequence),
        day: Set(day.to_string()),
        number: Set(call.number),
        kind: Set(call.kind),
        counter: Set(i32::try_from(call.counter).map_err(Failure::broken)?),
        called_at: Set(to_db(call.called_at)),
        again: Set(call.again),
    };
    ticket_call::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What was called behind a place of the board, oldest first.
pub(crate) async fn calls_behind<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    place: &Place,
    sequence: i64,
    limit: u64,
) -> Result<Vec<Call>, Failure> {
    let found = of(province, place).filter(ticket_call::Column::Sequence.gt(sequence));
    let rows = found.order_by_asc(ticket_call::Column::Sequence).limit(limit).all(conn).await?;
    rows.into_iter().map(call).collect()
}

/// What was called last on a day, oldest first.
pub(crate) async fn last_calls<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    place: &Place,
    day: Date,
    limit: u64,
) -> Result<Vec<Call>, Failure> {
    let found = of(province, place).filter(ticket_call::Column::Day.eq(day.to_string()));
    let rows = found.order_by_desc(ticket_call::Column::Sequence).limit(limit).all(conn).await?;
    rows.into_iter().rev().map(call).collect()
}

/// Forgets what was called on the oldest day before this one; how much that was.
pub(crate) async fn prune_calls<C: ConnectionTrait>(tx: &C, before: Date) -> Result<u64, Failure> {
    use ticket_call::{Column, Entity};
    let oldest = Entity::find().select_only().column(Column::Day).filter(Column::Day.lt(before.to_string()));
    let oldest: Option<String> = oldest.order_by_asc(Column::Day).into_tuple().one(tx).await?;
    let Some(day) = oldest else { return Ok(0) };
    Ok(Entity::delete_many().filter(Column::Day.eq(day)).exec(tx).await?.rows_affected)
}

/// The place of the last call in each hall of some units, those that were never used left out.
pub(crate) async fn sequences<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    units: BTreeSet<UnitId>,
) -> Result<BTreeMap<Place, i64>, Failure> {
    use hall::{Column, Entity};
    let found = Entity::find()
        .select_only()
        .columns([Column::Unit, Column::Point, Column::Sequence])
        .filter(Column::Province.eq(province))
        .filter(Column::Unit.is_in(units.into_iter().map(|unit| unit.uuid())));
    let rows: Vec<(Uuid, String, i64)> = found.into_tuple().all(conn).await?;
    let of = |(unit, point, sequence)| (Place { unit: UnitId::from_uuid(unit), point }, sequence);
    Ok(rows.into_iter().map(of).collect())
}

/// Keeps what was counted of a day that is over, beside what was counted of it before; its hall must be locked.
pub(crate) async fn keep_day<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    place: &Place,
    day: Date,
    tallies: &Tallies,
) -> Result<(), Failure> {
    use ticket_day::{Column, Entity};
    let key = (province.to_owned(), day.to_string(), place.unit.uuid(), place.point.clone());
    let before = Entity::find_by_id(key).one(tx).await?;
    let before: Tallies = before.map_or(Ok(Vec::new()), |row| from_json(row.tallies))?;
    let tallies: Vec<_> = before.iter().chain(tallies).collect();
    let row = ticket_day::ActiveModel {
        province: Set(province.to_owned()),
        day: Set(day.to_string()),
        unit: Set(place.unit.uuid()),
        point: Set(place.point.clone()),
        tallies: Set(to_json(&tallies)?),
    };
    let known = [Column::Province, Column::Day, Column::Unit, Column::Point];
    let replace = OnConflict::columns(known).update_column(Column::Tallies).to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// What was counted of days that are over, by day and hall.
pub(crate) async fn days<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    from: Date,
    to: Date,
    unit: Option<UnitId>,
) -> Result<BTreeMap<(String, Place), Tallies>, Failure> {
    use ticket_day::{Column, Entity};
    let mut found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Day.between(from.to_string(), to.to_string()));
    if let Some(unit) = unit {
        found = found.filter(Column::Unit.eq(unit.uuid()));
    }
    let rows = found.all(conn).await?;
    let of = |row: ticket_day::Model| {
        let place = Place { unit: UnitId::from_uuid(row.unit), point: row.point };
        Ok(((row.day, place), from_json(row.tallies)?))
    };
    rows.into_iter().map(of).collect()
}

fn key(province: &str, place: &Place) -> (String, Uuid, String) {
    (province.to_owned(), place.unit.uuid(), place.point.clone())
}

fn of(province: &str, place: &Place) -> Select<ticket_call::Entity> {
    use ticket_call::{Column, Entity};
    Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Unit.eq(place.unit.uuid()))
        .filter(Column::Point.eq(place.point.clone()))
}

fn kept(row: hall::Model, day: Date) -> Result<Kept, Failure> {
    let today = row.day == day.to_string();
    Ok(Kept {
        arrangement: row.arrangement.map(from_json).transpose()?,
        // Counters are closed over night, and numbers begin anew.
        course: if today { from_json(row.course)? } else { Course::default() },
        sequence: row.sequence,
    })
}

fn call(row: ticket_call::Model) -> Result<Call, Failure> {
    Ok(Call {
        sequence: row.sequence,
        number: row.number,
        kind: row.kind,
        counter: u32::try_from(row.counter).map_err(Failure::broken)?,
        called_at: from_db(row.called_at),
        again: row.again,
    })
}
