//! The admin port: plain HTTP for the machines that look after a process. It tells nothing personal, changes
//! nothing, and asks nobody who they are: it belongs on a network of operators.
//!
//! - `/healthz`: the process is alive;
//! - `/readyz`: 200 while it takes calls, 503 before and after. A part that is missing (a store, the board) is
//!   named in the answer and does not make it 503: calls that need the part are told so with their retry
//!   delay, all others are answered, and a cluster that took every replica out would answer none;
//! - `/metrics`: what is measured, for Prometheus.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use futures::future::{BoxFuture, join_all};
use http::header::CONTENT_TYPE;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{database::Database, failure::Failure, metrics::Scrape};

/// How long a part may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(1);

/// Something that a service needs, and whether it is there.
#[derive(Clone)]
pub struct Part {
    name: String,
    is_there: Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>,
}

impl Part {
    /// A part that is there when `is_there` says so within a second.
    pub fn new<F, R>(name: impl Into<String>, is_there: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = bool> + Send + 'static,
    {
        Self { name: name.into(), is_there: Arc::new(move || Box::pin(is_there())) }
    }

    /// The store of a service.
    pub fn store(service: &str, db: &Database) -> Self {
        let db = db.clone();
        Self::new(format!("{service} store"), move || {
            let db = db.clone();
            async move { db.read().ping().await.is_ok() }
        })
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether a process takes calls. Clones tell of the same process.
#[derive(Clone, Debug)]
pub struct Readiness {
    parts: Arc<OnceLock<Vec<Part>>>,
    stop: CancellationToken,
}

impl Readiness {
    /// Of a process that starts, and that goes when `stop` is cancelled.
    pub fn new(stop: CancellationToken) -> Self {
        Self { parts: Arc::default(), stop }
    }

    /// It takes calls from now on; these are the parts that they need.
    pub fn ready(&self, parts: Vec<Part>) {
        // Said a second time: the first holds.
        let _ = self.parts.set(parts);
    }

    async fn answer(&self) -> (StatusCode, String) {
        if self.stop.is_cancelled() {
            return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
        }
        let Some(parts) = self.parts.get() else {
            return (StatusCode::SERVICE_UNAVAILABLE, "starting\n".to_owned());
        };
        let asked = parts.iter().map(|part| async {
            let there = tokio::time::timeout(PATIENCE, (part.is_there)()).await;
            (!there.unwrap_or(false)).then_some(part.name.as_str())
        });
        let missing: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
        if missing.is_empty() {
            (StatusCode::OK, "ready\n".to_owned())
        } else {
            (StatusCode::OK, format!("degraded: {}\n", missing.join(", ")))
        }
    }
}

/// Serves the admin port until it is dropped: it outlives the calls of the process, to tell how they end.
///
/// # Errors
/// Broken when the port can no longer be listened on.
pub async fn serve(
    listener: TcpListener,
    readiness: Readiness,
    scrape: Option<Scrape>,
) -> Result<(), Failure> {
    let routes = Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(async |State((readiness, _)): State<Seen>| readiness.answer().await))
        .route("/metrics", get(async |State((_, scrape)): State<Seen>| scraped(scrape.as_ref())))
        .with_state((readiness, scrape));
    axum::serve(listener, routes).await.map_err(Failure::broken)
}

type Seen = (Readiness, Option<Scrape>);

fn scraped(scrape: Option<&Scrape>) -> axum::response::Response {
    match scrape.map(Scrape::text) {
        Some(Ok(text)) => ([(CONTENT_TYPE, Scrape::CONTENT_TYPE)], text).into_response(),
        Some(Err(failure)) => {
            tracing::error!(%failure, "metrics cannot be told");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_part_is_named_and_takes_no_replica_out() {
        let stop = CancellationToken::new();
        let readiness = Readiness::new(stop.clone());
        assert_eq!(readiness.answer().await, (StatusCode::SERVICE_UNAVAILABLE, "starting\n".into()));
        readiness.ready(vec![
            Part::new("here", async || true),
            Part::new("gone", async || false),
            Part::new("mute", std::future::pending),
        ]);
        assert_eq!(readiness.answer().await, (StatusCode::OK, "degraded: gone, mute\n".into()));
        readiness.ready(Vec::new());
        assert!(readiness.answer().await.1.contains("gone"), "the first holds");
        stop.cancel();
        assert_eq!(readiness.answer().await, (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".into()));
    }

    #[tokio::test]
    async fn all_parts_there_is_ready() {
        let readiness = Readiness::new(CancellationToken::new());
        readiness.ready(vec![Part::new("here", async || true)]);
        assert_eq!(readiness.answer().await, (StatusCode::OK, "ready\n".into()));
    }
}
