//! Webhooks: what subscribers are sent, in real conversations over HTTP. What goes wrong is in [`faults`], who hears of it in [`alarm`].

mod again;
mod alarm;
mod faults;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use ::harness::webhook_receiver::WebhookReceiver;
use phidia_domain::{Rejection, caller::Role};
use phidia_notification::{Config, WebhookConfig};
use phidia_proto::{
    convert::wire_timestamp,
    notification::v1::{
        CreateSubscriptionRequest, CreateSubscriptionResponse, DeleteSubscriptionRequest,
        EnableSubscriptionRequest, EventFilter, GetSubscriptionRequest, ListSubscriptionDeliveriesRequest,
        ListSubscriptionsRequest, PauseSubscriptionRequest, PingSubscriptionRequest,
        PingSubscriptionResponse, ReplaySubscriptionRequest, RotateSubscriptionSecretRequest, Subscription,
        SubscriptionDelivery, SubscriptionFormat, SubscriptionSignature, SubscriptionState,
        UpdateSubscriptionRequest, replay_subscription_request::What,
        subscription_service_client::SubscriptionServiceClient,
    },
};
use phidia_runtime::{clock::RealClock, peer::Peer, status};
use tonic::Response;

use crate::{
    harness::Notification,
    receiver::{Got, Manner, Receiver},
    story::{NAME, Story},
};

/// This machine may be called; all that waits, waits milliseconds.
fn config() -> Config {
    let webhooks = WebhookConfig {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        patience_milliseconds: 1_000,
        first_milliseconds: 50,
        longest_milliseconds: 200,
        lease_milliseconds: 4_000,
        ..WebhookConfig::default()
    };
    Config { webhooks, ..Config::default() }
}

async fn start(folder: &Path) -> Notification {
    Notification::start(folder, config()).await
}

struct Operator(SubscriptionServiceClient<Peer>);

fn operator(service: &Notification) -> Operator {
    Operator(SubscriptionServiceClient::new(service.peer(Role::Operator)))
}

fn answered<T>(answer: Result<Response<T>, tonic::Status>) -> Result<T, Rejection> {
    answer.map(Response::into_inner).map_err(|status| status::from_status(&status))
}

fn to(url: &str) -> CreateSubscriptionRequest {
    CreateSubscriptionRequest {
        idempotency_key: url.to_owned(),
        name: "Cổng dữ liệu".into(),
        url: url.to_owned(),
        ..CreateSubscriptionRequest::default()
    }
}

impl Operator {
    async fn create(
        &mut self,
        request: CreateSubscriptionRequest,
    ) -> Result<CreateSubscriptionResponse, Rejection> {
        answered(self.0.create_subscription(request).await)
    }

    async fn subscribe(&mut self, url: &str) -> String {
        self.create(to(url)).await.unwrap().subscription.unwrap().subscription_id
    }

    async fn get(&mut self, id: &str) -> Result<Subscription, Rejection> {
        let request = GetSubscriptionRequest { subscription_id: id.to_owned() };
        answered(self.0.get_subscription(request).await).map(|answer| answer.subscription.unwrap())
    }

    /// One, once it stands so.
    async fn once(&mut self, id: &str, is_so: impl Fn(&Subscription) -> bool) -> Subscription {
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let found = self.get(id).await.unwrap();
            if is_so(&found) {
                return found;
            }
            assert!(std::time::Instant::now() < deadline, "{found:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn ping(&mut self, id: &str) -> PingSubscriptionResponse {
        let request = PingSubscriptionRequest { subscription_id: id.to_owned() };
        answered(self.0.ping_subscription(request).await).unwrap()
    }

    /// What it was sent, once something was.
    async fn log(&mut self, id: &str) -> Vec<SubscriptionDelivery> {
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let log = self.log_by_now(id).await;
            if !log.is_empty() {
                return log;
            }
            assert!(std::time::Instant::now() < deadline, "nothing was sent to {id}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn log_by_now(&mut self, id: &str) -> Vec<SubscriptionDelivery> {
        let request = ListSubscriptionDeliveriesRequest {
            subscription_id: id.to_owned(),
            ..ListSubscriptionDeliveriesRequest::default()
        };
        answered(self.0.list_subscription_deliveries(request).await).unwrap().deliveries
    }
}

/// A whole life: five events.
async fn live(service: &Notification, story: &Story) {
    let events =
        [story.submitted(), story.moved(true), story.opened(), story.started(), story.completed(true)];
    service.deliver(events.to_vec()).await;
}

/// That each application came whole and in order, each event once.
fn is_whole(receiver: &Receiver, stories: &[Story]) -> bool {
    let numbers = receiver.numbers();
    stories.iter().all(|story| {
        numbers.get(&story.application.to_string()).is_some_and(|numbers| *numbers == [1, 2, 3, 4, 5])
    })
}

fn stories(seeds: std::ops::Range<u64>) -> Vec<Story> {
    seeds.map(Story::new).collect()
}

#[tokio::test]
async fn a_subscriber_is_sent_each_event_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(204)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let stories = stories(1..9);
    for story in &stories {
        live(&service, story).await;
    }
    let got = receiver.wait_for(40).await;
    assert!(is_whole(&receiver, &stories), "{:?}", receiver.numbers());
    let feed = service.events(Default::default()).await.unwrap().events;
    for event in &feed {
        let sent = got.iter().find(|got| got.id() == event.id).unwrap();
        assert_eq!(sent.headers["content-type"], "application/cloudevents+json; charset=utf-8");
        let (json, data) = (sent.json(), event.data.as_ref().unwrap());
        assert_eq!((&json["type"], &json["id"]), (&event.r#type.as_str().into(), &event.id.as_str().into()));
        assert_eq!(json["data"]["unitId"].as_str().unwrap_or_default(), data.unit_id);
        assert!(!String::from_utf8_lossy(&sent.body).contains(NAME));
    }
    operator.once(&id, |one| one.behind == 0).await;
    let log = operator.log(&id).await;
    assert_eq!(log.len(), 40);
    assert!(log.iter().all(|row| row.outcome == "DELIVERED" && row.status == 204 && row.sha256.len() == 64));
    assert!(
        log.is_sorted_by(|one, two| one.sequence >= two.sequence || one.application_id != two.application_id)
    );
    service.stop().await;
}

#[tokio::test]
async fn what_is_signed_is_checked_by_what_was_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let request = CreateSubscriptionRequest {
        signature: SubscriptionSignature::Ed25519.into(),
        format: SubscriptionFormat::Protobuf.into(),
        ..to(&receiver.url())
    };
    let made = operator.create(request.clone()).await.unwrap();
    let id = made.subscription.unwrap().subscription_id;
    let signatures = |got: &Got| got.headers["webhook-signature"].to_str().unwrap().split(' ').count();
    assert!(made.secret.starts_with("whpk_"), "{}", made.secret);
    // The same key again is the same subscription, and shows nothing.
    let again = operator.create(request.clone()).await.unwrap();
    assert_eq!((again.subscription.unwrap().subscription_id, &*again.secret), (id.clone(), ""));
    let other = CreateSubscriptionRequest { name: "Khác".into(), ..request };
    assert_eq!(operator.create(other).await.unwrap_err().reason, "IDEMPOTENCY_KEY_REUSED");

    live(&service, &Story::new(1)).await;
    let got = receiver.wait_for(5).await;
    let key = |shown: &str| -> [u8; 32] {
        use base64::Engine as _;
        let text = shown.strip_prefix("whpk_").unwrap();
        base64::engine::general_purpose::STANDARD.decode(text).unwrap().try_into().unwrap()
    };
    let first = key(&made.secret);
    let verifies =
        |got: &Got, key: &[u8; 32]| phidia_runtime::signed_body::verifies(&got.headers, key, &got.body);
    assert!(got.iter().all(|got| verifies(got, &first) && signatures(got) == 1));
    assert_eq!(got[0].headers["content-type"], "application/cloudevents+protobuf");

    // For a while both hold, and there is no third.
    let mut rotate = RotateSubscriptionSecretRequest { subscription_id: id.clone(), replace_newest: false };
    let rotated = answered(operator.0.rotate_subscription_secret(rotate.clone()).await).unwrap();
    let lost = key(&rotated.secret);
    let refused = answered(operator.0.rotate_subscription_secret(rotate.clone()).await).unwrap_err();
    assert_eq!(refused.reason, "SECRET_OVERLAPS");
    // But for one that was lost on its way: that one goes, and the first stays.
    rotate.replace_newest = true;
    let rotated = answered(operator.0.rotate_subscription_secret(rotate).await).unwrap();
    let second = key(&rotated.secret);
    assert!(operator.ping(&id).await.is_delivered);
    live(&service, &Story::new(2)).await;
    let got = receiver.wait_for(11).await;
    assert!(
        got[5..].iter().all(|got| verifies(got, &first) && verifies(got, &second) && !verifies(got, &lost))
    );
    // Then only the new one does.
    service
        .execute(
            "UPDATE webhook_secret SET until = '2020-01-01T00:00:00+00:00' WHERE until IS NOT NULL".into(),
        )
        .await;
    assert!(operator.ping(&id).await.is_delivered);
    let last = receiver.wait_for(12).await.pop().unwrap();
    assert!(!verifies(&last, &first) && verifies(&last, &second));
    service.stop().await;
}

#[tokio::test]
async fn a_strict_receiver_finds_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (WebhookReceiver::start().await, operator(&service));
    let mut ids = Vec::new();
    for (path, format, signature) in [
        ("/json-hmac", SubscriptionFormat::Json, SubscriptionSignature::Hmac),
        ("/json-ed25519", SubscriptionFormat::Json, SubscriptionSignature::Ed25519),
        ("/protobuf-hmac", SubscriptionFormat::Protobuf, SubscriptionSignature::Hmac),
        ("/protobuf-ed25519", SubscriptionFormat::Protobuf, SubscriptionSignature::Ed25519),
    ] {
        let request = CreateSubscriptionRequest {
            format: format.into(),
            signature: signature.into(),
            ..to(&receiver.url(path))
        };
        let made = operator.create(request).await.unwrap();
        receiver.trust(path, &made.secret);
        ids.push((path, made.subscription.unwrap().subscription_id));
    }
    for story in stories(1..5) {
        live(&service, &story).await;
    }
    for (path, id) in &ids {
        assert!(operator.ping(id).await.is_delivered, "{path}");
        // Beside the old secret a new one: who knows the one or the other believes us.
        let request = RotateSubscriptionSecretRequest { subscription_id: id.clone(), replace_newest: false };
        let rotated = answered(operator.0.rotate_subscription_secret(request).await).unwrap();
        assert!(operator.ping(id).await.is_delivered, "{path}");
        receiver.distrust(path);
        assert!(!operator.ping(id).await.is_delivered, "{path}");
        receiver.trust(path, &rotated.secret);
        assert!(operator.ping(id).await.is_delivered, "{path}");
        operator.once(id, |one| one.behind == 0 && one.waiting == 0).await;
        assert_eq!((receiver.events(path).len(), receiver.out_of_order(path)), (20 + 3, vec![]), "{path}");
    }
    // What it found when it had forgotten the secret.
    assert!(receiver.faults().iter().all(|fault| fault.contains("no signature that holds")));
    service.stop().await;
}

#[tokio::test]
async fn secrets_rest_under_the_master_key_and_hmac_is_what_everybody_can_check() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let made = operator.create(to(&receiver.url())).await.unwrap();
    assert!(made.secret.starts_with("whsec_"), "{}", made.secret);
    live(&service, &Story::new(1)).await;
    let got = receiver.wait_for(5).await;
    assert!(got.iter().all(|got| got.headers["webhook-signature"].to_str().unwrap().starts_with("v1,")));
    let shown = answered(operator.0.list_subscriptions(ListSubscriptionsRequest::default()).await).unwrap();
    assert!(!format!("{shown:?}").contains("whsec"), "{shown:?}");
    service.stop().await;
}

#[tokio::test]
async fn one_that_is_paused_goes_on_where_it_was_and_one_that_is_deleted_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let stories = stories(1..4);
    live(&service, &stories[0]).await;
    receiver.wait_for(5).await;
    let pause = PauseSubscriptionRequest { subscription_id: id.clone() };
    answered(operator.0.pause_subscription(pause).await).unwrap();
    // Whoever sends has seen it: where it stands is written down.
    operator.once(&id, |one| one.state() == SubscriptionState::Paused).await;
    let other = Receiver::start(Manner::Status(200)).await;
    let other_id = operator.subscribe(&other.url()).await;
    live(&service, &stories[1]).await;
    other.wait_for(5).await;
    let enable = EnableSubscriptionRequest { subscription_id: id.clone(), accept_gap: false };
    answered(operator.0.enable_subscription(enable).await).unwrap();
    receiver.wait_for(10).await;
    let delete = DeleteSubscriptionRequest { subscription_id: id.clone() };
    answered(operator.0.delete_subscription(delete).await).unwrap();
    assert_eq!(operator.get(&id).await.unwrap_err().reason, "UNKNOWN_SUBSCRIPTION");
    operator.once(&other_id, |one| one.behind == 0).await;
    live(&service, &stories[2]).await;
    other.wait_for(10).await;
    assert!(is_whole(&receiver, &stories[..2]) && receiver.got().len() == 10);
    service.stop().await;
}

#[tokio::test]
async fn one_begins_where_it_wants_and_is_sent_again_what_it_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let stories = stories(1..4);
    live(&service, &stories[0]).await;
    let since = RealClock.now();
    live(&service, &stories[1]).await;
    let request = CreateSubscriptionRequest { since: Some(wire_timestamp(since)), ..to(&receiver.url()) };
    let id = operator.create(request).await.unwrap().subscription.unwrap().subscription_id;
    live(&service, &stories[2]).await;
    receiver.wait_for(10).await;
    assert!(is_whole(&receiver, &stories[1..]) && receiver.got().len() == 10, "{:?}", receiver.numbers());
    operator.once(&id, |one| one.behind == 0).await;
    let what = Some(What::Since(wire_timestamp(since)));
    let replay = ReplaySubscriptionRequest { subscription_id: id.clone(), what, accept_gap: false };
    answered(operator.0.replay_subscription(replay).await).unwrap();
    let got = receiver.wait_for(20).await;
    let mut times = BTreeMap::<&str, usize>::new();
    got.iter().for_each(|got| *times.entry(got.id()).or_default() += 1);
    assert!(times.len() == 10 && times.values().all(|times| *times == 2), "{times:?}");
    service.stop().await;
}

#[tokio::test]
async fn a_filter_changes_with_the_next_event() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let only = |name: &str| {
        Some(EventFilter { types: vec![format!("phidia.application.{name}.v1")], ..EventFilter::default() })
    };
    let request = CreateSubscriptionRequest { filter: only("completed"), ..to(&receiver.url()) };
    let one = operator.create(request).await.unwrap().subscription.unwrap();
    live(&service, &Story::new(1)).await;
    receiver.wait_for(1).await;
    operator.once(&one.subscription_id, |one| one.behind == 0).await;
    let update = |revision| UpdateSubscriptionRequest {
        subscription_id: one.subscription_id.clone(),
        revision,
        name: one.name.clone(),
        url: one.url.clone(),
        format: one.format,
        filter: only("accepted"),
    };
    let refused = answered(operator.0.update_subscription(update(7)).await).unwrap_err();
    assert_eq!(refused.reason, "SUBSCRIPTION_CHANGED");
    answered(operator.0.update_subscription(update(one.revision)).await).unwrap();
    live(&service, &Story::new(2)).await;
    let got = receiver.wait_for(2).await;
    let types: Vec<_> = got.iter().map(|got| got.json()["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["phidia.application.completed.v1", "phidia.application.accepted.v1"]);
    service.stop().await;
}

#[tokio::test]
async fn systems_see_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let receiver = Receiver::start(Manner::Status(200)).await;
    let of = |name: &str| Operator(SubscriptionServiceClient::new(service.peer_of(Role::System, name)));
    let (mut one, mut other) = (of("kho-du-lieu"), of("mot-cua-huyen"));
    let id = one.subscribe(&receiver.url()).await;
    assert_eq!(one.get(&id).await.unwrap().owner, "system/kho-du-lieu");
    assert_eq!(other.get(&id).await.unwrap_err().reason, "UNKNOWN_SUBSCRIPTION");
    let delete = DeleteSubscriptionRequest { subscription_id: id.clone() };
    assert_eq!(
        answered(other.0.delete_subscription(delete).await).unwrap_err().reason,
        "UNKNOWN_SUBSCRIPTION"
    );
    let list = ListSubscriptionsRequest::default();
    assert_eq!(answered(other.0.list_subscriptions(list.clone()).await).unwrap().subscriptions.len(), 0);
    assert_eq!(answered(operator(&service).0.list_subscriptions(list).await).unwrap().subscriptions.len(), 1);
    let mut officer = Operator(SubscriptionServiceClient::new(service.peer(Role::Officer)));
    assert_eq!(officer.get(&id).await.unwrap_err().kind, phidia_domain::Kind::Forbidden);
    service.stop().await;
}

#[tokio::test]
async fn a_gap_is_told_and_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let pause = PauseSubscriptionRequest { subscription_id: id.clone() };
    answered(operator.0.pause_subscription(pause).await).unwrap();
    let (old, new) = (Story::new(1), Story::new(2));
    live(&service, &old).await;
    let last = service.events(Default::default()).await.unwrap().events.last().unwrap().sequence;
    live(&service, &new).await;
    for statement in [
        format!("DELETE FROM outbox_events WHERE position <= {last}"),
        format!("UPDATE outbox_pruned SET through = {last}"),
    ] {
        service.execute(statement).await;
    }
    let mut enable = EnableSubscriptionRequest { subscription_id: id.clone(), accept_gap: false };
    let refused = answered(operator.0.enable_subscription(enable.clone()).await).unwrap_err();
    assert_eq!(refused.reason, "EVENTS_NOT_KEPT");
    assert!(refused.metadata.contains(&("gap_through_sequence".into(), last.to_string())), "{refused:?}");
    enable.accept_gap = true;
    answered(operator.0.enable_subscription(enable).await).unwrap();
    receiver.wait_for(5).await;
    assert!(is_whole(&receiver, std::slice::from_ref(&new)) && receiver.got().len() == 5);
    service.stop().await;
}
