//! How far an outbox has been handed over.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Alias, Expr, ExprTrait as _, JoinType, Query},
};

use crate::{
    store::{
        entity::{event, lane, parked},
        instant,
    },
    write::Outbox,
};

/// How far this outbox has been handed over to one subscriber.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The service that is told.
    pub subscriber: String,
    /// Events written and neither applied there nor parked.
    pub outstanding: u64,
    /// Events parked.
    pub parked: u64,
    /// Real time at which the oldest of the outstanding ones was written.
    pub oldest: Option<Timestamp>,
}

impl Outbox {
    /// Position of the last event written; 0: none is there.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn last(&self) -> Result<i64, Failure> {
        let last = event::Entity::find().select_only().column(event::Column::Position);
        let last = last.order_by_desc(event::Column::Position).into_tuple().one(self.database().read());
        Ok(last.await?.unwrap_or_default())
    }

    /// How far every subscriber is, in the order of their names. A subscriber is known from the first start
    /// of its relay on.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn positions(&self) -> Result<Vec<Position>, Failure> {
        self.positions_upto(i64::MAX).await
    }

    /// How far every subscriber is with the events up to `last`: whoever noted it earlier learns whether they
    /// have passed that, however much was written since.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn positions_upto(&self, last: i64) -> Result<Vec<Position>, Failure> {
        let db = self.database().read();
        let position = || Expr::col((event::Entity, event::Column::Position));
        let beyond = Expr::col((event::Entity, event::Column::Lane))
            .equals((lane::Entity, lane::Column::Lane))
            .and(position().gt(Expr::col((lane::Entity, lane::Column::Position))))
            .and(position().lte(last));
        let select = Query::select()
            .column((lane::Entity, lane::Column::Subscriber))
            .expr_as(Expr::col((event::Entity, event::Column::Position)).count(), Alias::new("outstanding"))
            .expr_as(Expr::col((event::Entity, event::Column::RecordedAt)).min(), Alias::new("oldest"))
            .from(lane::Entity)
            .join(JoinType::LeftJoin, event::Entity, beyond)
            .group_by_col((lane::Entity, lane::Column::Subscriber))
            .to_owned();
        let rows = db.query_all(&select).await?;
        // Counted after: an event that is parked in between is counted twice rather than not at all.
        let mut parked: BTreeMap<String, i64> = parked::Entity::find()
            .select_only()
            .column(parked::Column::Subscriber)
            .column_as(parked::Column::Position.count(), "count")
            .group_by(parked::Column::Subscriber)
            .into_tuple::<(String, i64)>()
            .all(db)
            .await?
            .into_iter()
            .collect();
        let mut positions = Vec::new();
        for row in rows {
            let subscriber: String = row.try_get("", "subscriber")?;
            let outstanding: i64 = row.try_get("", "outstanding")?;
            let oldest: Option<i64> = row.try_get("", "oldest")?;
            positions.push(Position {
                outstanding: outstanding.unsigned_abs(),
                parked: parked.remove(&subscriber).unwrap_or_default().unsigned_abs(),
                oldest: oldest.map(instant),
                subscriber,
            });
        }
        positions.sort_by(|one, other| one.subscriber.cmp(&other.subscriber));
        Ok(positions)
    }
}
