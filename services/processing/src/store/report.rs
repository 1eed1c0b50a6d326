//! What reports read: one narrow table, counted by the engine. Which cases a figure counts is
//! `phidia_domain::report::Entry::counts` in SQL; `tests` hold the two against each other.

use jiff::Timestamp;
use phidia_domain::{
    application, case,
    id::{CaseId, Id as _, OfficerId, UnitId},
    report::{Figure, Figures, PERCENTILES, Window},
};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, QueryResult,
    sea_query::{
        Alias, Asterisk, Expr, ExprTrait as _, Func, Order, OverStatement as _, Query, SelectStatement,
        WindowStatement,
    },
};
use uuid::Uuid;

use super::{
    entity::{
        case::{self as cases, Channel, Rating, State},
        case_figure::{Column, Entity, NEVER, Timeliness},
    },
    stored,
};

/// Which cases are asked for, beside the period.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) province: String,
    /// Only what this unit received or works on.
    pub(crate) concerns: Option<UnitId>,
    /// Only what this unit works on, whatever else is said.
    pub(crate) works: Option<UnitId>,
    pub(crate) received_at: Option<UnitId>,
    /// `Some(None)`: no unit has it yet.
    pub(crate) worked_at: Option<Option<UnitId>>,
    pub(crate) field: Option<String>,
    pub(crate) procedure_code: Option<String>,
    /// `Some(None)`: nobody has taken it up.
    pub(crate) officer: Option<Option<OfficerId>>,
}

/// By what cases are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    ReceivedAt,
    WorkedAt,
    Field,
    Procedure,
    Officer,
}

/// What names a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// A unit or an officer; none: the cases that have none yet.
    Id(Option<Uuid>),
    /// A field, or a procedure.
    Name(String),
}

/// A case as a report shows it.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) case: CaseId,
    pub(crate) dossier_code: String,
    pub(crate) procedure_code: String,
    pub(crate) state: case::State,
    pub(crate) submitted_at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) minutes: Option<i64>,
    pub(crate) received_at: UnitId,
    pub(crate) worked_at: Option<UnitId>,
    pub(crate) officer: Option<OfficerId>,
    pub(crate) supplements: u32,
    pub(crate) channel: Option<application::Channel>,
    pub(crate) digitised: Option<bool>,
    pub(crate) issued: bool,
    pub(crate) rating: Option<application::Rating>,
    pub(crate) paid_online: Option<bool>,
}

/// The figures of each group, in the order of the keys of these columns; without columns, of all.
pub(crate) async fn count<C: ConnectionTrait>(
    conn: &C,
    selection: &Selection,
    window: Window,
    by: &[Dimension],
) -> Result<Vec<(Vec<Key>, Figures)>, Failure> {
    let mut query = of_period(selection, window);
    for dimension in by {
        query.column(dimension.column()).add_group_by([Expr::col(dimension.column())]);
        query.order_by(dimension.column(), Order::Asc);
    }
    for figure in Figure::ALL {
        query.expr(sum(Expr::case(counts(figure, window), 1_i64).finally(0_i64)));
    }
    let finished = || counts(Figure::Finished, window);
    let dated = || finished().and(Column::AllowedMinutes.is_not_null());
    for (which, column) in [
        (finished(), Column::Supplements),
        (finished(), Column::Minutes),
        (dated(), Column::Minutes),
        (dated(), Column::AllowedMinutes),
    ] {
        query.expr(sum(Expr::case(which, Expr::col(column)).finally(0_i64)));
    }
    let rows = conn.query_all(&query).await?;
    rows.iter().map(|row| Ok((keys(row, by)?, figures(row, by.len())?))).collect()
}

/// Whether there is any such case, of any time.
pub(crate) async fn occurs<C: ConnectionTrait>(conn: &C, selection: &Selection) -> Result<bool, Failure> {
    let mut query = selected(selection);
    query.expr(Expr::value(1_i64)).limit(1);
    Ok(conn.query_one(&query).await?.is_some())
}

/// The percentiles of each group in which something ended, by the nearest rank; without a dimension, of all.
pub(crate) async fn percentiles<C: ConnectionTrait>(
    conn: &C,
    selection: &Selection,
    window: Window,
    by: Option<Dimension>,
) -> Result<Vec<(Vec<Key>, [i64; PERCENTILES.len()])>, Failure> {
    let (place, count, ranked) = (Alias::new("place"), Alias::new("of"), Alias::new("ranked"));
    let by: Vec<_> = by.into_iter().collect();
    let mut query = of_period(selection, window);
    query.and_where(counts(Figure::Finished, window)).column(Column::Minutes);
    let (mut order, mut whole) = (WindowStatement::new(), WindowStatement::new());
    for dimension in &by {
        query.column(dimension.column());
        order.add_partition_by(Expr::col(dimension.column()));
        whole.add_partition_by(Expr::col(dimension.column()));
    }
    order.order_by(Column::Minutes, Order::Asc);
    query.expr_window_as(Func::cust(Alias::new("row_number")), order, place.clone());
    query.expr_window_as(Func::count(Expr::col(Asterisk)), whole, count.clone());

    // Of the values in ascending order, those at the ranks that are looked for.
    let rank = |percentile: u32| {
        let percentile = i64::from(percentile);
        Expr::col(count.clone()).mul(percentile).add(99_i64).div(100_i64)
    };
    let mut found = Query::select();
    for dimension in &by {
        found.column(dimension.column()).add_group_by([Expr::col(dimension.column())]);
    }
    for percentile in PERCENTILES {
        let here = Expr::col(place.clone()).eq(rank(percentile));
        let minutes = Expr::case(here, Expr::col(Column::Minutes)).finally(Option::<i64>::None);
        found.expr(Func::max(minutes));
    }
    found.from_subquery(query, ranked);
    let rows = conn.query_all(&found).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut minutes = [0; PERCENTILES.len()];
        for (index, minutes) in minutes.iter_mut().enumerate() {
            // Of nothing at all there is a row without minutes.
            let Some(found) = row.try_get_by_index::<Option<i64>>(by.len() + index)? else { return Ok(all) };
            *minutes = found;
        }
        all.push((keys(row, &by)?, minutes));
    }
    Ok(all)
}

/// The cases that a figure counts (none: all of the period), oldest first, after this one.
pub(crate) async fn list_counted<C: ConnectionTrait>(
    conn: &C,
    selection: &Selection,
    window: Window,
    figure: Option<Figure>,
    after: Option<(Timestamp, CaseId)>,
    limit: u64,
) -> Result<Vec<Counted>, Failure> {
    let mut query = of_period(selection, window);
    for column in [
        Column::CaseId,
        Column::ProcedureCode,
        Column::State,
        Column::SubmittedAt,
        Column::DueAt,
        Column::EndedAt,
        Column::Minutes,
        Column::ReceivedAt,
        Column::WorkedAt,
        Column::Officer,
        Column::Supplements,
        Column::Channel,
        Column::Digitised,
        Column::Issued,
        Column::Rating,
        Column::PaidOnline,
    ] {
        query.column((Entity, column));
    }
    query.column((cases::Entity, cases::Column::DossierCode));
    let same = Expr::col((cases::Entity, cases::Column::Id)).equals((Entity, Column::CaseId));
    query.inner_join(cases::Entity, same);
    if let Some(figure) = figure {
        query.and_where(counts(figure, window));
    }
    if let Some((submitted_at, case)) = after {
        let position = [Column::SubmittedAt, Column::CaseId].map(|column| Expr::col((Entity, column)));
        let last = [Expr::value(submitted_at.as_microsecond()), Expr::value(case.uuid())];
        query.and_where(Expr::tuple(position).gt(Expr::tuple(last)));
    }
    query
        .order_by((Entity, Column::SubmittedAt), Order::Asc)
        .order_by((Entity, Column::CaseId), Order::Asc)
        .limit(limit);
    conn.query_all(&query).await?.iter().map(counted).collect()
}

impl Dimension {
    fn column(self) -> Column {
        match self {
            Self::ReceivedAt => Column::ReceivedAt,
            Self::WorkedAt => Column::WorkedAt,
            Self::Field => Column::Field,
            Self::Procedure => Column::ProcedureCode,
            Self::Officer => Column::Officer,
        }
    }
}

/// The cases of a period that are selected.
fn of_period(selection: &Selection, window: Window) -> SelectStatement {
    let mut query = selected(selection);
    query
        .and_where(column(Column::EndedAt).gte(window.from.as_microsecond()))
        .and_where(column(Column::SubmittedAt).lt(window.until.as_microsecond()));
    query
}

/// The cases that are selected, of any time.
fn selected(selection: &Selection) -> SelectStatement {
    let Selection { province, concerns, works, received_at, worked_at, field, procedure_code, officer } =
        selection;
    let mut query = Query::select();
    query.from(Entity).and_where(column(Column::Province).eq(province.as_str()));
    if let Some(unit) = concerns {
        let unit = unit.uuid();
        query.and_where(column(Column::ReceivedAt).eq(unit).or(column(Column::WorkedAt).eq(unit)));
    }
    if let Some(unit) = works {
        query.and_where(column(Column::WorkedAt).eq(unit.uuid()));
    }
    if let Some(unit) = received_at {
        query.and_where(column(Column::ReceivedAt).eq(unit.uuid()));
    }
    if let Some(unit) = worked_at {
        query.and_where(is(Column::WorkedAt, unit.map(|unit| unit.uuid())));
    }
    if let Some(field) = field {
        query.and_where(column(Column::Field).eq(field.as_str()));
    }
    if let Some(code) = procedure_code {
        query.and_where(column(Column::ProcedureCode).eq(code.as_str()));
    }
    if let Some(officer) = officer {
        query.and_where(is(Column::Officer, officer.map(|officer| officer.uuid())));
    }
    query
}

/// Whether a figure counts a case of the period: `Entry::counts`.
fn counts(figure: Figure, window: Window) -> Expr {
    let as_of = window.as_of.as_microsecond();
    let finished = || column(Column::EndedAt).lt(window.until.as_microsecond());
    let running = || column(Column::EndedAt).gte(window.until.as_microsecond());
    let waits = || {
        let since = column(Column::WaitsFrom).lt(as_of);
        // What never waited has no beginning either.
        column(Column::WaitsFrom)
            .is_not_null()
            .and(since)
            .and(column(Column::WaitsTo).is_null().or(column(Column::WaitsTo).gte(as_of)))
    };
    let ended_so = |timeliness: Timeliness| finished().and(Column::Timeliness.eq(timeliness));
    let ended_with = |state: State| finished().and(Column::State.eq(state));
    let runs = |due: Expr| running().and(waits().not()).and(due);
    let due = || column(Column::DueAt);
    let received = || column(Column::SubmittedAt).gte(window.from.as_microsecond());
    let by = |channel: Channel| received().and(Column::Channel.eq(channel));
    match figure {
        Figure::Received => received(),
        Figure::CarriedOver => column(Column::SubmittedAt).lt(window.from.as_microsecond()),
        Figure::Finished => finished(),
        Figure::Early => ended_so(Timeliness::Early),
        Figure::OnTime => ended_so(Timeliness::OnTime),
        Figure::Late => ended_so(Timeliness::Late),
        Figure::FinishedUndated => ended_so(Timeliness::Undated),
        Figure::Granted => ended_with(State::Granted),
        Figure::Refused => ended_with(State::Refused),
        Figure::Withdrawn => ended_with(State::Withdrawn),
        Figure::Lapsed => ended_with(State::Lapsed),
        Figure::Running => running(),
        Figure::InTerm => runs(due().is_not_null().and(due().gte(as_of))),
        Figure::Overdue => runs(due().is_not_null().and(due().lt(as_of))),
        Figure::RunningUndated => runs(due().is_null()),
        Figure::Waiting => running().and(waits()),
        Figure::Supplemented => finished().and(column(Column::Supplements).gt(0_i64)),
        Figure::Judged => due().is_not_null(),
        Figure::JudgedOnTime => {
            let waited = waits().and(due().gte(column(Column::WaitsFrom)));
            let runs = waits().not().and(due().gte(as_of));
            let ended = finished().and(Column::Timeliness.ne(Timeliness::Late));
            due()
                .is_not_null()
                .and(column(Column::Supplements).lte(1_i64))
                .and(ended.or(running().and(waited.or(runs))))
        }
        Figure::ReceivedDirect => by(Channel::Direct),
        Figure::ReceivedOnline => by(Channel::Online),
        Figure::ReceivedByPost => by(Channel::Post),
        Figure::ReceivedUnstated => received().and(column(Column::Channel).is_null()),
        Figure::ReceivedDigitised => received().and(column(Column::Digitised).eq(true)),
        Figure::ReceivedUndigitised => received().and(column(Column::Digitised).eq(false)),
        Figure::ReceivedDigitisedUnstated => received().and(column(Column::Digitised).is_null()),
        Figure::IssuedElectronically => {
            let decided = Column::State.is_in([State::Granted, State::Refused]);
            finished().and(decided).and(column(Column::Issued).eq(true))
        }
        Figure::PaidOnline => finished().and(column(Column::PaidOnline).eq(true)),
        Figure::PaidOtherwise => finished().and(column(Column::PaidOnline).eq(false)),
        Figure::Rated => finished().and(column(Column::Rating).is_not_null()),
        Figure::Satisfied => finished().and(Column::Rating.eq(Rating::Satisfied)),
        Figure::Dissatisfied => finished().and(Column::Rating.eq(Rating::Dissatisfied)),
    }
}

/// Of this table: a page of cases joins another one, which has columns of the same names.
fn column(column: Column) -> Expr {
    Expr::col((Entity, column))
}

fn is(of: Column, id: Option<Uuid>) -> Expr {
    match id {
        Some(id) => column(of).eq(id),
        None => column(of).is_null(),
    }
}

/// PostgreSQL sums whole numbers into numerics.
fn sum(of: impl Into<Expr>) -> Expr {
    Func::coalesce([Func::sum(of).into(), Expr::value(0_i64)]).cast_as(Alias::new("BIGINT"))
}

fn keys(row: &QueryResult, by: &[Dimension]) -> Result<Vec<Key>, Failure> {
    let key = |(index, dimension): (usize, &Dimension)| {
        Ok(match dimension {
            Dimension::Field | Dimension::Procedure => Key::Name(row.try_get_by_index(index)?),
            Dimension::ReceivedAt | Dimension::WorkedAt | Dimension::Officer => {
                Key::Id(row.try_get_by_index(index)?)
            }
        })
    };
    by.iter().enumerate().map(key).collect()
}

fn figures(row: &QueryResult, first: usize) -> Result<Figures, Failure> {
    let number = |index: usize| row.try_get_by_index::<i64>(first + index);
    let mut figures = Figures::default();
    for (index, figure) in Figure::ALL.into_iter().enumerate() {
        figures.set(figure, stored(number(index)?)?);
    }
    let sums = Figure::ALL.len();
    figures.supplements = stored(number(sums)?)?;
    figures.minutes = number(sums + 1)?;
    figures.dated_minutes = number(sums + 2)?;
    figures.allowed_minutes = number(sums + 3)?;
    Ok(figures)
}

fn counted(row: &QueryResult) -> Result<Counted, Failure> {
    let instant = |micros: i64| Timestamp::from_microsecond(micros).map_err(Failure::broken);
    let ended_at: i64 = row.try_get_by_index(5)?;
    Ok(Counted {
        case: CaseId::from_uuid(row.try_get_by_index(0)?),
        procedure_code: row.try_get_by_index(1)?,
        state: row.try_get_by_index::<State>(2)?.into(),
        submitted_at: instant(row.try_get_by_index(3)?)?,
        due_at: row.try_get_by_index::<Option<i64>>(4)?.map(instant).transpose()?,
        ended_at: Some(ended_at).filter(|at| *at != NEVER).map(instant).transpose()?,
        minutes: row.try_get_by_index(6)?,
        received_at: UnitId::from_uuid(row.try_get_by_index(7)?),
        worked_at: row.try_get_by_index::<Option<Uuid>>(8)?.map(UnitId::from_uuid),
        officer: row.try_get_by_index::<Option<Uuid>>(9)?.map(OfficerId::from_uuid),
        supplements: stored(row.try_get_by_index(10)?)?,
        channel: row.try_get_by_index::<Option<Channel>>(11)?.map(Into::into),
        digitised: row.try_get_by_index(12)?,
        issued: row.try_get_by_index(13)?,
        rating: row.try_get_by_index::<Option<Rating>>(14)?.map(Into::into),
        paid_online: row.try_get_by_index(15)?,
        dossier_code: row.try_get_by_index(16)?,
    })
}

mod trend;

#[cfg(test)]
mod tests;

pub(crate) use trend::count_points;
