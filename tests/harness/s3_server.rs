//! A bucket of one's own: a server of S3's protocol (npm's s3rver, which `tests/run` installs), in a temporary folder. It wants to know who
//! asks, and does not check how they prove it (signatures of version 4).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    net::TcpStream,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{port, tree::Tree, wait::PATIENCE, workspace};

/// A server with one bucket. It and its folder are gone when it is dropped.
#[derive(Debug)]
pub struct S3Server {
    port: u16,
    folder: TempDir,
    _tree: Tree,
}

impl S3Server {
    /// The name of its bucket.
    pub const BUCKET: &str = "phidia";
    /// Who may, and how they prove it.
    pub const KEY: &str = "S3RVER";

    /// Starts one and waits until it listens.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("phidia-s3-").tempdir().unwrap();
        let port = port::free();
        let mut command = Command::new(binary());
        command.args(["--address", "127.0.0.1", "--port", &port.to_string(), "--silent"]);
        command.args(["--configure-bucket", Self::BUCKET, "--directory"]).arg(folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut tree = Tree::spawn(&mut command);
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(tree.ended().is_none() && since.elapsed() < PATIENCE, "s3rver does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Self { port, folder, _tree: tree }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its bucket, as files; each object is some of them.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join(Self::BUCKET)
    }
}

fn binary() -> PathBuf {
    let path = workspace::root().join("target/tools/node_modules/.bin/s3rver");
    assert!(path.is_file(), "{} is missing: run tests/run", path.display());
    path
}
