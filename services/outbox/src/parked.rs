//! What subscribers refused: visible with its reason, and replayable.

mod grpc;

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    id::{ApplicationId, EventId, Id as _},
};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::Expr,
};

use crate::{
    append,
    store::{
        entity::parked::{Column, Entity, Model},
        instant,
    },
    write::Outbox,
};
pub use grpc::server;

/// The reason of an event that waits behind another one of its application.
pub const PARKED_BEHIND: &str = "PARKED_BEHIND";
/// The reason of an event whose fact its subscriber does not know.
pub const UNSUPPORTED: &str = "UNSUPPORTED";

/// An event that is parked for a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The service that refused it.
    pub subscriber: String,
    /// Its position in the outbox.
    pub position: i64,
    /// The event.
    pub event: EventId,
    /// Its application.
    pub application: ApplicationId,
    /// Its sequence.
    pub sequence: u64,
    /// Name of the kind of fact.
    pub kind: String,
    /// `UPPER_SNAKE_CASE`: the sink's reason, [`UNSUPPORTED`] or [`PARKED_BEHIND`].
    pub reason: String,
    /// Real time since which it is parked.
    pub since: Timestamp,
    /// It is about to be delivered again.
    pub replaying: bool,
}

/// Which of the parked events are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Only those that this service refused.
    pub subscriber: Option<String>,
    /// Only those of this application.
    pub application: Option<ApplicationId>,
}

impl Outbox {
    /// Up to `limit` parked events in the order of subscribers and positions, from behind `after`.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn parked_page(
        &self,
        which: &Which,
        after: Option<(&str, i64)>,
        limit: u64,
    ) -> Result<Vec<Parked>, Failure> {
        let mut found = Entity::find();
        if let Some(subscriber) = &which.subscriber {
            found = found.filter(Column::Subscriber.eq(subscriber));
        }
        if let Some(application) = which.application {
            found = found.filter(Column::Application.eq(application.uuid()));
        }
        if let Some((subscriber, position)) = after {
            let same =
                Condition::all().add(Column::Subscriber.eq(subscriber)).add(Column::Position.gt(position));
            found = found.filter(Condition::any().add(Column::Subscriber.gt(subscriber)).add(same));
        }
        let found = found.order_by_asc(Column::Subscriber).order_by_asc(Column::Position).limit(limit);
        Ok(found.all(self.database().read()).await?.into_iter().map(parked).collect())
    }

    /// Of each of up to `limit` applications of which something is parked, in the order of their ids and from
    /// behind `after`, the event that was parked first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) async fn parked_applications(
        &self,
        after: Option<ApplicationId>,
        limit: u64,
    ) -> Result<BTreeMap<ApplicationId, Parked>, Failure> {
        let db = self.database().read();
        let mut some = Entity::find().select_only().column(Column::Application).distinct();
        if let Some(after) = after {
            some = some.filter(Column::Application.gt(after.uuid()));
        }
        let some: Vec<uuid::Uuid> =
            some.order_by_asc(Column::Application).limit(limit).into_tuple().all(db).await?;
        let (Some(first), Some(last)) = (some.first(), some.last()) else { return Ok(BTreeMap::new()) };
        let events = Entity::find()
            .filter(Column::Application.between(*first, *last))
            .order_by_asc(Column::ParkedAt)
            .order_by_asc(Column::Position);
        let mut by_application = BTreeMap::new();
        for event in events.all(db).await?.into_iter().map(parked) {
            by_application.entry(event.application).or_insert(event);
        }
        Ok(by_application)
    }

    /// Has the parked events of an application delivered to a subscriber again, in their order; what comes
    /// after them waits behind them. Answers how many they are.
    ///
    /// # Errors
    /// `NOT_FOUND` when nothing of the application is parked for the subscriber.
    pub async fn replay(&self, subscriber: &str, application: ApplicationId) -> Result<u64, Failure> {
        let subscriber = subscriber.to_owned();
        let marked = self
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    let marked = Entity::update_many()
                        .col_expr(Column::Replay, Expr::value(true))
                        .filter(Column::Subscriber.eq(subscriber))
                        .filter(Column::Application.eq(application.uuid()))
                        .exec(tx)
                        .await?;
                    Ok::<_, Failure>(marked.rows_affected)
                })
            })
            .await?;
        if marked == 0 {
            let message = "nothing of this application is parked for this subscriber";
            return Err(Rejection::not_found("NOTHING_PARKED", message).into());
        }
        self.wake();
        Ok(marked)
    }
}

fn parked(row: Model) -> Parked {
    Parked {
        subscriber: row.subscriber,
        position: row.position,
        event: EventId::from_uuid(row.event_id),
        application: append::application(row.application),
        sequence: row.sequence.unsigned_abs(),
        kind: row.kind,
        reason: row.reason,
        since: instant(row.parked_at),
        replaying: row.replay,
    }
}
