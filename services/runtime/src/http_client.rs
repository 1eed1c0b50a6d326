//! HTTP calls to systems outside, by the clients that are in the tree anyway: hyper, and rustls over ring. Redirects are not
//! followed.

use std::{path::Path, sync::Arc, time::Duration};

use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited, combinators::UnsyncBoxBody};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use phidia_domain::Rejection;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// What a body consists of.
pub use bytes::Bytes;

/// A client whose requests have bodies of this kind.
pub type Hyper<B> = legacy::Client<HttpsConnector<HttpConnector>, B>;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Nobody was reached: nothing was sent.
    #[error("nobody is there")]
    NotConnected,
    /// The line was lost, or what came is not HTTP: it may have been heard.
    #[error("the line was lost")]
    Interrupted,
    /// It took too long: it may have been heard.
    #[error("no answer came in time")]
    Late,
    /// The answer is longer than is read.
    #[error("the answer is too long")]
    TooLong,
}

/// A client for short questions with short answers.
#[derive(Clone, Debug)]
pub struct HttpClient(Hyper<Full<Bytes>>);

/// Of an answer that is no success so much is read at most; what is longer is taken for empty.
const MOST_OF_A_FAILURE: usize = 64 * 1024;

impl HttpClient {
    /// One that waits so long for a connection, and otherwise as [`hyper`].
    ///
    /// # Errors
    /// As [`hyper`].
    pub fn new(authority: Option<&Path>, setting: &str, to_connect: Duration) -> Result<Self, Rejection> {
        Ok(Self(hyper(authority, setting, to_connect)?))
    }

    /// The answer to a request, whatever its status, where it is whole within `patience`; of a success at most `most` bytes.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn ask(
        &self,
        request: Request<Full<Bytes>>,
        most: usize,
        patience: Duration,
    ) -> Result<Response<Bytes>, Unanswered> {
        let asked = async {
            let answer = self.0.request(request).await.map_err(|error| match error.is_connect() {
                true => Unanswered::NotConnected,
                false => Unanswered::Interrupted,
            })?;
            let (head, body) = answer.into_parts();
            let (is_success, most) = match head.status.is_success() {
                true => (true, most),
                false => (false, MOST_OF_A_FAILURE),
            };
            let body: UnsyncBoxBody<Bytes, _> = Limited::new(body, most).boxed_unsync();
            let body = match body.collect().await {
                Ok(body) => body.to_bytes(),
                // Its status says enough.
                Err(_) if !is_success => Bytes::new(),
                Err(error) if error.is::<LengthLimitError>() => return Err(Unanswered::TooLong),
                Err(_) => return Err(Unanswered::Interrupted),
            };
            Ok(Response::from_parts(head, body))
        };
        tokio::time::timeout(patience, asked).await.map_err(|_| Unanswered::Late)?
    }
}

/// A client that believes whom the authority in this PEM file vouches for; none: those that browsers know. `setting`: where the
/// file is named.
///
/// # Errors
/// `INVALID_ARGUMENT` where the file holds no certificate.
pub fn hyper<B>(authority: Option<&Path>, setting: &str, to_connect: Duration) -> Result<Hyper<B>, Rejection>
where
    B: http_body::Body + Send,
    B::Data: Send,
{
    let wrong = || Rejection::invalid("MALFORMED_CONFIG", setting, "a file with a certificate as PEM");
    let mut roots = RootCertStore::empty();
    match authority {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            for certificate in CertificateDer::pem_file_iter(file).map_err(|_| wrong())? {
                roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
            }
            if roots.is_empty() {
                return Err(wrong());
            }
        }
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| wrong())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(to_connect));
    let https =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    Ok(legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(https))
}
