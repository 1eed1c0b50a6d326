//! PostgreSQL gives positions in another order than that of commits.

use std::time::Duration;

use phidia_domain::id::{EventId, Id as _};
use phidia_proto::events::v1::Event;
use phidia_runtime::ids::Ids;
use prost::Message as _;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement, TransactionTrait as _};

use crate::{
    Postgres,
    harness::{Engine as _, Node, application, quick, stop, until},
};

/// Draws the next position for the next event of application 1, as a transaction does that has yet to commit.
async fn draw(source: &Node) -> DatabaseTransaction {
    let open = source.db.read().begin().await.unwrap();
    let first = "SELECT payload FROM outbox_events WHERE position = 1";
    let row = open.query_one_raw(Statement::from_string(open.get_database_backend(), first)).await.unwrap();
    let payload: Vec<u8> = row.unwrap().try_get("", "payload").unwrap();
    let id: EventId = Ids::random().mint("2026-11-23T01:00:00Z".parse().unwrap());
    let next = Event { id: id.to_string(), sequence: 2, ..Event::decode(&*payload).unwrap() };
    let insert = "INSERT INTO outbox_events \
        (event_id, province, application, lane, sequence, kind, payload, recorded_at) \
        SELECT $1, province, application, lane, 2, kind, $2, recorded_at FROM outbox_events WHERE position = 1";
    let values = [id.uuid().into(), next.encode_to_vec().into()];
    open.execute_raw(Statement::from_sql_and_values(open.get_database_backend(), insert, values))
        .await
        .unwrap();
    open
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commits_late_is_not_passed_over() {
    let engine = Postgres::new();
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let (late, early) = (application(1), application(2));
    source.tell(late, 1).await;
    let workers = source.relay_to(&sink, quick());
    until("the first arrives", async || sink.effects_of(late).await == [1]).await;

    let open = draw(&source).await;
    source.tell(early, 3).await;
    // Ten times as long as a relay takes to find them.
    for _ in 0..20 {
        assert_eq!(sink.effects_of(early).await, [0_u64; 0], "read beyond what is surely committed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    open.commit().await.unwrap();
    until("all arrive", async || {
        sink.effects_of(late).await == [1, 2] && sink.effects_of(early).await == [1, 2, 3]
    })
    .await;

    // One that gives up holds nobody up.
    let open = draw_again(&source).await;
    source.tell(early, 1).await;
    open.rollback().await.unwrap();
    until("the rest arrives", async || sink.effects_of(early).await == [1, 2, 3, 4]).await;
    stop(workers).await;
}

/// A position that will be a gap.
async fn draw_again(source: &Node) -> DatabaseTransaction {
    let open = source.db.read().begin().await.unwrap();
    open.execute_unprepared("SELECT pg_current_xact_id(), nextval('outbox_events_position_seq')")
        .await
        .unwrap();
    open
}
