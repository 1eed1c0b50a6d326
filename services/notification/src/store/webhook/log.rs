//! What was sent to whom.

use std::collections::BTreeSet;

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, EventId, Id as _, SubscriptionId};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use crate::{store::entity::webhook_delivery, webhook::DELIVERED};

/// Rows per statement: 12 values each must stay below SQLite's 32,766 parameters.
const ROWS: usize = 2_000;

/// One attempt to send one event.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) subscription: SubscriptionId,
    /// Place of the event in the feed; 0: a ping.
    pub(crate) position: i64,
    pub(crate) run: i32,
    pub(crate) event: EventId,
    /// None: a ping.
    pub(crate) application: Option<ApplicationId>,
    pub(crate) at: Timestamp,
    pub(crate) took_ms: u32,
    /// [`DELIVERED`], or a code.
    pub(crate) outcome: String,
    /// 0: there was no answer.
    pub(crate) status: u16,
    pub(crate) sha256: String,
    pub(crate) size: u32,
}

/// Writes attempts down.
pub(crate) async fn add_deliveries(
    tx: &DatabaseTransaction,
    deliveries: Vec<Delivery>,
) -> Result<(), Failure> {
    let integer = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let mut rows: Vec<_> = deliveries
        .into_iter()
        .map(|one| webhook_delivery::ActiveModel {
            delivery_id: NotSet,
            subscription_id: Set(one.subscription.uuid()),
            position: Set(one.position),
            run: Set(one.run),
            event_id: Set(one.event.uuid()),
            application_id: Set(one.application.map(ApplicationId::uuid)),
            at: Set(to_db(one.at)),
            took_ms: Set(integer(one.took_ms)),
            outcome: Set(one.outcome),
            status: Set(i16::try_from(one.status).unwrap_or(i16::MAX)),
            sha256: Set(one.sha256),
            size: Set(integer(one.size)),
        })
        .collect();
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        webhook_delivery::Entity::insert_many(rows).exec_without_returning(tx).await?;
        rows = rest;
    }
    Ok(())
}

/// Places behind this one of what a subscription took in this run.
pub(crate) async fn sent_behind(
    conn: &impl ConnectionTrait,
    subscription: SubscriptionId,
    run: i32,
    position: i64,
) -> Result<BTreeSet<i64>, Failure> {
    use webhook_delivery::{Column, Entity};
    let found = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(Column::SubscriptionId.eq(subscription.uuid()))
        .filter(Column::Position.gt(position))
        .filter(Column::Run.eq(run))
        .filter(Column::Outcome.eq(DELIVERED));
    Ok(found.into_tuple::<i64>().all(conn).await?.into_iter().collect())
}

/// A page of the log of a subscription, newest first, with their numbers.
pub(crate) async fn deliveries(
    conn: &impl ConnectionTrait,
    subscription: SubscriptionId,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<(i64, Delivery)>, Failure> {
    use webhook_delivery::{Column, Entity};
    let mut found = Entity::find().filter(Column::SubscriptionId.eq(subscription.uuid()));
    if let Some(before) = before {
        found = found.filter(Column::DeliveryId.lt(before));
    }
    let rows = found.order_by_desc(Column::DeliveryId).limit(limit).all(conn).await?;
    let read = |row: webhook_delivery::Model| {
        let delivery = Delivery {
            subscription,
            position: row.position,
            run: row.run,
            event: EventId::from_uuid(row.event_id),
            application: row.application_id.map(ApplicationId::from_uuid),
            at: from_db(row.at),
            took_ms: row.took_ms.try_into().unwrap_or_default(),
            outcome: row.outcome,
            status: row.status.try_into().unwrap_or_default(),
            sha256: row.sha256,
            size: row.size.try_into().unwrap_or_default(),
        };
        (row.delivery_id, delivery)
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Forgets some of what was sent before; whether there may be more.
pub(crate) async fn prune_deliveries(
    tx: &DatabaseTransaction,
    before: Timestamp,
    at_once: u64,
) -> Result<bool, Failure> {
    use webhook_delivery::{Column, Entity};
    let old = Entity::find()
        .select_only()
        .column(Column::DeliveryId)
        .filter(Column::At.lt(to_db(before)))
        .order_by_asc(Column::At)
        .limit(at_once);
    let ids = old.into_tuple::<i64>().all(tx).await?;
    let more = u64::try_from(ids.len()).is_ok_and(|count| count == at_once);
    Entity::delete_many().filter(Column::DeliveryId.is_in(ids)).exec(tx).await?;
    Ok(more)
}
