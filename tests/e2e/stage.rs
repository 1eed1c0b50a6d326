//! A fresh process with the tiny province.

use harness::{process::Phidia, province};
use tempfile::TempDir;

pub(crate) struct Stage {
    pub(crate) phidia: Phidia,
    /// Data of the process, in `data`; the province in `province`.
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        province::write(&folder.path().join("province"), &province::files());
        let phidia = Phidia::up(&folder.path().join("data"), &["--empty"]);
        let stage = Self { phidia, folder };
        stage.import();
        stage
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
