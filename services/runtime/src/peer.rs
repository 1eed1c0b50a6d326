//! Another service, wherever it runs: the one transport of every generated client (`XClient<Peer>`).
//!
//! In process a call goes through the callee's own stack, on a task of its own, and is dropped with the
//! caller, as HTTP/2 does it: when the caller gives up or its deadline passes, the callee stops at its
//! next await. What must not be left half done is a work of [`crate::database::Database::write`], which
//! runs to its end.

use std::{
    error::Error,
    sync::{Arc, OnceLock},
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, header::AUTHORIZATION};
use phidia_domain::{Kind, Rejection, caller::Caller};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::task::AbortOnDropHandle;
use tonic::{
    Status, TimeoutExpired,
    body::Body,
    transport::{Channel, Endpoint},
};
use tower::{Service, ServiceExt as _};
use tracing::Instrument as _;

use crate::{
    context::Context,
    failure::{Failure, chain},
    guard, identity,
    stack::Stacked,
    status,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// A way to another service, and who we are to it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Peer {
    way: Way,
    caller: Caller,
    bearer: Option<HeaderValue>,
}

#[derive(Clone, Debug)]
enum Way {
    Local(Stacked),
    Slot(Slot),
    Remote(Channel),
}

/// The place of a service of this process that is not built yet: services that tell each other facts need
/// each other's peers before either exists. Until it is filled, calls are UNAVAILABLE.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<OnceLock<Stacked>>);

impl Slot {
    /// A way to the service that will be in this place.
    pub fn peer(&self, caller: Caller) -> Peer {
        Peer { way: Way::Slot(self.clone()), caller, bearer: None }
    }

    /// Puts the service in its place; the first one stays.
    pub fn fill(&self, service: Stacked) {
        // Full already: the composition built the same service twice, and one of them is enough.
        let _ = self.0.set(service);
    }
}

impl Peer {
    /// A service in this process.
    pub fn local(service: Stacked, caller: Caller) -> Self {
        Self { way: Way::Local(service), caller, bearer: None }
    }

    /// A service at `uri`. It is connected to when it is first called, and again when it was lost; until
    /// then calls are UNAVAILABLE.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when the URI is none of the form `http://host:port`, or when the token cannot
    /// stand in a header.
    pub fn remote(uri: &str, caller: Caller, token: Option<&SecretString>) -> Result<Self, Failure> {
        let malformed = || Rejection::invalid("MALFORMED_PEER", "peer", "expected http://host:port");
        if !uri.starts_with("http://") {
            return Err(malformed().into());
        }
        let endpoint = Endpoint::from_shared(uri.to_owned())
            .map_err(|_| malformed())?
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true);
        Ok(Self { way: Way::Remote(endpoint.connect_lazy()), caller, bearer: token.map(bearer).transpose()? })
    }

    /// The same way for another caller: a gateway that speaks for those who came to it.
    #[must_use]
    pub fn speaking_for(&self, caller: Caller) -> Self {
        Self { caller, ..self.clone() }
    }
}

impl Service<Request<Body>> for Peer {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    /// Always ready: a fault here would reach the client as UNKNOWN, one from the call keeps its code.
    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let headers = request.headers_mut();
        if !headers.contains_key(identity::ROLE) {
            identity::write(&self.caller, headers);
        }
        if let Some(bearer) = &self.bearer {
            headers.insert(AUTHORIZATION, bearer.clone());
        }
        Context::hand_on(Context::current(), headers);
        let way = match &self.way {
            Way::Slot(slot) => slot.0.get().cloned().map(Way::Local),
            other => Some(other.clone()),
        };
        match way {
            Some(Way::Local(service)) => {
                let call = tokio::spawn(service.oneshot(request).in_current_span());
                let call = AbortOnDropHandle::new(call);
                Box::pin(async move {
                    match call.await {
                        Ok(Ok(response)) => Ok(response),
                        Err(error) if error.is_panic() => Err(status::of_failure(guard::panicked())),
                        Err(_) => Err(status::to_status(&unreachable())),
                    }
                })
            }
            Some(Way::Remote(channel)) => {
                Box::pin(async move { channel.oneshot(request).await.map_err(|error| of_transport(&error)) })
            }
            Some(Way::Slot(_)) | None => Box::pin(async move { Err(status::to_status(&unreachable())) }),
        }
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| Rejection::invalid("MALFORMED_TOKEN", "token", "expected visible ASCII"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// No answer came: the time was up, or the other side is away.
fn of_transport(error: &tonic::transport::Error) -> Status {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if found.is::<TimeoutExpired>() {
            let message = "the deadline passed before the other service answered";
            return status::to_status(&Rejection::new(Kind::Deadline, "DEADLINE_EXCEEDED", message));
        }
        cause = found.source();
    }
    tracing::debug!(error = chain(error), "peer unavailable");
    status::to_status(&unreachable())
}

fn unreachable() -> Rejection {
    Rejection::new(Kind::Unavailable, "PEER_UNAVAILABLE", "another service cannot be reached now")
}
