//! A service as a value: what its `build()` returns, and the workers that run beside its handlers.

use std::{fmt, panic::AssertUnwindSafe, time::Duration};

use futures::{FutureExt as _, future::BoxFuture};
use tokio::task::AbortHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::Routes;
use tracing::Instrument as _;

use crate::admin::Part;

/// What a service is made of.
#[derive(Debug)]
pub struct Service {
    /// Its name: `intake`, `routing`, …
    pub name: &'static str,
    /// What clients call.
    pub public: Routes,
    /// What only other services call.
    pub internal: Routes,
    /// What runs beside the handlers.
    pub workers: Vec<Worker>,
    /// What its calls need to be there.
    pub parts: Vec<Part>,
}

/// The routes of several services as one.
///
/// # Panics
/// When two of them serve the same gRPC service: that is a mistake in the composition.
pub fn merge(routes: impl IntoIterator<Item = Routes>) -> Routes {
    let mut all = Routes::default();
    for routes in routes {
        // Each brings tonic's UNIMPLEMENTED as a fallback, and only one may stay.
        let router = std::mem::take(all.axum_router_mut());
        *all.axum_router_mut() = router.merge(routes.into_axum_router().reset_fallback());
    }
    all
}

/// A long-running task: a relay, a sweeper, a timer.
pub struct Worker {
    /// Its name in the log.
    pub name: &'static str,
    run: Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>,
}

impl Worker {
    /// A worker that runs until the token that it is given is cancelled, or until there is no more to do.
    pub fn new<F, R>(name: &'static str, run: F) -> Self
    where
        F: FnOnce(CancellationToken) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(|stop| Box::pin(run(stop))) }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The workers that run.
#[derive(Debug)]
pub struct Workers {
    process: CancellationToken,
    stop: CancellationToken,
    tracker: TaskTracker,
    handles: Vec<AbortHandle>,
}

impl Workers {
    /// None yet. `process` stops them all; a worker that panics cancels it, because a process that lost
    /// one of its workers is better started anew than left half alive.
    pub fn new(process: CancellationToken) -> Self {
        Self { stop: process.child_token(), process, tracker: TaskTracker::new(), handles: Vec::new() }
    }

    /// Starts a worker.
    pub fn spawn(&mut self, worker: Worker) {
        let (process, stop) = (self.process.clone(), self.stop.clone());
        let name = worker.name;
        let run = async move {
            // The call is inside too: it may panic before there is a future.
            let ended = AssertUnwindSafe(async move { (worker.run)(stop).await }).catch_unwind().await;
            match ended {
                Ok(()) => tracing::debug!("worker ended"),
                Err(_) => {
                    tracing::error!(worker = name, "worker panicked; the process stops");
                    process.cancel();
                }
            }
        };
        let handle = self.tracker.spawn(run.instrument(tracing::info_span!("worker", name)));
        self.handles.push(handle.abort_handle());
    }

    /// Asks all workers to end and waits for them, `grace` at most; those that are late are dropped at
    /// their next await. Answers whether all ended in time.
    pub async fn stop(self, grace: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(grace, self.tracker.wait()).await.is_ok() {
            return true;
        }
        tracing::warn!(late = self.tracker.len(), "workers did not end in time");
        for handle in &self.handles {
            handle.abort();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn a_panic_of_one_worker_stops_the_process() {
        let process = CancellationToken::new();
        let mut workers = Workers::new(process.clone());
        workers.spawn(Worker::new("steady", |stop| async move { stop.cancelled().await }));
        workers.spawn(Worker::new("ends", |_| async {}));
        assert!(!process.is_cancelled());
        workers.spawn(Worker::new("panics", |_| async { panic!("on purpose") }));
        tokio::time::timeout(SOON, process.cancelled()).await.unwrap();
        assert!(workers.stop(SOON).await);
    }

    #[tokio::test]
    async fn a_late_worker_is_dropped() {
        let mut workers = Workers::new(CancellationToken::new());
        let dropped = CancellationToken::new();
        let guard = dropped.clone().drop_guard();
        workers.spawn(Worker::new("deaf", |_| async move {
            let _guard = guard;
            std::future::pending().await
        }));
        assert!(!workers.stop(Duration::from_millis(10)).await);
        tokio::time::timeout(SOON, dropped.cancelled()).await.unwrap();
    }
}
