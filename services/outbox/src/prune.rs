//! Forgetting what nobody needs any more.

use std::time::Duration;

use phidia_runtime::{failure::Failure, service::Worker};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect as _,
    sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement},
};

use crate::{
    store::{
        before,
        entity::{event, inbox, lane, parked, pruned},
    },
    write::Outbox,
};

/// Rows per transaction: others write too.
const AT_ONCE: u64 = 1_000;

/// What is kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneConfig {
    /// All services that subscribe to this outbox. As long as one of them has no cursors yet, no event is
    /// pruned: it would never be told.
    pub subscribers: Vec<&'static str>,
    /// How long events are kept at least, also when all have them.
    pub keep_events: Duration,
    /// How long it is remembered that an event was applied. It must be longer than a source can take from
    /// the delivery of an event until it has stored the receipt, its longest outage included.
    pub keep_inbox: Duration,
    /// How often it is looked for what can go.
    pub every: Duration,
}

impl PruneConfig {
    /// The usual times, for an outbox with these subscribers.
    pub fn of(subscribers: Vec<&'static str>) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self { subscribers, keep_events: DAY, keep_inbox: 30 * DAY, every: Duration::from_secs(600) }
    }
}

/// How many rows went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Events.
    pub events: u64,
    /// Inbox rows.
    pub inbox: u64,
}

/// Prunes outbox and inbox now and then, until it is stopped.
pub fn prune(outbox: Outbox, config: PruneConfig) -> Worker {
    Worker::new("prune", move |stop| async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(config.every) => {}
            }
            match outbox.prune_now(&config).await {
                Ok(Pruned { events, inbox }) => tracing::debug!(events, inbox, "pruned"),
                Err(failure) => tracing::warn!(%failure, "pruning failed"),
            }
        }
    })
}

impl Outbox {
    /// Prunes once. Events go that every subscriber's cursor has passed and that nobody has parked.
    ///
    /// # Errors
    /// When the store fails; what went is gone.
    pub async fn prune_now(&self, config: &PruneConfig) -> Result<Pruned, Failure> {
        let now = self.clock().now();
        let mut pruned = Pruned::default();
        if self.all_have_cursors(&config.subscribers).await? {
            let old = before(now, config.keep_events);
            loop {
                let gone = self.prune_events(old).await?;
                pruned.events += gone;
                if gone < AT_ONCE {
                    break;
                }
            }
        }
        let old = before(now, config.keep_inbox);
        pruned.inbox = self
            .in_portions(move || {
                let rows = Query::select()
                    .column(inbox::Column::EventId)
                    .from(inbox::Entity)
                    .and_where(inbox::Column::SeenAt.lt(old))
                    .limit(AT_ONCE)
                    .to_owned();
                inbox::Entity::delete_many().filter(inbox::Column::EventId.in_subquery(rows))
            })
            .await?;
        Ok(pruned)
    }

    /// Some events, and it is kept how far: whoever follows would miss them.
    async fn prune_events(&self, old: i64) -> Result<u64, Failure> {
        self.database().write(move |tx| Box::pin(async move { portion(tx, old).await })).await
    }

    async fn all_have_cursors(&self, subscribers: &[&'static str]) -> Result<bool, Failure> {
        let known: Vec<String> = lane::Entity::find()
            .select_only()
            .column(lane::Column::Subscriber)
            .distinct()
            .into_tuple()
            .all(self.database().read())
            .await?;
        Ok(subscribers.iter().all(|subscriber| known.iter().any(|known| known == subscriber)))
    }

    async fn in_portions<E: sea_orm::EntityTrait>(
        &self,
        portion: impl Fn() -> sea_orm::DeleteMany<E>,
    ) -> Result<u64, Failure> {
        let mut all = 0;
        loop {
            let delete = portion();
            let gone = self
                .database()
                .write(move |tx| Box::pin(async move { Ok(delete.exec(tx).await?.rows_affected) }))
                .await?;
            all += gone;
            if gone < AT_ONCE {
                return Ok(all);
            }
        }
    }
}

/// Deletes so many events as go at once.
async fn portion(tx: &DatabaseTransaction, old: i64) -> Result<u64, Failure> {
    let rows = tx.query_all(&passed(old)).await?;
    let positions =
        rows.iter().map(|row| row.try_get::<i64>("", "position")).collect::<Result<Vec<_>, _>>()?;
    let Some(through) = positions.last().copied() else { return Ok(0) };
    pruned::Entity::update_many()
        .col_expr(pruned::Column::Through, Expr::value(through))
        .filter(pruned::Column::Through.lt(through))
        .exec(tx)
        .await?;
    let gone = event::Entity::delete_many().filter(event::Column::Position.is_in(positions)).exec(tx).await?;
    Ok(gone.rows_affected)
}

/// Positions of events that were written before `old`, that all cursors have passed, and that are not
/// parked.
fn passed(old: i64) -> SelectStatement {
    let (candidate, position) = (Alias::new("candidate"), event::Column::Position);
    let outstanding = Query::select()
        .expr(Expr::val(1))
        .from(lane::Entity)
        .and_where(
            Expr::col((lane::Entity, lane::Column::Lane)).equals((candidate.clone(), event::Column::Lane)),
        )
        .and_where(
            Expr::col((lane::Entity, lane::Column::Position)).lt(Expr::col((candidate.clone(), position))),
        )
        .to_owned();
    let parked = Query::select()
        .expr(Expr::val(1))
        .from(parked::Entity)
        .and_where(
            Expr::col((parked::Entity, parked::Column::Position)).equals((candidate.clone(), position)),
        )
        .to_owned();
    Query::select()
        .column((candidate.clone(), position))
        .from_as(event::Entity, candidate.clone())
        .and_where(Expr::col((candidate.clone(), event::Column::RecordedAt)).lt(old))
        .and_where(Expr::exists(outstanding).not())
        .and_where(Expr::exists(parked).not())
        .order_by((candidate, position), Order::Asc)
        .limit(AT_ONCE)
        .to_owned()
}
