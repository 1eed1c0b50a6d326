//! A client that lost the line asks again with its key.

use harness::{
    client::{Client, application},
    province::{ANYWHERE, SIGNED_AT_HOME},
};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::stage::Stage;

#[tokio::test]
async fn the_same_application_gets_the_same_receipt() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let first = citizen.submit(application("key", ANYWHERE)).await.unwrap();
    let mut again = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let citizen = citizen.clone();
        again.spawn(async move { citizen.submit(application("key", ANYWHERE)).await.unwrap() });
    }
    for receipt in again.join_all().await {
        assert_eq!(receipt, first);
    }
    assert_eq!(Client::operator(stage.endpoint()).balance().await.accepted, 1);
}

#[tokio::test]
async fn another_application_under_the_same_key_is_refused() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    citizen.submit(application("key", ANYWHERE)).await.unwrap();
    let refusal = citizen.submit(application("key", SIGNED_AT_HOME)).await.unwrap_err();
    assert_eq!(refusal.code(), Code::AlreadyExists);
    assert_eq!(refusal.get_error_details().error_info().unwrap().reason, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(Client::operator(stage.endpoint()).balance().await.accepted, 1);
}

#[tokio::test]
async fn two_callers_may_use_the_same_key() {
    let stage = Stage::set();
    let first = Client::system(stage.endpoint()).submit(application("key", ANYWHERE)).await.unwrap();
    let other = Client::officer(stage.endpoint(), harness::province::ALPHA, "A-1");
    let second = other.submit(application("key", ANYWHERE)).await.unwrap();
    assert_ne!(first.application_id, second.application_id);
}
