//! Reading along: whoever follows an outbox reads what it holds in the order of positions, up to where everything is surely
//! committed. Nothing is kept for them; where they are, they know.

use std::time::Duration;

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, Id as _};
use phidia_proto::events::v1::Event;
use phidia_runtime::failure::Failure;
use prost::Message as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use tokio::sync::watch;

use crate::{
    relay::horizon::{Horizon, last_given},
    store::{
        entity::{event, pruned},
        micros,
    },
    write::Outbox,
};

/// How long to wait for transactions that are about to end.
const SOON: Duration = Duration::from_millis(2);

/// How long at the most, where one takes its time.
const SELDOM: Duration = Duration::from_millis(100);

/// How far an outbox may be read by whoever follows it.
#[derive(Debug)]
pub struct Follower {
    outbox: Outbox,
    horizon: Horizon,
    woken: watch::Receiver<u64>,
}

impl Follower {
    /// The position up to which everything that will ever be there is there, as far as is known by now.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn settled(&mut self) -> Result<i64, Failure> {
        self.woken.borrow_and_update();
        match self.horizon.readable_below(self.outbox.database()).await? {
            // One writer: all that can be read.
            i64::MAX => self.outbox.newest().await,
            below => Ok(below - 1),
        }
    }

    /// The same, once everything is settled that was written before this call.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn settled_by_now(&mut self) -> Result<i64, Failure> {
        // Whatever is committed by now was given a position up to here, also where it was pruned since.
        let last = self.outbox.newest().await?;
        let mut pause = SOON;
        loop {
            let settled = self.settled().await?;
            if settled >= last {
                return Ok(settled);
            }
            tokio::time::sleep(pause).await;
            // A long transaction is not asked for more often because many wait for it.
            pause = (2 * pause).min(SELDOM);
        }
    }

    /// Waits until there may be more: a commit of this process, or so long.
    pub async fn wait(&mut self, longest: Duration) {
        let pause = if self.horizon.is_waiting() { SOON.min(longest) } else { longest };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // The outbox lives as long as this: it does not fail.
            _ = self.woken.changed() => {}
        }
    }
}

impl Outbox {
    /// Somebody who follows it.
    pub fn follower(&self) -> Follower {
        Follower { outbox: self.clone(), horizon: Horizon::default(), woken: self.woken() }
    }

    /// The events behind one position up to another, in their order, so many at most.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn between(&self, after: i64, through: i64, limit: u64) -> Result<Vec<(i64, Event)>, Failure> {
        let found = event::Entity::find()
            .filter(event::Column::Position.gt(after))
            .filter(event::Column::Position.lte(through))
            .order_by_asc(event::Column::Position)
            .limit(limit);
        decoded(found.all(self.database().read()).await?)
    }

    /// The events of one application from one position up to another, in their order, so many at most.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn of_application(
        &self,
        application: ApplicationId,
        from: i64,
        through: i64,
        limit: u64,
    ) -> Result<Vec<(i64, Event)>, Failure> {
        let found = event::Entity::find()
            .filter(event::Column::Application.eq(application.uuid()))
            .filter(event::Column::Position.gte(from))
            .filter(event::Column::Position.lte(through))
            // Positions grow with them, and there is an index.
            .order_by_asc(event::Column::Sequence)
            .limit(limit);
        decoded(found.all(self.database().read()).await?)
    }

    /// The position behind which lies what was recorded at an instant of real time or later, as far as it is kept. Clocks of
    /// replicas differ by little; what one of them wrote within that of the instant may be on either side.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn before(&self, at: Timestamp) -> Result<i64, Failure> {
        let at = micros(at);
        let (mut low, mut high) = (self.pruned_through().await?, self.newest().await?);
        // All up to `low` is earlier, or gone; nothing behind `high` is.
        while low < high {
            let middle = low + (high - low) / 2;
            let next = event::Entity::find()
                .select_only()
                .columns([event::Column::Position, event::Column::RecordedAt])
                .filter(event::Column::Position.gt(middle))
                .filter(event::Column::Position.lte(high))
                .order_by_asc(event::Column::Position)
                .limit(1);
            match next.into_tuple::<(i64, i64)>().one(self.database().read()).await? {
                Some((position, recorded_at)) if recorded_at < at => low = position,
                Some(_) | None => high = middle,
            }
        }
        Ok(low)
    }

    /// Behind this position everything is kept; what lies before it may have been pruned.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn pruned_through(&self) -> Result<i64, Failure> {
        let through = pruned::Entity::find().select_only().column(pruned::Column::Through);
        let through = through.into_tuple::<i64>().one(self.database().read()).await?;
        Ok(through.unwrap_or_default())
    }

    /// The last position that was given: to what is there, to what is there no more, or, on PostgreSQL, to what never came to be.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn newest(&self) -> Result<i64, Failure> {
        let db = self.database();
        if db.is_shared() {
            return last_given(db).await;
        }
        Ok(self.last().await?.max(self.pruned_through().await?))
    }
}

fn decoded(rows: Vec<event::Model>) -> Result<Vec<(i64, Event)>, Failure> {
    let decoded = |row: event::Model| Ok((row.position, Event::decode(&*row.payload)?));
    rows.into_iter().map(decoded).collect::<Result<_, prost::DecodeError>>().map_err(Failure::broken)
}
