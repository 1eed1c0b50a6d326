//! What is refused.

use phidia_outbox::Parked;
use phidia_proto::events::v1::Event;
use prost::Message as _;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::harness::{Engine, Node, SUBSCRIBER, application, fact, quick, stop, until};

async fn parked(node: &Node) -> Vec<(u64, String)> {
    let parked = node.parked().await;
    parked.into_iter().map(|Parked { sequence, reason, .. }| (sequence, reason)).collect()
}

pub async fn a_refusal_parks_its_application_alone_and_replay_keeps_the_order(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let (refused, well) = (application(1), application(2));
    sink.sink.refusing.lock().unwrap().insert((refused.to_string(), 2));
    let workers = source.relay_to(&sink, quick());
    for _ in 0..3 {
        source.tell(refused, 1).await;
        source.tell(well, 1).await;
    }
    until("all are settled", async || source.settled().await).await;
    source.tell(refused, 2).await;
    source.tell(well, 1).await;
    until("all are settled", async || source.settled().await).await;
    assert_eq!(sink.effects_of(refused).await, [1]);
    assert_eq!(sink.effects_of(well).await, [1, 2, 3, 4]);
    let behind = |n| (n, "PARKED_BEHIND".to_owned());
    assert_eq!(parked(&source).await, [(2, "WONT_DO".to_owned()), behind(3), behind(4), behind(5)]);
    let position = source.outbox.positions().await.unwrap().remove(0);
    assert_eq!((&*position.subscriber, position.outstanding, position.parked), (SUBSCRIBER, 0, 4));
    assert_eq!(position.oldest, None);
    let row = source.parked().await.remove(0);
    assert_eq!((row.application, &*row.kind, row.replaying), (refused, "case_opened", false));

    sink.sink.refusing.lock().unwrap().clear();
    assert_eq!(source.outbox.replay(SUBSCRIBER, refused).await.unwrap(), 4);
    source.tell(refused, 3).await;
    until("all arrive", async || sink.effects_of(refused).await.len() == 8).await;
    assert_eq!(sink.effects_of(refused).await, [1, 2, 3, 4, 5, 6, 7, 8]);
    until("nothing is parked", async || parked(&source).await.is_empty()).await;
    let nothing = source.outbox.replay(SUBSCRIBER, refused).await.unwrap_err();
    assert_eq!(nothing.rejection().unwrap().reason, "NOTHING_PARKED");
    stop(workers).await;
}

pub async fn what_is_refused_again_stays_parked(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let app = application(1);
    sink.sink.refusing.lock().unwrap().extend([(app.to_string(), 1), (app.to_string(), 3)]);
    let workers = source.relay_to(&sink, quick());
    source.tell(app, 4).await;
    until("all are settled", async || source.settled().await).await;
    sink.sink.refusing.lock().unwrap().remove(&(app.to_string(), 1));
    source.outbox.replay(SUBSCRIBER, app).await.unwrap();
    until("two are left", async || parked(&source).await.len() == 2).await;
    until("none is replayed", async || source.parked().await.iter().all(|parked| !parked.replaying)).await;
    assert_eq!(parked(&source).await, [(3, "WONT_DO".to_owned()), (4, "PARKED_BEHIND".to_owned())]);
    assert_eq!(sink.effects_of(app).await, [1, 2]);
    stop(workers).await;
}

pub async fn an_unknown_fact_is_parked_as_unsupported(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let (app, other) = (application(1), application(2));
    source.tell(app, 3).await;
    source.tell(other, 1).await;
    // As a newer source writes it: a fact in a field that nobody here knows.
    let rows = source
        .db
        .read()
        .query_all_raw(Statement::from_string(
            source.db.backend(),
            "SELECT position, payload FROM outbox_events WHERE sequence = 2",
        ))
        .await
        .unwrap();
    let position: i64 = rows[0].try_get("", "position").unwrap();
    let known: Vec<u8> = rows[0].try_get("", "payload").unwrap();
    let mut event = Event::decode(&*known).unwrap();
    event.fact = None;
    let mut unknown = event.encode_to_vec();
    unknown.extend([0x9a, 0x06, 0x00]);
    let rewrite = async |payload: Vec<u8>| {
        source
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "UPDATE outbox_events SET payload = $1 WHERE position = $2";
                    let values = [payload.into(), position.into()];
                    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
                        .await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
    };
    rewrite(unknown).await;
    let workers = source.relay_to(&sink, quick());
    until("all are settled", async || source.settled().await).await;
    assert_eq!(parked(&source).await, [(2, "UNSUPPORTED".to_owned()), (3, "PARKED_BEHIND".to_owned())]);
    assert_eq!(sink.effects_of(app).await, [1]);
    assert_eq!(sink.effects_of(other).await, [1]);
    // The sink is upgraded.
    rewrite(known).await;
    source.outbox.replay(SUBSCRIBER, app).await.unwrap();
    until("all arrive", async || sink.effects_of(app).await == [1, 2, 3]).await;
    stop(workers).await;
}

pub async fn what_is_refused_within_a_batch_stops_the_rest_of_its_application(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let (refused, well) = (application(1), application(2));
    sink.sink.refusing.lock().unwrap().insert((refused.to_string(), 2));
    // One transaction: surely one batch.
    source
        .outbox
        .write(move |_, facts| {
            Box::pin(async move {
                for n in 0..40 {
                    facts.tell(fact(if n % 2 == 0 { refused } else { well }));
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    let workers = source.relay_to(&sink, quick());
    until("all are settled", async || source.settled().await).await;
    assert_eq!(sink.effects_of(refused).await, [1]);
    assert!(sink.effects_of(well).await.into_iter().eq(1..=20));
    assert_eq!(parked(&source).await.len(), 19);
    sink.sink.refusing.lock().unwrap().clear();
    source.outbox.replay(SUBSCRIBER, refused).await.unwrap();
    until("all arrive", async || sink.effects_of(refused).await.into_iter().eq(1..=20)).await;
    stop(workers).await;
}
