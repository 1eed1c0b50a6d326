//! How a server says that it is well, and how it goes.

use std::time::Duration;

use phidia_domain::caller::Caller;
use phidia_runtime::{identity::Trust, peer::Peer, service, stack::StackConfig, status};
use tonic::{Code, service::Routes};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::probe::{Probe, SOON, call, next, open, remote, serve, stacked};

fn well(probe: Probe) -> phidia_runtime::stack::Stacked {
    stacked(probe, &StackConfig::default(), Trust::Token("nobody knows".into()))
}

#[tokio::test]
async fn health_and_reflection_are_open_to_all() {
    let running = serve(well(Probe::new().0), Duration::ZERO).await;
    let peer = remote(&running);
    for service in ["", "test.Probe"] {
        let request = HealthCheckRequest { service: service.into() };
        let answer = HealthClient::new(peer.clone()).check(request).await.unwrap().into_inner();
        assert_eq!(answer.status, 1);
    }
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let stream = tokio_stream::once(request);
    let mut answers =
        ServerReflectionClient::new(peer.clone()).server_reflection_info(stream).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(list) = answer else { panic!("{answer:?}") };
    let mut listed: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
    listed.sort_unstable();
    // What is served, whatever else the descriptors describe.
    let reflection = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];
    assert_eq!(listed, ["grpc.health.v1.Health", reflection[0], reflection[1], "test.Probe"]);
    assert_eq!(call(&peer, "Who", "").await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn draining_lets_a_call_end_and_says_so_before() {
    let (probe, mut events) = Probe::new();
    let service = stacked(probe.clone(), &StackConfig::default(), Trust::Headers);
    let running = serve(service, SOON).await;
    let peer = remote(&running);
    let request = HealthCheckRequest { service: "test.Probe".into() };
    let mut health = HealthClient::new(peer.clone()).watch(request).await.unwrap().into_inner();
    assert_eq!(health.message().await.unwrap().unwrap().status, 1);
    let waiting = tokio::spawn(async move { call(&peer, "Wait", "").await });
    assert_eq!(next(&mut events).await, "waiting");

    running.stop.cancel();
    let told = tokio::time::timeout(SOON, health.message()).await.unwrap().unwrap().unwrap();
    assert_eq!(told.status, 2);
    drop(health);
    probe.release.cancel();
    assert_eq!(waiting.await.unwrap().unwrap(), "released");
    tokio::time::timeout(SOON, running.ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn after_the_grace_calls_are_ended() {
    let (probe, mut events) = Probe::new();
    let service = stacked(probe, &StackConfig::default(), Trust::Headers);
    let running = serve(service, Duration::from_millis(50)).await;
    let peer = remote(&running);
    let mut stream = open(&peer, "StreamWait").await.unwrap();
    assert_eq!(stream.message().await.unwrap().unwrap(), "first");
    let waiting = tokio::spawn(async move { call(&peer, "Wait", "").await });
    assert_eq!(next(&mut events).await, "waiting");
    running.stop.cancel();
    for status in [waiting.await.unwrap().unwrap_err(), stream.message().await.unwrap_err()] {
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(status::from_status(&status).reason, "GOING_AWAY");
    }
    assert_eq!(next(&mut events).await, "dropped");
    tokio::time::timeout(SOON, running.ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn merged_routes_serve_all() {
    let (_, health) = tonic_health::server::health_reporter();
    let routes = service::merge([Routes::new(Probe::new().0), Routes::new(health)]);
    let service = phidia_runtime::stack::wrap(routes, &StackConfig::default(), Trust::Headers, |_| None);
    let peer = Peer::local(service, Caller::service("tester"));
    HealthClient::new(peer.clone()).check(HealthCheckRequest::default()).await.unwrap();
    assert_eq!(call(&peer, "Who", "").await.unwrap_err().code(), Code::PermissionDenied);
}
