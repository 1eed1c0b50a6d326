//! Every story is told twice: in process and over TCP. Only the transport may differ.

use std::time::Duration;

use phidia_domain::caller::{Caller, Role};
use phidia_runtime::{identity::Trust, peer::Peer, stack::StackConfig, status};
use tonic::{Code, Request, Status};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;

use crate::probe::{Events, Probe, Running, SOON, call, next, open, remote, send, serve, stacked};

struct Stage {
    peer: Peer,
    probe: Probe,
    events: Events,
    running: Option<Running>,
}

/// The same service behind both transports.
async fn stages(config: StackConfig) -> [Stage; 2] {
    let (probe, events) = Probe::new();
    let peer = Peer::local(stacked(probe.clone(), &config, Trust::Headers), Caller::service("tester"));
    let local = Stage { peer, probe, events, running: None };
    let (probe, events) = Probe::new();
    let running = serve(stacked(probe.clone(), &config, Trust::Headers), Duration::ZERO).await;
    let remote = Stage { peer: remote(&running), probe, events, running: Some(running) };
    [local, remote]
}

fn reason(status: &Status) -> String {
    status::from_status(status).reason
}

#[tokio::test]
async fn the_caller_is_known_and_refusals_arrive_whole() {
    for Stage { peer, .. } in stages(StackConfig::default()).await {
        assert_eq!(call(&peer, "Who", "").await.unwrap(), "service/tester");
        let other = Caller { role: Role::Operator, name: "Ánh".into(), unit: None, officer: None };
        assert_eq!(call(&peer.speaking_for(other), "Who", "").await.unwrap(), "operator/Ánh");
        let rejection = status::from_status(&call(&peer, "Refuse", "").await.unwrap_err());
        assert_eq!((rejection.reason.as_str(), rejection.violations.len()), ("WRONG", 1));
    }
}

#[tokio::test]
async fn what_is_not_allowed_is_denied() {
    for Stage { peer, .. } in stages(StackConfig::default()).await {
        for (method, why) in [("Secret", "ROLE_NOT_ALLOWED"), ("Unlisted", "UNKNOWN_METHOD")] {
            let status = call(&peer, method, "").await.unwrap_err();
            assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, why));
        }
        let mut nobody = Request::new(String::new());
        nobody.metadata_mut().insert("phidia-role", "king".parse().unwrap());
        let status = send(&peer, "Who", nobody).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
    }
}

#[tokio::test]
async fn a_panic_stays_where_it_was() {
    for Stage { peer, .. } in stages(StackConfig::default()).await {
        let status = call(&peer, "Panic", "").await.unwrap_err();
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("on purpose"));
        let mut stream = open(&peer, "StreamPanic").await.unwrap();
        // tonic gathers messages into one frame: those of the frame in which it panics are lost.
        assert_eq!(stream.message().await.unwrap_err().code(), Code::Internal);
        assert_eq!(call(&peer, "Who", "").await.unwrap(), "service/tester");
    }
}

#[tokio::test]
async fn a_deadline_ends_caller_and_callee() {
    let config = StackConfig { default_deadline: Duration::from_millis(50), ..StackConfig::default() };
    for Stage { peer, mut events, .. } in stages(config).await {
        // The service's own, for a caller that gives none.
        let status = call(&peer, "Wait", "").await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!((next(&mut events).await, next(&mut events).await), ("waiting", "dropped"));
    }
    for Stage { peer, mut events, .. } in stages(StackConfig::default()).await {
        let mut hasty = Request::new(String::new());
        hasty.set_timeout(Duration::from_millis(50));
        let status = send(&peer, "Wait", hasty).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!((next(&mut events).await, next(&mut events).await), ("waiting", "dropped"));
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_stops_the_callee() {
    for Stage { peer, mut events, .. } in stages(StackConfig::default()).await {
        let waiting = tokio::spawn(async move { call(&peer, "Wait", "").await });
        assert_eq!(next(&mut events).await, "waiting");
        waiting.abort();
        assert_eq!(next(&mut events).await, "dropped");
    }
}

#[tokio::test]
async fn streams_have_no_deadline_of_ours() {
    let config = StackConfig { default_deadline: Duration::from_millis(1), ..StackConfig::default() };
    for Stage { peer, probe, .. } in stages(config).await {
        let mut stream = open(&peer, "StreamWait").await.unwrap();
        assert_eq!(stream.message().await.unwrap().unwrap(), "first");
        probe.release.cancel();
        assert!(stream.message().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn one_call_too_many_is_shed_but_never_a_health_check() {
    let config = StackConfig { max_concurrency: 1, ..StackConfig::default() };
    for Stage { peer, probe, mut events, running } in stages(config).await {
        let busy = tokio::spawn({
            let peer = peer.clone();
            async move { call(&peer, "Wait", "").await }
        });
        assert_eq!(next(&mut events).await, "waiting");
        let status = call(&peer, "Who", "").await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "OVERLOADED"));
        assert!(status.get_details_retry_info().is_some());
        if running.is_some() {
            HealthClient::new(peer.clone()).check(HealthCheckRequest::default()).await.unwrap();
        }
        probe.release.cancel();
        assert_eq!(busy.await.unwrap().unwrap(), "released");
        assert_eq!(call(&peer, "Who", "").await.unwrap(), "service/tester");
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_decoded_is_the_callers_fault() {
    for Stage { peer, .. } in stages(StackConfig::default()).await {
        // The same field, but not UTF-8.
        let status = send(&peer, "Who", Request::new(vec![0xff, 0xfe])).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "MALFORMED_MESSAGE"));
        let long = "x".repeat(5 * 1024 * 1024);
        let status = call(&peer, "Who", &long).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "MESSAGE_TOO_LARGE"));
    }
}

#[tokio::test]
async fn trace_and_deadline_are_handed_on() {
    for Stage { peer, .. } in stages(StackConfig::default()).await {
        let relay = Probe::before(peer);
        let first = stacked(relay, &StackConfig::default(), Trust::Headers);
        let first = Peer::local(first, Caller::service("tester"));
        let mut request = Request::new(String::new());
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        request.metadata_mut().insert("traceparent", parent.parse().unwrap());
        let answer = send(&first, "Relay", request).await.unwrap();
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(answer, format!("{trace} {trace} true"));
    }
}

#[tokio::test]
async fn headers_are_believed_only_with_the_token() {
    let (probe, _events) = Probe::new();
    let service = stacked(probe, &StackConfig::default(), Trust::Token("s3cret".into()));
    let running = serve(service, Duration::ZERO).await;
    let me = || Caller::service("tester");
    assert_eq!(call(&remote(&running), "Who", "").await.unwrap_err().code(), Code::Unauthenticated);
    for (token, known) in [("s3cret", true), ("guess", false)] {
        let peer = Peer::remote(&running.uri, me(), Some(&token.into())).unwrap();
        assert_eq!(call(&peer, "Who", "").await.is_ok(), known);
    }
}

#[tokio::test]
async fn a_peer_that_is_away_is_unavailable_and_found_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let peer = Peer::remote(&format!("http://{address}"), Caller::service("tester"), None).unwrap();
    let status = call(&peer, "Who", "").await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "PEER_UNAVAILABLE"));

    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let service = stacked(Probe::new().0, &StackConfig::default(), Trust::Headers);
    let stop = tokio_util::sync::CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    tokio::spawn(phidia_runtime::server::Server::new(service).run(listener, stop, Duration::ZERO));
    let found = async {
        while call(&peer, "Who", "").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, found).await.unwrap();
    assert!(Peer::remote("https://x", Caller::service("t"), None).is_err());
}
