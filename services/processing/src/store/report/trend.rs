//! What is counted point by point.

use jiff::Timestamp;
use phidia_domain::report::{Figure, Window, trend::Counts};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait,
    sea_query::{
        Alias, Asterisk, CaseStatement, Expr, ExprTrait as _, Func, Query, SelectStatement, UnionType,
    },
};

use super::{Selection, column, counts, of_period};
use crate::store::{
    entity::case_figure::{Column, Timeliness},
    stored,
};

/// What a line of the count is of.
const CARRIED_OVER: i64 = 0;
const RECEIVED: i64 = 1;
const IN_TIME: i64 = 2;
const LATE: i64 = 3;
const UNDATED: i64 = 4;

/// What was received and ended in each of the points, which begin at these instants, the last one ending at `until`; and how many ran when
/// the first began. One statement, so that all of it is of one moment.
pub(crate) async fn count_points<C: ConnectionTrait>(
    conn: &C,
    selection: &Selection,
    begins: &[Timestamp],
    until: Timestamp,
) -> Result<(u64, Vec<Counts>), Failure> {
    let mut points = vec![Counts::default(); begins.len()];
    let Some(from) = begins.first() else { return Ok((0, points)) };
    let window = Window { from: *from, until, as_of: until };
    let (what, point, lines) = (Alias::new("what"), Alias::new("point"), Alias::new("lines"));
    let of = |figure: Figure, kind: Expr, place: Expr| -> SelectStatement {
        let mut query = of_period(selection, window);
        query.and_where(counts(figure, window)).expr_as(kind, what.clone()).expr_as(place, point.clone());
        query
    };
    let ended = CaseStatement::new()
        .case(Column::Timeliness.is_in([Timeliness::Early, Timeliness::OnTime]), IN_TIME)
        .case(Column::Timeliness.eq(Timeliness::Late), LATE)
        .finally(UNDATED);
    let mut all = of(Figure::CarriedOver, Expr::value(CARRIED_OVER), Expr::value(0_i64));
    all.union(
        UnionType::All,
        of(Figure::Received, Expr::value(RECEIVED), place(Column::SubmittedAt, begins)),
    );
    all.union(UnionType::All, of(Figure::Finished, ended.into(), place(Column::EndedAt, begins)));
    let mut query = Query::select();
    query
        .columns([what.clone(), point.clone()])
        .expr(Func::count(Expr::col(Asterisk)))
        .from_subquery(all, lines)
        .group_by_columns([what, point]);
    let mut carried_over = 0;
    for row in conn.query_all(&query).await? {
        let (what, place, count): (i64, usize, u64) =
            (row.try_get_by_index(0)?, stored(row.try_get_by_index(1)?)?, stored(row.try_get_by_index(2)?)?);
        let point = points.get_mut(place).ok_or_else(|| Failure::broken("a point that was not asked for"))?;
        match what {
            CARRIED_OVER => carried_over = count,
            RECEIVED => point.received = count,
            IN_TIME => point.in_time = count,
            LATE => point.late = count,
            _ => point.undated = count,
        }
    }
    Ok((carried_over, points))
}

/// In which point an instant lies that is in one of them.
fn place(of: Column, begins: &[Timestamp]) -> Expr {
    let (mut place, mut last) = (CaseStatement::new(), 0_i64);
    for (next, begin) in (1_i64..).zip(begins.iter().skip(1)) {
        place = place.case(column(of).lt(begin.as_microsecond()), last);
        last = next;
    }
    // A choice has to have something to choose from.
    if last == 0 { Expr::value(0_i64) } else { place.finally(last).into() }
}
