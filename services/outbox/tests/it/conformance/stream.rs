//! The stream between source and sink, and how it breaks.

use std::{sync::atomic::Ordering, time::Duration};

use phidia_outbox::NewEvent;
use phidia_proto::events::v1::{StepReady, event::Fact, event_sink_service_client::EventSinkServiceClient};

use crate::harness::{Engine, Node, application, fact, quick, stop, until};

pub async fn a_sink_that_dies_before_its_answer_has_its_effect_once(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    sink.sink.dies.store(3, Ordering::SeqCst);
    source.tell(application(1), 5).await;
    let workers = source.relay_to(&sink, quick());
    until("all arrive", async || source.settled().await).await;
    assert_eq!(sink.sink.dies.load(Ordering::SeqCst), 0);
    assert_eq!(sink.effects_of(application(1)).await, [1, 2, 3, 4, 5]);
    stop(workers).await;
}

pub async fn a_sink_that_is_unwell_is_asked_again(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let (app, other) = (application(1), application(2));
    sink.sink.unwell.lock().unwrap().insert((app.to_string(), 3), 9);
    source.tell(app, 5).await;
    source.tell(other, 2).await;
    let workers = source.relay_to(&sink, quick());
    until("all arrive", async || source.settled().await).await;
    assert_eq!(sink.sink.unwell.lock().unwrap().values().sum::<u32>(), 0);
    assert_eq!(sink.effects_of(app).await, [1, 2, 3, 4, 5]);
    assert_eq!(sink.effects_of(other).await, [1, 2]);
    assert_eq!(source.parked().await, []);
    stop(workers).await;
}

pub async fn what_is_of_no_concern_passes_without_effect(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let (app, refused) = (application(1), application(2));
    sink.sink.refusing.lock().unwrap().insert((refused.to_string(), 1));
    source.tell(refused, 1).await;
    let between = source.outbox.write(move |_, facts| {
        Box::pin(async move {
            for of_no_concern in [true, false, true, false, true] {
                let told = if of_no_concern { Fact::StepReady(StepReady::default()) } else { fact(app).fact };
                facts.tell(NewEvent { fact: told, ..fact(app) });
            }
            Ok(())
        })
    });
    between.await.unwrap();
    let workers = source.relay_to(&sink, quick());
    until("all arrive", async || source.settled().await).await;
    assert_eq!(sink.effects_of(app).await, [2, 4]);
    assert_eq!(source.parked().await.len(), 1);
    stop(workers).await;
}

pub async fn a_stopping_sink_ends_its_streams(engine: impl Engine) {
    let sink = Node::open(&engine, "sink").await;
    let mut client = EventSinkServiceClient::new(sink.peer.clone());
    let mut answers = client.deliver_events(tokio_stream::pending()).await.unwrap().into_inner();
    sink.stop.cancel();
    let end = tokio::time::timeout(Duration::from_secs(10), answers.message()).await.unwrap();
    assert!(end.unwrap().is_none());
    let refused = client.deliver_events(tokio_stream::pending()).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unavailable);
}
