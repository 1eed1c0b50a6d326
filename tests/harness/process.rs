//! A real `phidia` process on a port that the system chose, and the command line beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Output, Stdio},
    sync::{Mutex, OnceLock, mpsc},
};

use crate::{
    tree::{Signal, Tree},
    wait::PATIENCE,
    workspace,
};

/// The binary that was built with these tests.
pub fn binary() -> PathBuf {
    // This test runs from target/<profile>/deps.
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let binary = profile.join("phidia");
    assert!(binary.is_file(), "{} is missing: run tests/run", binary.display());
    binary
}

/// A running process. It is killed when dropped.
pub struct Phidia {
    tree: Tree,
    /// `http://127.0.0.1:…`
    pub endpoint: String,
    later: Mutex<mpsc::Receiver<String>>,
    portal: OnceLock<String>,
}

impl Phidia {
    /// `phidia up` over a data folder, with these further arguments.
    pub fn up(data: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.arg("up").arg("--data").arg(data);
        command.args(["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]).args(arguments);
        Self::start(&mut command).expect("phidia ended before it listened")
    }

    /// `phidia serve <role>` with a configuration file.
    pub fn serve(role: &str, config: &Path, listen: &str) -> Self {
        let mut command = Command::new(binary());
        command.args(["serve", role, "--listen", listen]).arg("--config").arg(config);
        Self::start(&mut command).expect("phidia ended before it listened")
    }

    /// Any command that stays and says where it listens; how it ended when it does not.
    pub fn start(command: &mut Command) -> Result<Self, ExitStatus> {
        let mut tree = Tree::spawn(command.stdout(Stdio::piped()).current_dir(workspace::root()));
        let mut lines = BufReader::new(tree.child().stdout.take().unwrap()).lines();
        let (first, told) = mpsc::channel();
        let (further, later) = mpsc::channel();
        // The pipe must not fill up.
        std::thread::spawn(move || {
            let _ = first.send(lines.next());
            lines.map_while(Result::ok).for_each(|line| {
                let _ = further.send(line);
            });
        });
        let Some(line) = told.recv_timeout(PATIENCE).expect("it neither listens nor ends") else {
            return Err(tree.wait());
        };
        let line = line.unwrap();
        let endpoint = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
        Ok(Self { tree, endpoint, later: Mutex::new(later), portal: OnceLock::new() })
    }

    /// Where its portal is: `http://127.0.0.1:…`.
    pub fn portal(&self) -> String {
        let told = || {
            let line = self.later.lock().unwrap().recv_timeout(PATIENCE).expect("it has no portal");
            line.strip_prefix("portal at ").expect("the line of the portal").to_owned()
        };
        self.portal.get_or_init(told).clone()
    }

    /// SIGKILL: nothing is flushed, nothing is said.
    pub fn kill(mut self) {
        self.tree.kill();
    }

    /// SIGTERM, and how it ended.
    pub fn terminate(self) -> ExitStatus {
        self.tree.signal(Signal::Terminate);
        self.tree.wait()
    }

    /// Signals it.
    pub fn signal(&self, signal: Signal) {
        self.tree.signal(signal);
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.tree.pid()
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.tree.ended()
    }

    /// A client verb against this process.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        cli(&self.endpoint, arguments)
    }

    /// A client verb that must succeed, with its JSON.
    pub fn cli_json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.cli(&[&["--json"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// A client verb against an endpoint.
pub fn cli(endpoint: &str, arguments: &[&str]) -> Output {
    Command::new(binary()).args(["--endpoint", endpoint]).args(arguments).output().unwrap()
}
