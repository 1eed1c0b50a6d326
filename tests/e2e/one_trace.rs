//! A process that is watched: one trace from the counter to the message, what is counted, and a collector
//! that is away.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use harness::{
    client::{Client, application},
    port,
    process::{Phidia, binary},
    province::{self, ALPHA, ANYWHERE},
    wait,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use phidia_proto::{
    intake::v1::{Applicant, SubmitApplicationRequest, application_service_client::ApplicationServiceClient},
    notification::v1::{ListMessagesRequest, notification_service_client::NotificationServiceClient},
    types::v1::ApplicationStatus,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic::{Code, Request};

use crate::collector::{Collector, attribute};

const TRACE: [u8; 16] = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes();
const COUNTER: [u8; 8] = 0x00f0_67aa_0ba9_02b7_u64.to_be_bytes();
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const SUBMIT: &str = "phidia.intake.v1.ApplicationService/SubmitApplication";
/// What is to be expected of it is asked before it has a name.
const PREVIEW: &str = "phidia.routing.v1.RoutingService/PreviewAssignment";

const NAME: &str = "Đinh Thị Riêng Tư";
const EMAIL: &str = "rieng.tu@example.vn";
const TELEPHONE: &str = "0912 345 678";
const IDENTITY: &str = "037190012345";

/// A process of the tiny province that is watched as `telemetry` says.
struct Watched {
    phidia: Phidia,
    admin: u16,
    folder: TempDir,
}

impl Watched {
    fn up(telemetry: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        province::write(&folder.path().join("province"), &province::files());
        let (config, data) = (folder.path().join("phidia.toml"), folder.path().join("data"));
        let admin = port::free();
        fs::write(&config, format!("admin = \"127.0.0.1:{admin}\"\n{telemetry}")).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(binary());
        command.args(["up", "--empty", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        let phidia = Phidia::start(command.arg("--config").arg(config).stderr(log)).unwrap();
        let output =
            phidia.cli(&["province", "import", "--allow-uncovered", path(&folder.path().join("province"))]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { phidia, admin, folder }
    }

    /// SIGTERM, and how long it took to end well. This runtime goes on meanwhile: collector and connections
    /// are its.
    async fn ends(self) -> (Duration, TempDir) {
        let (phidia, since) = (self.phidia, Instant::now());
        let ended = tokio::task::spawn_blocking(move || phidia.terminate()).await.unwrap();
        assert!(ended.success());
        (since.elapsed(), self.folder)
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.admin)).await.unwrap();
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split_whitespace().nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Waits until a sample of `/metrics` begins like this and has this in its labels; its value.
    async fn sample(&self, name: &str, labels: &[&str]) -> f64 {
        wait::until(&format!("{name} {labels:?}"), async || {
            let (code, text) = self.get("/metrics").await;
            assert_eq!(code, 200);
            let samples = samples(&text);
            let found = samples.iter().find(|sample| {
                sample.name == name && labels.iter().all(|label| sample.labels.contains(label))
            });
            found.map(|sample| sample.value)
        })
        .await
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[derive(Debug)]
struct Sample {
    name: String,
    labels: String,
    value: f64,
}

/// Reads Prometheus' text format and refuses what is not of it.
fn samples(text: &str) -> Vec<Sample> {
    let mut families = BTreeSet::new();
    let mut samples = Vec::new();
    for line in text.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            assert!(families.insert(family.split(' ').next().unwrap()), "twice: {line}");
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
            None => (series, ""),
        };
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        assert!(families.contains(name) || family.is_some_and(|family| families.contains(family)), "{line}");
        let value = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
        samples.push(Sample { name: name.to_owned(), labels: labels.to_owned(), value });
    }
    samples
}

fn personal(key: &str) -> SubmitApplicationRequest {
    let applicant = Applicant {
        name: NAME.into(),
        email: EMAIL.into(),
        telephone: TELEPHONE.into(),
        identity_number: IDENTITY.into(),
        ..Applicant::default()
    };
    SubmitApplicationRequest { applicant: Some(applicant), ..application(key, ANYWHERE) }
}

fn of<'s>(spans: &'s [Span], name: &str) -> Option<&'s Span> {
    spans.iter().find(|span| span.name == name)
}

// Its collector must go on while a process is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_from_the_counter_to_the_message() {
    let (collector, endpoint) = Collector::listen().await;
    // All that is logged goes out, so that nothing personal can hide in a level.
    let watched =
        Watched::up(&format!("[telemetry]\nendpoint = \"{endpoint}\"\n[log]\nfilter = \"debug\"\n"));
    let citizen = Client::system(&watched.phidia.endpoint);
    let mut request = Request::new(personal("trace"));
    request.metadata_mut().insert("traceparent", TRACEPARENT.parse().unwrap());
    let answer = ApplicationServiceClient::new(citizen.peer()).submit_application(request).await.unwrap();
    let receipt = answer.into_inner().receipt.unwrap();
    citizen.tracked_as(&receipt, ApplicationStatus::InProcess).await;
    wait::until("the citizen was told", async || {
        let request =
            ListMessagesRequest { application_id: receipt.application_id.clone(), ..Default::default() };
        let messages = NotificationServiceClient::new(citizen.peer()).list_messages(request).await.unwrap();
        (messages.into_inner().messages.len() == 2).then_some(())
    })
    .await;

    // The way of the application, each station once, and one trace.
    const STATIONS: [&str; 11] = [
        SUBMIT,
        PREVIEW,
        "routing applies application_submitted",
        "processing applies application_submitted",
        "notification applies application_submitted",
        "assign",
        "processing applies work_assigned",
        "intake applies work_assigned",
        // Other systems hear of it.
        "notification applies work_assigned",
        "notification applies case_opened",
        "intake applies case_opened",
    ];
    let trace = wait::until("the whole trace", async || {
        let trace: Vec<_> = collector.spans().into_iter().filter(|span| span.trace_id == TRACE).collect();
        STATIONS.iter().all(|name| of(&trace, name).is_some()).then_some(trace)
    })
    .await;
    let names: Vec<_> = trace.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(trace.len(), STATIONS.len(), "{names:?}");
    let parent = |name: &str| {
        let parent = &of(&trace, name).unwrap().parent_span_id;
        trace.iter().find(|span| span.span_id == *parent).map(|span| span.name.as_str())
    };
    assert_eq!(of(&trace, SUBMIT).unwrap().parent_span_id, COUNTER);
    assert_eq!(parent(PREVIEW), Some(SUBMIT));
    assert_eq!(parent("routing applies application_submitted"), Some(SUBMIT));
    assert_eq!(parent("assign"), Some("routing applies application_submitted"));
    assert_eq!(parent("processing applies work_assigned"), Some("assign"));
    assert_eq!(parent("notification applies case_opened"), Some("processing applies work_assigned"));
    for span in trace.iter().filter(|span| span.name != PREVIEW) {
        let about = attribute(&span.attributes, "phidia.application.id");
        assert_eq!(about, Some(receipt.application_id.as_str()), "{}", span.name);
    }

    // What an officer does is a trace of its own that points to it.
    let officer = Client::officer(&watched.phidia.endpoint, ALPHA, "A-1");
    officer.works(&receipt, 1).await;
    for method in ["ClaimWorkItem", "CompleteStep"] {
        let name = format!("phidia.processing.v1.CaseService/{method}");
        let span = wait::until(&name, async || of(&collector.spans(), &name).cloned()).await;
        assert_ne!(span.trace_id, TRACE);
        assert!(span.links.iter().any(|link| link.trace_id == TRACE), "{name} points nowhere");
        let about = attribute(&span.attributes, "phidia.application.id");
        assert_eq!(about, Some(receipt.application_id.as_str()), "{name}");
        let follows = |other: &Span| other.trace_id == span.trace_id && other.parent_span_id == span.span_id;
        wait::until("what comes of it", async || collector.spans().iter().any(follows).then_some(())).await;
    }

    let (_, metrics) = watched.get("/metrics").await;
    let (_, folder) = watched.ends().await;

    // The last words are there too: logs within their trace, and metrics.
    let kept = collector.kept();
    let logs = kept.logs.iter().flat_map(|request| &request.resource_logs);
    let logs = logs.flat_map(|resource| &resource.scope_logs).flat_map(|scope| &scope.log_records);
    assert!(logs.clone().any(|log| log.trace_id == TRACE), "no log of the trace");
    let sent = kept.metrics.iter().flat_map(|request| &request.resource_metrics);
    let sent = sent.flat_map(|resource| &resource.scope_metrics).flat_map(|scope| &scope.metrics);
    assert!(sent.clone().any(|metric| metric.name == "rpc.server.duration"), "no metrics");
    drop(kept);

    let log = fs::read(folder.path().join("log")).unwrap();
    assert!(!log.is_empty());
    let mut told = collector.bytes();
    told.extend([log, metrics.into_bytes()]);
    let is_told =
        |text: &str| told.iter().any(|told| told.windows(text.len()).any(|part| part == text.as_bytes()));
    assert!(is_told(&receipt.application_id), "what may be told is not found either");
    for secret in [NAME, EMAIL, TELEPHONE, IDENTITY, "0912345678", "Dinh Thi Rieng Tu"] {
        assert!(!is_told(secret), "{secret} was told");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_goes_on_from_process_to_process() {
    let (collector, endpoint) = Collector::listen().await;
    let folder = tempfile::tempdir().unwrap();
    province::write(&folder.path().join("province"), &province::files());
    let services = ["intake", "routing", "processing"].map(|service| (service, port::free()));
    let mut config = format!("data = {:?}\n[telemetry]\nendpoint = \"{endpoint}\"\n", folder.path());
    config += "[peers]\n";
    for (service, port) in services {
        config += &format!("{service} = \"http://127.0.0.1:{port}\"\n");
    }
    let file = folder.path().join("phidia.toml");
    fs::write(&file, config).unwrap();
    let [intake, _routing, _processing] =
        services.map(|(service, port)| Phidia::serve(service, &file, &format!("127.0.0.1:{port}")));
    let cli = intake.cli(&["province", "import", "--allow-uncovered", path(&folder.path().join("province"))]);
    assert!(cli.status.success(), "{}", String::from_utf8_lossy(&cli.stderr));

    let told = wait::until("the import in all three processes", async || {
        let spans = collector.spans_by_service();
        let (_, import) = spans.iter().find(|(_, span)| span.name.ends_with("/ImportProvince"))?;
        let below = spans.iter().filter(|(_, span)| span.parent_span_id == import.span_id);
        let below = below.filter(|(_, span)| span.trace_id == import.trace_id);
        let services: BTreeSet<_> = below.map(|(service, _)| service.clone()).collect();
        (services.len() == 2).then_some(services)
    })
    .await;
    assert_eq!(told, ["processing".to_owned(), "routing".to_owned()].into());
}

#[tokio::test]
async fn the_admin_port_tells_health_and_counts_calls() {
    let watched = Watched::up("");
    assert_eq!(watched.get("/healthz").await, (200, "alive\n".to_owned()));
    wait::until("ready, and the board built", async || {
        let (code, text) = watched.get("/readyz").await;
        assert_eq!(code, 200, "{text}");
        (text == "ready\n").then_some(())
    })
    .await;
    assert_eq!(watched.get("/other").await.0, 404);

    let citizen = Client::system(&watched.phidia.endpoint);
    let receipt = citizen.submit(application("counted-1", ANYWHERE)).await.unwrap();
    let second = citizen.submit(application("counted-2", ANYWHERE)).await.unwrap();
    let refused = citizen.submit(application("counted-3", "no such procedure")).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    for receipt in [&receipt, &second] {
        citizen.tracked_as(receipt, ApplicationStatus::InProcess).await;
    }

    let count = "rpc_server_duration_milliseconds_count";
    let submit = "rpc_method=\"SubmitApplication\"";
    assert_eq!(watched.sample(count, &[submit, "rpc_grpc_status_code=\"0\""]).await, 2.0);
    assert_eq!(watched.sample(count, &[submit, "rpc_grpc_status_code=\"3\""]).await, 1.0);
    assert_eq!(watched.sample("phidia_assignments_total", &[]).await, 2.0);
    assert_eq!(watched.sample("phidia_build_info", &["version="]).await, 1.0);
    assert_eq!(watched.sample("phidia_board_ready", &[]).await, 1.0);
    for gauge in ["phidia_outbox_outstanding", "phidia_outbox_parked", "phidia_outbox_oldest_age_seconds"] {
        watched.sample(gauge, &["service=\"intake\"", "subscriber=\"routing\""]).await;
    }
    for kind in ["agenda", "moves", "unassignable", "uncounted", "unlinked"] {
        watched.sample("phidia_routing_backlog", &[&format!("kind=\"{kind}\"")]).await;
    }
    assert!(watched.sample("phidia_store_commits_total", &["service=\"notification\""]).await > 0.0);
    let (_, text) = watched.get("/metrics").await;
    for unbounded in [&receipt.application_id, &receipt.dossier_code, "app_", "case_", "evt_"] {
        assert!(!text.contains(unbounded), "{unbounded} is a label");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_or_swallows_changes_no_answer() {
    // One that nobody listens at, and one that takes all and says nothing: its backlog accepts for it.
    let swallowing = TcpListener::bind("127.0.0.1:0").unwrap();
    let swallows = swallowing.local_addr().unwrap().port();
    for (port, why) in [(port::free(), "rejected"), (swallows, "timeout")] {
        let watched =
            Watched::up(&format!("[telemetry]\nendpoint = \"http://127.0.0.1:{port}\"\nqueue = 8\n"));
        let citizen = Client::system(&watched.phidia.endpoint);
        for number in 0..20 {
            let receipt = citizen.submit(application(&format!("alone-{number}"), ANYWHERE)).await.unwrap();
            citizen.tracked_as(&receipt, ApplicationStatus::InProcess).await;
        }
        let lost = format!("error_type=\"{why}\"");
        assert!(watched.sample("otel_sdk_exporter_span_exported_total", &[&lost]).await > 0.0);
        let full = watched.sample("otel_sdk_processor_span_processed_total", &["queue_full"]).await;
        assert!(full > 0.0);
        assert_eq!(watched.get("/readyz").await, (200, "ready\n".to_owned()), "no part of it");
        let (took, _) = watched.ends().await;
        assert!(took < Duration::from_secs(8), "it waited for the collector: {took:?}");
    }
    drop(swallowing);
}
