//! What an outbox and its store are measured by.

use phidia_runtime::{
    failure::Failure,
    metrics::{self, Counter, Gauge},
    service::Worker,
};

use crate::write::Outbox;

static OUTSTANDING: Gauge = Gauge::new(
    "phidia.outbox.outstanding",
    "{event}",
    "Events that are neither applied at the subscriber nor parked.",
);
static PARKED: Gauge = Gauge::new("phidia.outbox.parked", "{event}", "Events that the subscriber refused.");
static OLDEST: Gauge =
    Gauge::new("phidia.outbox.oldest_age", "s", "How long the oldest outstanding event waits; 0: none does.");
static COMMITS: Counter =
    Counter::new("phidia.store.commits", "{transaction}", "Transactions committed by this process.");

/// Measures an outbox and the store that it is kept in, now and then, until it is stopped. It ends at once
/// where nobody looks.
pub fn measure(outbox: Outbox) -> Worker {
    Worker::new("measure", move |stop| async move {
        let mut commits = 0;
        while metrics::are_on() {
            if let Err(failure) = outbox.measure_now().await {
                tracing::debug!(%failure, "the outbox cannot be measured now");
            }
            let now = outbox.database().commits();
            COMMITS.add(now - commits, &[("service", outbox.source())]);
            commits = now;
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(metrics::PERIOD) => {}
            }
        }
    })
}

impl Outbox {
    async fn measure_now(&self) -> Result<(), Failure> {
        let now = self.clock().now();
        for position in self.positions().await? {
            let labels = [("service", self.source()), ("subscriber", &*position.subscriber)];
            OUTSTANDING.set(position.outstanding as f64, &labels);
            PARKED.set(position.parked as f64, &labels);
            let age = position.oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64());
            OLDEST.set(age.max(0.0), &labels);
        }
        Ok(())
    }
}
