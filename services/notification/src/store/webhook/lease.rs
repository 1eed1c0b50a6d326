//! Who sends, and how far they are.

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, Id as _, SubscriptionId};
use phidia_runtime::{
    database::{Database, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use crate::{
    store::entity::{webhook_held, webhook_lease, webhook_subscription},
    webhook::Held,
};

/// What the holder of the lease has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    pub(crate) fence: i64,
    /// Subscriptions without a cursor have everything up to here.
    pub(crate) position: i64,
}

/// How far subscriptions are, for the next holder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Saved {
    pub(crate) position: i64,
    /// By the revision that it is sent by; none: it has everything up to `position`.
    pub(crate) cursors: Vec<(SubscriptionId, i64, Option<i64>)>,
}

/// Takes the lease, where nobody else holds it. A store of one process is held by nobody else.
pub(crate) async fn take(db: &Database, now: Timestamp, until: Timestamp) -> Result<Option<Lease>, Failure> {
    use webhook_lease::{Column, Entity};
    let holder = db.replica().to_owned();
    db.write(move |tx| {
        Box::pin(async move {
            let taken = Entity::update_many()
                .col_expr(Column::Holder, Expr::value(holder.as_str()))
                .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
                .col_expr(Column::LeasedUntil, Expr::value(until.as_microsecond()))
                .filter(Column::Id.eq(1_i16))
                .filter(Column::LeasedUntil.lt(now.as_microsecond()).or(Column::Holder.eq(holder.as_str())))
                .exec_with_returning(tx)
                .await?;
            Ok(taken.first().map(|row| Lease { fence: row.fence, position: row.position }))
        })
    })
    .await
}

/// How often subscriptions were changed so far.
pub(crate) async fn changes(db: &Database) -> Result<i64, Failure> {
    use webhook_lease::{Column, Entity};
    let changes = Entity::find_by_id(1_i16).select_only().column(Column::Changes);
    Ok(changes.into_tuple::<i64>().one(db.read()).await?.unwrap_or_default())
}

/// Where those stand who have no cursor.
pub(crate) async fn position(db: &Database) -> Result<i64, Failure> {
    use webhook_lease::{Column, Entity};
    let position = Entity::find_by_id(1_i16).select_only().column(Column::Position);
    Ok(position.into_tuple::<i64>().one(db.read()).await?.unwrap_or_default())
}

/// Lengthens the lease and writes how far everybody is; whether it is still held.
pub(crate) async fn renew(
    tx: &DatabaseTransaction,
    fence: i64,
    until: Timestamp,
    saved: &Saved,
) -> Result<bool, Failure> {
    use webhook_lease::{Column, Entity};
    let renewed = Entity::update_many()
        .col_expr(Column::LeasedUntil, Expr::value(until.as_microsecond()))
        .col_expr(Column::Position, Expr::value(saved.position))
        .filter(Column::Id.eq(1_i16))
        .filter(Column::Fence.eq(fence))
        .exec(tx)
        .await?;
    if renewed.rows_affected == 0 {
        return Ok(false);
    }
    use webhook_subscription::Column as Of;
    for (id, revision, cursor) in &saved.cursors {
        let stands = webhook_subscription::Entity::update_many()
            .col_expr(Of::Cursor, Expr::value(*cursor))
            .filter(Of::SubscriptionId.eq(id.uuid()));
        let by_us = stands.clone().filter(Of::Revision.eq(*revision)).exec(tx).await?;
        if by_us.rows_affected == 0 && cursor.is_some() {
            // Where somebody has changed it meanwhile, that holds. But one without a cursor has everything up to `position`, and it
            // has not.
            stands.filter(Of::Cursor.is_null()).exec(tx).await?;
        }
    }
    Ok(true)
}

/// Whether the lease is still held; it stays so until the transaction ends.
pub(crate) async fn fenced(tx: &DatabaseTransaction, fence: i64) -> Result<bool, Failure> {
    use webhook_lease::{Column, Entity};
    let ours = Entity::update_many()
        .col_expr(Column::Fence, Expr::value(fence))
        .filter(Column::Id.eq(1_i16))
        .filter(Column::Fence.eq(fence))
        .exec(tx)
        .await?;
    Ok(ours.rows_affected > 0)
}

/// Leaves the lease to whoever wants it.
pub(crate) async fn release(db: &Database, fence: i64) -> Result<(), Failure> {
    use webhook_lease::{Column, Entity};
    db.write(move |tx| {
        Box::pin(async move {
            Entity::update_many()
                .col_expr(Column::LeasedUntil, Expr::value(0_i64))
                .filter(Column::Id.eq(1_i16))
                .filter(Column::Fence.eq(fence))
                .exec(tx)
                .await?;
            Ok(())
        })
    })
    .await
}

/// Holds an application back: an event of it was refused.
pub(crate) async fn hold(
    tx: &DatabaseTransaction,
    subscription: SubscriptionId,
    application: ApplicationId,
    held: &Held,
) -> Result<(), Failure> {
    use webhook_held::{Column, Entity};
    let row = webhook_held::ActiveModel {
        subscription_id: Set(subscription.uuid()),
        application_id: Set(application.uuid()),
        position: Set(held.position),
        attempts: Set(i32::try_from(held.attempts).unwrap_or(i32::MAX)),
        since: Set(to_db(held.since)),
        next_at: Set(to_db(held.next_at)),
        is_dead: Set(held.is_dead),
    };
    let again = OnConflict::columns([Column::SubscriptionId, Column::ApplicationId])
        .update_columns([Column::Position, Column::Attempts, Column::Since, Column::NextAt, Column::IsDead])
        .to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Holds an application back no longer.
pub(crate) async fn let_go(
    tx: &DatabaseTransaction,
    subscription: SubscriptionId,
    application: ApplicationId,
) -> Result<(), Failure> {
    webhook_held::Entity::delete_by_id((subscription.uuid(), application.uuid())).exec(tx).await?;
    Ok(())
}
