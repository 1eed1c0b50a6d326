//! Running numbers of what people are given to name it by, other than dossier codes.

use jiff::civil::Date;
use phidia_runtime::failure::Failure;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};

use super::entity::issued_number::{Column, Entity};

/// Draws the next number of a series, from 1, on each day anew where a day is given. Its row is locked until the commit, so that numbers grow
/// with commits, and what is rolled back gives its number back.
pub(crate) async fn next<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    series: &str,
    day: Option<Date>,
) -> Result<i32, Failure> {
    let day = day.map(|day| day.to_string()).unwrap_or_default();
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([Column::Province, Column::Series, Column::Day, Column::Last])
        .values_panic([province.into(), series.into(), day.into(), 1.into()])
        .on_conflict(
            OnConflict::columns([Column::Province, Column::Series, Column::Day])
                .value(Column::Last, Expr::col((Entity, Column::Last)).add(1))
                .to_owned(),
        )
        .returning(Query::returning().column(Column::Last));
    let row = tx.query_one(&insert).await?;
    Ok(row.ok_or_else(|| Failure::broken("no number was given"))?.try_get("", "last")?)
}
