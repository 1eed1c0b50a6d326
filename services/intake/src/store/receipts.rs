//! The leaves of signed receipts, the days that are closed, and the keys that signed.

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    conservation::Published,
    id::{ApplicationId, Id as _, UnitId},
    receipt::{Hash, PublicKey, Salt},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, QueryOrder as _, QuerySelect as _, TryInsertResult,
    entity::prelude::*, sea_query::Expr,
};

use super::{
    entity::{
        closed_day, receipt_key,
        receipt_leaf::{self, Column, Entity},
    },
    from_json, to_json,
};

/// A leaf as it is written.
#[derive(Clone, Debug)]
pub(crate) struct NewLeaf {
    pub(crate) application: ApplicationId,
    pub(crate) unit: UnitId,
    pub(crate) received_at: Timestamp,
    pub(crate) salt: Salt,
    pub(crate) leaf: Hash,
}

/// A leaf as its receipt's holder needs it.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) salt: Salt,
    pub(crate) received_at: Timestamp,
    /// In the tree of which day it is; none: in none yet.
    pub(crate) day: Option<Date>,
}

/// A day that is closed.
#[derive(Clone, Debug)]
pub(crate) struct ClosedDay {
    pub(crate) day: Date,
    /// As it was signed.
    pub(crate) signed: String,
    pub(crate) sums: Published,
    pub(crate) closed_at: Timestamp,
}

/// A key that has signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownKey {
    pub(crate) public: PublicKey,
    pub(crate) since: Timestamp,
}

/// Writes a leaf, which is in no tree yet.
pub(crate) async fn insert_leaf<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    leaf: NewLeaf,
) -> Result<(), Failure> {
    let row = receipt_leaf::ActiveModel {
        province: Set(province.to_owned()),
        application: Set(leaf.application.uuid()),
        unit: Set(leaf.unit.uuid()),
        received_at: Set(to_db(leaf.received_at)),
        salt: Set(leaf.salt.to_vec()),
        leaf: Set(leaf.leaf.to_vec()),
        day: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The leaf of an application; none where its receipt was not signed.
pub(crate) async fn leaf<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    application: ApplicationId,
) -> Result<Option<Leaf>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), application.uuid())).one(conn).await?;
    let read = |row: receipt_leaf::Model| {
        Ok(Leaf {
            salt: hash(&row.salt)?,
            received_at: from_db(row.received_at),
            day: row.day.as_deref().map(date).transpose()?,
        })
    };
    found.map(read).transpose()
}

/// When the first of those was received that are in no tree yet: ids are in the order of acceptance, to the millisecond.
pub(crate) async fn first_received<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<Option<Timestamp>, Failure> {
    let found = Entity::find()
        .select_only()
        .column(Column::ReceivedAt)
        .filter(Column::Province.eq(province))
        .filter(Column::Day.is_null())
        .order_by_asc(Column::Application)
        .limit(1);
    let first = found.into_tuple::<DateTimeUtc>().one(conn).await?;
    Ok(first.map(from_db))
}

/// When the last of those was received that are in no tree yet.
pub(crate) async fn last_received<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<Option<Timestamp>, Failure> {
    let found = Entity::find()
        .select_only()
        .column_as(Column::ReceivedAt.max(), "last")
        .filter(Column::Province.eq(province))
        .filter(Column::Day.is_null());
    let last = found.into_tuple::<Option<DateTimeUtc>>().one(conn).await?.flatten();
    Ok(last.map(from_db))
}

/// Takes those that are in no tree yet, and were received before `end`, into that of a day.
pub(crate) async fn gather<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    day: Date,
    end: Timestamp,
) -> Result<(), Failure> {
    Entity::update_many()
        .col_expr(Column::Day, Expr::value(day.to_string()))
        .filter(Column::Province.eq(province))
        .filter(Column::Day.is_null())
        .filter(Column::ReceivedAt.lt(to_db(end)))
        .exec(tx)
        .await?;
    Ok(())
}

/// The leaves of a day in their order.
pub(crate) async fn leaves<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    day: Date,
) -> Result<Vec<(ApplicationId, Hash)>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Application, Column::Leaf])
        .filter(Column::Province.eq(province))
        .filter(Column::Day.eq(day.to_string()))
        .order_by_asc(Column::Application);
    let rows = found.into_tuple::<(Uuid, Vec<u8>)>().all(conn).await?;
    rows.into_iter().map(|(id, leaf)| Ok((ApplicationId::from_uuid(id), hash(&leaf)?))).collect()
}

/// Writes a closed day down; answers whether it was not closed before.
pub(crate) async fn close<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    closed: ClosedDay,
) -> Result<bool, Failure> {
    let row = closed_day::ActiveModel {
        province: Set(province.to_owned()),
        day: Set(closed.day.to_string()),
        signed: Set(closed.signed),
        sums: Set(to_json(&closed.sums)?),
        closed_at: Set(to_db(closed.closed_at)),
        is_settled: Set(false),
        counted_at: Set(None),
    };
    let added = closed_day::Entity::insert(row)
        .on_conflict_do_nothing_on([closed_day::Column::Province, closed_day::Column::Day])
        .exec_without_returning(tx)
        .await?;
    Ok(matches!(added, TryInsertResult::Inserted(rows) if rows > 0))
}

/// The last day that is closed.
pub(crate) async fn last_day<C: ConnectionTrait>(
    conn: &C,
    province: &str,
) -> Result<Option<ClosedDay>, Failure> {
    Ok(days(conn, province, None, 1).await?.pop())
}

/// A closed day.
pub(crate) async fn day<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    day: Date,
) -> Result<Option<ClosedDay>, Failure> {
    let found = closed_day::Entity::find_by_id((province.to_owned(), day.to_string())).one(conn).await?;
    found.map(closed).transpose()
}

/// Closed days, newest first, those before `before` only.
pub(crate) async fn days<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    before: Option<Date>,
    limit: u64,
) -> Result<Vec<ClosedDay>, Failure> {
    use closed_day::Column;
    let mut found = closed_day::Entity::find().filter(Column::Province.eq(province));
    if let Some(before) = before {
        found = found.filter(Column::Day.lt(before.to_string()));
    }
    found.order_by_desc(Column::Day).limit(limit).all(conn).await?.into_iter().map(closed).collect()
}

/// Makes a key known; one that is stays as it is.
pub(crate) async fn keep_key<C: ConnectionTrait>(tx: &C, key: KnownKey) -> Result<(), Failure> {
    let row = receipt_key::ActiveModel { public: Set(key.public.to_string()), since: Set(to_db(key.since)) };
    receipt_key::Entity::insert(row)
        .on_conflict_do_nothing_on([receipt_key::Column::Public])
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The keys that have signed.
pub(crate) async fn keys<C: ConnectionTrait>(conn: &C) -> Result<Vec<KnownKey>, Failure> {
    let rows = receipt_key::Entity::find().all(conn).await?;
    let read = |row: receipt_key::Model| {
        let public = PublicKey::parse(&row.public);
        let public = public.ok_or_else(|| Failure::broken("a stored key is none"))?;
        Ok(KnownKey { public, since: from_db(row.since) })
    };
    rows.into_iter().map(read).collect()
}

fn closed(row: closed_day::Model) -> Result<ClosedDay, Failure> {
    Ok(ClosedDay {
        day: date(&row.day)?,
        signed: row.signed,
        sums: from_json(row.sums)?,
        closed_at: from_db(row.closed_at),
    })
}

pub(super) fn date(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(Failure::broken)
}

fn hash(bytes: &[u8]) -> Result<Hash, Failure> {
    bytes.try_into().map_err(Failure::broken)
}
