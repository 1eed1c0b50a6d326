//! Phidia as real processes, in each of its forms, with every link between two of them in our hands.
//!
//! ```text
//!   client --proxy--> intake --proxy--> routing …        each part in one process, or in several replicas
//!                       |                  |
//!                     proxy              proxy ---> Redis
//!                       v                  v
//!                   PostgreSQL         PostgreSQL
//! ```
//!
//! Parts listen on ports that the system chooses, and find each other through the proxies, which stay where they
//! are. A part that ends by itself is started again, as Kubernetes would; how often that was, is told.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    postgres_server::{Durability, PostgresServer},
    process::{self, Phidia},
    province,
    proxy::{Proxy, Upstream},
    redis_server::RedisServer,
    tree::Signal,
    wait::PATIENCE,
};

/// How soon a process that ended is started again, and how often is looked.
const PAUSE: Duration = Duration::from_millis(50);

/// The database: one that every PostgreSQL has from the start.
pub const DATABASE: &str = "postgres";

/// What runs as a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// All services in one (`phidia up`).
    Whole,
    /// `phidia serve intake`.
    Intake,
    /// `phidia serve routing`.
    Routing,
    /// `phidia serve processing`.
    Processing,
    /// `phidia serve notification`.
    Notification,
}

impl Part {
    /// The parts of a house that is split.
    pub const SERVICES: [Self; 4] = [Self::Intake, Self::Routing, Self::Processing, Self::Notification];

    /// Its name, as `phidia serve` knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Intake => "intake",
            Self::Routing => "routing",
            Self::Processing => "processing",
            Self::Notification => "notification",
        }
    }
}

/// Which form a house has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One process over SQLite files, the board in its memory.
    Embedded,
    /// A process per service, each over a SQLite file, the board in routing's memory. One replica each.
    Files,
    /// A process per service and replica, over PostgreSQL and Redis.
    Cluster,
}

/// What to build.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its form.
    pub form: Form,
    /// How many processes a part has, where that is more than one.
    pub replicas: BTreeMap<Part, usize>,
    /// Further settings of each part, as TOML.
    pub settings: String,
}

impl Plan {
    /// One process per part, with the settings of the house.
    pub fn of(form: Form) -> Self {
        Self { form, replicas: BTreeMap::new(), settings: String::new() }
    }

    fn parts(&self) -> &'static [Part] {
        match self.form {
            Form::Embedded => &[Part::Whole],
            Form::Files | Form::Cluster => &Part::SERVICES,
        }
    }

    fn links(&self) -> Vec<Link> {
        let to_part = |from, to| Link { from: Some(from), to: End::Part(to) };
        let mut links: Vec<_> =
            self.parts().iter().map(|part| Link { from: None, to: End::Part(*part) }).collect();
        if self.form != Form::Embedded {
            for from in Part::SERVICES {
                links.extend(Part::SERVICES.into_iter().filter(|to| *to != from).map(|to| to_part(from, to)));
            }
        }
        if self.form == Form::Cluster {
            links.extend(Part::SERVICES.map(|from| Link { from: Some(from), to: End::Postgres }));
            links.push(Link { from: Some(Part::Routing), to: End::Redis });
        }
        links
    }
}

/// The far end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The replicas of a part.
    Part(Part),
    /// PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
}

/// A link: all replicas of `from` connect to `to` by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Who connects; none: the clients.
    pub from: Option<Part>,
    /// To whom.
    pub to: End,
}

/// One process of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// The part.
    pub part: Part,
    /// From 0.
    pub replica: usize,
}

impl Seat {
    /// The name of its process, whoever takes it: `intake-0`.
    fn name(self) -> String {
        format!("{}-{}", self.part.name(), self.replica)
    }
}

/// A house in which every process runs. All of them are killed when the last clone is dropped.
#[derive(Clone)]
pub struct House {
    inner: Arc<Inner>,
}

struct Inner {
    form: Form,
    links: BTreeMap<Link, Proxy>,
    seats: BTreeMap<Seat, Seating>,
    postgres: Option<Mutex<PostgresServer>>,
    redis: Option<Mutex<RedisServer>>,
    /// Links that lead to somebody who stands in between.
    detours: Mutex<BTreeMap<Link, Upstream>>,
    /// Processes that ended by themselves, and how.
    mishaps: Mutex<Vec<String>>,
    /// Configuration, data and logs. Last: the processes are gone when it is removed.
    folder: TempDir,
}

/// The place of one process; locked while it is started or ended.
#[derive(Default)]
struct Seating {
    process: tokio::sync::Mutex<Option<Phidia>>,
    /// Where it listens, while it does.
    endpoint: Mutex<Option<Upstream>>,
}

impl House {
    /// Starts everything and waits until each process listens.
    pub async fn build(plan: &Plan) -> Self {
        let folder = tempfile::Builder::new().prefix("phidia-house-").tempdir().unwrap();
        let (postgres, redis) = match plan.form {
            Form::Embedded | Form::Files => (None, None),
            Form::Cluster => {
                let both = || (PostgresServer::start(Durability::Process), RedisServer::start());
                let (postgres, redis) = tokio::task::spawn_blocking(both).await.unwrap();
                (Some(Mutex::new(postgres)), Some(Mutex::new(redis)))
            }
        };
        let mut links = BTreeMap::new();
        for link in plan.links() {
            links.insert(link, Proxy::start().await);
        }
        let seats = plan.parts().iter().flat_map(|part| {
            let replicas = plan.replicas.get(part).copied().unwrap_or(1);
            (0..replicas).map(|replica| (Seat { part: *part, replica }, Seating::default()))
        });
        let seats = seats.collect();
        let (detours, mishaps) = Default::default();
        let inner =
            Arc::new(Inner { form: plan.form, links, seats, postgres, redis, detours, mishaps, folder });
        let house = Self { inner };
        house.inner.lead_to_stores();
        for part in plan.parts() {
            fs::write(house.inner.config(*part), house.inner.settings(*part, plan)).unwrap();
        }
        let starts: Vec<_> = house.seats().map(|seat| house.clone().start_owned(seat)).collect();
        for start in starts.into_iter().map(tokio::spawn).collect::<Vec<_>>() {
            start.await.unwrap();
        }
        for seat in house.seats() {
            tokio::spawn(supervise(Arc::downgrade(&house.inner), seat));
        }
        house
    }

    /// Brings the tiny province in, with these files.
    pub async fn import(&self, files: &BTreeMap<String, String>) {
        let folder = self.folder().join("province");
        province::write(&folder, files);
        let output = self.cli(&["province", "import", "--allow-uncovered", folder.to_str().unwrap()]).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A client verb against intake.
    pub async fn cli(&self, arguments: &[&str]) -> Output {
        let endpoint = self.endpoint(Part::Intake);
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let run = move || process::cli(&endpoint, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    /// Its form.
    pub fn form(&self) -> Form {
        self.inner.form
    }

    /// Where clients reach a service.
    pub fn endpoint(&self, part: Part) -> String {
        let part = if self.inner.form == Form::Embedded { Part::Whole } else { part };
        self.link(Link { from: None, to: End::Part(part) }).http()
    }

    /// A link of this house.
    pub fn link(&self, link: Link) -> &Proxy {
        self.inner.links.get(&link).unwrap_or_else(|| panic!("this house has no {link:?}"))
    }

    /// From now on a link between services leads here, wherever the replicas of its part are.
    pub fn detour(&self, link: Link, through: Upstream) {
        held(&self.inner.detours).insert(link, through.clone());
        self.link(link).lead_to(vec![through]);
    }

    /// All its links.
    pub fn links(&self) -> impl Iterator<Item = Link> {
        self.inner.links.keys().copied()
    }

    /// All its processes.
    pub fn seats(&self) -> impl Iterator<Item = Seat> + use<> {
        self.inner.seats.keys().copied().collect::<Vec<_>>().into_iter()
    }

    /// Its files: `<seat>.log` of each process among them.
    pub fn folder(&self) -> &Path {
        self.inner.folder.path()
    }

    /// Processes that ended by themselves, and how.
    pub fn mishaps(&self) -> Vec<String> {
        self.inner.mishaps.lock().unwrap().clone()
    }

    /// SIGKILL, and started again at once; answers when it listens again.
    pub async fn kill(&self, seat: Seat) {
        self.kill_and(seat, |_| ()).await;
    }

    /// The same; before it is started again, something is done to the folder of the house.
    pub async fn kill_and(&self, seat: Seat, act: impl FnOnce(&Path)) {
        let seating = self.inner.seating(seat);
        let mut process = seating.process.lock().await;
        let running = process.take().expect("it runs");
        tokio::task::spawn_blocking(|| running.kill()).await.unwrap();
        self.inner.seat(seat, None);
        act(self.folder());
        *process = Some(self.inner.run(seat).await);
    }

    /// SIGSTOP or SIGCONT.
    pub async fn signal(&self, seat: Seat, signal: Signal) {
        self.inner.seating(seat).process.lock().await.as_ref().expect("it runs").signal(signal);
    }

    /// Does something to PostgreSQL; its links follow.
    pub async fn postgres<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut PostgresServer) -> T + Send + 'static,
    ) -> T {
        self.to_store(|inner| inner.postgres.as_ref(), act).await
    }

    /// Does something to Redis, or puts another in its place; its links follow.
    pub async fn redis<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut RedisServer) -> T + Send + 'static,
    ) -> T {
        self.to_store(|inner| inner.redis.as_ref(), act).await
    }

    async fn to_store<S: 'static, T: Send + 'static>(
        &self,
        store: impl FnOnce(&Inner) -> Option<&Mutex<S>> + Send + 'static,
        act: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> T {
        let inner = self.inner.clone();
        let done = move || {
            let done = act(&mut held(store(&inner).expect("a cluster")));
            inner.lead_to_stores();
            done
        };
        tokio::task::spawn_blocking(done).await.unwrap()
    }

    /// The process id of who sits there.
    pub async fn pid(&self, seat: Seat) -> u32 {
        self.inner.seating(seat).process.lock().await.as_ref().expect("it runs").pid()
    }

    async fn start_owned(self, seat: Seat) {
        let mut process = self.inner.seating(seat).process.lock().await;
        *process = Some(self.inner.run(seat).await);
    }
}

impl Inner {
    fn seating(&self, seat: Seat) -> &Seating {
        self.seats.get(&seat).unwrap_or_else(|| panic!("this house has no {seat:?}"))
    }

    /// Starts a process, again and again until it listens.
    async fn run(&self, seat: Seat) -> Phidia {
        let since = Instant::now();
        loop {
            let (log, config) = (self.log(seat), self.config(seat.part));
            let started = tokio::task::spawn_blocking(move || launch(seat, &config, &log)).await.unwrap();
            match started {
                Ok(process) => {
                    let address = process.endpoint.trim_start_matches("http://").parse().unwrap();
                    self.seat(seat, Some(Upstream::Tcp(address)));
                    return process;
                }
                Err(status) => {
                    let log = fs::read_to_string(self.log(seat)).unwrap_or_default();
                    assert!(since.elapsed() < PATIENCE, "{seat:?} does not start ({status}): {log}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Notes where a process listens, and leads the links to its part there.
    fn seat(&self, seat: Seat, endpoint: Option<Upstream>) {
        *held(&self.seating(seat).endpoint) = endpoint;
        let of_part = self.seats.iter().filter(|(other, _)| other.part == seat.part);
        let upstreams: Vec<_> = of_part.filter_map(|(_, seating)| held(&seating.endpoint).clone()).collect();
        let detours = held(&self.detours);
        let own = self.links.iter().filter(|(link, _)| link.to == End::Part(seat.part));
        for (_, proxy) in own.filter(|(link, _)| !detours.contains_key(link)) {
            proxy.lead_to(upstreams.clone());
        }
    }

    fn lead_to_stores(&self) {
        let postgres =
            self.postgres.as_ref().map(held).filter(|store| store.runs()).map(|store| store.socket());
        let redis = self.redis.as_ref().map(held).filter(|store| store.runs()).map(|store| store.socket());
        for (link, proxy) in &self.links {
            let store = match link.to {
                End::Part(_) => continue,
                End::Postgres => &postgres,
                End::Redis => &redis,
            };
            proxy.lead_to(store.iter().cloned().map(Upstream::Unix).collect());
        }
    }

    fn config(&self, part: Part) -> PathBuf {
        self.folder.path().join(format!("{}.toml", part.name()))
    }

    fn log(&self, seat: Seat) -> PathBuf {
        self.folder.path().join(format!("{}.log", seat.name()))
    }

    /// The configuration of a part: its own way to each of the others.
    fn settings(&self, part: Part, plan: &Plan) -> String {
        let data = self.folder.path().join("data");
        let (master, signing) = ("5a".repeat(32), "6b".repeat(32));
        let mut text =
            format!("data = {data:?}\nmaster_key = \"{master}\"\nreceipts.signing_key = \"{signing}\"\n");
        let of_part = |link: &&Link| link.from == Some(part);
        text += "[peers]\n";
        for link in self.links.keys().filter(of_part) {
            if let End::Part(to) = link.to {
                writeln!(text, "{} = \"{}\"", to.name(), self.links[link].http()).unwrap();
            }
        }
        for link in self.links.keys().filter(of_part) {
            let address = self.links[link].address();
            match link.to {
                End::Part(_) => {}
                // One database, and a schema for each service.
                End::Postgres => {
                    let url = held(self.postgres.as_ref().unwrap()).url_at(&address.to_string(), DATABASE);
                    writeln!(text, "[databases.{}]\nurl = \"{url}\"", part.name()).unwrap();
                }
                End::Redis => writeln!(text, "[board]\nurls = [\"redis://{address}\"]").unwrap(),
            }
        }
        text + &plan.settings
    }
}

fn launch(seat: Seat, config: &Path, log: &Path) -> Result<Phidia, std::process::ExitStatus> {
    let log = File::options().create(true).append(true).open(log).unwrap();
    let mut command = Command::new(process::binary());
    match seat.part {
        Part::Whole => command.args(["up", "--empty"]),
        service => command.args(["serve", service.name()]),
    };
    command.env("PHIDIA_CONFIG_REPLICA", seat.name());
    command.args(["--listen", "127.0.0.1:0", "--config"]).arg(config).stderr(log);
    Phidia::start(&mut command)
}

/// Starts a process again whenever it ended by itself.
async fn supervise(inner: Weak<Inner>, seat: Seat) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let Some(inner) = inner.upgrade() else { return };
        let mut process = inner.seating(seat).process.lock().await;
        let Some(status) = process.as_mut().and_then(Phidia::ended) else { continue };
        held(&inner.mishaps).push(format!("{seat:?} ended by itself: {status}"));
        inner.seat(seat, None);
        *process = Some(inner.run(seat).await);
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap()
}
