//! How a bucket is reached over HTTP, by the client of the runtime: the one that `object_store` would bring along brings a second
//! cryptography.

use std::{fmt, path::Path, time::Duration};

use async_trait::async_trait;
use futures::stream;
use http_body_util::{BodyExt as _, StreamBody};
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse,
        HttpResponseBody, HttpService,
    },
};
use phidia_domain::Rejection;
use phidia_runtime::http_client::{self, Hyper};

/// No line to a bucket is slower than so many bytes a second: what is sent has longer than an answer, the more of it there is.
const SLOWEST: usize = 256 * 1024;

/// Connects to buckets.
#[derive(Clone)]
pub(super) struct Connector {
    hyper: Hyper<HttpRequestBody>,
    patience: Duration,
}

impl Connector {
    /// One that believes whom the authority in this file vouches for; none: those that browsers know.
    pub(super) fn new(authority: Option<&Path>, patience: Duration) -> Result<Self, Rejection> {
        Ok(Self { hyper: http_client::hyper(authority, "attachments.s3.authority", patience)?, patience })
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let patience = self.patience + to_send(request.body().content_length());
        let answered = tokio::time::timeout(patience, self.hyper.request(request)).await;
        let response =
            answered.map_err(|late| HttpError::new(HttpErrorKind::Timeout, late))?.map_err(|error| {
                let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
                HttpError::new(kind, error)
            })?;
        // Each piece has its time: a line that falls silent in the middle keeps nobody waiting for ever.
        let patience = self.patience;
        Ok(response.map(|body| {
            let pieces = stream::try_unfold(body, move |mut body| async move {
                match tokio::time::timeout(patience, body.frame()).await {
                    Ok(None) => Ok(None),
                    Ok(Some(Ok(piece))) => Ok(Some((piece, body))),
                    Ok(Some(Err(error))) => Err(HttpError::new(HttpErrorKind::Interrupted, error)),
                    Err(late) => Err(HttpError::new(HttpErrorKind::Timeout, late)),
                }
            });
            HttpResponseBody::new(StreamBody::new(pieces))
        }))
    }
}

/// How long so many bytes may be on their way.
fn to_send(bytes: usize) -> Duration {
    Duration::from_secs((bytes / SLOWEST).try_into().unwrap_or(u64::MAX))
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_file_has_time_to_get_there() {
        assert_eq!(to_send(0), Duration::ZERO);
        // 16 Mbit a second, for a file of 200 MB.
        assert!(to_send(200_000_000) >= Duration::from_secs(200_000_000 / 2_000_000));
    }
}
