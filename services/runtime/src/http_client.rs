//! HTTP calls to systems outside, by the clients that are in the tree anyway: hyper, and rustls over ring. Redirects are not
//! followed. Where others say what is called, a guard sees to it that they reach by us only what they could reach without us.

mod lines;
mod resolver;
#[cfg(test)]
mod tests;

use std::{error::Error, path::Path, sync::Arc, time::Duration};

use http::{Request, Response, response, uri::Scheme};
use http_body::Body;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited, combinators::UnsyncBoxBody};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use phidia_domain::{Rejection, address::Network};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use self::{lines::Lines, resolver::Reach};

pub use self::resolver::{Resolver, Unresolved};
/// What a body consists of.
pub use bytes::Bytes;

/// A client whose requests have bodies of this kind.
pub type Hyper<B> = legacy::Client<HttpsConnector<Lines>, B>;

type AnyBody = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Nobody was reached: nothing was sent.
    #[error("nobody is there")]
    NotConnected,
    /// What is called must not be: nothing was sent.
    #[error("that address must not be called")]
    Forbidden,
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
pub struct HttpClient {
    /// What is called by TLS, and with it all that is called where nothing is guarded.
    secure: Guarded,
    in_clear: Guarded,
}

#[derive(Clone, Debug)]
struct Guarded {
    hyper: Hyper<Full<Bytes>>,
    reach: Reach,
}

/// A line to a stranger that nobody uses is closed after so long, and so many are open to all of them: there may be ten thousand, and each
/// line is a file that the process has open.
const IDLE: Duration = Duration::from_millis(500);
const LINES: usize = 2_000;
/// Of an answer that is no success so much is read at most; what is longer is taken for empty.
const MOST_OF_A_FAILURE: usize = 64 * 1024;
/// Of a body that nobody reads so much is let pass, and for so long, so that the line can be used again.
const MOST_THAT_PASSES: usize = 64 * 1024;
const LONGEST_THAT_PASSES: Duration = Duration::from_secs(1);

impl HttpClient {
    /// One that waits so long for a connection, and otherwise as [`hyper`].
    ///
    /// # Errors
    /// As [`hyper`].
    pub fn new(authority: Option<&Path>, setting: &str, to_connect: Duration) -> Result<Self, Rejection> {
        let all = Guarded::new(authority, setting, to_connect, Reach::All)?;
        Ok(Self { secure: all.clone(), in_clear: all })
    }

    /// As [`HttpClient::new`], for what others have named: by TLS it calls what everybody can reach and what stands in these networks, in
    /// clear only the latter. Whatever else is named is [`Unanswered::Forbidden`].
    ///
    /// # Errors
    /// As [`hyper`].
    pub fn guarded(
        authority: Option<&Path>,
        setting: &str,
        to_connect: Duration,
        allowed: &[Network],
    ) -> Result<Self, Rejection> {
        let allowed: Arc<[Network]> = allowed.into();
        let secure = Guarded::new(authority, setting, to_connect, Reach::Callable(Arc::clone(&allowed)))?;
        let in_clear = Guarded::new(authority, setting, to_connect, Reach::Allowed(allowed))?;
        Ok(Self { secure, in_clear })
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
            let (head, body) = self.request(request).await?.into_parts();
            let (is_success, most) = match head.status.is_success() {
                true => (true, most),
                false => (false, MOST_OF_A_FAILURE),
            };
            let body = match limited(body, most).collect().await {
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

    /// The head of the answer to a request, where it comes within `patience`: all that counts where something is only told. Of the body
    /// nothing is kept, and whether it is whole nobody asks.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn tell(
        &self,
        request: Request<Full<Bytes>>,
        patience: Duration,
    ) -> Result<response::Parts, Unanswered> {
        let answer = tokio::time::timeout(patience, self.request(request)).await;
        let (head, body) = answer.map_err(|_| Unanswered::Late)??.into_parts();
        let mut body = limited(body, MOST_THAT_PASSES);
        let passes = async { while let Some(Ok(_)) = body.frame().await {} };
        // Its line is closed where there is more.
        let _ = tokio::time::timeout(LONGEST_THAT_PASSES, passes).await;
        Ok(head)
    }

    async fn request(&self, request: Request<Full<Bytes>>) -> Result<Response<AnyBody>, Unanswered> {
        let is_secure = request.uri().scheme() == Some(&Scheme::HTTPS);
        let Guarded { hyper, reach } = if is_secure { &self.secure } else { &self.in_clear };
        if !reach.may_hold(request.uri()) {
            return Err(Unanswered::Forbidden);
        }
        let answer = hyper.request(request).await.map_err(|error| match error.is_connect() {
            true if is_forbidden(&error) => Unanswered::Forbidden,
            true => Unanswered::NotConnected,
            false => Unanswered::Interrupted,
        })?;
        Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync()))
    }
}

impl Guarded {
    fn new(
        authority: Option<&Path>,
        setting: &str,
        to_connect: Duration,
        reach: Reach,
    ) -> Result<Self, Rejection> {
        Ok(Self { hyper: within(reach.clone(), authority, setting, to_connect)?, reach })
    }
}

fn limited(body: AnyBody, most: usize) -> AnyBody {
    Limited::new(body, most).boxed_unsync()
}

fn is_forbidden(error: &(dyn Error + 'static)) -> bool {
    let found = error.downcast_ref().is_some_and(|error| matches!(error, Unresolved::Forbidden));
    found || error.source().is_some_and(is_forbidden)
}

/// A client that believes whom the authority in this PEM file vouches for; none: those that browsers know. `setting`: where the
/// file is named.
///
/// # Errors
/// `INVALID_ARGUMENT` where the file holds no certificate.
pub fn hyper<B>(authority: Option<&Path>, setting: &str, to_connect: Duration) -> Result<Hyper<B>, Rejection>
where
    B: Body + Send,
    B::Data: Send,
{
    within(Reach::All, authority, setting, to_connect)
}

fn within<B>(
    reach: Reach,
    authority: Option<&Path>,
    setting: &str,
    to_connect: Duration,
) -> Result<Hyper<B>, Rejection>
where
    B: Body + Send,
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
    let calls_strangers = !matches!(reach, Reach::All);
    let mut tcp = HttpConnector::new_with_resolver(Resolver::new(reach, to_connect));
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(to_connect));
    let lines = Lines::new(tcp, if calls_strangers { LINES } else { usize::MAX });
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(lines);
    let mut client = legacy::Client::builder(TokioExecutor::new());
    client.pool_timer(TokioTimer::new());
    if calls_strangers {
        client.pool_idle_timeout(IDLE);
    }
    Ok(client.build(https))
}
