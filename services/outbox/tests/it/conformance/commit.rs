//! Writing: what is committed together, and what follows from it.

use std::{collections::BTreeMap, time::Duration};

use phidia_domain::Rejection;
use phidia_outbox::{PruneConfig, RelayConfig};
use phidia_runtime::failure::Failure;

use crate::harness::{Engine, Node, SUBSCRIBER, TestSink, application, effect, fact, quick, stop, until};

pub async fn state_and_event_commit_or_vanish_together(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let app = application(1);
    for (outcome, panics) in [(Ok(()), false), (Err("no"), false), (Ok(()), true), (Ok(()), false)] {
        let written = source
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    facts.tell(fact(app));
                    effect(tx, "state", 0).await?;
                    assert!(!panics, "on purpose");
                    outcome.map_err(|no| Rejection::invalid("NO", "state", no).into())
                })
            })
            .await;
        assert_eq!(written.is_ok(), outcome.is_ok() && !panics);
    }
    let workers = source.relay_to(&sink, quick());
    until("both arrive", async || source.settled().await).await;
    assert_eq!(source.effects().await["state"].len(), 2);
    // No gap where work failed.
    assert_eq!(sink.effects_of(app).await, [1, 2]);
    stop(workers).await;
}

pub async fn sequences_have_no_gaps_under_many_writers(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let workers = source.relay_to(&sink, quick());
    let writers = (0..200_u32).map(|writer| {
        let outbox = source.outbox.clone();
        tokio::spawn(async move {
            let written = outbox
                .write(move |_, facts| {
                    Box::pin(async move {
                        for n in 0..=writer % 3 {
                            facts.tell(fact(application(u128::from((writer + n) % 5))));
                        }
                        if writer % 7 == 0 { Err(Failure::broken("on purpose")) } else { Ok(()) }
                    })
                })
                .await;
            assert_eq!(written.is_ok(), writer % 7 != 0);
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    until("all arrive", async || source.settled().await).await;
    let mut told = BTreeMap::<_, u64>::new();
    for writer in (0..200_u32).filter(|writer| writer % 7 != 0) {
        for n in 0..=writer % 3 {
            *told.entry(application(u128::from((writer + n) % 5)).to_string()).or_default() += 1;
        }
    }
    let expected = told.into_iter().map(|(app, count)| (app, (1..=count).collect())).collect();
    assert_eq!(sink.effects().await, expected);
    stop(workers).await;
}

pub async fn order_is_kept_per_application(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let workers = source.relay_to(&sink, RelayConfig { batch: 7, ..quick() });
    for n in 0..300 {
        source.tell(application(n % 70), 1).await;
    }
    until("all arrive", async || source.settled().await).await;
    let effects = sink.effects().await;
    assert_eq!(effects.len(), 70);
    for sequences in effects.values() {
        assert!(sequences.iter().copied().eq(1..=sequences.len() as u64), "{sequences:?}");
    }
    // One relay holds all lanes: also across applications they come as they were written.
    let seen: Vec<_> =
        sink.sink.seen.lock().unwrap().iter().map(|event| event.application_id.clone()).collect();
    assert!(seen.into_iter().eq((0..300).map(|n| application(n % 70).to_string())));
    stop(workers).await;
}

pub async fn cause_and_trace_are_handed_on(engine: impl Engine) {
    let first = Node::open(&engine, "first").await;
    let second = Node::with(&engine, "second", TestSink { retells: true, ..TestSink::default() }).await;
    let third = Node::open(&engine, "third").await;
    let workers = [first.relay_to(&second, quick()), second.relay_to(&third, quick())];
    let (outbox, ids) = (first.outbox.clone(), tokio::sync::oneshot::channel());
    outbox
        .write(move |_, facts| {
            Box::pin(async move {
                ids.0.send(facts.tell(fact(application(1)))).unwrap();
                Ok(())
            })
        })
        .await
        .unwrap();
    let cause = ids.1.await.unwrap();
    until("the third is told", async || !third.sink.seen.lock().unwrap().is_empty()).await;
    let event = third.sink.seen.lock().unwrap()[0].clone();
    assert_eq!(event.cause_id, cause.to_string());
    assert_eq!(event.traceparent, fact(application(1)).traceparent);
    assert_eq!((&*event.source, &*event.province, event.sequence), ("second", "37", 1));
    assert_eq!(event.schema_version, 1);
    assert!(event.recorded_at.is_some() && event.occurred_at.is_some());
    for workers in workers {
        stop(workers).await;
    }
}

pub async fn pruning_spares_what_is_needed(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let (well, refused) = (application(1), application(2));
    sink.sink.refusing.lock().unwrap().insert((refused.to_string(), 1));
    source.tell(well, 3).await;
    source.tell(refused, 2).await;
    let now = Duration::ZERO;
    let config = PruneConfig { keep_events: now, keep_inbox: now, ..PruneConfig::of(vec![SUBSCRIBER]) };
    assert_eq!(source.outbox.prune_now(&config).await.unwrap().events, 0, "nobody was told yet");
    let workers = source.relay_to(&sink, quick());
    until("all are settled", async || source.settled().await).await;
    stop(workers).await;
    let other = PruneConfig { subscribers: vec![SUBSCRIBER, "late"], ..config.clone() };
    assert_eq!(source.outbox.prune_now(&other).await.unwrap().events, 0, "one has no cursors yet");
    assert_eq!(source.outbox.prune_now(&config).await.unwrap().events, 3);
    assert_eq!(source.outbox.prune_now(&config).await.unwrap().events, 0);
    // Whoever follows learns from where on everything is there, and reads it in order.
    let settled = source.outbox.follower().settled_by_now().await.unwrap();
    let pruned = source.outbox.pruned_through().await.unwrap();
    let kept = source.outbox.between(pruned, settled, 9).await.unwrap();
    let kept: Vec<_> = kept.into_iter().map(|(_, event)| (event.application_id, event.sequence)).collect();
    assert_eq!(kept, [(refused.to_string(), 1), (refused.to_string(), 2)]);
    assert_eq!(sink.outbox.prune_now(&PruneConfig::of(vec![])).await.unwrap().inbox, 0, "too young");
    assert_eq!(sink.outbox.prune_now(&config).await.unwrap().inbox, 3);
    // What is parked can still be replayed, and positions go on.
    sink.sink.refusing.lock().unwrap().clear();
    source.outbox.replay(SUBSCRIBER, refused).await.unwrap();
    source.tell(well, 1).await;
    let workers = source.relay_to(&sink, quick());
    until("the rest arrives", async || sink.effects_of(refused).await.len() == 2).await;
    until("the rest arrives", async || sink.effects_of(well).await.len() == 4).await;
    stop(workers).await;
}

pub async fn what_is_gathered_goes_out_together(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let hour = Duration::from_secs(3600);
    // It looks when it is woken, and else never.
    let workers = source.relay_to(&sink, RelayConfig { poll: hour, lease: hour, ..quick() });
    source.tell(application(0), 1).await;
    until("the relay waits to be woken", async || {
        !sink.effects().await.is_empty() && source.outbox.is_at_rest()
    })
    .await;
    let before = sink.db.commits();
    let gathering = source.outbox.gather();
    for n in 1..=3 {
        source.tell(application(n), 1).await;
    }
    assert!(!source.outbox.is_at_rest());
    drop(gathering);
    until("it is at rest", async || source.outbox.is_at_rest()).await;
    assert_eq!(sink.effects().await.len(), 1 + 3);
    assert_eq!(sink.db.commits() - before, 1);
    stop(workers).await;
}
