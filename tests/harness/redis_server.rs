//! A real Redis of one's own in a temporary folder: to be killed, stopped, emptied, rolled back to an old dump,
//! and followed by a replica that takes its place.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    port,
    tree::{Signal, Tree},
    wait::PATIENCE,
};

/// A Redis with an append-only file, synced each second. It and its folder are gone when it is dropped.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    folder: TempDir,
    tree: Option<Tree>,
}

/// All that a Redis knew at one moment.
#[derive(Clone, Debug)]
pub struct Dump(Vec<u8>);

impl RedisServer {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("phidia-redis-").tempdir().unwrap();
        let mut server = Self { port: port::free(), folder, tree: None };
        // The port may have been taken meanwhile.
        for _ in 0..5 {
            if server.try_run(true) {
                return server;
            }
            server.port = port::free();
        }
        panic!("Redis does not start: {}", server.log());
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// The socket that it listens on besides its port.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Asks `redis-cli`.
    pub fn command(&self, arguments: &[&str]) -> String {
        let output = self.client().args(arguments).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap().trim_end().to_owned();
        assert!(output.status.success() && !answer.starts_with("ERR"), "{arguments:?}: {answer}");
        answer
    }

    /// Whether it was started and not killed since.
    pub fn runs(&self) -> bool {
        self.tree.is_some()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.tree.take().expect("it runs").kill();
    }

    /// SIGSTOP.
    pub fn stop(&self) {
        self.tree.as_ref().expect("it runs").signal_all(Signal::Stop);
    }

    /// SIGCONT.
    pub fn resume(&self) {
        self.tree.as_ref().expect("it runs").signal_all(Signal::Continue);
    }

    /// Starts it again on the same folder and port, with what its append-only file holds.
    pub fn restart(&mut self) {
        assert!(self.tree.is_none(), "it runs already");
        assert!(self.try_run(true), "Redis does not start again: {}", self.log());
    }

    /// Forgets everything.
    pub fn flush(&self) {
        self.command(&["FLUSHALL", "SYNC"]);
    }

    /// What it knows now.
    pub fn dump(&self) -> Dump {
        self.command(&["SAVE"]);
        Dump(fs::read(self.folder.path().join("dump.rdb")).unwrap())
    }

    /// Starts it again with what it knew at the time of `dump`: everything since is gone. It must have been
    /// killed.
    pub fn restore(&mut self, dump: &Dump) {
        assert!(self.tree.is_none(), "it runs");
        let _ = fs::remove_dir_all(self.folder.path().join("appendonlydir"));
        fs::write(self.folder.path().join("dump.rdb"), &dump.0).unwrap();
        // With an append-only file it would read that one and no dump.
        assert!(self.try_run(false), "Redis does not start from a dump: {}", self.log());
        self.command(&["CONFIG", "SET", "appendonly", "yes"]);
        // The file holds nothing until it is first rewritten, in the background.
        self.until("persistence", "aof_rewrite_scheduled:0");
        self.until("persistence", "aof_rewrite_in_progress:0");
    }

    /// Another one that follows it, once it has caught up.
    pub fn replica(&self) -> Self {
        let replica = Self::start();
        replica.command(&["REPLICAOF", "127.0.0.1", &self.port.to_string()]);
        replica.until("replication", "master_link_status:up");
        replica
    }

    /// It follows nobody any more: what its master is told from now on, it does not know.
    pub fn promote(&self) {
        self.command(&["REPLICAOF", "NO", "ONE"]);
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Waits until it says this of itself.
    fn until(&self, section: &str, line: &str) {
        let since = Instant::now();
        while !self.command(&["INFO", section]).contains(line) {
            assert!(since.elapsed() < PATIENCE, "Redis does not come to {line}: {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether it came to answer.
    fn try_run(&mut self, append_only: bool) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", ""]);
        command.args(["--appendonly", if append_only { "yes" } else { "no" }, "--appendfsync", "everysec"]);
        command.args(["--repl-diskless-sync-delay", "0", "--logfile", "log", "--unixsocket", "socket"]);
        command.arg("--dir").arg(self.folder.path()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut tree = Tree::spawn(&mut command);
        let since = Instant::now();
        while tree.ended().is_none() {
            let ping = self.client().arg("PING").output().unwrap();
            // LOADING until it has read its files.
            if ping.stdout.starts_with(b"PONG") {
                self.tree = Some(tree);
                return true;
            }
            assert!(since.elapsed() < PATIENCE, "Redis does not answer: {}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    fn client(&self) -> Command {
        let mut command = Command::new("redis-cli");
        command.arg("-s").arg(self.socket());
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_over_a_kill_and_forgets_what_came_after_a_dump() {
        let mut server = RedisServer::start();
        server.command(&["SET", "a", "1"]);
        let dump = server.dump();
        server.command(&["SET", "a", "2"]);
        server.kill();
        server.restart();
        assert_eq!(server.command(&["GET", "a"]), "2");
        server.kill();
        server.restore(&dump);
        assert_eq!(server.command(&["GET", "a"]), "1");
        server.command(&["SET", "a", "3"]);
        server.kill();
        server.restart();
        assert_eq!(server.command(&["GET", "a"]), "3", "it writes its append-only file again");
        server.flush();
        assert_eq!(server.command(&["GET", "a"]), "");
    }

    #[test]
    fn a_promoted_replica_does_not_know_the_last_writes() {
        let server = RedisServer::start();
        server.command(&["SET", "a", "1"]);
        let replica = server.replica();
        assert_eq!(replica.command(&["GET", "a"]), "1");
        replica.promote();
        server.command(&["SET", "a", "2"]);
        assert_eq!(replica.command(&["GET", "a"]), "1");
        replica.command(&["SET", "a", "3"]);
    }

    #[test]
    fn stopped_it_answers_nothing_until_it_goes_on() {
        let server = RedisServer::start();
        server.stop();
        let mut ping = server.client().arg("PING").stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(200));
        assert!(ping.try_wait().unwrap().is_none());
        server.resume();
        assert!(ping.wait().unwrap().success());
    }
}
