//! Days of reception, and who has booked which time.

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    id::{Id as _, PersonId, UnitId},
    reception::{Booking, Hours},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, PaginatorTrait as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};
use serde_json::Value;

use super::{
    entity::{
        person_key, reception_booking,
        reception_day::{self, Column, Entity},
    },
    feedback::Sender,
    from_json, persons, to_json,
};

/// A day of a unit.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) unit: UnitId,
    pub(crate) hours: Hours,
    pub(crate) host: String,
    pub(crate) cancelled_for: Option<String>,
}

/// Who has booked which time. Who they are opens with their key only.
#[derive(Clone, Debug)]
pub(crate) struct Booked {
    pub(crate) number: String,
    pub(crate) check_code: String,
    pub(crate) unit: UnitId,
    pub(crate) date: Date,
    pub(crate) starts_at: Timestamp,
    pub(crate) state: Booking,
    /// Stands for their telephone number.
    pub(crate) telephone: Vec<u8>,
    pub(crate) person: PersonId,
    pub(crate) said: Vec<u8>,
    pub(crate) outcome: Option<Vec<u8>>,
    pub(crate) feedback_number: Option<String>,
}

/// Which bookings are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    pub(crate) unit: Option<UnitId>,
    pub(crate) date: Option<Date>,
    pub(crate) state: Option<Booking>,
}

/// Opens a day, unless it is.
pub(crate) async fn open<C: ConnectionTrait>(tx: &C, province: &str, day: &Day) -> Result<(), Failure> {
    let row = reception_day::ActiveModel {
        province: Set(province.to_owned()),
        unit: Set(day.unit.uuid()),
        date: Set(day.hours.date.to_string()),
        hours: Set(to_json(&day.hours)?),
        host: Set(day.host.clone()),
        cancelled_for: Set(None),
    };
    Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    Ok(())
}

/// Days of a unit, in their order, both included.
pub(crate) async fn days<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    unit: UnitId,
    from: Date,
    to: Date,
) -> Result<Vec<Day>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Unit.eq(unit.uuid()))
        .filter(Column::Date.between(from.to_string(), to.to_string()))
        .order_by_asc(Column::Date);
    found.all(conn).await?.into_iter().map(day).collect()
}

/// All days from this one on that were not cancelled.
pub(crate) async fn open_from<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    from: Date,
) -> Result<Vec<Day>, Failure> {
    let found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Date.gte(from.to_string()))
        .filter(Column::CancelledFor.is_null());
    found.all(conn).await?.into_iter().map(day).collect()
}

/// A day, locked until the commit: whoever books a time of it waits.
pub(crate) async fn lock_day<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    unit: UnitId,
    date: Date,
) -> Result<Option<Day>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), unit.uuid(), date.to_string())).lock_exclusive();
    found.one(tx).await?.map(day).transpose()
}

/// Nobody is received on this day, for this reason; none: somebody is.
pub(crate) async fn mark_day<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    unit: UnitId,
    date: Date,
    cancelled_for: Option<String>,
) -> Result<(), Failure> {
    let row = reception_day::ActiveModel {
        province: Unchanged(province.to_owned()),
        unit: Unchanged(unit.uuid()),
        date: Unchanged(date.to_string()),
        cancelled_for: Set(cancelled_for),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The instants that are booked on some days of a unit, each as often as it is.
pub(crate) async fn taken<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    unit: UnitId,
    from: Date,
    to: Date,
) -> Result<Vec<Timestamp>, Failure> {
    use reception_booking::{Column, Entity};
    let found = Entity::find()
        .select_only()
        .column(Column::StartsAt)
        .filter(Column::Province.eq(province))
        .filter(Column::Unit.eq(unit.uuid()))
        .filter(Column::Date.between(from.to_string(), to.to_string()))
        .filter(Column::State.is_in([Booking::Booked, Booking::Came, Booking::NoShow].map(Booking::as_str)));
    let instants = found.into_tuple::<DateTimeUtc>().all(conn).await?;
    Ok(instants.into_iter().map(from_db).collect())
}

/// How many bookings a telephone number has that are still to come, or to be moved.
pub(crate) async fn to_come<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    telephone: &[u8],
    now: Timestamp,
) -> Result<u64, Failure> {
    use reception_booking::Column;
    let ahead = Column::StartsAt.gt(to_db(now)).and(Column::State.eq(Booking::Booked.as_str()));
    let found = bookings(province)
        .filter(Column::Telephone.eq(telephone.to_vec()))
        .filter(ahead.or(Column::State.eq(Booking::ToBeMoved.as_str())));
    Ok(found.count(tx).await?)
}

/// What the sender has booked that is the same and still open, and how much else on this day.
pub(crate) async fn sent<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    sender: &Sender,
) -> Result<(Option<Booked>, u64), Failure> {
    use reception_booking::Column;
    let today = bookings(province)
        .filter(Column::Day.eq(sender.day.to_string()))
        .filter(Column::Caller.eq(sender.caller.clone()));
    let count = today.clone().count(tx).await?;
    let same = today
        .filter(Column::Same.eq(sender.same.clone()))
        .filter(Column::State.eq(Booking::Booked.as_str()))
        .one(tx)
        .await?;
    Ok((same.map(booked).transpose()?, count))
}

/// Writes a booking, with the key of whoever booked.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    booking: &Booked,
    wrapped_key: Vec<u8>,
    sender: Sender,
) -> Result<(), Failure> {
    persons::insert(tx, province, booking.person, wrapped_key).await?;
    let row = reception_booking::ActiveModel {
        province: Set(province.to_owned()),
        number: Set(booking.number.clone()),
        check_code: Set(booking.check_code.clone()),
        unit: Set(booking.unit.uuid()),
        telephone: Set(booking.telephone.clone()),
        person: Set(booking.person.uuid()),
        said: Set(booking.said.clone()),
        day: Set(sender.day.to_string()),
        caller: Set(sender.caller),
        same: Set(sender.same),
        ..moving(booking)
    };
    reception_booking::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes what became of a booking.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    booking: &Booked,
) -> Result<(), Failure> {
    let row = reception_booking::ActiveModel {
        province: Unchanged(province.to_owned()),
        number: Unchanged(booking.number.clone()),
        ..moving(booking)
    };
    reception_booking::Entity::update(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The columns that change.
fn moving(booking: &Booked) -> reception_booking::ActiveModel {
    reception_booking::ActiveModel {
        date: Set(booking.date.to_string()),
        starts_at: Set(to_db(booking.starts_at)),
        state: Set(booking.state.as_str().to_owned()),
        outcome: Set(booking.outcome.clone()),
        feedback_number: Set(booking.feedback_number.clone()),
        ..Default::default()
    }
}

/// Erases those who had booked a time before an instant, so many at most, and what stands for their telephone numbers; answers how many that
/// were.
pub(crate) async fn forget_over<C: ConnectionTrait>(
    tx: &C,
    before: Timestamp,
    limit: u64,
) -> Result<u64, Failure> {
    use reception_booking::{Column, Entity};
    let found = Entity::find()
        .select_only()
        .column(Column::Person)
        .filter(Column::StartsAt.lt(to_db(before)))
        .filter(Column::Person.in_subquery(persons::known()))
        .limit(limit);
    let over: Vec<Uuid> = found.into_tuple().all(tx).await?;
    Entity::update_many()
        .col_expr(Column::Telephone, Expr::value(Vec::<u8>::new()))
        .filter(Column::Person.is_in(over.clone()))
        .exec(tx)
        .await?;
    persons::erase(tx, over).await
}

/// The booking with this number.
pub(crate) async fn by_number<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    number: &str,
) -> Result<Option<Booked>, Failure> {
    let found = reception_booking::Entity::find_by_id((province.to_owned(), number.to_owned()));
    found.one(conn).await?.map(booked).transpose()
}

/// The same, locked until the commit.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    number: &str,
) -> Result<Option<Booked>, Failure> {
    let found = reception_booking::Entity::find_by_id((province.to_owned(), number.to_owned()));
    found.lock_exclusive().one(tx).await?.map(booked).transpose()
}

/// Whose booking of a day stands so, locked until the commit.
pub(crate) async fn of_day<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    unit: UnitId,
    date: Date,
    state: Booking,
) -> Result<Vec<Booked>, Failure> {
    use reception_booking::Column;
    let found = bookings(province)
        .filter(Column::Unit.eq(unit.uuid()))
        .filter(Column::Date.eq(date.to_string()))
        .filter(Column::State.eq(state.as_str()))
        .order_by_asc(Column::Number)
        .lock_exclusive();
    found.all(tx).await?.into_iter().map(booked).collect()
}

/// Bookings that pass `filter` by their time, those behind `after` only, each with the wrapped key of whoever booked unless they were erased.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    filter: Filter,
    after: Option<(Timestamp, String)>,
    limit: u64,
) -> Result<Vec<(Booked, Option<Vec<u8>>)>, Failure> {
    use reception_booking::Column;
    let mut found = bookings(province);
    if let Some(unit) = filter.unit {
        found = found.filter(Column::Unit.eq(unit.uuid()));
    }
    if let Some(date) = filter.date {
        found = found.filter(Column::Date.eq(date.to_string()));
    }
    if let Some(state) = filter.state {
        found = found.filter(Column::State.eq(state.as_str()));
    }
    if let Some((at, number)) = after {
        let columns = [Column::StartsAt, Column::Number].map(Expr::col);
        let values = [Expr::value(to_db(at)), Expr::value(number)];
        found = found.filter(Expr::tuple(columns).gt(Expr::tuple(values)));
    }
    let found = found.order_by_asc(Column::StartsAt).order_by_asc(Column::Number).limit(limit);
    let found: Vec<_> = found.all(conn).await?.into_iter().map(booked).collect::<Result<_, Failure>>()?;
    let persons = found.iter().map(|booking| booking.person.uuid());
    let keys = person_key::Entity::find()
        .filter(person_key::Column::Province.eq(province))
        .filter(person_key::Column::Person.is_in(persons))
        .all(conn)
        .await?;
    let key = |person: PersonId| {
        keys.iter().find(|key| key.person == person.uuid()).map(|key| key.wrapped_key.clone())
    };
    Ok(found.into_iter().map(|booking| (booking.clone(), key(booking.person))).collect())
}

fn bookings(province: &str) -> Select<reception_booking::Entity> {
    reception_booking::Entity::find().filter(reception_booking::Column::Province.eq(province))
}

fn day(row: reception_day::Model) -> Result<Day, Failure> {
    Ok(Day {
        unit: UnitId::from_uuid(row.unit),
        hours: from_json(row.hours)?,
        host: row.host,
        cancelled_for: row.cancelled_for,
    })
}

fn booked(row: reception_booking::Model) -> Result<Booked, Failure> {
    Ok(Booked {
        number: row.number,
        check_code: row.check_code,
        unit: UnitId::from_uuid(row.unit),
        date: row.date.parse().map_err(Failure::broken)?,
        starts_at: from_db(row.starts_at),
        state: from_json(Value::String(row.state))?,
        telephone: row.telephone,
        person: PersonId::from_uuid(row.person),
        said: row.said,
        outcome: row.outcome,
        feedback_number: row.feedback_number,
    })
}
