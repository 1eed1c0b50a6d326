//! The stack around every handler, the same for the network's server and for a peer in the same process.
//!
//! From the outside in: span, trace and measurement, panic isolation, deadline, shedding, identity, access, and the
//! mapping of what tonic says about messages that it cannot decode. It is written as one function, read
//! from top to bottom, and not as eight layers: the order is the point of it.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use http::{Request, Response};
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body, server::NamedService, service::Routes};
use tower::{Service, ServiceExt as _};
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    context::{Context, monotonic_now, timeout_of},
    guard::{self, Guarded},
    identity::{self, Trust},
    status,
    telemetry::TraceParent,
    watch::Watched,
};

/// Services that anybody may call, that need no identity and are never shed: probes and tools.
const OPEN: [&str; 3] = [
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

/// The limits of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StackConfig {
    /// How many calls may be before their answer's headers at once; one more is RESOURCE_EXHAUSTED.
    pub max_concurrency: usize,
    /// The deadline of a unary call whose caller gives none, in milliseconds in files.
    #[serde(rename = "default_deadline_ms", with = "millis")]
    pub default_deadline: Duration,
}

impl Default for StackConfig {
    fn default() -> Self {
        Self { max_concurrency: 1024, default_deadline: Duration::from_secs(10) }
    }
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// Who may call one RPC, and whether it streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The roles that may call it.
    pub roles: &'static [Role],
    /// Whether either side streams: then it gets no deadline of ours, only its caller's.
    pub streaming: bool,
}

/// Who may call what: from `/package.Service/Method` to its entry. What has none may be called by nobody.
pub type AccessTable = fn(path: &str) -> Option<Access>;

/// Puts `routes` behind the stack.
pub fn wrap(routes: Routes, config: &StackConfig, trust: Trust, access: AccessTable) -> Stacked {
    let shared = Shared {
        permits: Arc::new(Semaphore::new(config.max_concurrency.min(Semaphore::MAX_PERMITS))),
        default_deadline: config.default_deadline,
        trust,
        access,
    };
    Stacked { routes: routes.prepare(), shared: Arc::new(shared), abort: CancellationToken::new() }
}

/// Routes behind the stack: a gRPC service that never fails and never panics. Clones share the limits.
#[derive(Clone, Debug)]
pub struct Stacked {
    routes: Routes,
    shared: Arc<Shared>,
    abort: CancellationToken,
}

#[derive(Debug)]
struct Shared {
    permits: Arc<Semaphore>,
    default_deadline: Duration,
    trust: Trust,
    access: AccessTable,
}

impl Stacked {
    /// Adds a service of the server's own behind the same stack.
    pub(crate) fn mount<S>(self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        Self { routes: self.routes.add_service(service), ..self }
    }

    /// Ends every call with UNAVAILABLE as soon as `abort` is cancelled.
    pub(crate) fn aborted_by(self, abort: CancellationToken) -> Self {
        Self { abort, ..self }
    }

    async fn answer(self, mut request: Request<Body>, entry: Entry) -> Response<Body> {
        let span = Span::current();
        let limit = timeout_of(request.headers()).or_else(|| entry.default_deadline(&self.shared));
        let context = Context {
            trace: take_trace(&mut request, &span),
            deadline: limit.map(|limit| monotonic_now() + limit),
        };
        let abort = self.abort.clone();
        let handled = AssertUnwindSafe(context.scope(self.admit(request, entry, span))).catch_unwind();
        let handled = async {
            match limit {
                Some(limit) => tokio::time::timeout(limit, handled).await.map_err(|_| deadline_passed()),
                None => Ok(handled.await),
            }
        };
        let outcome = tokio::select! {
            outcome = handled => outcome,
            () = abort.cancelled() => Err(guard::going_away()),
        };
        let response = match outcome {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(rejection))) | Err(rejection) => return status::to_status(&rejection).into_http(),
            Ok(Err(_)) => return status::of_failure(guard::panicked()).into_http(),
        };
        if entry.streams() { response.map(|body| Body::new(Guarded::new(body, abort))) } else { response }
    }

    async fn admit(
        self,
        mut request: Request<Body>,
        entry: Entry,
        span: Span,
    ) -> Result<Response<Body>, Rejection> {
        // Held until the answer's headers: what streams after them is bounded per connection by HTTP/2.
        let _permit = match entry {
            Entry::Open => None,
            Entry::Known(_) | Entry::Unknown => {
                Some(self.shared.permits.try_acquire().map_err(|_| overloaded())?)
            }
        };
        if entry != Entry::Open {
            let caller = identify(&self.shared.trust, &request)?;
            span.record("role", caller.role.as_str());
            entry.allow(&caller)?;
            request.extensions_mut().insert(caller);
        }
        let Ok(response) = self.routes.oneshot(request).await;
        match Status::from_header_map(response.headers()).as_ref().and_then(status::undecodable) {
            Some(rejection) => Err(rejection),
            None => Ok(response),
        }
    }
}

impl Service<Request<Body>> for Stacked {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let path = request.uri().path();
        let entry = Entry::of(path, self.shared.access);
        // The path is one of ours or refused, and the rest of a call may be personal: it is not logged.
        let span = match entry {
            Entry::Known(Access { streaming: false, .. }) => {
                tracing::info_span!("rpc", path, role = Empty, trace = Empty, otel.kind = "server")
            }
            // A stream has no end that a trace could wait for, and the others are none of ours.
            Entry::Known(_) | Entry::Open | Entry::Unknown => {
                tracing::info_span!("rpc", path, role = Empty, trace = Empty)
            }
        };
        if let Some(theirs) = told_trace(&request) {
            theirs.adopt(&span);
        }
        let watched = (entry != Entry::Open).then(|| Watched::new(path, entry != Entry::Unknown, &span));
        let stacked = self.clone();
        Box::pin(
            async move {
                let response = stacked.answer(request, entry).await;
                let code = Status::from_header_map(response.headers()).map_or(tonic::Code::Ok, |s| s.code());
                tracing::debug!(?code, "answered");
                if let Some(watched) = watched {
                    watched.answered(code);
                }
                Ok(response)
            }
            .instrument(span),
        )
    }
}

/// What the access table says about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Open,
    Known(Access),
    Unknown,
}

impl Entry {
    fn of(path: &str, table: AccessTable) -> Self {
        if OPEN.iter().any(|service| path.starts_with(service)) {
            return Self::Open;
        }
        table(path).map_or(Self::Unknown, Self::Known)
    }

    fn streams(self) -> bool {
        match self {
            Self::Open => true,
            Self::Known(access) => access.streaming,
            Self::Unknown => false,
        }
    }

    fn default_deadline(self, shared: &Shared) -> Option<Duration> {
        (!self.streams()).then_some(shared.default_deadline)
    }

    fn allow(self, caller: &Caller) -> Result<(), Rejection> {
        let (reason, message) = match self {
            Self::Open => return Ok(()),
            Self::Known(access) if access.roles.contains(&caller.role) => return Ok(()),
            Self::Known(_) => ("ROLE_NOT_ALLOWED", "the caller's role may not call this"),
            Self::Unknown => ("UNKNOWN_METHOD", "nobody may call this"),
        };
        Err(Rejection::new(Kind::Forbidden, reason, message).with("role", caller.role.as_str()))
    }
}

fn identify(trust: &Trust, request: &Request<Body>) -> Result<Caller, Rejection> {
    trust.check(request.headers())?;
    identity::read(request.headers())?.ok_or_else(identity::nobody)
}

/// The caller's trace, if it told one.
fn told_trace(request: &Request<Body>) -> Option<TraceParent> {
    request.headers().get(TraceParent::HEADER)?.to_str().ok()?.parse().ok()
}

/// Continues the caller's trace or begins one; handlers find it in the request's extensions.
fn take_trace(request: &mut Request<Body>, span: &Span) -> TraceParent {
    let trace = TraceParent::of(span)
        .unwrap_or_else(|| told_trace(request).map_or_else(TraceParent::make, TraceParent::child));
    if !span.is_disabled() {
        span.record("trace", trace.trace_id());
    }
    request.extensions_mut().insert(trace);
    trace
}

fn deadline_passed() -> Rejection {
    Rejection::new(Kind::Deadline, "DEADLINE_EXCEEDED", "the deadline passed before there was an answer")
}

fn overloaded() -> Rejection {
    Rejection::new(Kind::Exhausted, "OVERLOADED", "too many calls at once")
}
