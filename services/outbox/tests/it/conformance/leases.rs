//! Who delivers, and what happens when that one dies.

use std::time::Duration;

use phidia_outbox::RelayConfig;
use phidia_runtime::{clock::RealClock, service::Workers};
use tokio::runtime::{Builder, Runtime};

use crate::harness::{Engine, Node, application, named, quick, stop, until};

const HOUR: Duration = Duration::from_secs(3600);

/// A process of its own, as far as a test can have one: killed, nothing of it runs on or is given back.
struct Process(Runtime);

impl Process {
    /// Starts a relay from `source` to the sink in the store called `sink`.
    fn relay<E: Engine>(engine: &E, sink: &'static str, config: RelayConfig) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let engine = engine.clone();
        runtime.spawn(async move {
            let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, sink).await);
            let workers: Workers = source.relay_to(&sink, config);
            std::future::pending::<()>().await;
            drop(workers);
        });
        Self(runtime)
    }

    fn kill(self) {
        self.0.shutdown_background();
    }
}

pub async fn only_the_holder_delivers_and_another_takes_over(engine: impl Engine) {
    let source = Node::open(&engine, "source").await;
    let (one, two) = (Node::open(&engine, "one").await, Node::open(&engine, "two").await);
    let app = application(1);
    let holder = Process::relay(&engine, "one", quick());
    source.tell(app, 1).await;
    until("the first holds the lanes", async || one.effects_of(app).await == [1]).await;
    let other = source.relay_to(&two, quick());
    source.tell(app, 20).await;
    until("the first delivers", async || one.effects_of(app).await.len() == 21).await;
    until("the first is done", async || source.settled().await).await;
    assert_eq!(two.effects_of(app).await, [0; 0]);
    holder.kill();
    source.tell(app, 5).await;
    until("the second takes over", async || source.settled().await).await;
    assert_eq!(two.effects_of(app).await, [22, 23, 24, 25, 26]);
    stop(other).await;
    // One that was stopped well has given back its lanes: nobody waits for a lease of an hour.
    let hour = RelayConfig { lease: HOUR, ..quick() };
    stop({
        let workers = source.relay_to(&one, hour.clone());
        source.tell(app, 1).await;
        until("the third delivers", async || source.settled().await).await;
        workers
    })
    .await;
    let workers = source.relay_to(&two, hour);
    source.tell(app, 1).await;
    until("the fourth delivers", async || source.settled().await).await;
    stop(workers).await;
}

pub async fn a_restart_goes_on_without_loss_or_doubling(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let told = 60;
    for round in 0..6 {
        // Whoever is started again under the same name does not wait for the dead one's lease.
        let config = RelayConfig { batch: 3, lease: HOUR, ..named("one") };
        let process = Process::relay(&engine, "sink", config);
        for n in 0..told {
            source.tell(application(n % 9), 1).await;
        }
        let some = usize::try_from(round * told).unwrap();
        until("some arrive", async || sink.effects().await.values().map(Vec::len).sum::<usize>() > some)
            .await;
        process.kill();
    }
    let workers = source.relay_to(&sink, named("one"));
    until("all arrive", async || source.settled().await).await;
    let effects = sink.effects().await;
    assert_eq!(effects.values().map(Vec::len).sum::<usize>(), 360);
    for sequences in effects.values() {
        assert!(sequences.iter().copied().eq(1..=sequences.len() as u64), "{sequences:?}");
    }
    stop(workers).await;
}

pub async fn a_name_goes_on_with_its_lanes_and_others_wait(engine: impl Engine) {
    let source = Node::open(&engine, "source").await;
    let (one, two) = (Node::open(&engine, "one").await, Node::open(&engine, "two").await);
    let half = |name| RelayConfig { lease: HOUR, lanes: 32, ..named(name) };
    let tell = async || {
        for n in 0..100 {
            source.tell(application(n), 1).await;
        }
    };
    tell().await;
    let died = Process::relay(&engine, "one", half("a"));
    until("half of it arrives", async || one.effects().await.len() > 30).await;
    died.kill();
    // It takes the lanes that are free, and leaves those of the dead one.
    let other = source.relay_to(&two, RelayConfig { lanes: 64, ..half("b") });
    until("some of the other half arrives", async || two.effects().await.len() > 30).await;
    tell().await;
    let again = source.relay_to(&one, half("a"));
    until("all arrive", async || source.settled().await).await;
    let (one, two) = (one.effects().await, two.effects().await);
    assert!(one.keys().all(|application| !two.contains_key(application)), "they shared lanes");
    assert!(one.values().chain(two.values()).all(|sequences| *sequences == [1, 2]));
    stop(other).await;
    stop(again).await;
}

pub async fn two_of_one_name_do_not_take_turns(engine: impl Engine) {
    let source = Node::open(&engine, "source").await;
    let (one, two) = (Node::open(&engine, "one").await, Node::open(&engine, "two").await);
    let app = application(1);
    let config = RelayConfig { lease: HOUR, ..named("a") };
    let first = source.relay_to(&one, config.clone());
    source.tell(app, 1).await;
    until("the first delivers", async || one.effects_of(app).await == [1]).await;
    let second = source.relay_to(&two, config);
    until("the second takes over", async || {
        source.tell(app, 1).await;
        !two.effects_of(app).await.is_empty()
    })
    .await;
    until("it goes on", async || source.settled().await).await;
    let before = one.effects_of(app).await;
    for _ in 0..20 {
        source.tell(app, 1).await;
        until("the second delivers", async || source.settled().await).await;
    }
    assert_eq!(one.effects_of(app).await, before, "the first took lanes back");
    let (first_told, told) = (before.len() as u64, two.effects_of(app).await);
    // What the first did not store comes again, and goes on from there without a gap.
    let since = told[0];
    assert!(since <= first_told + 1 && told.iter().copied().eq(since..since + told.len() as u64), "{told:?}");
    stop(first).await;
    stop(second).await;
}

pub async fn lanes_are_shared(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let half = RelayConfig { lanes: 32, ..quick() };
    let first = source.relay_to(&sink, half.clone());
    for n in 0..100 {
        source.tell(application(n), 2).await;
    }
    until("half of them arrive", async || sink.effects().await.len() > 20).await;
    assert!(!source.settled().await, "the other lanes are nobody's");
    let second = source.relay_to(&sink, half);
    until("all arrive", async || source.settled().await).await;
    let effects = sink.effects().await;
    assert_eq!(effects.len(), 100);
    assert!(effects.values().all(|sequences| *sequences == [1, 2]));
    stop(first).await;
    stop(second).await;
}

pub async fn lanes_may_stand_apart(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    for n in 0..200 {
        source.tell(application(n), 1).await;
    }
    let outstanding = async || source.outbox.positions().await.unwrap().first().map(|told| told.outstanding);
    // One batch: once a cursor is stored, its half of the lanes stands at the end.
    let first = source.relay_to(&sink, RelayConfig { lanes: 32, ..quick() });
    until("half of it is told", async || outstanding().await.is_some_and(|left| left < 200)).await;
    stop(first).await;
    let position = source.outbox.positions().await.unwrap().remove(0);
    assert!(position.oldest.is_some_and(|oldest| oldest < RealClock.now()), "{position:?}");
    let told = sink.effects().await;
    let rest: Vec<_> =
        (0..200).map(|n| application(n).to_string()).filter(|n| !told.contains_key(n)).collect();
    assert!(told.len() > 50 && rest.len() > 50, "{} and {}", told.len(), rest.len());

    // The other takes its lanes beside those at the beginning, and gets stuck on its way through these.
    let stuck = (rest[40].clone(), 1);
    sink.sink.unwell.lock().unwrap().insert(stuck.clone(), u32::MAX);
    let second = source.relay_to(&sink, RelayConfig { batch: 16, ..quick() });
    let before = u64::try_from(rest.len()).unwrap();
    until("a part is told and noted", async || outstanding().await.is_some_and(|left| left < before)).await;
    assert_ne!(outstanding().await, Some(0), "nobody was told of the rest");
    sink.sink.unwell.lock().unwrap().remove(&stuck);
    until("all arrive", async || source.settled().await).await;
    let effects = sink.effects().await;
    assert_eq!(effects.len(), 200);
    assert!(effects.values().all(|sequences| *sequences == [1]));
    stop(second).await;
}
