//! Conservation over real processes: under load, by itself, and when something really is lost.

use std::{
    fs::{self, File},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
};

use harness::{
    client::{Client, application},
    port,
    process::Phidia,
    province::{self, ALPHA, ANYWHERE},
    wait,
};
use phidia_proto::types::v1::ApplicationStatus;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::four_processes::{ROLES, free_ports, settings};

/// The services that hold applications, each in a process.
struct House {
    folder: TempDir,
    ports: [u16; 4],
    admin: u16,
    processes: [Option<Phidia>; 3],
}

impl House {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        province::write(&folder.path().join("province"), &province::files());
        let (ports, admin) = (free_ports(), port::free());
        let mut house = Self { folder, ports, admin, processes: [None, None, None] };
        (0..3).for_each(|index| house.start(index));
        let folder = house.folder.path().join("province");
        let output = house.at(0).cli(&["province", "import", "--allow-uncovered", folder.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        house
    }

    fn at(&self, index: usize) -> &Phidia {
        self.processes[index].as_ref().unwrap()
    }

    /// Routing proves conservation by itself every second, and shows it.
    fn start(&mut self, index: usize) {
        let role = ROLES[index];
        let mut text = String::new();
        if role == "routing" {
            text += &format!("admin = \"127.0.0.1:{}\"\n", self.admin);
        }
        text += &settings(self.folder.path(), self.ports);
        text += "[conservation]\nevery_seconds = 1\npatience_seconds = 1\n";
        let config = self.folder.path().join(format!("{role}.toml"));
        fs::write(&config, text).unwrap();
        let started = Phidia::serve(role, &config, &format!("127.0.0.1:{}", self.ports[index]));
        self.processes[index] = Some(started);
    }

    /// Ends a service, does something to its files, and starts it again.
    fn meanwhile<T>(&mut self, index: usize, act: impl FnOnce(&[PathBuf]) -> T) -> T {
        assert!(self.processes[index].take().unwrap().terminate().success());
        let prefix = format!("{}.db", ROLES[index]);
        let files = fs::read_dir(self.folder.path().join("data")).unwrap().map(|file| file.unwrap().path());
        let own = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().starts_with(&prefix);
        let done = act(&files.filter(own).collect::<Vec<_>>());
        self.start(index);
        done
    }

    fn dump(&mut self, index: usize) -> Vec<(PathBuf, Vec<u8>)> {
        self.meanwhile(index, |files| {
            files.iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
        })
    }

    /// As after a disaster, from an old dump.
    fn restore(&mut self, index: usize, dump: &[(PathBuf, Vec<u8>)]) {
        self.meanwhile(index, |files| {
            files.iter().for_each(|file| fs::remove_file(file).unwrap());
            dump.iter().for_each(|(file, content)| fs::write(file, content).unwrap());
        });
    }

    /// What the verb says, and whether it holds.
    fn conservation(&self, patience: &str) -> (Value, bool) {
        let endpoints = [0, 1, 2].map(|index| self.at(index).endpoint.as_str());
        let services = endpoints.iter().flat_map(|endpoint| ["--service", endpoint]);
        let mut arguments = vec!["--json", "conservation", "--patience-seconds", patience];
        arguments.extend(services);
        let output = self.at(0).cli(&arguments);
        let told = serde_json::from_slice(&output.stdout);
        (
            told.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))),
            output.status.success(),
        )
    }
}

/// The value of a metric that has no labels.
async fn metric(admin: u16, name: &str) -> Option<f64> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, admin)).await.ok()?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let line = answer.lines().find(|line| line.split([' ', '{']).next() == Some(name))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_nothing_looks_lost() {
    let house = Arc::new(House::open());
    let (intake, processing) = (house.at(0).endpoint.clone(), house.at(2).endpoint.clone());
    let mut clerks = JoinSet::new();
    for clerk in 0..4 {
        let citizen = Client::system(&intake);
        clerks.spawn(async move {
            for number in 0.. {
                citizen.submit(application(&format!("{clerk}-{number}"), ANYWHERE)).await.unwrap();
            }
        });
    }
    let officer = Client::officer(&processing, ALPHA, "A-1");
    clerks.spawn(async move {
        loop {
            for item in officer.worklist().await {
                // Alpha has only one officer: nobody else takes it.
                if let Ok(held) = officer.claim(&item).await {
                    officer.complete(&held).await.unwrap();
                }
            }
        }
    });
    let mut before = 0;
    for _ in 0..4 {
        let asked = house.clone();
        let (told, holds) = tokio::task::spawn_blocking(move || asked.conservation("30")).await.unwrap();
        assert!(holds, "{told}");
        assert_eq!((&told["lost"], &told["doubled"]), (&Value::Array(vec![]), &Value::Array(vec![])));
        let accepted = told["accepted"].as_u64().unwrap();
        assert!(accepted > before, "{told}");
        assert!(told["places"]["finished"].as_u64() > Some(0) || before == 0, "{told}");
        before = accepted;
    }
    clerks.shutdown().await;
    let (told, holds) = house.conservation("30");
    assert!(holds, "{told}");
    assert_eq!(told["board"], serde_json::json!({ "state": "even", "driftMinutes": 0, "drifts": [] }));

    // Anybody who adds up what is published of the centres comes to the same.
    let count = |told: &Value| told.as_u64().unwrap_or_default();
    wait::until("what is published fits", async || {
        let published = house.at(0).cli_json(&["receipt", "conservation"]);
        let sums = published["sums"].as_array()?;
        let total = |of: &str| -> u64 { sums.iter().map(|sum| count(&sum[of])).sum() };
        let ended: u64 = ["withdrawn", "refused", "lapsed"].map(total).iter().sum();
        let fits = total("accepted") == total("open") + total("finished") + ended;
        (fits
            && total("accepted") == count(&told["accepted"])
            && total("finished") == count(&told["places"]["finished"]))
        .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_or_doubled_is_named_by_the_verb_and_by_itself() {
    let mut house = House::open();
    let citizen = Client::system(&house.at(0).endpoint);
    let submit = async |key: &str| {
        let receipt = citizen.submit(application(key, ANYWHERE)).await.unwrap();
        citizen.tracked_as(&receipt, ApplicationStatus::InProcess).await;
        receipt
    };
    let well = submit("well").await;
    let processing_then = house.dump(2);
    let lost = submit("lost").await;
    let intake_then = house.dump(0);
    let doubled = submit("doubled").await;
    let (told, holds) = house.conservation("30");
    assert!(holds && told["accepted"] == 3, "{told}");
    let admin = house.admin;
    wait::until("it runs by itself", async || metric(admin, "phidia_conservation_last_run_seconds").await)
        .await;
    for name in ["lost", "doubled", "load_drift_minutes"] {
        assert_eq!(metric(admin, &format!("phidia_conservation_{name}")).await, Some(0.0), "{name}");
    }

    house.restore(2, &processing_then);
    house.restore(0, &intake_then);
    let (told, holds) = house.conservation("1");
    assert!(!holds);
    assert_eq!(told["lost"], Value::from(vec![lost.application_id.clone()]), "{told}");
    assert_eq!(told["doubled"], Value::from(vec![doubled.application_id]), "{told}");
    assert_eq!((&told["accepted"], &told["places"]["inCase"]), (&2.into(), &1.into()), "{well:?}: {told}");
    for name in ["lost", "doubled"] {
        let name = format!("phidia_conservation_{name}");
        let one = async || metric(admin, &name).await.filter(|count| *count == 1.0);
        wait::until("it tells by itself", one).await;
    }
    let endpoints = [0, 1, 2].map(|index| house.at(index).endpoint.as_str());
    let services = endpoints.iter().flat_map(|endpoint| ["--service", endpoint]);
    let services: Vec<_> = services.collect();
    for language in ["vi", "en"] {
        let ask = ["--lang", language, "conservation", "--patience-seconds", "1"];
        let output = house.at(0).cli(&[&ask[..], &services].concat());
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(8), "{told}");
        assert!(told.contains(&lost.application_id), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_arrive_is_not_called_lost() {
    let mut house = House::open();
    let citizen = Client::system(&house.at(0).endpoint);
    let routing = house.processes[1].take().unwrap();
    let endpoint = routing.endpoint.clone();
    routing.kill();
    citizen.submit(application("waits", ANYWHERE)).await.unwrap();
    let (intake, processing) = (house.at(0).endpoint.as_str(), house.at(2).endpoint.as_str());
    // Routing does not answer; and if nobody asks it, what it is to be told is still on its way.
    for (services, reason) in
        [(vec![intake, &endpoint, processing], "PEER_UNAVAILABLE"), (vec![intake, processing], "NOT_ARRIVED")]
    {
        let services = services.iter().flat_map(|service| ["--service", service]);
        let mut arguments = vec!["conservation", "--patience-seconds", "0"];
        arguments.extend(services);
        let output = house.at(0).cli(&arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(7), 0), "{told}");
        assert!(told.contains(reason), "{told}");
    }
    house.start(1);
    assert!(house.conservation("30").1);
}

#[tokio::test]
async fn the_embedded_form_proves_itself_too() {
    let folder = tempfile::tempdir().unwrap();
    let up = |every: u32, admin: u16, log: &Path| {
        let config = folder.path().join("phidia.toml");
        let text = format!("admin = \"127.0.0.1:{admin}\"\n[conservation]\nevery_seconds = {every}\n");
        fs::write(&config, text).unwrap();
        let mut command = std::process::Command::new(harness::process::binary());
        command.args(["up", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data"));
        Phidia::start(command.arg("--config").arg(config).stderr(File::create(log).unwrap())).unwrap()
    };
    let (admin, log) = (port::free(), folder.path().join("log"));
    let phidia = up(1, admin, &log);
    wait::until("it runs by itself", async || metric(admin, "phidia_conservation_last_run_seconds").await)
        .await;
    assert_eq!(metric(admin, "phidia_conservation_lost").await, Some(0.0));
    wait::until("it says so", async || {
        fs::read_to_string(&log).unwrap().contains("conservation holds").then_some(())
    })
    .await;
    assert!(phidia.terminate().success());
}
