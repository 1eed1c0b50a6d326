//! What systems outside tell a service over HTTP: plain, for a network on which an operator's own front ends TLS.

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::IntoResponse as _,
};
use http::{HeaderMap, Method, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{failure::Failure, http_client::Bytes};

/// A body is not longer.
const MOST: usize = 64 * 1024;
/// It comes within this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// What somebody asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST`, …
    pub method: Method,
    /// Without what follows a question mark.
    pub path: String,
    /// As they came.
    pub headers: HeaderMap,
    /// Whole.
    pub body: Bytes,
}

/// Who answers.
#[async_trait::async_trait]
pub trait Answers: fmt::Debug + Send + Sync {
    /// The status of the answer, which has no body.
    async fn answer(&self, asked: Asked) -> StatusCode;
}

/// Serves until `stop`; calls under way are finished.
///
/// # Errors
/// Broken when the port can no longer be listened on.
pub async fn serve(
    listener: TcpListener,
    answers: Arc<dyn Answers>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let routes = Router::new().fallback(answer).with_state(answers);
    let stopped = async move { stop.cancelled().await };
    axum::serve(listener, routes).with_graceful_shutdown(stopped).await.map_err(Failure::broken)
}

async fn answer(State(answers): State<Arc<dyn Answers>>, request: Request<Body>) -> axum::response::Response {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(PATIENCE, to_bytes(body, MOST)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let path = head.uri.path().to_owned();
    answers.answer(Asked { method: head.method, path, headers: head.headers, body }).await.into_response()
}
