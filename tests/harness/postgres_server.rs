//! A real PostgreSQL of one's own: a fresh cluster in a temporary folder, to be killed, stopped and started
//! again.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    account::Account,
    port,
    tree::{Signal, Tree},
    wait::PATIENCE,
    workspace,
};

/// The superuser; nobody is asked for a password.
const USER: &str = "phidia";

/// What a commit survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The death of any process (fsync off): what was written lies with the kernel. Enough wherever no loss of
    /// power is simulated.
    Process,
    /// The loss of power too (fsync on): what is measured against it is worth something.
    Power,
}

/// A cluster. It and its folder are gone when it is dropped.
#[derive(Debug)]
pub struct PostgresServer {
    binaries: PathBuf,
    account: Account,
    durability: Durability,
    port: u16,
    /// `data` is the cluster; the folder itself holds socket and log.
    folder: TempDir,
    tree: Option<Tree>,
}

impl PostgresServer {
    /// Makes a cluster and waits until it answers.
    pub fn start(durability: Durability) -> Self {
        let (binaries, account) = (binaries(), Account::unprivileged());
        let folder = tempfile::Builder::new().prefix("phidia-postgres-").tempdir().unwrap();
        account.give(folder.path());
        make_cluster(&binaries, account, folder.path());
        let mut server = Self { binaries, account, durability, port: port::free(), folder, tree: None };
        // The port may have been taken meanwhile.
        for _ in 0..5 {
            if server.try_run() {
                return server;
            }
            server.port = port::free();
        }
        panic!("PostgreSQL does not start: {}", server.log());
    }

    /// One server for all tests of this process. It goes with the process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<(PostgresServer, Child)> = OnceLock::new();
        let (server, _) = SHARED.get_or_init(|| {
            let server = Self::start(Durability::Process);
            // Nothing of a process is dropped when it ends, but the other end of its pipe sees that it has.
            let heir = (server.account)
                .command(Path::new("sh"))
                .args(["-c", "cat; \"$1\" -D \"$2/data\" -m immediate stop; rm -rf \"$2\"", "heir"])
                .arg(server.binaries.join("pg_ctl"))
                .arg(server.folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            (server, heir.unwrap())
        });
        server
    }

    /// A database that nobody else has.
    pub fn new_database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        self.url(&format!("test{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// A database of this name, made where there is none.
    pub fn url(&self, database: &str) -> String {
        static ONE: Mutex<()> = Mutex::new(());
        let _one_at_a_time = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let there = self.sql("postgres", &format!("select 1 from pg_database where datname = '{database}'"));
        if there.is_empty() {
            self.sql("postgres", &format!("create database \"{database}\""));
        }
        self.url_at(&format!("127.0.0.1:{}", self.port), database)
    }

    /// The URL of a database by way of another address, a proxy's.
    pub fn url_at(&self, address: &str, database: &str) -> String {
        format!("postgres://{USER}@{address}/{database}")
    }

    /// The socket that it listens on besides its port.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(format!(".s.PGSQL.{}", self.port))
    }

    /// Asks `psql`; answers are lines of columns with `|` between them.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let output = self.client("psql", database).args(["-XAtq", "-c", statement]).output().unwrap();
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// One of the programs that came with it, `psql` say.
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    /// Transactions per second of so many clients of `pgbench`, over TCP as services are, and how many milliseconds each
    /// took, in order. `extent`: for how many seconds (`-T`), or how many each client makes (`-t`).
    pub fn pgbench(
        &self,
        database: &str,
        script: &str,
        clients: usize,
        extent: [&str; 2],
    ) -> (f64, Vec<f64>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("script.sql"), script).unwrap();
        let mut command = Command::new(self.program("pgbench"));
        command.args(["-n", "-l", "-M", "prepared", "-f", "script.sql"]).current_dir(folder.path());
        command.args(["-c", &clients.to_string(), "-j", &clients.min(2).to_string()]).args(extent);
        let output = command.arg(self.url(database)).output().unwrap();
        assert!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
        let told = String::from_utf8(output.stdout).unwrap();
        let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        let mut took = Vec::new();
        for file in fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_none_or(|kind| kind != "sql") {
                // client, transaction, microseconds …
                let log = fs::read_to_string(file).unwrap();
                let of = |line: &str| line.split(' ').nth(2).unwrap().parse::<f64>().unwrap() / 1e3;
                took.extend(log.lines().map(of));
            }
        }
        took.sort_by(f64::total_cmp);
        (rate.expect("pgbench tells no rate"), took)
    }

    /// Whether it was started and not killed since.
    pub fn runs(&self) -> bool {
        self.tree.is_some()
    }

    /// SIGKILL for all its processes.
    pub fn kill(&mut self) {
        self.tree.take().expect("it runs").kill();
    }

    /// SIGSTOP for all its processes.
    pub fn stop(&self) {
        self.tree.as_ref().expect("it runs").signal_all(Signal::Stop);
    }

    /// SIGCONT.
    pub fn resume(&self) {
        self.tree.as_ref().expect("it runs").signal_all(Signal::Continue);
    }

    /// Starts it again on the same folder and port, and waits until it answers.
    pub fn restart(&mut self) {
        assert!(self.tree.is_none(), "it runs already");
        assert!(self.try_run(), "PostgreSQL does not start again: {}", self.log());
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Whether it came to answer.
    fn try_run(&mut self) -> bool {
        let log = fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = self.account.command(&self.binaries.join("postgres"));
        command.arg("-D").arg(self.folder.path().join("data"));
        command.arg("-k").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]);
        if self.durability == Durability::Process {
            command.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        }
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let mut tree = Tree::spawn(&mut command);
        let since = Instant::now();
        while tree.ended().is_none() {
            let ready = self.client("pg_isready", "postgres").arg("-q").status().unwrap();
            if ready.success() {
                self.tree = Some(tree);
                return true;
            }
            assert!(since.elapsed() < PATIENCE, "PostgreSQL does not answer: {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
        false
    }

    fn client(&self, program: &str, database: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.arg("-h").arg(self.folder.path()).args([
            "-p",
            &self.port.to_string(),
            "-U",
            USER,
            "-d",
            database,
        ]);
        command
    }
}

/// Makes `data` in this folder: by `initdb` the first time, then as a copy of what that made, which takes a tenth
/// of the time. It is kept where cargo builds to.
fn make_cluster(binaries: &Path, account: Account, folder: &Path) {
    let (kept, data) = (workspace::target().join("tmp"), folder.join("data"));
    let version = Command::new(binaries.join("postgres")).arg("--version").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let name: Vec<_> = version.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let made = kept.join(name.join("-"));
    if made.is_dir() {
        copy(&made, &data);
        return;
    }
    let output = account
        .command(&binaries.join("initdb"))
        .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"])
        .args(["-U", USER, "-D"])
        .arg(&data)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    fs::create_dir_all(&kept).unwrap();
    let draft = tempfile::tempdir_in(&kept).unwrap();
    copy(&data, &draft.path().join("data"));
    // Somebody else may have been faster: that one is as good.
    let _ = fs::rename(draft.path().join("data"), made);
}

/// Copies a folder with all in it, and whose it is.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success(), "{} cannot be copied to {}", from.display(), to.display());
}

/// Debian keeps the server's programs out of the path; elsewhere `pg_config` knows.
fn binaries() -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = debian
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("postgres").is_file())
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder).or_else(asked).expect("PostgreSQL is missing: run tests/run")
}

fn asked() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = Path::new(String::from_utf8(output.stdout).ok()?.trim()).to_owned();
    folder.join("postgres").is_file().then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_committed_survives_a_kill() {
        let mut server = PostgresServer::start(Durability::Process);
        let url = server.url("intake");
        assert_eq!(server.url("intake"), url, "asked again, it is there");
        server.sql("intake", "create table t (n int); insert into t values (7)");
        let held = server.client("psql", "intake").args(["-c", "select pg_sleep(600)"]).spawn();
        let mut held = held.unwrap();
        server.kill();
        assert!(!held.wait().unwrap().success(), "a backend outlived the kill");
        server.restart();
        assert_eq!((server.sql("intake", "select n from t"), server.url("intake")), ("7".into(), url));
    }

    #[test]
    fn stopped_it_answers_nothing_until_it_goes_on() {
        let server = PostgresServer::start(Durability::Power);
        assert_eq!(server.sql("postgres", "show fsync"), "on");
        let mut ready = server.client("pg_isready", "postgres");
        server.stop();
        assert!(!ready.args(["-q", "-t", "1"]).status().unwrap().success());
        server.resume();
        assert!(ready.status().unwrap().success());
    }
}
