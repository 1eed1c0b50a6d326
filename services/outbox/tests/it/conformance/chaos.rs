//! Random schedules of faults.

use std::sync::atomic::Ordering;

use phidia_outbox::RelayConfig;
use proptest::{
    collection::{btree_map, btree_set, vec},
    prelude::*,
    test_runner::TestRunner,
};

use crate::harness::{Engine, Node, SUBSCRIBER, application, quick, stop, until};

const APPLICATIONS: u8 = 5;

/// What is told, and what goes wrong.
#[derive(Clone, Debug)]
struct Schedule {
    told: Vec<u8>,
    batch: u64,
    unwell: Vec<((u8, u64), u32)>,
    refused: Vec<(u8, u64)>,
    dies: u32,
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let key = || (0..APPLICATIONS, 1..12_u64);
    (
        vec(0..APPLICATIONS, 1..60),
        1..20_u64,
        btree_map(key(), 1..7_u32, 0..5),
        btree_set(key(), 0..5),
        0..4_u32,
    )
        .prop_map(|(told, batch, unwell, refused, dies)| Schedule {
            told,
            batch,
            unwell: unwell.into_iter().collect(),
            refused: refused.into_iter().collect(),
            dies,
        })
}

pub async fn whatever_happens_each_event_is_applied_once_and_in_order<E: Engine>(_: E) {
    let handle = tokio::runtime::Handle::current();
    let cases = tokio::task::spawn_blocking(move || {
        let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
        TestRunner::new(config).run(&schedules(), |schedule| {
            handle.block_on(play(E::new(), schedule));
            Ok(())
        })
    });
    cases.await.unwrap().unwrap();
}

async fn play(engine: impl Engine, schedule: Schedule) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let name = |app: u8| application(app.into()).to_string();
    *sink.sink.unwell.lock().unwrap() =
        schedule.unwell.iter().map(|((app, n), times)| ((name(*app), *n), *times)).collect();
    *sink.sink.refusing.lock().unwrap() = schedule.refused.iter().map(|(app, n)| (name(*app), *n)).collect();
    sink.sink.dies.store(schedule.dies, Ordering::SeqCst);
    let workers = source.relay_to(&sink, RelayConfig { batch: schedule.batch, ..quick() });
    for app in &schedule.told {
        source.tell(application((*app).into()), 1).await;
    }
    until("all are replayed", async || {
        for parked in source.parked().await {
            // What was refused is mended once it is parked.
            let key = (parked.application.to_string(), parked.sequence);
            let mended = parked.reason != "PARKED_BEHIND" && !parked.replaying;
            if mended {
                sink.sink.refusing.lock().unwrap().remove(&key);
                // Gone in between: then it was replayed with another one of its application.
                let _ = source.outbox.replay(SUBSCRIBER, parked.application).await;
            }
        }
        let positions = source.outbox.positions().await.unwrap();
        positions.iter().any(|position| position.outstanding + position.parked == 0)
    })
    .await;
    let effects = sink.effects().await;
    assert_eq!(effects.values().map(Vec::len).sum::<usize>(), schedule.told.len());
    for sequences in effects.values() {
        assert!(sequences.iter().copied().eq(1..=sequences.len() as u64), "{sequences:?}");
    }
    stop(workers).await;
}
