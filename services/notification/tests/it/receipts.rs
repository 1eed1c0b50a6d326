//! What providers say later of what they have taken.

use ::harness::{
    message_gateway::{Form, Manner, MessageGateway, Proof},
    port,
};
use phidia_notification::{CallbacksConfig, Config};
use phidia_proto::notification::v1::{
    Message, MessageState, ReplayMessagesRequest, replay_messages_request::Which,
};
use serde_json::{Value, json};

use crate::{
    gateway::{RECEIPTS, over, provider, with_receipts},
    harness::{Notification, soon},
    story::Story,
};

struct Stage {
    folder: tempfile::TempDir,
    gateway: MessageGateway,
    service: Notification,
    callback: String,
}

impl Stage {
    async fn new(change: fn(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
        let port = port::free();
        let mut config = over(vec![with_receipts(provider("one", &gateway))]);
        config.callbacks = Some(CallbacksConfig { listen: ([127, 0, 0, 1], port).into() });
        change(&mut config);
        let service = Notification::start(folder.path(), config).await;
        let callback = format!("http://127.0.0.1:{port}/receipts/one");
        Self { folder, gateway, service, callback }
    }

    async fn tell(&self, reference: &str, status: &str) -> u16 {
        let receipt = json!({ "ref": reference, "status": status, "code": "E1" });
        self.tell_as(&receipt, RECEIPTS).await
    }

    /// The port is opened by a worker, so the first call may be too early.
    async fn tell_as(&self, receipt: &Value, secret: &str) -> u16 {
        let mut answer = 0;
        soon("it listens", async || match self.gateway.tell(&self.callback, receipt, secret).await {
            Ok(status) => {
                answer = status;
                true
            }
            Err(_) => false,
        })
        .await;
        answer
    }

    async fn is(&self, story: &Story, state: MessageState) -> Message {
        let is_so = |told: &[Message]| told.len() == 1 && told[0].state() == state;
        self.service.sent_out(story.application, is_so).await.remove(0)
    }
}

fn by_telephone(seed: u64) -> Story {
    Story { email: "", ..Story::new(seed) }
}

#[tokio::test]
async fn receipts_count_in_whatever_order_and_however_often_they_come() {
    let stage = Stage::new(|_| {}).await;
    let orders: [(&[&str], MessageState); 5] = [
        (&["queued", "delivered", "delivered"], MessageState::Delivered),
        (&["delivered", "off", "queued"], MessageState::Delivered),
        (&["off", "queued"], MessageState::TemporaryFailure),
        (&["unknown", "off", "unknown"], MessageState::PermanentFailure),
        (&["queued", "queued", "nobody knows this"], MessageState::Pending),
    ];
    for (number, (order, end)) in orders.into_iter().enumerate() {
        let story = by_telephone(u64::try_from(number).unwrap());
        stage.service.deliver(vec![story.submitted()]).await;
        let pending = stage.is(&story, MessageState::Pending).await;
        assert_eq!(pending.attempts, 1);
        let reference = stage.gateway.sent().last().unwrap().reference.clone();
        for status in order {
            assert_eq!(stage.tell(&reference, status).await, 200);
        }
        let message = stage.is(&story, end).await;
        let shown = stage.service.show(&message.message_id).await.unwrap();
        let mut once: Vec<_> = order.iter().filter(|status| **status != "nobody knows this").collect();
        once.sort_unstable();
        once.dedup();
        assert_eq!(shown.receipts.len(), once.len(), "each once");
    }
    // What did not get through this time rests, and nobody is told it twice.
    assert_eq!(stage.gateway.sent().len(), 5);
    stage.service.stop().await;
    drop(stage.folder);
}

#[tokio::test]
async fn what_is_said_before_it_is_written_down_counts_then() {
    let stage = Stage::new(|_| {}).await;
    assert_eq!(stage.tell("gw-1", "delivered").await, 200);
    let story = by_telephone(1);
    stage.service.deliver(vec![story.submitted()]).await;
    stage.is(&story, MessageState::Delivered).await;
    stage.service.stop().await;
    drop(stage.folder);
}

/// A stage with another provider in front of the one that sends receipts, which does not know us at first.
async fn with_one_before(change: fn(&mut Config)) -> (MessageGateway, Stage) {
    let folder = tempfile::tempdir().unwrap();
    let first = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    first.behave_next([Manner::Fails(401)]);
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let port = port::free();
    let mut config = over(vec![provider("first", &first), with_receipts(provider("one", &gateway))]);
    config.callbacks = Some(CallbacksConfig { listen: ([127, 0, 0, 1], port).into() });
    (config.receipt_wait_hours, config.watch_milliseconds) = (0, 50);
    // The first rests after one failure, and is well when it is replayed.
    (config.breaker.window, config.breaker.least, config.breaker.rest_milliseconds) = (1, 1, 300);
    change(&mut config);
    let service = Notification::start(folder.path(), config).await;
    let callback = format!("http://127.0.0.1:{port}/receipts/one");
    (first, Stage { folder, gateway, service, callback })
}

fn replay(message: &Message) -> ReplayMessagesRequest {
    let which = Some(Which::MessageId(message.message_id.clone()));
    ReplayMessagesRequest { which, reason: "nhà cung cấp im lặng".to_owned() }
}

#[tokio::test]
async fn what_was_taken_and_not_heard_of_again_is_replayed_at_who_took_it() {
    let (first, stage) = with_one_before(|_| {}).await;
    let story = by_telephone(1);
    stage.service.deliver(vec![story.submitted()]).await;
    let dead = stage.is(&story, MessageState::TechnicalFailure).await;
    assert_eq!((&*dead.failure, &*dead.provider, dead.attempts), ("NO_RECEIPT", "one", 2));
    // The first is well again.
    let shown = async || stage.service.show(&dead.message_id).await.unwrap();
    soon("it rests no more", async || first.calls() == 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
    stage.service.operator().replay_messages(replay(&dead)).await.unwrap();
    soon("it was tried again", async || shown().await.attempts.len() >= 3).await;
    let attempts = shown().await.attempts;
    assert_eq!(attempts[2].provider, "one", "{attempts:?}");
    assert_eq!(first.sent().len(), 0);
    assert_eq!(stage.gateway.times().into_values().collect::<Vec<_>>(), [1]);
    stage.service.stop().await;
    drop(stage.folder);
}

#[tokio::test]
async fn what_is_said_to_have_arrived_is_not_sent_once_more() {
    let stage = Stage::new(|config| {
        config.receipt_wait_hours = 0;
        config.watch_milliseconds = 50;
    })
    .await;
    let story = by_telephone(1);
    stage.service.deliver(vec![story.submitted()]).await;
    let dead = stage.is(&story, MessageState::TechnicalFailure).await;
    // By night it waits for the morning.
    stage.service.set("2026-11-23T15:30:00Z");
    stage.service.operator().replay_messages(replay(&dead)).await.unwrap();
    stage.is(&story, MessageState::Created).await;
    assert_eq!(stage.tell("gw-1", "delivered").await, 200);
    stage.is(&story, MessageState::Delivered).await;
    assert_eq!(stage.service.still_to_send().await, 0);
    // Nor where it was to be sent while that was written down.
    let other = by_telephone(2);
    stage.service.deliver(vec![other.submitted()]).await;
    stage.service.execute("UPDATE message SET state = 'delivered' WHERE state = 'created'".to_owned()).await;
    assert_eq!(stage.service.still_to_send().await, 1);
    stage.service.set("2026-11-24T01:00:00Z");
    soon("it is not to be sent any more", async || stage.service.still_to_send().await == 0).await;
    stage.is(&other, MessageState::Delivered).await;
    assert_eq!(stage.gateway.calls(), 1);
    stage.service.stop().await;
    drop(stage.folder);
}

#[tokio::test]
async fn who_cannot_prove_who_they_are_changes_nothing() {
    let stage = Stage::new(|_| {}).await;
    let story = by_telephone(1);
    stage.service.deliver(vec![story.submitted()]).await;
    stage.is(&story, MessageState::Pending).await;
    let receipt = json!({ "ref": "gw-1", "status": "delivered" });
    assert_eq!(stage.tell_as(&receipt, "đoán").await, 401);
    assert_eq!(stage.tell_as(&json!({ "status": "delivered" }), RECEIPTS).await, 400);
    let elsewhere = stage.callback.replace("/one", "/two");
    assert_eq!(stage.gateway.tell(&elsewhere, &receipt, RECEIPTS).await.unwrap(), 404);
    stage.is(&story, MessageState::Pending).await;
    stage.service.stop().await;
    drop(stage.folder);
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_not_waited_for_for_ever_and_believed_later() {
    let stage = Stage::new(|config| {
        config.receipt_wait_hours = 0;
        config.watch_milliseconds = 50;
    })
    .await;
    let story = by_telephone(1);
    stage.service.deliver(vec![story.submitted()]).await;
    let dead = stage.is(&story, MessageState::TechnicalFailure).await;
    assert_eq!(dead.failure, "NO_RECEIPT");
    assert_eq!(stage.tell("gw-1", "delivered").await, 200);
    stage.is(&story, MessageState::Delivered).await;
    stage.service.stop().await;
    drop(stage.folder);
}
