//! A subscriber in Python that was written from the guide alone (`tests/subscriber/`): it checks signatures, is killed, and goes on where
//! it was; in the end it has heard all there is to hear, each event once and in the order of its application.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use harness::{
    client::{Client, application},
    plain_http, port,
    process::Phidia,
    province::{ALPHA, ANYWHERE},
    tree::Tree,
    wait, workspace,
};
use phidia_runtime::clock::RealClock;
use ring::hmac;
use serde_json::Value;

use crate::stage::{Stage, feed};

const SETTINGS: &str = "[notification.webhooks]\nallow = [\"127.0.0.0/8\"]\nfirst_milliseconds = 50\nlongest_milliseconds = 400\n";

/// It is killed when it is dropped, as anybody may be.
struct Subscriber {
    journal: PathBuf,
    _tree: Tree,
}

impl Subscriber {
    fn start(folder: &Path, name: &str, arguments: &[&str]) -> Self {
        let journal = folder.join(format!("{name}.jsonl"));
        let mut command = Command::new(python());
        command.arg(workspace::root().join("tests/subscriber/subscriber.py"));
        command.arg(arguments[0]).arg(&journal).args(&arguments[1..]);
        let mut tree = Tree::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()));
        let mut lines = BufReader::new(tree.child().stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().starts_with("listening"));
        // The pipe must not fill up.
        std::thread::spawn(move || lines.for_each(drop));
        Self { journal, _tree: tree }
    }

    /// What it has taken, in order.
    fn taken(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.journal).unwrap_or_default();
        // The last line may be half written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.flat_map(|line| line["events"].as_array().unwrap().clone()).collect()
    }

    async fn hears(&self, least: usize) {
        wait::until(&format!("{least} events in {}", self.journal.display()), async || {
            (self.taken().len() >= least).then_some(())
        })
        .await;
    }

    /// All that the feed has, each event once, in the order of its application.
    async fn has_heard_all(&self, phidia: &Phidia, least: usize) {
        let ids = |events: &[Value]| -> BTreeSet<String> {
            events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
        };
        let taken = wait::until("all is heard", async || {
            let (taken, feed) = (self.taken(), feed(phidia));
            (feed.len() >= least && ids(&taken) == ids(&feed)).then_some(taken)
        })
        .await;
        assert_eq!(ids(&taken).len(), taken.len(), "each is taken once");
        let mut numbers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for event in &taken {
            let application = event["subject"].as_str().unwrap().to_owned();
            numbers.entry(application).or_default().push(event["appsequence"].as_u64().unwrap());
        }
        for (application, numbers) in numbers {
            let whole: Vec<_> = (1..=numbers.len() as u64).collect();
            assert_eq!(numbers, whole, "{application}");
        }
    }
}

fn python() -> PathBuf {
    let path = workspace::root().join("target/tools/python/bin/python");
    assert!(path.is_file(), "{} is missing: run tests/run", path.display());
    path
}

/// Applications under keys of their own, each of which an officer gets.
async fn submit(stage: &Stage, numbers: std::ops::Range<usize>) {
    let citizen = Client::system(stage.endpoint());
    for number in numbers {
        citizen.submit(application(&format!("told-{number}"), ANYWHERE)).await.unwrap();
    }
}

/// What somebody else says, or says again much later, with the secret or without it; the status of the answer.
async fn says(url: &str, secret: &str, signed: &str, body: &str, ago: i64) -> u16 {
    let at = RealClock.now().as_second() - ago;
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), format!("evt_x.{at}.{signed}").as_bytes());
    let (at, signature) = (at.to_string(), format!("v1,{}", STANDARD.encode(tag)));
    let headers = [
        ("content-type", "application/cloudevents+json"),
        ("webhook-id", "evt_x"),
        ("webhook-timestamp", &at),
        ("webhook-signature", &signature),
    ];
    plain_http::post(url, &headers, body.as_bytes()).await.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn called_it_checks_who_calls_and_hears_all_though_it_is_killed() {
    let mut stage = Stage::with(SETTINGS);
    let folder = stage.folder.path().to_owned();
    let (mut subscriptions, mut subscribers) = (Vec::new(), Vec::new());
    for scheme in ["hmac", "ed25519"] {
        let port = port::free().to_string();
        let url = format!("http://127.0.0.1:{port}/phidia");
        // Nobody listens there yet.
        let made = stage.phidia.cli_json(&["subscription", "create", scheme, &url, "--signature", scheme]);
        let secret = made["secret"].as_str().unwrap().to_owned();
        let id = made["subscription"]["subscriptionId"].as_str().unwrap().to_owned();
        subscriptions.push((id, url, port, secret));
    }
    let start = |place: usize| {
        let (_, _, port, secret) = &subscriptions[place];
        Subscriber::start(
            &folder,
            ["hmac", "ed25519"][place],
            &["webhook", "--secret", secret, "--port", port],
        )
    };
    submit(&stage, 0..8).await;
    subscribers.extend([start(0), start(1)]);
    subscribers[0].hears(4).await;
    subscribers.remove(0);
    submit(&stage, 8..16).await;
    subscribers.insert(0, start(0));
    // It still believes who has the secret of before; Phidia signs with both for a while.
    for (id, ..) in &subscriptions {
        assert_ne!(stage.phidia.cli_json(&["subscription", "rotate", id])["secret"], "");
    }
    stage.kill_and_start();
    submit(&stage, 16..24).await;
    let officer = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let item = wait::until("work at Alpha", async || officer.worklist().await.into_iter().next()).await;
    let held = officer.claim(&item).await.unwrap();
    officer.complete(&held).await.unwrap();
    for subscriber in &subscribers {
        subscriber.has_heard_all(&stage.phidia, 24 * 3).await;
    }

    let (_, url, _, secret) = &subscriptions[0];
    let event = r#"{"specversion":"1.0","id":"evt_x","source":"/phidia/37","type":"t"}"#;
    let stranger = format!("whsec_{}", STANDARD.encode([7; 32]));
    assert_eq!(says(url, secret, event, event, 400).await, 400, "said long ago");
    assert_eq!(says(url, secret, event, event, -400).await, 400, "said in time to come");
    assert_eq!(says(url, secret, "{}", event, 0).await, 400, "changed on its way");
    assert_eq!(says(url, &stranger, event, event, 0).await, 400, "a stranger");
    subscribers[0].has_heard_all(&stage.phidia, 24 * 3).await;
    assert_eq!(says(url, secret, event, event, 0).await, 204, "and ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn listening_it_goes_on_from_its_token_though_it_is_killed() {
    let stage = Stage::set();
    let folder = stage.folder.path().to_owned();
    let stubs = folder.join("stubs");
    fs::create_dir(&stubs).unwrap();
    let proto = workspace::root().join("proto");
    let made = Command::new(python())
        .args(["-m", "grpc_tools.protoc", "-I"])
        .arg(&proto)
        .arg("--python_out")
        .arg(&stubs)
        .arg("--grpc_python_out")
        .arg(&stubs)
        .arg(proto.join("phidia/types/v1/types.proto"))
        .arg(proto.join("phidia/notification/v1/event_service.proto"))
        .status();
    assert!(made.unwrap().success());
    let endpoint = stage.endpoint().strip_prefix("http://").unwrap().to_owned();
    let start = || Subscriber::start(&folder, "watch", &["watch", &endpoint, stubs.to_str().unwrap()]);
    submit(&stage, 0..4).await;
    for round in 1..4 {
        let subscriber = start();
        subscriber.hears(round * 4).await;
        drop(subscriber);
        submit(&stage, round * 4..round * 4 + 4).await;
    }
    start().has_heard_all(&stage.phidia, 16 * 3).await;
}
