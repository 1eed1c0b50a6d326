//! An authority of one's own that vouches for servers on this machine, made by openssl.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// An authority in a temporary folder, which is gone when it is dropped.
#[derive(Debug)]
pub struct Authority(TempDir);

impl Authority {
    /// Makes one.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("phidia-authority-").tempdir().unwrap();
        openssl(folder.path(), "authority", &["-subj", "/CN=Phidia's tests"]);
        Self(folder)
    }

    /// Its own certificate, as PEM.
    pub fn certificate(&self) -> PathBuf {
        self.0.path().join("authority.pem")
    }

    /// A certificate for this machine, and its key, both as PEM.
    pub fn vouch(&self) -> (PathBuf, PathBuf) {
        let arguments = [
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-CA",
            "authority.pem",
            "-CAkey",
            "authority.key",
        ];
        openssl(self.0.path(), "server", &arguments);
        (self.0.path().join("server.pem"), self.0.path().join("server.key"))
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

fn openssl(folder: &Path, name: &str, arguments: &[&str]) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(["req", "-x509", "-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:prime256v1", "-keyout", &format!("{name}.key"), "-out"])
        .arg(format!("{name}.pem"))
        .args(arguments)
        .output()
        .expect("openssl is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
