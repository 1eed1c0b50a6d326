//! Seals facts into events and writes them: one statement gives the sequences of all applications of a
//! transaction, one writes all its events.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, EventId, Id as _};
use phidia_proto::{convert::wire_timestamp, events::v1::Event};
use phidia_runtime::failure::Failure;
use prost::Message as _;
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, Set,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};
use uuid::Uuid;

use crate::{
    facts::{Facts, NewEvent, kind},
    lane,
    store::{
        entity::{event, sequence},
        micros,
    },
};

/// Version of the event schema that is written.
const SCHEMA_VERSION: u32 = 1;
/// The most that one event may take: a batch of one must always pass the limit of a message.
const LONGEST_EVENT: usize = phidia_proto::MAX_MESSAGE_BYTES / 4;
/// Rows per statement: 8 values each must stay below SQLite's 32,766 parameters.
const ROWS: usize = 2_000;

/// Writes the facts that a transaction tells; answers whether there were any.
///
/// The sequence of an application is given by an upsert whose row lock is held until the commit, and the
/// position of an event is drawn after it: so per application positions grow with sequences, whichever
/// transactions they come from, and a transaction that is rolled back leaves no gap in a sequence.
pub(crate) async fn append(
    tx: &DatabaseTransaction,
    source: &'static str,
    now: Timestamp,
    facts: Facts,
) -> Result<bool, Failure> {
    let told = facts.into_told();
    if told.is_empty() {
        return Ok(false);
    }
    let mut sequences = draw(tx, &told).await?;
    let mut rows = Vec::with_capacity(told.len());
    for (id, new) in told {
        let next = sequences
            .get_mut(&new.application.uuid())
            .ok_or_else(|| Failure::broken(format!("{} was given no sequence", new.application)))?;
        rows.push(seal(source, now, id, new, *next)?);
        *next += 1;
    }
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        event::Entity::insert_many(rows).exec_without_returning(tx).await?;
        rows = rest;
    }
    Ok(true)
}

/// The first free sequence of every application, and all that are needed are taken.
async fn draw(
    tx: &DatabaseTransaction,
    told: &[(EventId, NewEvent)],
) -> Result<BTreeMap<Uuid, i64>, Failure> {
    // In the order of applications, so that two transactions cannot wait for each other.
    let mut needed = BTreeMap::<Uuid, i64>::new();
    for (_, new) in told {
        *needed.entry(new.application.uuid()).or_default() += 1;
    }
    let mut first = BTreeMap::new();
    let all: Vec<_> = needed.iter().collect();
    for some in all.chunks(ROWS) {
        let mut insert = Query::insert();
        insert
            .into_table(sequence::Entity)
            .columns([sequence::Column::Application, sequence::Column::Last])
            .on_conflict(
                OnConflict::column(sequence::Column::Application)
                    .value(
                        sequence::Column::Last,
                        Expr::col((sequence::Entity, sequence::Column::Last))
                            .add(Expr::col(("excluded", sequence::Column::Last))),
                    )
                    .to_owned(),
            )
            .returning(Query::returning().columns([sequence::Column::Application, sequence::Column::Last]));
        for (application, count) in some {
            insert.values_panic([(**application).into(), (**count).into()]);
        }
        for row in tx.query_all(&insert).await? {
            let application: Uuid = row.try_get("", "application")?;
            let last: i64 = row.try_get("", "last")?;
            let count = needed.get(&application).copied().unwrap_or_default();
            first.insert(application, last - count + 1);
        }
    }
    Ok(first)
}

fn seal(
    source: &'static str,
    now: Timestamp,
    id: EventId,
    new: NewEvent,
    sequence: i64,
) -> Result<event::ActiveModel, Failure> {
    let kind = kind(&new.fact);
    let payload = Event {
        id: id.to_string(),
        province: new.province.clone(),
        application_id: new.application.to_string(),
        source: source.to_owned(),
        sequence: u64::try_from(sequence).map_err(Failure::broken)?,
        occurred_at: Some(wire_timestamp(new.occurred_at)),
        recorded_at: Some(wire_timestamp(now)),
        actor: new.actor,
        cause_id: new.cause.map(|cause| cause.to_string()).unwrap_or_default(),
        traceparent: new.traceparent,
        schema_version: SCHEMA_VERSION,
        fact: Some(new.fact),
    }
    .encode_to_vec();
    if payload.len() > LONGEST_EVENT {
        return Err(Failure::broken(format!("event {id} ({kind}) takes {} bytes", payload.len())));
    }
    Ok(event::ActiveModel {
        event_id: Set(id.uuid()),
        province: Set(new.province),
        application: Set(new.application.uuid()),
        lane: Set(lane::of(new.application)),
        sequence: Set(sequence),
        kind: Set(kind.to_owned()),
        payload: Set(payload),
        recorded_at: Set(micros(now)),
        ..Default::default()
    })
}

/// The id of an application in its row.
pub(crate) fn application(row: Uuid) -> ApplicationId {
    ApplicationId::from_uuid(row)
}
