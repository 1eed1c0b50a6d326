//! A measurement, not a test: `cargo test -p phidia-outbox --release -- --ignored --nocapture pace`.

use std::time::{Duration, Instant};

use phidia_runtime::database::SqliteSynchronous;

use crate::{
    Sqlite,
    harness::{Engine, Node, application, fact, until},
};

#[derive(Clone)]
struct Normal(Sqlite);

impl Engine for Normal {
    fn new() -> Self {
        Self(Sqlite::new())
    }

    fn config(&self, name: &str) -> phidia_runtime::database::DatabaseConfig {
        let mut config = self.0.config(name);
        config.sqlite_synchronous = SqliteSynchronous::Normal;
        config
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
#[allow(clippy::disallowed_methods, clippy::print_stderr)]
async fn pace() {
    const EVENTS: u32 = 20_000;
    let engine = Normal::new();
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let workers = source.relay_to(&sink, phidia_outbox::RelayConfig::default());
    let begun = Instant::now();
    let writers = (0..16_u32).map(|writer| {
        let outbox = source.outbox.clone();
        tokio::spawn(async move {
            for n in 0..EVENTS / 16 {
                let app = application(u128::from(n * 16 + writer) / 4);
                outbox
                    .write(move |_, facts| {
                        Box::pin(async move {
                            facts.tell(fact(app));
                            Ok(())
                        })
                    })
                    .await
                    .unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let written = begun.elapsed();
    until("all arrive", async || source.settled().await).await;
    let all = begun.elapsed();
    let per_second = |took: Duration| f64::from(EVENTS) / took.as_secs_f64();
    eprintln!(
        "{EVENTS} events, a transaction each: written {:.0}/s in {} commits, handed over {:.0}/s in {} commits",
        per_second(written),
        source.db.commits(),
        per_second(all),
        sink.db.commits(),
    );
    drop(workers);
}
