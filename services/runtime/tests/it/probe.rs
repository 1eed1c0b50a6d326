//! A small service, written by hand, that behaves well or badly as it is told, and ways to call it.

use std::{
    convert::Infallible,
    task::{Context, Poll},
    time::Duration,
};

use futures::{
    StreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use http::uri::PathAndQuery;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
};
use phidia_runtime::{
    context,
    identity::{self, Trust},
    peer::Peer,
    server::Server,
    stack::{self, Access, StackConfig, Stacked},
    status,
    telemetry::TraceParent,
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Response, Status,
    body::Body,
    server::{Grpc, NamedService},
    service::Routes,
};
use tonic_prost::ProstCodec;
use tower::service_fn;

pub(crate) const SOON: Duration = Duration::from_secs(10);

/// What happens in the service, for tests to wait on.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) events: mpsc::Sender<&'static str>,
    pub(crate) release: CancellationToken,
    next: Option<Peer>,
}

pub(crate) type Events = mpsc::Receiver<&'static str>;

impl Probe {
    pub(crate) fn new() -> (Self, Events) {
        let (events, receiver) = mpsc::channel(64);
        (Self { events, release: CancellationToken::new(), next: None }, receiver)
    }

    /// One whose `Relay` calls `next`.
    pub(crate) fn before(next: Peer) -> Self {
        Self { next: Some(next), ..Self::new().0 }
    }
}

impl NamedService for Probe {
    const NAME: &'static str = "test.Probe";
}

impl tower::Service<http::Request<Body>> for Probe {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let probe = self.clone();
        let method = request.uri().path().rsplit('/').next().unwrap().to_owned();
        let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
        Box::pin(async move {
            Ok(if method.starts_with("Stream") {
                let streaming =
                    service_fn(move |_: Request<String>| streaming(probe.clone(), method.clone()));
                grpc.server_streaming(streaming, request).await
            } else {
                let unary = service_fn(move |request| unary(probe.clone(), method.clone(), request));
                grpc.unary(unary, request).await
            })
        })
    }
}

struct Dropped(mpsc::Sender<&'static str>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.try_send("dropped");
    }
}

async fn unary(probe: Probe, method: String, request: Request<String>) -> Result<Response<String>, Status> {
    match method.as_str() {
        "Who" => {
            let caller = identity::caller(&request).map_err(|rejection| status::to_status(&rejection))?;
            Ok(Response::new(caller.actor()))
        }
        "Trace" => {
            let trace = request.extensions().get::<TraceParent>().unwrap();
            assert_eq!(context::Context::current().unwrap().trace, *trace);
            let limited = context::Context::current().unwrap().deadline.is_some();
            Ok(Response::new(format!("{} {limited}", trace.trace_id())))
        }
        "Relay" => {
            let mine = context::Context::current().unwrap().trace.trace_id();
            let theirs = call(&probe.next.unwrap(), "Trace", "").await?;
            Ok(Response::new(format!("{mine} {theirs}")))
        }
        "Refuse" => Err(status::to_status(&Rejection::invalid("WRONG", "field", "something else"))),
        "Panic" => panic!("on purpose"),
        "Wait" => {
            let _dropped = Dropped(probe.events.clone());
            probe.events.send("waiting").await.unwrap();
            probe.release.cancelled().await;
            Ok(Response::new("released".to_owned()))
        }
        other => panic!("{other}"),
    }
}

async fn streaming(
    probe: Probe,
    method: String,
) -> Result<Response<BoxStream<'static, Result<String, Status>>>, Status> {
    let (sender, receiver) = mpsc::channel(4);
    sender.send(Ok("first".to_owned())).await.unwrap();
    let panics = method == "StreamPanic";
    if !panics {
        tokio::spawn(async move {
            probe.release.cancelled().await;
            drop(sender);
        });
    }
    let end = stream::poll_fn(move |_| if panics { panic!("on purpose") } else { Poll::Ready(None) });
    Ok(Response::new(ReceiverStream::new(receiver).chain(end).boxed()))
}

fn access(path: &str) -> Option<Access> {
    const ALL: &[Role] = &[Role::Service, Role::Operator];
    match path {
        "/test.Probe/Secret" => Some(Access { roles: &[Role::Operator], streaming: false }),
        "/test.Probe/Unlisted" => None,
        path if path.starts_with("/test.Probe/") => {
            Some(Access { roles: ALL, streaming: path.contains("Stream") })
        }
        _ => None,
    }
}

pub(crate) fn stacked(probe: Probe, config: &StackConfig, trust: Trust) -> Stacked {
    stack::wrap(Routes::new(probe), config, trust, access)
}

pub(crate) struct Running {
    pub(crate) uri: String,
    pub(crate) stop: CancellationToken,
    pub(crate) ended: JoinHandle<()>,
}

pub(crate) async fn serve(service: Stacked, grace: Duration) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let server = Server::new(service)
        .descriptors(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .serving(["test.Probe"])
        .run(listener, stop.clone(), grace);
    Running { uri, stop, ended: tokio::spawn(async move { server.await.unwrap() }) }
}

pub(crate) fn remote(running: &Running) -> Peer {
    Peer::remote(&running.uri, Caller::service("tester"), None).unwrap()
}

pub(crate) async fn call(peer: &Peer, method: &str, message: &str) -> Result<String, Status> {
    send(peer, method, Request::new(message.to_owned())).await
}

pub(crate) async fn send<M: prost::Message + 'static>(
    peer: &Peer,
    method: &str,
    request: Request<M>,
) -> Result<String, Status> {
    let path = PathAndQuery::try_from(format!("/test.Probe/{method}")).unwrap();
    let mut grpc = tonic::client::Grpc::new(peer.clone());
    grpc.ready().await?;
    grpc.unary(request, path, ProstCodec::<M, String>::default()).await.map(Response::into_inner)
}

pub(crate) async fn open(peer: &Peer, method: &str) -> Result<tonic::Streaming<String>, Status> {
    let path = PathAndQuery::try_from(format!("/test.Probe/{method}")).unwrap();
    let mut grpc = tonic::client::Grpc::new(peer.clone());
    let codec = ProstCodec::<String, String>::default();
    grpc.server_streaming(Request::new(String::new()), path, codec).await.map(Response::into_inner)
}

pub(crate) async fn next(events: &mut Events) -> &'static str {
    tokio::time::timeout(SOON, events.recv()).await.unwrap().unwrap()
}
