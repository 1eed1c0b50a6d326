//! What subscribers refused: visible with its reason, and replayable.

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    id::{ApplicationId, EventId, Id as _},
};
use phidia_runtime::failure::Failure;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, sea_query::Expr};

use crate::{
    append,
    store::{
        entity::parked::{Column, Entity},
        instant,
    },
    write::Outbox,
};

/// The reason of an event that waits behind another one of its application.
pub const PARKED_BEHIND: &str = "PARKED_BEHIND";
/// The reason of an event whose fact its subscriber does not know.
pub const UNSUPPORTED: &str = "UNSUPPORTED";

/// An event that is parked for a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The service that refused it.
    pub subscriber: String,
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

impl Outbox {
    /// All that is parked, in the order of subscribers and positions. It is not much, or somebody should
    /// look.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn parked(&self) -> Result<Vec<Parked>, Failure> {
        let rows = Entity::find()
            .order_by_asc(Column::Subscriber)
            .order_by_asc(Column::Position)
            .all(self.database().read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Parked {
                subscriber: row.subscriber,
                event: EventId::from_uuid(row.event_id),
                application: append::application(row.application),
                sequence: row.sequence.unsigned_abs(),
                kind: row.kind,
                reason: row.reason,
                since: instant(row.parked_at),
                replaying: row.replay,
            })
            .collect())
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
