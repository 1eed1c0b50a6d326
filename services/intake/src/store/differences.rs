//! What the national database says otherwise than the province.

use std::collections::BTreeMap;

use phidia_domain::catalogue::compare::{Difference, Resolution};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::entity::difference::{self, Column, Entity};
use crate::record::{DifferenceRecord, Resolved};

/// So many go into one statement: each has 12 values, of which SQLite takes 32,766.
const AT_ONCE: usize = 1_000;

/// How differences stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// They are there.
    There,
    /// They are there, and nobody has resolved them.
    Open,
    /// They are there, and resolved.
    Resolved,
    /// The last comparison did not find them.
    Gone,
}

/// All of a province, by procedure and attribute.
pub(crate) async fn all<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<BTreeMap<(String, String), DifferenceRecord>, Failure> {
    let rows = Entity::find().filter(Column::Province.eq(province)).all(conn).await?;
    rows.into_iter()
        .map(|row| Ok(((row.procedure_code.clone(), row.attribute.clone()), record(row)?)))
        .collect()
}

/// One of them.
pub(crate) async fn one<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    code: &str,
    attribute: &str,
) -> Result<Option<DifferenceRecord>, Failure> {
    let key = (province.to_owned(), code.to_owned(), attribute.to_owned());
    Entity::find_by_id(key).one(conn).await?.map(record).transpose()
}

/// A page of those that stand so, behind the one `after` which it begins.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    standing: Standing,
    after: Option<(&str, &str)>,
    limit: u64,
) -> Result<Vec<DifferenceRecord>, Failure> {
    let mut found = Entity::find().filter(Column::Province.eq(province));
    found = match standing {
        Standing::Gone => found.filter(Column::GoneAt.is_not_null()),
        _ => found.filter(Column::GoneAt.is_null()),
    };
    found = match standing {
        Standing::Open => found.filter(Column::Resolution.is_null()),
        Standing::Resolved => found.filter(Column::Resolution.is_not_null()),
        Standing::There | Standing::Gone => found,
    };
    if let Some((code, attribute)) = after {
        let columns = [Column::ProcedureCode, Column::Attribute].map(Expr::col);
        let values = [code, attribute].map(|value| Expr::value(value.to_owned()));
        found = found.filter(Expr::tuple(columns).gt(Expr::tuple(values)));
    }
    let found = found.order_by_asc(Column::ProcedureCode).order_by_asc(Column::Attribute);
    found.limit(limit).all(conn).await?.into_iter().map(record).collect()
}

/// Writes them down, over what was known of them. Each is there once.
pub(crate) async fn put<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    records: Vec<DifferenceRecord>,
) -> Result<(), Failure> {
    let mut rows = records.into_iter().map(|record| row(province, record)).peekable();
    while rows.peek().is_some() {
        let known = OnConflict::columns([Column::Province, Column::ProcedureCode, Column::Attribute])
            .update_columns([
                Column::Ours,
                Column::Theirs,
                Column::FoundAt,
                Column::GoneAt,
                Column::Resolution,
                Column::ResolvedBy,
                Column::Reason,
                Column::ResolvedAt,
                Column::Reopened,
            ])
            .to_owned();
        let batch: Vec<_> = rows.by_ref().take(AT_ONCE).collect();
        Entity::insert_many(batch).on_conflict(known).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row(province: &str, record: DifferenceRecord) -> difference::ActiveModel {
    let DifferenceRecord { difference, found_at, gone_at, resolved, reopened } = record;
    let resolved = resolved.as_ref();
    difference::ActiveModel {
        province: Set(province.to_owned()),
        procedure_code: Set(difference.code),
        attribute: Set(difference.attribute),
        ours: Set(difference.ours),
        theirs: Set(difference.theirs),
        found_at: Set(to_db(found_at)),
        gone_at: Set(gone_at.map(to_db)),
        resolution: Set(resolved.map(|one| one.resolution.as_str().to_owned())),
        resolved_by: Set(resolved.map(|one| one.by.clone())),
        reason: Set(resolved.map(|one| one.reason.clone())),
        resolved_at: Set(resolved.map(|one| to_db(one.at))),
        reopened: Set(reopened),
    }
}

fn record(row: difference::Model) -> Result<DifferenceRecord, Failure> {
    let resolved = match (row.resolution, row.resolved_by, row.reason, row.resolved_at) {
        (Some(word), Some(by), Some(reason), Some(at)) => {
            let unknown = || Failure::broken(format!("no resolution is called {word}"));
            let resolution = Resolution::parse(&word).ok_or_else(unknown)?;
            Some(Resolved { resolution, by, reason, at: from_db(at) })
        }
        _ => None,
    };
    Ok(DifferenceRecord {
        difference: Difference {
            code: row.procedure_code,
            attribute: row.attribute,
            ours: row.ours,
            theirs: row.theirs,
        },
        found_at: from_db(row.found_at),
        gone_at: row.gone_at.map(from_db),
        resolved,
        reopened: row.reopened,
    })
}
