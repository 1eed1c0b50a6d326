//! What a relay reads: events beyond the cursors, and parked ones that are to be delivered again.

use std::collections::BTreeMap;

use phidia_proto::events::v1::Event;
use phidia_runtime::{database::Database, failure::Failure};
use prost::Message as _;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, QueryResult,
    sea_query::{Alias, Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    lane::{Held, LANES},
    store::entity::{event, parked},
};

/// Bytes of events in a message at most: the rest of the limit is for what is around them.
const MOST_BYTES: usize = phidia_proto::MAX_MESSAGE_BYTES / 4 * 3;

/// An event that is to be handed over.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) position: i64,
    pub(super) event_id: Uuid,
    pub(super) application: Uuid,
    pub(super) lane: i16,
    pub(super) sequence: i64,
    pub(super) kind: String,
    /// What is sent; taken out when it is.
    pub(super) event: Event,
    /// Earlier events of its application are parked.
    pub(super) behind: bool,
}

/// What lies between the cursors and `end`.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) pending: Vec<Pending>,
    /// The cursors may move here when all of it is dealt with.
    pub(super) end: i64,
    /// Nothing lay beyond when it was read.
    pub(super) last: bool,
}

/// The next events of the held lanes, in the order of positions; `None` when there are none.
///
/// One query over all held lanes: whoever holds all of them delivers in the order of positions, which in
/// the embedded form is the order of commits.
pub(super) async fn unread(
    db: &Database,
    subscriber: &str,
    held: &BTreeMap<i16, Held>,
    below: i64,
    most: u64,
) -> Result<Option<Batch>, Failure> {
    // The cursors stand together, but for lanes that were taken from relays that were less far.
    let floor = held.values().map(|held| held.position).min().unwrap_or_default();
    let behind = Query::select()
        .expr(Expr::val(1))
        .from(parked::Entity)
        .and_where(parked::Column::Subscriber.eq(subscriber))
        .and_where(
            Expr::col((parked::Entity, parked::Column::Application))
                .equals((event::Entity, event::Column::Application)),
        )
        .to_owned();
    let mut select = events();
    select
        .expr_as(Expr::exists(behind), Alias::new("behind"))
        .and_where(event::Column::Position.gt(floor))
        .order_by((event::Entity, event::Column::Position), Order::Asc)
        .limit(most);
    if below != i64::MAX {
        select.and_where(event::Column::Position.lt(below));
    }
    if held.len() < usize::from(LANES.unsigned_abs()) {
        select.and_where(event::Column::Lane.is_in(held.keys().copied()));
    }
    let rows = db.read().query_all(&select).await?;
    let (pending, end) = decode(&rows)?;
    let last = pending.len() == rows.len() && u64::try_from(rows.len()).is_ok_and(|rows| rows < most);
    let ahead =
        |pending: &Pending| held.get(&pending.lane).is_some_and(|held| held.position < pending.position);
    Ok(end.map(|end| Batch { pending: pending.into_iter().filter(ahead).collect(), end, last }))
}

/// Parked events of the held lanes whose applications are to be replayed, in the order of positions.
pub(super) async fn replayed(
    db: &Database,
    subscriber: &str,
    held: &BTreeMap<i16, Held>,
    most: u64,
) -> Result<Vec<Pending>, Failure> {
    let marked = Query::select()
        .column(parked::Column::Application)
        .from(parked::Entity)
        .and_where(parked::Column::Subscriber.eq(subscriber))
        .and_where(parked::Column::Replay.eq(true))
        .to_owned();
    let mut select = events();
    select
        .expr_as(Expr::val(false), Alias::new("behind"))
        .join(
            JoinType::InnerJoin,
            parked::Entity,
            Expr::col((parked::Entity, parked::Column::Position))
                .equals((event::Entity, event::Column::Position)),
        )
        .and_where(parked::Column::Subscriber.eq(subscriber))
        .and_where(parked::Column::Application.in_subquery(marked))
        .and_where(parked::Column::Lane.is_in(held.keys().copied()))
        .order_by((event::Entity, event::Column::Position), Order::Asc)
        .limit(most);
    let rows = db.read().query_all(&select).await?;
    Ok(decode(&rows)?.0)
}

fn events() -> SelectStatement {
    use event::Column;
    Query::select()
        .columns(
            [
                Column::Position,
                Column::EventId,
                Column::Application,
                Column::Lane,
                Column::Sequence,
                Column::Kind,
                Column::Payload,
            ]
            .map(|column| (event::Entity, column)),
        )
        .from(event::Entity)
        .to_owned()
}

/// The events of `rows` that fit into a message, one at least, and the position of the last of them.
fn decode(rows: &[QueryResult]) -> Result<(Vec<Pending>, Option<i64>), Failure> {
    let mut all = Vec::with_capacity(rows.len());
    let (mut bytes, mut end) = (0, None);
    for row in rows {
        let payload: Vec<u8> = row.try_get("", "payload")?;
        bytes += payload.len();
        if bytes > MOST_BYTES && !all.is_empty() {
            break;
        }
        let pending = Pending {
            position: row.try_get("", "position")?,
            event_id: row.try_get("", "event_id")?,
            application: row.try_get("", "application")?,
            lane: row.try_get("", "lane")?,
            sequence: row.try_get("", "sequence")?,
            kind: row.try_get("", "kind")?,
            event: Event::decode(&*payload).map_err(Failure::broken)?,
            behind: row.try_get("", "behind")?,
        };
        end = Some(pending.position);
        all.push(pending);
    }
    Ok((all, end))
}
