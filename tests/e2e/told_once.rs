//! Killed in the middle of a burst, twice, when so many were told as a seed says, with a gateway that loses answers, a mail server that drops lines
//! and subscribers that are away: nobody is left out, and nobody is told twice by what takes keys.

use std::collections::{BTreeMap, BTreeSet};

use harness::{
    client::{Client, application, submit_surely},
    message_gateway::{Form, KEY_HEADER, Manner as GatewayManner, MessageGateway, Proof, SECRET},
    process::Phidia,
    province::ANYWHERE,
    smtp_process::{Demands, SmtpProcess},
    wait,
    webhook_receiver::{Manner, WebhookReceiver},
};
use phidia_proto::notification::v1::{
    ListMessagesRequest, Message, MessageChannel, MessageState,
    notification_service_client::NotificationServiceClient,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::stage::{Stage, feed};

const BURST: usize = 60;
const CITIZENS: usize = 8;
const SEEDS: u64 = 10;
/// Who is subscribed, and to what: all, the beginning alone, and all again by protobuf and Ed25519.
const SUBSCRIBERS: [(&str, &[&str]); 3] = [
    ("/all", &[]),
    ("/accepted", &["--type", "accepted"]),
    ("/protobuf", &["--format", "protobuf", "--signature", "ed25519"]),
];

/// All who are told.
struct Others {
    gateway: MessageGateway,
    mail: SmtpProcess,
    receiver: WebhookReceiver,
}

impl Others {
    async fn start() -> Self {
        Self {
            gateway: MessageGateway::start(Proof::Bearer, Form::Nested).await,
            mail: SmtpProcess::start(Demands::default()),
            receiver: WebhookReceiver::start().await,
        }
    }

    fn settings(&self) -> String {
        format!(
            r#"
[notification.smtp]
host = "127.0.0.1"
port = {}
tls = "none"
from = "khong-tra-loi@thu.example"
timeout_seconds = 2

[[notification.providers]]
name = "sms"
channel = "sms"

[notification.providers.http]
url = "{}"
body = '{{"to": {{{{ to|json }}}}, "text": {{{{ text|json }}}}}}'
bearer = "{SECRET}"
key_header = "{KEY_HEADER}"
timeout_seconds = 2

[notification.providers.http.answer]
success = ["0"]
code = "/error"
reference = "/data/msg_id"
lasting = ["-118"]

[notification.retry]
attempts = 10000
first_milliseconds = 50
longest_milliseconds = 400
lease_milliseconds = 4000
poll_milliseconds = 100

[notification.breaker]
rest_milliseconds = 200

[notification.webhooks]
allow = ["127.0.0.0/8"]
first_milliseconds = 50
longest_milliseconds = 400
patience_milliseconds = 1000
lease_milliseconds = 4000
"#,
            self.mail.port(),
            self.gateway.url()
        )
    }

    /// They are as bad as they may be, by chance.
    fn misbehave(&mut self, random: &mut ChaCha8Rng) {
        let manners = (0..BURST).map(|_| match random.random_range(0..4) {
            0 => GatewayManner::LosesAnswers,
            1 => GatewayManner::FailsAfterwards,
            2 => GatewayManner::Fails(503),
            _ => GatewayManner::Well,
        });
        self.gateway.behave_next(manners);
        self.mail.cut(random.random_range(0..6));
        self.receiver.behave(match random.random_range(0..3) {
            0 => Manner::LosesAnswers,
            1 => Manner::Fails(500),
            _ => Manner::Well,
        });
    }

    fn behave(&self) {
        self.receiver.behave(Manner::Well);
    }

    /// How many were told, one way or the other.
    fn told(&self) -> usize {
        let letters: BTreeSet<_> = self.mail.letters().into_iter().map(|letter| letter.id).collect();
        self.gateway.times().len() + letters.len()
    }
}

/// Everybody can be reached by one way: a letter, or a short message.
fn citizen(number: usize) -> phidia_proto::intake::v1::SubmitApplicationRequest {
    let mut request = application(&format!("told-{number}"), ANYWHERE);
    let applicant = request.applicant.as_mut().unwrap();
    match number % 2 {
        0 => applicant.email = format!("nguoi-dan-{number}@thu.example"),
        _ => applicant.telephone = format!("0912345{number:03}"),
    }
    request
}

/// All messages there are.
async fn messages(phidia: &Phidia) -> Vec<Message> {
    let mut service = NotificationServiceClient::new(Client::operator(&phidia.endpoint).peer());
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListMessagesRequest { page_size: 1_000, page_token, ..ListMessagesRequest::default() };
        let page = service.list_messages(request).await.unwrap().into_inner();
        all.extend(page.messages);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

fn is_over(message: &Message) -> bool {
    use MessageState::{
        Cancelled, Delivered, Expired, Failed, PermanentFailure, Sent, TechnicalFailure, Unspecified,
    };
    matches!(
        message.state(),
        Sent | Delivered | PermanentFailure | TechnicalFailure | Cancelled | Expired | Failed | Unspecified
    )
}

/// The burst goes on until all of it is answered, through two kills; and how many of them left something untold.
async fn burst(stage: &mut Stage, others: &mut Others, random: &mut ChaCha8Rng) -> (BTreeSet<String>, usize) {
    let mut struck = 0;
    for told in [1..BURST / 3, BURST / 3..2 * BURST / 3] {
        others.misbehave(random);
        let mut callers = JoinSet::new();
        let order = (0..CITIZENS).map(|first| (first..BURST).step_by(CITIZENS));
        for own in order {
            let client = Client::system(stage.endpoint());
            callers.spawn(async move {
                for number in own {
                    // Who was answered before is answered again, under the same key.
                    if client.submit(citizen(number)).await.is_err() {
                        return;
                    }
                }
            });
        }
        let told = random.random_range(told);
        wait::until("so many are told", async || (others.told() >= told).then_some(())).await;
        struck += usize::from(others.told() < BURST);
        stage.kill_and_start();
        callers.shutdown().await;
    }
    let mut applications = BTreeSet::new();
    for number in 0..BURST {
        applications.insert(submit_surely(stage.endpoint(), &citizen(number)).await.application_id);
    }
    others.behave();
    (applications, struck)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_seeds_of_kills_leave_nobody_out_and_tell_nobody_twice() {
    let mut kills = 0;
    for seed in 0..SEEDS {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut others = Others::start().await;
        let mut stage = Stage::with(&others.settings());
        for (path, options) in SUBSCRIBERS {
            let url = others.receiver.url(path);
            let made = stage.phidia.cli_json(&[&["subscription", "create", path, &url], options].concat());
            others.receiver.trust(path, made["secret"].as_str().unwrap());
        }
        let (applications, struck) = burst(&mut stage, &mut others, &mut random).await;
        assert_eq!(applications.len(), BURST, "seed {seed}");
        kills += struck;
        judge_messages(seed, &stage, &others, &applications).await;
        judge_events(seed, &stage, &others.receiver).await;
        // The faults have struck: something was tried again.
        assert!(
            others.gateway.calls() > others.gateway.times().len(),
            "seed {seed}: the gateway lost nothing"
        );
    }
    assert!(kills > usize::try_from(SEEDS).unwrap(), "{kills} kills struck while somebody was to be told");
}

async fn judge_messages(seed: u64, stage: &Stage, others: &Others, applications: &BTreeSet<String>) {
    let told = wait::until("all that is to be told is told", async || {
        let told = messages(&stage.phidia).await;
        let submitted = told.iter().filter(|message| message.channel() != MessageChannel::InApp);
        let reached: BTreeSet<_> = submitted.map(|message| message.application_id.clone()).collect();
        (reached == *applications && told.iter().all(is_over)).then_some(told)
    })
    .await;
    let sent = |channel: MessageChannel| -> Vec<&Message> {
        let sent = told.iter().filter(|message| message.channel() == channel);
        sent.inspect(|message| assert_eq!(message.state(), MessageState::Sent, "seed {seed}: {message:?}"))
            .collect()
    };
    // Each message has gone out under its own key, and under each key one thing happened.
    let keys: BTreeMap<_, _> =
        sent(MessageChannel::Sms).iter().map(|message| (message.message_id.clone(), 1)).collect();
    assert_eq!(others.gateway.times(), keys, "seed {seed}: by the gateway");
    assert_eq!(others.gateway.faults(), Vec::<String>::new(), "seed {seed}");
    // A letter may come again, under the marker of the first.
    let mut letters: BTreeMap<String, BTreeSet<(Vec<String>, String)>> = BTreeMap::new();
    for letter in others.mail.letters() {
        letters.entry(letter.id).or_default().insert((letter.recipients, letter.text));
    }
    assert!(letters.values().all(|copies| copies.len() == 1), "seed {seed}: one letter under each marker");
    let markers: BTreeSet<_> = sent(MessageChannel::Email)
        .iter()
        .map(|message| format!("<{}@thu.example>", message.message_id))
        .collect();
    assert_eq!(letters.keys().cloned().collect::<BTreeSet<_>>(), markers, "seed {seed}: by mail");
    // And no fact became two messages to one person by one way.
    let mut facts = BTreeSet::new();
    for message in &told {
        let fact = (
            &message.application_id,
            &message.template,
            &message.addressee,
            message.channel(),
            message.occurred_at.map(|at| (at.seconds, at.nanos)),
        );
        assert!(facts.insert(fact), "seed {seed}: told twice: {message:?}");
    }
}

async fn judge_events(seed: u64, stage: &Stage, receiver: &WebhookReceiver) {
    let ids = |events: Vec<Value>, wanted: &str| -> BTreeSet<String> {
        let wanted = events.iter().filter(|event| event["type"].as_str().unwrap().contains(wanted));
        wanted.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    };
    for ((path, _), wanted) in SUBSCRIBERS.iter().zip(["", ".accepted.", ""]) {
        wait::until(&format!("seed {seed}: {path} has heard all"), async || {
            let heard: BTreeSet<_> = receiver.events(path).into_iter().map(|heard| heard.id).collect();
            (heard.len() >= BURST && heard == ids(feed(&stage.phidia), wanted)).then_some(())
        })
        .await;
        let wrong = receiver.out_of_order(path);
        assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
    }
    assert_eq!(receiver.faults(), Vec::<String>::new(), "seed {seed}");
}
