//! How fast others are told: letters beside a bare loop over the same mail client, events beside a bare loop over the same HTTP client, each
//! to the same server in the same run; and whether one of ten thousand subscribers that is dead delays the others.

use std::{
    collections::BTreeMap,
    fs,
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, Instant},
};

use harness::{
    client::{Client, application},
    process::Phidia,
    province::{self, ANYWHERE},
    smtp_process::{Demands, SmtpProcess},
    tree::Signal,
    wait,
    webhook_receiver::{Manner, WebhookReceiver},
};
use http::Request;
use http_body_util::Full;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{PoolConfig, client::Tls},
};
use phidia_proto::notification::v1::{
    CreateSubscriptionRequest, EventFilter, SubscriptionFormat, SubscriptionSignature,
    subscription_service_client::SubscriptionServiceClient,
};
use phidia_runtime::http_client::{Bytes, HttpClient};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::{say, spent::TICKS};

/// Connections to the mail server, of both loops.
const CONNECTIONS: usize = 4;
/// So many hand in at once, while nothing is told yet.
const CITIZENS: usize = 8;
/// Requests to one subscriber under way at once, of both loops.
const AT_ONCE: usize = 4;
const ACCEPTED: &str = "phidia.application.accepted.v1";

/// The embedded house with the tiny province and these settings.
struct House {
    phidia: Phidia,
    _folder: TempDir,
}

impl House {
    fn with(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [config, files] = ["phidia.toml", "province"].map(|name| folder.path().join(name));
        fs::write(&config, settings).unwrap();
        province::write(&files, &province::files());
        let options = ["--empty", "--config", config.to_str().unwrap()];
        let phidia = Phidia::up(&folder.path().join("data"), &options);
        let imported = phidia.cli(&["province", "import", "--allow-uncovered", files.to_str().unwrap()]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        Self { phidia, _folder: folder }
    }

    /// Hands applications in, and answers when each was accepted, by its id.
    async fn submit(&self, numbers: std::ops::Range<usize>) -> BTreeMap<String, Instant> {
        let mut citizens = JoinSet::new();
        for first in numbers.start..(numbers.start + CITIZENS).min(numbers.end) {
            let (citizen, own) =
                (Client::system(&self.phidia.endpoint), (first..numbers.end).step_by(CITIZENS));
            citizens.spawn(async move {
                let mut accepted = Vec::new();
                for number in own {
                    let mut request = application(&format!("told-{number}"), ANYWHERE);
                    request.applicant.as_mut().unwrap().email = format!("nguoi-dan-{number}@thu.example");
                    let receipt = citizen.submit(request).await.unwrap();
                    accepted.push((receipt.application_id, Instant::now()));
                }
                accepted
            });
        }
        citizens.join_all().await.into_iter().flatten().collect()
    }

    /// Subscribes whoever is named by these addresses, and answers with what each checks signatures.
    async fn subscribe(&self, urls: Vec<String>, types: &[&str], from_the_start: bool) -> Vec<String> {
        let types: Vec<String> = types.iter().map(|&name| name.to_owned()).collect();
        let (urls, mut callers) = (Arc::new(urls), JoinSet::new());
        for first in 0..CITIZENS.min(urls.len()) {
            let mut service = SubscriptionServiceClient::new(Client::operator(&self.phidia.endpoint).peer());
            let (urls, types) = (Arc::clone(&urls), types.clone());
            callers.spawn(async move {
                let mut secrets = Vec::new();
                for place in (first..urls.len()).step_by(CITIZENS) {
                    let request = CreateSubscriptionRequest {
                        idempotency_key: urls[place].clone(),
                        name: format!("Nơi nhận {place}"),
                        url: urls[place].clone(),
                        format: SubscriptionFormat::Json.into(),
                        signature: SubscriptionSignature::Hmac.into(),
                        filter: Some(EventFilter { types: types.clone(), ..EventFilter::default() }),
                        since: from_the_start.then(prost_types::Timestamp::default),
                    };
                    let made = service.create_subscription(request).await.unwrap().into_inner();
                    secrets.push((place, made.secret));
                }
                secrets
            });
        }
        let secrets: BTreeMap<_, _> = callers.join_all().await.into_iter().flatten().collect();
        secrets.into_values().collect()
    }
}

/// Seconds of processor time that a process has had so far.
fn processor(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Of proc(5): the fields from the third on.
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    [11, 12].map(|field: usize| fields[field].parse::<f64>().unwrap()).iter().sum::<f64>() / TICKS
}

/// What so many took: how many a second, and processor time of each.
struct Rate {
    per_second: f64,
    spent: f64,
}

impl Rate {
    fn of(count: usize, since: Instant, spent: f64) -> Self {
        let count = count as f64;
        Self { per_second: count / since.elapsed().as_secs_f64(), spent: spent * 1e3 / count }
    }
}

fn row(what: &str, bare: &Rate, ours: &Rate) {
    say(&format!(
        "| {what} | {:.0} | {:.2} ms | {:.0} | {:.2} ms | {:.2} | {:.1} |",
        bare.per_second,
        bare.spent,
        ours.per_second,
        ours.spent,
        ours.per_second / bare.per_second,
        ours.spent / bare.spent
    ));
}

const HEAD: &str = "| | bare loop: a second | processor time each | Phidia: a second | processor time each | ratio | of time |\n\
                    |---|--:|--:|--:|--:|--:|--:|";

/// Nothing is asserted but that each letter arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that wants the machine to itself: README.md"]
async fn letters_beside_a_bare_mail_client() {
    const LETTERS: usize = 400;
    let server = SmtpProcess::start(Demands::default());
    let sent = |server: &SmtpProcess| server.count("took");
    let house = House::with(&format!(
        "[notification.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nconnections = {CONNECTIONS}\n\
         timeout_seconds = 240\nfrom = \"khong-tra-loi@thu.example\"\n",
        server.port()
    ));
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(server.port())
        .tls(Tls::None)
        .pool_config(PoolConfig::new().max_size(u32::try_from(CONNECTIONS).unwrap()))
        .build();
    let (mut senders, since) = (JoinSet::new(), Instant::now());
    let before = processor(std::process::id());
    for _ in 0..CONNECTIONS {
        let transport = transport.clone();
        senders.spawn(async move {
            for _ in 0..LETTERS / CONNECTIONS {
                let letter = Message::builder()
                    .message_id(None)
                    .from("khong-tra-loi@thu.example".parse().unwrap())
                    .to("nguoi-dan@thu.example".parse().unwrap())
                    .subject("Hồ sơ đã được tiếp nhận")
                    .body("Kính gửi Ông/Bà, hồ sơ của Ông/Bà đã được tiếp nhận.\n".repeat(10))
                    .unwrap();
                transport.send(letter).await.unwrap();
            }
        });
    }
    senders.join_all().await;
    let bare = Rate::of(LETTERS, since, processor(std::process::id()) - before);
    assert_eq!(sent(&server), LETTERS);
    // It stands still while citizens hand in, so that the letters wait; the first of them is on its way.
    server.signal(Signal::Stop);
    house.submit(0..LETTERS).await;
    let (since, before) = (Instant::now(), processor(house.phidia.pid()));
    server.signal(Signal::Continue);
    wait::until("each letter has arrived", async || (sent(&server) >= 2 * LETTERS).then_some(())).await;
    let ours = Rate::of(LETTERS, since, processor(house.phidia.pid()) - before);
    say(HEAD);
    row("letters", &bare, &ours);
}

/// Nothing is asserted but that each event arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that wants the machine to itself: README.md"]
async fn events_beside_a_bare_http_client() {
    const APPLICATIONS: usize = 2_000;
    let house = House::with("[notification.webhooks]\nallow = [\"127.0.0.0/8\"]\n");
    house.submit(0..APPLICATIONS).await;
    let receiver = WebhookReceiver::start().await;
    receiver.behave(Manner::Deaf);
    let body = Bytes::from(vec![b'x'; 700]);
    say(HEAD);
    for subscribers in [1_usize, 16] {
        let client = HttpClient::new(None, "authority", Duration::from_secs(10)).unwrap();
        let (mut senders, since) = (JoinSet::new(), Instant::now());
        let before = processor(std::process::id());
        for subscriber in 0..subscribers {
            for _ in 0..AT_ONCE {
                let (client, body) = (client.clone(), body.clone());
                let url = receiver.url(&format!("/bare/{subscriber}"));
                senders.spawn(async move {
                    for _ in 0..APPLICATIONS / AT_ONCE {
                        let request = Request::post(&url).body(Full::new(body.clone())).unwrap();
                        assert_eq!(client.tell(request, Duration::from_secs(30)).await.unwrap().status, 204);
                    }
                });
            }
        }
        senders.join_all().await;
        let bare = Rate::of(subscribers * APPLICATIONS, since, processor(std::process::id()) - before);
        let paths: Vec<_> = (0..subscribers).map(|number| format!("/{subscribers}/{number}")).collect();
        let urls = paths.iter().map(|path| receiver.url(path)).collect();
        let (since, before) = (Instant::now(), processor(house.phidia.pid()));
        house.subscribe(urls, &[ACCEPTED], true).await;
        wait::until("each event has arrived", async || {
            paths.iter().all(|path| receiver.calls(path) >= APPLICATIONS).then_some(())
        })
        .await;
        let ours = Rate::of(subscribers * APPLICATIONS, since, processor(house.phidia.pid()) - before);
        row(&format!("events to {subscribers}"), &bare, &ours);
    }
}

/// It is asserted that each subscriber who lives hears each event, and none later for the one who is dead than by half, and by no more
/// than a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that wants the machine to itself: README.md"]
async fn ten_thousand_subscribers_one_of_them_dead() {
    const SUBSCRIBERS: usize = 10_000;
    const RECEIVERS: usize = 16;
    const APPLICATIONS: usize = 3;
    const LONGEST: Duration = Duration::from_secs(600);
    let house = House::with("[notification.webhooks]\nallow = [\"127.0.0.0/8\"]\n");
    let mut receivers = Vec::new();
    for _ in 0..RECEIVERS {
        receivers.push(WebhookReceiver::start_everywhere().await);
    }
    // Each has a host of their own.
    let host = |number: usize| Ipv4Addr::from_bits(0x7f01_0000 + u32::try_from(number).unwrap());
    let at = |number: usize| (&receivers[number % RECEIVERS], format!("/{number}"));
    let urls = (0..SUBSCRIBERS).map(|number| at(number).0.url_at(host(number), &at(number).1)).collect();
    let since = Instant::now();
    let secrets = house.subscribe(urls, &[ACCEPTED], false).await;
    say(&format!("{SUBSCRIBERS} subscriptions made in {:.0} s\n", since.elapsed().as_secs_f64()));
    for (number, secret) in secrets.iter().enumerate() {
        at(number).0.trust(&at(number).1, secret);
    }
    say("| | p50 | p99 | last |\n|---|--:|--:|--:|");
    let (mut last, mut before) = (Vec::new(), 0);
    // The first time each of them is woken, and each line to a receiver opened.
    let rounds = ["the first time", "all alive", "one dead", "one dead, and known to be"];
    for (round, what) in rounds.into_iter().enumerate() {
        if round == 2 {
            at(0).0.behave_at(&at(0).1, Manner::Hangs);
        }
        let accepted = house.submit(round * APPLICATIONS..(round + 1) * APPLICATIONS).await;
        let living = SUBSCRIBERS - usize::from(round > 1);
        let (most, began) = (living * APPLICATIONS, Instant::now());
        let heard = || receivers.iter().map(WebhookReceiver::count).sum::<usize>() - before;
        while heard() < most {
            assert!(began.elapsed() < LONGEST, "{} of {most} were heard", heard());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let all = receivers.iter().flat_map(WebhookReceiver::taken);
        let mut delays: Vec<_> = all
            .filter_map(|heard| Some(heard.at.saturating_duration_since(*accepted.get(&heard.application)?)))
            .collect();
        before += most;
        delays.sort_unstable();
        let of_a_hundred = |share: usize| delays[(delays.len() - 1) * share / 100];
        let [half, most_of_them, all] = [50, 99, 100].map(of_a_hundred);
        say(&format!("| {what} | {half:.2?} | {most_of_them:.2?} | {all:.2?} |"));
        last.push(most_of_them);
        assert_eq!(delays.len(), living * APPLICATIONS, "nobody heard anything twice");
    }
    for with in &last[2..] {
        let most = last[1].mul_f64(1.5).max(last[1] + Duration::from_secs(1));
        assert!(*with <= most, "{last:?}");
    }
    for receiver in &receivers {
        assert!(receiver.faults().is_empty(), "{:?}", receiver.faults());
    }
}
