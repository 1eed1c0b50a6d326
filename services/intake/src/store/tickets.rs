//! Numbers that were drawn.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use phidia_domain::{
    id::{Id as _, TicketId, UnitId},
    queue::{Letter, State, Ticket},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::Set,
    Condition, ConnectionTrait, PaginatorTrait as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    entity::ticket::{self, Column, Entity},
    from_json,
    halls::Place,
    to_json,
};

/// How many of the last services of a kind its time is measured by.
const MEASURED_BY: u64 = 30;

/// A ticket with where it is from.
#[derive(Clone, Debug)]
pub(crate) struct TicketRecord {
    pub(crate) place: Place,
    /// Local day on which it was drawn.
    pub(crate) day: String,
    /// See [`Entity`].
    pub(crate) holder: String,
    pub(crate) ticket: Ticket,
}

/// A ticket, if there is one with this id.
pub(crate) async fn find<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    id: TicketId,
) -> Result<Option<TicketRecord>, Failure> {
    let row = Entity::find_by_id((province.to_owned(), id.uuid())).one(conn).await?;
    row.map(record).transpose()
}

/// The tickets of a day in a hall of which something may still come.
pub(crate) async fn live<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    place: &Place,
    day: Date,
) -> Result<BTreeMap<TicketId, Ticket>, Failure> {
    let found = of(province, place).filter(Column::Day.eq(day.to_string())).filter(is_live());
    by_id(found.all(conn).await?)
}

/// All tickets of a day in a hall that are in no sum.
pub(crate) async fn of_day<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    place: &Place,
    day: &str,
) -> Result<BTreeMap<TicketId, Ticket>, Failure> {
    let found = of(province, place).filter(Column::Day.eq(day)).filter(Column::Summed.eq(false));
    by_id(found.all(conn).await?)
}

/// All tickets of some days that are in no sum, by day and hall.
pub(crate) async fn not_summed<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    from: Date,
    to: Date,
    unit: Option<UnitId>,
) -> Result<BTreeMap<(String, Place), Vec<Ticket>>, Failure> {
    let mut found = Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Summed.eq(false))
        .filter(Column::Day.between(from.to_string(), to.to_string()));
    if let Some(unit) = unit {
        found = found.filter(Column::Unit.eq(unit.uuid()));
    }
    let mut days: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in found.all(conn).await? {
        let TicketRecord { place, day, ticket, .. } = record(row)?;
        days.entry((day, place)).or_default().push(ticket);
    }
    Ok(days)
}

/// The last services of a kind in a hall.
pub(crate) async fn last_served<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    place: &Place,
    kind: Letter,
) -> Result<Vec<Ticket>, Failure> {
    let found = of(province, place)
        .filter(Column::Kind.eq(kind.to_string()))
        .filter(Column::State.eq(State::Served.as_str()))
        .order_by_desc(Column::EndedAt)
        .limit(MEASURED_BY);
    found.all(conn).await?.into_iter().map(|row| from_json(row.body)).collect()
}

/// How many tickets somebody drew on a day in a hall.
pub(crate) async fn drawn_by<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    place: &Place,
    day: Date,
    holder: &str,
) -> Result<u64, Failure> {
    let found = of(province, place).filter(Column::Day.eq(day.to_string()));
    Ok(found.filter(Column::Holder.eq(holder)).count(conn).await?)
}

/// Halls and days of which something is to be ended: today's with numbers that are open, and earlier ones that are in no sum.
pub(crate) async fn open_days<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    today: Date,
) -> Result<BTreeSet<(String, Place)>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Day, Column::Unit, Column::Point])
        .filter(Column::Province.eq(province))
        .filter(Column::Summed.eq(false))
        .filter(
            Condition::any()
                .add(Column::Day.lt(today.to_string()))
                .add(Column::Day.eq(today.to_string()).and(is_live())),
        )
        .distinct();
    let rows: Vec<(String, Uuid, String)> = found.into_tuple().all(conn).await?;
    let of = |(day, unit, point)| (day, Place { unit: UnitId::from_uuid(unit), point });
    Ok(rows.into_iter().map(of).collect())
}

/// Writes a new ticket down.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    TicketRecord { place, day, holder, ticket }: TicketRecord,
) -> Result<(), Failure> {
    let row = ticket::ActiveModel {
        province: Set(province.to_owned()),
        id: Set(ticket.id.uuid()),
        unit: Set(place.unit.uuid()),
        point: Set(place.point),
        day: Set(day),
        holder: Set(holder),
        kind: Set(ticket.kind.to_string()),
        state: Set(ticket.state.as_str().to_owned()),
        ended_at: Set(ticket.ended_at.map(to_db)),
        summed: Set(false),
        body: Set(to_json(&ticket)?),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes down how a ticket stands now; its hall must be locked.
pub(crate) async fn save<C: ConnectionTrait>(tx: &C, province: &str, ticket: &Ticket) -> Result<(), Failure> {
    let row = ticket::ActiveModel {
        province: Set(province.to_owned()),
        id: Set(ticket.id.uuid()),
        kind: Set(ticket.kind.to_string()),
        state: Set(ticket.state.as_str().to_owned()),
        ended_at: Set(ticket.ended_at.map(to_db)),
        body: Set(to_json(ticket)?),
        ..Default::default()
    };
    Entity::update(row).exec(tx).await?;
    Ok(())
}

/// The tickets of a day in a hall are in its sums.
pub(crate) async fn mark_summed<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    place: &Place,
    day: &str,
) -> Result<(), Failure> {
    let of_day = Column::Province
        .eq(province)
        .and(Column::Unit.eq(place.unit.uuid()))
        .and(Column::Point.eq(place.point.clone()))
        .and(Column::Day.eq(day));
    Entity::update_many().col_expr(Column::Summed, Expr::value(true)).filter(of_day).exec(tx).await?;
    Ok(())
}

/// Forgets tickets of the oldest day before this one that are in its sums; how many these were.
pub(crate) async fn prune<C: ConnectionTrait>(tx: &C, before: Date) -> Result<u64, Failure> {
    let old = || Column::Summed.eq(true).and(Column::Day.lt(before.to_string()));
    let oldest = Entity::find().select_only().column(Column::Day).filter(old());
    let oldest: Option<String> = oldest.order_by_asc(Column::Day).into_tuple().one(tx).await?;
    let Some(day) = oldest else { return Ok(0) };
    let of_day = old().and(Column::Day.eq(day));
    Ok(Entity::delete_many().filter(of_day).exec(tx).await?.rows_affected)
}

fn of(province: &str, place: &Place) -> Select<Entity> {
    Entity::find()
        .filter(Column::Province.eq(province))
        .filter(Column::Unit.eq(place.unit.uuid()))
        .filter(Column::Point.eq(place.point.clone()))
}

fn is_live() -> Expr {
    Column::State.is_in([State::Waiting, State::Called, State::Serving].map(State::as_str))
}

fn by_id(rows: Vec<ticket::Model>) -> Result<BTreeMap<TicketId, Ticket>, Failure> {
    rows.into_iter().map(|row| Ok((TicketId::from_uuid(row.id), from_json(row.body)?))).collect()
}

fn record(row: ticket::Model) -> Result<TicketRecord, Failure> {
    Ok(TicketRecord {
        place: Place { unit: UnitId::from_uuid(row.unit), point: row.point },
        day: row.day,
        holder: row.holder,
        ticket: from_json(row.body)?,
    })
}
