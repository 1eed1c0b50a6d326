//! A real `phidia` process on a port that the system chose, and the command line beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use crate::workspace;

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
    child: Child,
    /// `http://127.0.0.1:…`
    pub endpoint: String,
}

impl Phidia {
    /// `phidia up` over a data folder, with these further arguments.
    pub fn up(data: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.arg("up").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]).args(arguments);
        Self::start(command)
    }

    /// `phidia serve <role>` with a configuration file.
    pub fn serve(role: &str, config: &Path, listen: &str) -> Self {
        let mut command = Command::new(binary());
        command.args(["serve", role, "--listen", listen]).arg("--config").arg(config);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).current_dir(workspace::root()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().expect("phidia ended before it listened").unwrap();
        let endpoint = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
        // The pipe must not fill up.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, endpoint }
    }

    /// SIGKILL: nothing is flushed, nothing is said.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(kill.success());
        self.child.wait().unwrap()
    }

    /// A client verb against this process.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        Command::new(binary()).args(["--endpoint", &self.endpoint]).args(arguments).output().unwrap()
    }

    /// A client verb that must succeed, with its JSON.
    pub fn cli_json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.cli(&[&["--json"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Phidia {
    fn drop(&mut self) {
        // Gone already, when the test ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
