//! How the applications of each day and unit stand: counted from the receipts on the one hand and the applications on the other, and kept
//! of each closed day, so that what has ended long ago is not counted each time.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    conservation::CentreSum,
    id::{ApplicationId, Id as _, UnitId},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::Set,
    Condition, ConnectionTrait, FromQueryResult, JoinType, QueryOrder as _, QuerySelect as _, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, Query},
};

use super::{
    entity::{
        application, closed_day,
        day_standing::{self, Column, Entity},
        receipt_leaf,
    },
    receipts::date,
    status,
};

/// The sums of units.
pub(crate) type Sums = BTreeMap<UnitId, CentreSum>;

/// So many rows are written in one statement.
const ROWS: usize = 500;

/// Of which receipts the sums are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which<'d> {
    /// Of those in the trees of these days.
    Of(&'d [Date]),
    /// Of those in the trees of days that are not settled, and of those in none.
    Unsettled,
}

/// Counts receipts, and how their applications stand, by the day of their tree; without one where they are in none.
pub(crate) async fn count<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    which: Which<'_>,
) -> Result<BTreeMap<Option<Date>, Sums>, Failure> {
    use receipt_leaf::{Column, Entity};
    let same = Expr::col((Entity, Column::Province))
        .equals((application::Entity, application::Column::Province))
        .and(Expr::col((Entity, Column::Application)).equals((application::Entity, application::Column::Id)));
    let asked = match which {
        Which::Of(days) => Column::Day.is_in(days.iter().map(Date::to_string)).into(),
        Which::Unsettled => {
            let unsettled = Query::select()
                .column(closed_day::Column::Day)
                .from(closed_day::Entity)
                .and_where(closed_day::Column::Province.eq(province))
                .and_where(closed_day::Column::IsSettled.eq(false))
                .to_owned();
            Condition::any().add(Column::Day.is_null()).add(Column::Day.in_subquery(unsettled))
        }
    };
    let asked: Condition = asked;
    let mut found = Entity::find()
        .select_only()
        .column(Column::Day)
        .column(Column::Unit)
        .column(application::Column::Status)
        .column_as(Column::Application.count(), "many")
        .filter(Column::Province.eq(province))
        .filter(asked);
    QueryTrait::query(&mut found).join(JoinType::LeftJoin, application::Entity, same);
    let found = found.group_by(Column::Day).group_by(Column::Unit).group_by(application::Column::Status);
    let mut counted = BTreeMap::<_, Sums>::new();
    for (day, unit, name, many) in
        found.into_tuple::<(Option<String>, Uuid, Option<String>, i64)>().all(conn).await?
    {
        let sums = counted.entry(day.as_deref().map(date).transpose()?).or_default();
        let many = u64::try_from(many).map_err(Failure::broken)?;
        sums.entry(UnitId::from_uuid(unit))
            .or_default()
            .count(name.as_deref().map(status).transpose()?, many);
    }
    Ok(counted)
}

/// The closed days that have to be counted again: those that are not settled, and of the others the `more` that were not counted for the
/// longest time, for what is lost of them is to be seen as well.
pub(crate) async fn to_count<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    more: u64,
) -> Result<Vec<Date>, Failure> {
    use closed_day::{Column, Entity};
    let days = |is_settled: bool| {
        Entity::find()
            .select_only()
            .column(Column::Day)
            .filter(Column::Province.eq(province))
            .filter(Column::IsSettled.eq(is_settled))
    };
    let mut found: Vec<String> = days(false).into_tuple().all(conn).await?;
    let settled = days(true).order_by_asc(Column::CountedAt).order_by_asc(Column::Day).limit(more);
    found.extend(settled.into_tuple::<String>().all(conn).await?);
    found.iter().map(|day| date(day)).collect()
}

/// Keeps how those of a day stand.
pub(crate) async fn keep<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    day: Date,
    sums: &Sums,
) -> Result<(), Failure> {
    let this = Column::Province.eq(province).and(Column::Day.eq(day.to_string()));
    Entity::delete_many().filter(this).exec(tx).await?;
    let rows = sums.iter().map(|(unit, sum)| {
        let signed = |many: u64| i64::try_from(many).map(Set).map_err(Failure::broken);
        Ok(day_standing::ActiveModel {
            province: Set(province.to_owned()),
            day: Set(day.to_string()),
            unit: Set(unit.uuid()),
            accepted: signed(sum.accepted)?,
            open: signed(sum.open)?,
            finished: signed(sum.finished)?,
            withdrawn: signed(sum.withdrawn)?,
            refused: signed(sum.refused)?,
            lapsed: signed(sum.lapsed)?,
        })
    });
    let rows: Vec<_> = rows.collect::<Result<_, Failure>>()?;
    for rows in rows.chunks(ROWS) {
        Entity::insert_many(rows.iter().cloned()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// These days were counted, and are kept as [`keep`] was told.
pub(crate) async fn counted<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    days: impl IntoIterator<Item = Date>,
    is_settled: bool,
    at: Timestamp,
) -> Result<(), Failure> {
    use closed_day::{ActiveModel, Column, Entity};
    let days: Vec<_> = days.into_iter().map(|day| day.to_string()).collect();
    let row =
        ActiveModel { is_settled: Set(is_settled), counted_at: Set(Some(to_db(at))), ..Default::default() };
    let these = Column::Province.eq(province).and(Column::Day.is_in(days));
    Entity::update_many().set(row).filter(these).exec(tx).await?;
    Ok(())
}

/// An application is open again: its day is not settled any more.
pub(crate) async fn unsettle<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
) -> Result<(), Failure> {
    use closed_day::{ActiveModel, Column, Entity};
    let own = Query::select()
        .column(receipt_leaf::Column::Day)
        .from(receipt_leaf::Entity)
        .and_where(receipt_leaf::Column::Province.eq(province))
        .and_where(receipt_leaf::Column::Application.eq(id.uuid()))
        .to_owned();
    let row = ActiveModel { is_settled: Set(false), ..Default::default() };
    let this = Column::Province.eq(province).and(Column::Day.in_subquery(own));
    Entity::update_many().set(row).filter(this).exec(tx).await?;
    Ok(())
}

/// The sums that are kept of all closed days, or of those alone that are settled.
pub(crate) async fn kept<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    settled_only: bool,
) -> Result<Sums, Failure> {
    #[derive(FromQueryResult)]
    struct Row {
        unit: Uuid,
        accepted: i64,
        open: i64,
        finished: i64,
        withdrawn: i64,
        refused: i64,
        lapsed: i64,
    }
    let mut found = Entity::find().select_only().column(Column::Unit);
    for (column, name) in [
        (Column::Accepted, "accepted"),
        (Column::Open, "open"),
        (Column::Finished, "finished"),
        (Column::Withdrawn, "withdrawn"),
        (Column::Refused, "refused"),
        (Column::Lapsed, "lapsed"),
    ] {
        // PostgreSQL sums big integers to decimals.
        found = found.column_as(Expr::col(column).sum().cast_as("bigint"), name);
    }
    found = found.filter(Column::Province.eq(province));
    if settled_only {
        let settled = Query::select()
            .column(closed_day::Column::Day)
            .from(closed_day::Entity)
            .and_where(closed_day::Column::Province.eq(province))
            .and_where(closed_day::Column::IsSettled.eq(true))
            .to_owned();
        found = found.filter(Column::Day.in_subquery(settled));
    }
    let rows: Vec<Row> = found.group_by(Column::Unit).into_model().all(conn).await?;
    let unsigned = |many: i64| u64::try_from(many).map_err(Failure::broken);
    let sum = |row: Row| {
        let sum = CentreSum {
            accepted: unsigned(row.accepted)?,
            open: unsigned(row.open)?,
            finished: unsigned(row.finished)?,
            withdrawn: unsigned(row.withdrawn)?,
            refused: unsigned(row.refused)?,
            lapsed: unsigned(row.lapsed)?,
        };
        Ok((UnitId::from_uuid(row.unit), sum))
    };
    rows.into_iter().map(sum).collect()
}
