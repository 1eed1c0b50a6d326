//! Lanes: the unit of parallel delivery. Each lane of each subscriber has one row with its cursor and the
//! lease of the one relay that may move it.
//!
//! Leases are held under the name of a replica. A relay that begins takes over what its name still holds – its
//! predecessor died – and waits for the leases of others.
//!
//! The fence grows each time a lane changes hands. A relay that lost a lane without knowing it (it slept
//! past its lease) finds another fence in the row, moves nothing and parks nothing. That it may still be
//! delivering does no harm: a batch leaves a relay only after the batch before was answered. Its successor
//! begins at the cursors that were stored, which may lie behind that: what comes again is the same in the
//! same order, and the inbox knows it.

use std::{collections::BTreeMap, time::Duration};

use phidia_domain::id::{ApplicationId, Id as _};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    sea_query::{CaseStatement, Expr, ExprTrait as _, OnConflict},
};

use crate::{
    store::{
        after,
        entity::lane::{ActiveModel, Column, Entity, Model},
        micros,
    },
    write::Outbox,
};

/// How many lanes there are. Never change it: rows of stores are filed under it.
pub const LANES: i16 = 64;

/// The lane of an application: FNV-1a of its id, folded to six bits. Never change it.
pub fn of(application: ApplicationId) -> i16 {
    let hash = application.uuid().as_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The upper bits of FNV are the better mixed ones; 58 leaves six.
    i16::try_from(hash >> 58).unwrap_or_default()
}

/// A lane that this relay holds, as far as it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The fence under which it was taken.
    pub(crate) fence: i64,
    /// Its cursor.
    pub(crate) position: i64,
}

/// The leases of one relay.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    outbox: Outbox,
    subscriber: &'static str,
    holder: String,
    term: Duration,
    held: BTreeMap<i16, Held>,
}

impl Leases {
    pub(crate) fn new(outbox: Outbox, subscriber: &'static str, holder: String, term: Duration) -> Self {
        Self { outbox, subscriber, holder, term, held: BTreeMap::new() }
    }

    pub(crate) fn held(&self) -> &BTreeMap<i16, Held> {
        &self.held
    }

    /// Gives the subscriber its lanes: they begin at the first event that is still there.
    pub(crate) async fn seed(&self) -> Result<(), Failure> {
        let subscriber = self.subscriber;
        self.outbox
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    let rows = (0..LANES).map(|lane| ActiveModel {
                        subscriber: Set(subscriber.to_owned()),
                        lane: Set(lane),
                        position: Set(0),
                        holder: Set(String::new()),
                        fence: Set(0),
                        leased_until: Set(0),
                    });
                    let there =
                        OnConflict::columns([Column::Subscriber, Column::Lane]).do_nothing().to_owned();
                    Entity::insert_many(rows).on_conflict(there).exec_without_returning(tx).await?;
                    Ok::<_, Failure>(())
                })
            })
            .await
    }

    /// Extends what is held and takes what is free, until `most` lanes are held. At its `start` a relay holds
    /// nothing: what is held under its name is its predecessor's, and free too.
    ///
    /// What is no longer held under its fence is dropped. What is, but beyond its term, is extended:
    /// nobody took it.
    pub(crate) async fn keep(&mut self, most: usize, start: bool) -> Result<(), Failure> {
        let (now, until) = self.term_from_now();
        let (mine, held) = (self.mine(), self.held.clone());
        let free = usize::from(LANES.unsigned_abs()).min(most).saturating_sub(held.len());
        let (subscriber, holder) = (self.subscriber, self.holder.clone());
        self.held = self
            .outbox
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    let mut held = if held.is_empty() { held } else { extend(tx, mine, until).await? };
                    if free > 0 {
                        held.extend(take(tx, subscriber, holder, start, (now, until), free).await?);
                    }
                    Ok::<_, Failure>(held)
                })
            })
            .await?;
        Ok(())
    }

    /// Gives back what is held, so that another relay need not wait for the leases to run out.
    pub(crate) async fn release(&mut self) -> Result<(), Failure> {
        let mine = self.mine();
        if std::mem::take(&mut self.held).is_empty() {
            return Ok(());
        }
        self.outbox
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    let free = Entity::update_many().col_expr(Column::LeasedUntil, Expr::value(0));
                    free.filter(mine).exec(tx).await?;
                    Ok::<_, Failure>(())
                })
            })
            .await
    }

    /// What is to be known to move the cursors of all held lanes to `position` within a transaction.
    pub(crate) fn advance(&self, position: i64) -> Advance {
        Advance { mine: self.mine(), lanes: self.held.len(), position, until: self.term_from_now().1 }
    }

    /// The cursors were moved.
    pub(crate) fn advanced(&mut self, position: i64) {
        for held in self.held.values_mut() {
            held.position = Ord::max(held.position, position);
        }
    }

    fn term_from_now(&self) -> (i64, i64) {
        let now = self.outbox.clock().now();
        (micros(now), after(now, self.term))
    }

    /// The rows that are still ours: under our name and under the fence with which we took them.
    fn mine(&self) -> Condition {
        let mut fences = BTreeMap::<i64, Vec<i16>>::new();
        for (lane, held) in &self.held {
            fences.entry(held.fence).or_default().push(*lane);
        }
        let fenced = fences.into_iter().fold(Condition::any(), |any, (fence, lanes)| {
            any.add(Condition::all().add(Column::Fence.eq(fence)).add(Column::Lane.is_in(lanes)))
        });
        Condition::all()
            .add(Column::Subscriber.eq(self.subscriber))
            .add(Column::Holder.eq(&*self.holder))
            .add(fenced)
    }
}

/// The movement of the cursors of one relay, under its fences.
pub(crate) struct Advance {
    mine: Condition,
    lanes: usize,
    position: i64,
    until: i64,
}

impl Advance {
    /// Moves the cursors of all held lanes, and extends their leases, in one statement.
    ///
    /// All of them move, also those without an event in the batch: a batch is read over all held lanes, so
    /// nothing of theirs lies between. A cursor never moves back.
    ///
    /// # Errors
    /// [`lost`] when a lane is no longer held: then the transaction must not be committed.
    pub(crate) async fn run(self, tx: &DatabaseTransaction) -> Result<(), Failure> {
        let forward = CaseStatement::new()
            .case(Expr::col(Column::Position).lt(self.position), self.position)
            .finally(Expr::col(Column::Position));
        let moved = Entity::update_many()
            .col_expr(Column::Position, forward.into())
            .col_expr(Column::LeasedUntil, Expr::value(self.until))
            .filter(self.mine)
            .exec(tx)
            .await?;
        if usize::try_from(moved.rows_affected).is_ok_and(|moved| moved == self.lanes) {
            Ok(())
        } else {
            Err(lost())
        }
    }
}

/// A lane was taken over by another relay. Nothing is wrong: that one goes on where the cursor stands.
pub(crate) fn lost() -> Failure {
    phidia_domain::Rejection::new(
        phidia_domain::Kind::Conflict,
        "LANE_LOST",
        "another relay holds a lane of this subscriber",
    )
    .into()
}

async fn extend(
    tx: &DatabaseTransaction,
    mine: Condition,
    until: i64,
) -> Result<BTreeMap<i16, Held>, Failure> {
    let rows = Entity::update_many()
        .col_expr(Column::LeasedUntil, Expr::value(until))
        .filter(mine)
        .exec_with_returning(tx)
        .await?;
    Ok(as_held(rows))
}

async fn take(
    tx: &DatabaseTransaction,
    subscriber: &'static str,
    holder: String,
    start: bool,
    (now, until): (i64, i64),
    most: usize,
) -> Result<BTreeMap<i16, Held>, Failure> {
    let free = || {
        let over = Condition::any().add(Column::LeasedUntil.lt(now));
        let over = if start { over.add(Column::Holder.eq(&*holder)) } else { over };
        Condition::all().add(Column::Subscriber.eq(subscriber)).add(over)
    };
    let mut lanes: Vec<i16> =
        Entity::find().filter(free()).all(tx).await?.into_iter().map(|row| row.lane).collect();
    lanes.sort_unstable();
    lanes.truncate(most);
    if lanes.is_empty() {
        return Ok(BTreeMap::new());
    }
    // Whoever is first wins: the condition is looked at again when the row is locked.
    let rows = Entity::update_many()
        .col_expr(Column::Holder, Expr::value(&*holder))
        .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
        .col_expr(Column::LeasedUntil, Expr::value(until))
        .filter(free().add(Column::Lane.is_in(lanes)))
        .exec_with_returning(tx)
        .await?;
    Ok(as_held(rows))
}

fn as_held(rows: Vec<Model>) -> BTreeMap<i16, Held> {
    rows.into_iter().map(|row| (row.lane, Held { fence: row.fence, position: row.position })).collect()
}

#[cfg(test)]
mod tests;
