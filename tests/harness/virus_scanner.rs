//! A real ClamAV of one's own, which knows one signature: that of EICAR's test file, which is no virus and is found by every scanner.
//! `tests/run` installs it (clamav-daemon); no signatures are downloaded.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    fmt::Write as _,
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{port, tree::Tree, wait::PATIENCE};

/// The test file (<https://www.eicar.org/download-anti-malware-testfile/>), in two halves: or scanners would take this file away.
pub const EICAR: [&str; 2] = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"];

/// A scanner on a port. It and its folder are gone when it is dropped.
#[derive(Debug)]
pub struct VirusScanner {
    port: u16,
    folder: TempDir,
    tree: Option<Tree>,
}

impl VirusScanner {
    /// One that is away still.
    pub fn away() -> Self {
        let folder = tempfile::Builder::new().prefix("phidia-clamav-").tempdir().unwrap();
        let mut digits = String::new();
        EICAR.concat().bytes().for_each(|byte| write!(digits, "{byte:02x}").unwrap());
        fs::create_dir(folder.path().join("signatures")).unwrap();
        fs::write(folder.path().join("signatures/eicar.ndb"), format!("Eicar-Test-Signature:0:*:{digits}\n"))
            .unwrap();
        Self { port: port::free(), folder, tree: None }
    }

    /// Starts it and waits until it answers.
    pub fn start(&mut self) {
        assert!(self.tree.is_none(), "it runs already");
        let folder = self.folder.path();
        let config = format!(
            "Foreground yes\nDatabaseDirectory {0}/signatures\nTCPSocket {1}\nTCPAddr 127.0.0.1\nLogFile {0}/log\n\
             TemporaryDirectory {0}\nStreamMaxLength 50M\nMaxThreads 2\n",
            folder.display(),
            self.port
        );
        let path = folder.join("clamd.conf");
        fs::write(&path, config).unwrap();
        let mut command = Command::new(binary());
        command
            .arg("--config-file")
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut tree = Tree::spawn(&mut command);
        let since = Instant::now();
        while !self.answers() {
            assert!(
                tree.ended().is_none() && since.elapsed() < PATIENCE,
                "ClamAV does not start: {}",
                self.log()
            );
            thread::sleep(Duration::from_millis(20));
        }
        self.tree = Some(tree);
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.tree.take().expect("it runs").kill();
    }

    /// Its address, as Phidia is told.
    pub fn address(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    fn answers(&self) -> bool {
        let ping = || {
            let mut line = TcpStream::connect(("127.0.0.1", self.port))?;
            line.write_all(b"zPING\0")?;
            let mut answer = String::new();
            line.read_to_string(&mut answer)?;
            std::io::Result::Ok(answer)
        };
        ping().is_ok_and(|answer| answer.starts_with("PONG"))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Debian puts it where only root looks.
fn binary() -> PathBuf {
    let known = PathBuf::from("/usr/sbin/clamd");
    if known.is_file() { known } else { PathBuf::from("clamd") }
}
