//! A fresh process with the tiny province.

use std::{fs, thread, time::Duration};

use harness::{process::Phidia, province, tree::Signal};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Stage {
    pub(crate) phidia: Phidia,
    /// Data of the process, in `data`; the province in `province`.
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) fn set() -> Self {
        Self::with("")
    }

    /// With these settings, as TOML.
    pub(crate) fn with(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        province::write(&folder.path().join("province"), &province::files());
        fs::write(folder.path().join("phidia.toml"), settings).unwrap();
        let stage = Self { phidia: up(&folder), folder };
        stage.import();
        stage
    }

    /// SIGKILL, and another process on the same data.
    pub(crate) fn kill_and_start(&mut self) {
        self.phidia.signal(Signal::Kill);
        while self.phidia.ended().is_none() {
            thread::sleep(Duration::from_millis(5));
        }
        self.phidia = up(&self.folder);
    }

    pub(crate) fn import(&self) {
        let folder = self.folder.path().join("province");
        let output = self.phidia.cli(&["province", "import", "--allow-uncovered", folder.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.phidia.endpoint
    }
}

fn up(folder: &TempDir) -> Phidia {
    let config = folder.path().join("phidia.toml");
    Phidia::up(&folder.path().join("data"), &["--empty", "--config", config.to_str().unwrap()])
}

/// What other systems may hear, all of it.
pub(crate) fn feed(phidia: &Phidia) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), String::new());
    loop {
        let mut asked = vec!["event", "list", "--limit", "1000"];
        if !after.is_empty() {
            asked.extend(["--after", &after]);
        }
        let answer = phidia.cli_json(&asked);
        events.extend(answer["events"].as_array().into_iter().flatten().cloned());
        if answer["isLast"] == true {
            return events;
        }
        after = answer["resumeToken"].as_str().unwrap().to_owned();
    }
}
