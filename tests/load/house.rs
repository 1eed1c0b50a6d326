//! A split house as an operator would run it: a process per service on PostgreSQL and Redis, and no proxies in
//! between, which would be measured too. Each service has a database of its own, so that PostgreSQL tells their
//! shares apart.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use harness::{
    port,
    postgres_server::{Durability, PostgresServer},
    process::{self, Phidia},
    redis_server::RedisServer,
};
use serde_json::Value;
use tempfile::TempDir;

/// The services, which are also the names of their databases and schemas. The first three hold applications.
pub(crate) const SERVICES: [&str; 4] = ["intake", "routing", "processing", "notification"];

/// What PostgreSQL is to note: when what was committed, which statements ran, how long syncs took.
const NOTED: [&str; 3] = [
    "track_commit_timestamp = on",
    "track_wal_io_timing = on",
    "shared_preload_libraries = 'pg_stat_statements'",
];

/// The stores, and the services once it is open.
pub(crate) struct House {
    // First: they are gone before their stores.
    processes: Vec<Phidia>,
    pub(crate) postgres: PostgresServer,
    pub(crate) redis: RedisServer,
    folder: TempDir,
}

impl House {
    pub(crate) fn with_stores_only() -> Self {
        let mut postgres = PostgresServer::start(Durability::Power);
        for setting in NOTED {
            postgres.sql("postgres", &format!("alter system set {setting}"));
        }
        postgres.kill();
        postgres.restart();
        let durable = "select current_setting('fsync'), current_setting('synchronous_commit')";
        assert_eq!(postgres.sql("postgres", durable), "on|on");
        let folder = tempfile::tempdir().unwrap();
        Self { processes: Vec::new(), postgres, redis: RedisServer::start(), folder }
    }

    /// Starts the services and brings the province of this folder in.
    pub(crate) fn open(&mut self, province: &Path) {
        let (folder, redis) = (self.folder.path(), self.redis.url());
        let (master, signing) = ("5a".repeat(32), "6b".repeat(32));
        let mut settings = format!(
            "data = {folder:?}\nmaster_key = \"{master}\"\nreceipts.signing_key = \"{signing}\"\n\
             [board]\nurls = [\"{redis}\"]\n[peers]\n"
        );
        let ports = SERVICES.map(|service| (service, port::free()));
        for (service, port) in ports {
            settings += &format!("{service} = \"http://127.0.0.1:{port}\"\n");
        }
        for (service, port) in ports {
            let (config, log) = ["toml", "log"].map(|kind| folder.join(format!("{service}.{kind}"))).into();
            let url = self.postgres.url(service);
            fs::write(&config, format!("{settings}[databases.{service}]\nurl = \"{url}\"\n")).unwrap();
            let mut command = Command::new(process::binary());
            command.args(["serve", service, "--listen", &format!("127.0.0.1:{port}"), "--config"]);
            command.arg(config).stderr(File::create(log).unwrap());
            self.processes.push(Phidia::start(&mut command).expect("it ended before it listened"));
        }
        let output =
            self.processes[0].cli(&["province", "import", province.to_str().unwrap(), "--allow-uncovered"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Where citizens hand in.
    pub(crate) fn intake(&self) -> &str {
        &self.processes[0].endpoint
    }

    /// Where officers work.
    pub(crate) fn processing(&self) -> &str {
        &self.processes[2].endpoint
    }

    /// How many applications have come to their case.
    pub(crate) fn count_opened(&self) -> usize {
        let opened = "select count(*) from processing.outbox_events where kind = 'case_opened'";
        self.postgres.sql("processing", opened).parse().unwrap()
    }

    /// What `phidia conservation` prints; it succeeds.
    pub(crate) fn conservation(&self) -> Value {
        let holders = self.processes[..3].iter().flat_map(|holder| ["--service", &holder.endpoint]);
        self.processes[0].cli_json(&["conservation"].into_iter().chain(holders).collect::<Vec<_>>())
    }
}
