//! Subscriptions, their secrets, and what they did not take.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    feed::Filter,
    id::{ApplicationId, Id as _, SubscriptionId},
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};

use crate::{
    store::entity::{webhook_held, webhook_lease, webhook_secret, webhook_subscription},
    webhook::{Format, Held, Signature, State, Subscription},
};

/// How many applications of a subscription wait, and how many were given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backlog {
    pub(crate) waiting: u64,
    pub(crate) dead: u64,
}

/// What is changed of a subscription.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// What it asks for.
    Terms { name: String, url: String, format: Format, filter: Filter },
    /// How it stands, and why; from this place on, where another is meant.
    State(State, &'static str, Option<i64>),
    /// All behind a place is sent again, and what lies before it and was not taken yet as ever.
    Again(i64),
    /// What was given up is tried again, from now on; behind this place, where what lies before it is passed over.
    Revive(Timestamp, Option<i64>),
    /// It signs with another secret.
    Secret,
}

/// Subscribes; whether nobody of this owner has under the same key.
pub(crate) async fn add(
    tx: &DatabaseTransaction,
    new: &Subscription,
    (key, request_sha256): (String, String),
) -> Result<bool, Failure> {
    use webhook_subscription::{Column, Entity};
    changed(tx).await?;
    let row = webhook_subscription::ActiveModel {
        subscription_id: Set(new.id.uuid()),
        owner: Set(new.owner.clone()),
        idempotency_key: Set(key),
        request_sha256: Set(request_sha256),
        name: Set(new.name.clone()),
        url: Set(new.url.clone()),
        format: Set(new.format.as_str().to_owned()),
        signature: Set(new.signature.as_str().to_owned()),
        filter: Set(serde_json::to_value(&new.filter).map_err(Failure::broken)?),
        state: Set(new.state.as_str().to_owned()),
        state_reason: Set(new.state_reason.clone()),
        failing_since: Set(None),
        cursor: Set(new.cursor),
        run: Set(new.run),
        created_at: Set(to_db(new.created_at)),
        revision: Set(new.revision),
    };
    let added = Entity::insert(row)
        .on_conflict_do_nothing_on([Column::Owner, Column::IdempotencyKey])
        .exec_without_returning(tx)
        .await?;
    Ok(matches!(added, sea_orm::TryInsertResult::Inserted(rows) if rows > 0))
}

/// What somebody has subscribed to under a key, and the digest of what they asked for then.
pub(crate) async fn by_key(
    conn: &impl ConnectionTrait,
    owner: &str,
    key: &str,
) -> Result<Option<(Subscription, String)>, Failure> {
    use webhook_subscription::{Column, Entity};
    let found = Entity::find().filter(Column::Owner.eq(owner)).filter(Column::IdempotencyKey.eq(key));
    let found = found.one(conn).await?;
    found.map(|row| Ok((read(row.clone())?, row.request_sha256))).transpose()
}

/// One.
pub(crate) async fn find(
    conn: &impl ConnectionTrait,
    id: SubscriptionId,
) -> Result<Option<Subscription>, Failure> {
    webhook_subscription::Entity::find_by_id(id.uuid()).one(conn).await?.map(read).transpose()
}

/// A page of those of an owner, or of all, by id.
pub(crate) async fn list(
    conn: &impl ConnectionTrait,
    owner: Option<&str>,
    after: Option<SubscriptionId>,
    limit: u64,
) -> Result<Vec<Subscription>, Failure> {
    use webhook_subscription::{Column, Entity};
    let mut found = Entity::find();
    if let Some(owner) = owner {
        found = found.filter(Column::Owner.eq(owner));
    }
    if let Some(after) = after {
        found = found.filter(Column::SubscriptionId.gt(after.uuid()));
    }
    let found = found.order_by_asc(Column::SubscriptionId).limit(limit);
    found.all(conn).await?.into_iter().map(read).collect()
}

/// All there are.
pub(crate) async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Subscription>, Failure> {
    let rows = webhook_subscription::Entity::find().all(conn).await?;
    rows.into_iter().map(read).collect()
}

/// Whether anybody is sent anything.
pub(crate) async fn is_any_active(conn: &impl ConnectionTrait) -> Result<bool, Failure> {
    use webhook_subscription::{Column, Entity};
    let active = Entity::find()
        .select_only()
        .column(Column::SubscriptionId)
        .filter(Column::State.eq(State::Active.as_str()))
        .limit(1);
    Ok(active.into_tuple::<uuid::Uuid>().one(conn).await?.is_some())
}

/// At which revision they are.
pub(crate) async fn revisions(conn: &impl ConnectionTrait) -> Result<BTreeMap<SubscriptionId, i64>, Failure> {
    use webhook_subscription::{Column, Entity};
    let found = Entity::find().select_only().columns([Column::SubscriptionId, Column::Revision]);
    let found = found.into_tuple::<(uuid::Uuid, i64)>().all(conn).await?;
    Ok(found.into_iter().map(|(id, revision)| (SubscriptionId::from_uuid(id), revision)).collect())
}

/// How many there are, and how many are disabled; and over all of them what waits.
pub(crate) async fn totals(conn: &impl ConnectionTrait) -> Result<(u64, u64, Backlog), Failure> {
    use webhook_subscription::{Column, Entity};
    let all = Entity::find().count(conn).await?;
    let disabled = Entity::find().filter(Column::State.eq(State::Disabled.as_str())).count(conn).await?;
    let of = |dead: bool| webhook_held::Entity::find().filter(webhook_held::Column::IsDead.eq(dead));
    let backlog = Backlog { waiting: of(false).count(conn).await?, dead: of(true).count(conn).await? };
    Ok((all, disabled, backlog))
}

/// What of each of these subscriptions waits, where something does.
pub(crate) async fn backlogs(
    conn: &impl ConnectionTrait,
    ids: &[SubscriptionId],
) -> Result<BTreeMap<SubscriptionId, Backlog>, Failure> {
    use webhook_held::{Column, Entity};
    let counted = Entity::find()
        .select_only()
        .columns([Column::SubscriptionId, Column::IsDead])
        .column_as(Column::ApplicationId.count(), "applications")
        .filter(Column::SubscriptionId.is_in(ids.iter().map(|id| id.uuid())))
        .group_by(Column::SubscriptionId)
        .group_by(Column::IsDead);
    let mut all = BTreeMap::<_, Backlog>::new();
    for (id, is_dead, count) in counted.into_tuple::<(uuid::Uuid, bool, i64)>().all(conn).await? {
        let of = all.entry(SubscriptionId::from_uuid(id)).or_default();
        let count = u64::try_from(count).map_err(Failure::broken)?;
        if is_dead { of.dead = count } else { of.waiting = count }
    }
    Ok(all)
}

/// What of all subscriptions, or of one, is held back.
pub(crate) async fn held(
    conn: &impl ConnectionTrait,
    of: Option<SubscriptionId>,
) -> Result<BTreeMap<SubscriptionId, BTreeMap<ApplicationId, Held>>, Failure> {
    use webhook_held::{Column, Entity};
    let mut found = Entity::find();
    if let Some(id) = of {
        found = found.filter(Column::SubscriptionId.eq(id.uuid()));
    }
    let mut all = BTreeMap::<_, BTreeMap<_, _>>::new();
    for row in found.all(conn).await? {
        let held = Held {
            position: row.position,
            attempts: u32::try_from(row.attempts).map_err(Failure::broken)?,
            since: from_db(row.since),
            next_at: from_db(row.next_at),
            is_dead: row.is_dead,
        };
        let of = all.entry(SubscriptionId::from_uuid(row.subscription_id)).or_default();
        of.insert(ApplicationId::from_uuid(row.application_id), held);
    }
    Ok(all)
}

/// Wrapped secrets of all subscriptions, or of one, newest first, with the instants until which they sign.
pub(crate) async fn secrets(
    conn: &impl ConnectionTrait,
    of: Option<SubscriptionId>,
) -> Result<BTreeMap<SubscriptionId, Vec<(Vec<u8>, Option<Timestamp>)>>, Failure> {
    use webhook_secret::{Column, Entity};
    let mut found = Entity::find();
    if let Some(id) = of {
        found = found.filter(Column::SubscriptionId.eq(id.uuid()));
    }
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for row in found.order_by_desc(Column::Number).all(conn).await? {
        let of = all.entry(SubscriptionId::from_uuid(row.subscription_id)).or_default();
        of.push((row.wrapped, row.until.map(from_db)));
    }
    Ok(all)
}

/// Has a subscription sign with these, newest first, and with no others.
pub(crate) async fn set_secrets(
    tx: &DatabaseTransaction,
    id: SubscriptionId,
    newest_first: Vec<(Vec<u8>, Option<Timestamp>)>,
) -> Result<(), Failure> {
    use webhook_secret::{Column, Entity};
    Entity::delete_many().filter(Column::SubscriptionId.eq(id.uuid())).exec(tx).await?;
    let rows = newest_first.into_iter().rev().zip(1..).map(|((wrapped, until), number)| {
        webhook_secret::ActiveModel {
            subscription_id: Set(id.uuid()),
            number: Set(number),
            wrapped: Set(wrapped),
            until: Set(until.map(to_db)),
        }
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Changes a subscription; whether it is there, and at this revision where one is meant.
pub(crate) async fn change(
    tx: &DatabaseTransaction,
    id: SubscriptionId,
    revision: Option<i64>,
    change: Change,
) -> Result<bool, Failure> {
    use webhook_subscription::{Column, Entity};
    changed(tx).await?;
    let mut update = Entity::update_many()
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::SubscriptionId.eq(id.uuid()));
    if let Some(revision) = revision {
        update = update.filter(Column::Revision.eq(revision));
    }
    let of_it = webhook_held::Column::SubscriptionId.eq(id.uuid());
    update = match change {
        Change::Terms { name, url, format, filter } => update
            .col_expr(Column::Name, Expr::value(name))
            .col_expr(Column::Url, Expr::value(url))
            .col_expr(Column::Format, Expr::value(format.as_str()))
            .col_expr(Column::Filter, Expr::value(serde_json::to_value(&filter).map_err(Failure::broken)?))
            // That is of where it went before.
            .col_expr(Column::FailingSince, Expr::value(None::<sea_orm::prelude::DateTimeUtc>)),
        Change::State(state, why, from) => {
            update = update
                .col_expr(Column::State, Expr::value(state.as_str()))
                .col_expr(Column::StateReason, Expr::value(why))
                .col_expr(Column::FailingSince, Expr::value(None::<sea_orm::prelude::DateTimeUtc>));
            match from {
                Some(from) => {
                    pass_over(tx, id, from).await?;
                    let cursor = Ord::max(stands_at(tx, id).await?, from);
                    update.col_expr(Column::Cursor, Expr::value(cursor))
                }
                None => update,
            }
        }
        Change::Again(position) => {
            let cursor = Ord::min(stands_at(tx, id).await?, position);
            // What comes again anyway is not held; what lies before it is, as before.
            let comes_again = webhook_held::Column::Position.gt(cursor);
            webhook_held::Entity::delete_many().filter(of_it).filter(comes_again).exec(tx).await?;
            update
                .col_expr(Column::Cursor, Expr::value(cursor))
                .col_expr(Column::Run, Expr::col(Column::Run).add(1))
        }
        Change::Revive(now, from) => {
            if let Some(from) = from {
                pass_over(tx, id, from).await?;
            }
            webhook_held::Entity::update_many()
                .col_expr(webhook_held::Column::IsDead, Expr::value(false))
                .col_expr(webhook_held::Column::Attempts, Expr::value(0))
                .col_expr(webhook_held::Column::Since, Expr::value(to_db(now)))
                .col_expr(webhook_held::Column::NextAt, Expr::value(to_db(now)))
                .filter(of_it)
                .filter(webhook_held::Column::IsDead.eq(true))
                .exec(tx)
                .await?;
            update
        }
        Change::Secret => update,
    };
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// Up to where a subscription has taken all, or it is held.
async fn stands_at(tx: &DatabaseTransaction, id: SubscriptionId) -> Result<i64, Failure> {
    use webhook_lease::{Column, Entity};
    let one = webhook_subscription::Entity::find_by_id(id.uuid()).one(tx).await?;
    if let Some(cursor) = one.and_then(|one| one.cursor) {
        return Ok(cursor);
    }
    let position = Entity::find_by_id(1_i16).select_only().column(Column::Position);
    Ok(position.into_tuple::<i64>().one(tx).await?.unwrap_or_default())
}

/// What is held of places up to this one is held from behind it on: what lies before is no longer kept.
async fn pass_over(tx: &DatabaseTransaction, id: SubscriptionId, through: i64) -> Result<(), Failure> {
    use webhook_held::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::Position, Expr::value(through + 1))
        .filter(Column::SubscriptionId.eq(id.uuid()))
        .filter(Column::Position.lte(through))
        .exec(tx)
        .await?;
    Ok(())
}

/// The first place of a subscription at which something is held; only what was given up, or all.
pub(crate) async fn first_held(
    conn: &impl ConnectionTrait,
    id: SubscriptionId,
    dead_only: bool,
) -> Result<Option<i64>, Failure> {
    use webhook_held::{Column, Entity};
    let mut held = Entity::find().filter(Column::SubscriptionId.eq(id.uuid()));
    if dead_only {
        held = held.filter(Column::IsDead.eq(true));
    }
    let first = held.select_only().column(Column::Position).order_by_asc(Column::Position).limit(1);
    Ok(first.into_tuple::<i64>().one(conn).await?)
}

/// Whether a subscription is there at this revision; it stays so until the transaction ends.
pub(crate) async fn is_at(
    tx: &DatabaseTransaction,
    id: SubscriptionId,
    revision: i64,
) -> Result<bool, Failure> {
    use webhook_subscription::{Column, Entity};
    let found = Entity::find_by_id(id.uuid()).select_only().column(Column::Revision).lock_exclusive();
    Ok(found.into_tuple::<i64>().one(tx).await? == Some(revision))
}

/// Where one that is not sent anything stands, where that was not written down.
pub(crate) async fn set_cursor(
    tx: &DatabaseTransaction,
    id: SubscriptionId,
    position: i64,
) -> Result<(), Failure> {
    use webhook_subscription::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::Cursor, Expr::value(position))
        .filter(Column::SubscriptionId.eq(id.uuid()))
        .filter(Column::Cursor.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Sends an active one nothing more, from where it stands; whether it was active.
pub(crate) async fn disable(
    tx: &DatabaseTransaction,
    id: SubscriptionId,
    why: &'static str,
    position: i64,
) -> Result<bool, Failure> {
    use webhook_subscription::{Column, Entity};
    let disabled = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Disabled.as_str()))
        .col_expr(Column::StateReason, Expr::value(why))
        .col_expr(Column::Cursor, Expr::value(position))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::SubscriptionId.eq(id.uuid()))
        .filter(Column::State.eq(State::Active.as_str()))
        .exec(tx)
        .await?;
    changed(tx).await?;
    Ok(disabled.rows_affected > 0)
}

/// Since when every attempt has failed; none: the last did not.
pub(crate) async fn failing(
    tx: &DatabaseTransaction,
    id: SubscriptionId,
    since: Option<Timestamp>,
) -> Result<(), Failure> {
    use webhook_subscription::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::FailingSince, Expr::value(since.map(to_db)))
        .filter(Column::SubscriptionId.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a subscription; whether it was there. Its log is removed when it is old.
pub(crate) async fn delete(tx: &DatabaseTransaction, id: SubscriptionId) -> Result<bool, Failure> {
    changed(tx).await?;
    let key = id.uuid();
    webhook_held::Entity::delete_many().filter(webhook_held::Column::SubscriptionId.eq(key)).exec(tx).await?;
    webhook_secret::Entity::delete_many()
        .filter(webhook_secret::Column::SubscriptionId.eq(key))
        .exec(tx)
        .await?;
    let gone = webhook_subscription::Entity::delete_by_id(key).exec(tx).await?;
    Ok(gone.rows_affected > 0)
}

/// Has whoever sends look at the subscriptions anew. First of all that a change does: who sends takes the two rows in the same order.
async fn changed(tx: &DatabaseTransaction) -> Result<(), Failure> {
    use webhook_lease::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::Changes, Expr::col(Column::Changes).add(1))
        .filter(Column::Id.eq(1_i16))
        .exec(tx)
        .await?;
    Ok(())
}

fn read(row: webhook_subscription::Model) -> Result<Subscription, Failure> {
    let unreadable =
        |column: &str| Failure::broken(format!("a stored {column} is not known to this version"));
    Ok(Subscription {
        id: SubscriptionId::from_uuid(row.subscription_id),
        owner: row.owner,
        name: row.name,
        url: row.url,
        format: Format::parse(&row.format).ok_or_else(|| unreadable("format"))?,
        signature: Signature::parse(&row.signature).ok_or_else(|| unreadable("signature"))?,
        filter: serde_json::from_value(row.filter).map_err(Failure::broken)?,
        state: State::parse(&row.state).ok_or_else(|| unreadable("state"))?,
        state_reason: row.state_reason,
        failing_since: row.failing_since.map(from_db),
        cursor: row.cursor,
        run: row.run,
        created_at: from_db(row.created_at),
        revision: row.revision,
    })
}
