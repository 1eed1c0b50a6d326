//! The account that a server runs under which refuses to be root.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, chown},
    path::Path,
    process::Command,
};

/// Another user than root, where the tests run as root.
#[derive(Clone, Copy, Debug)]
pub struct Account(Option<(u32, u32)>);

impl Account {
    /// `postgres` or `nobody` when this process is root's, else whoever runs it.
    pub fn unprivileged() -> Self {
        if fs::metadata("/proc/self").unwrap().uid() != 0 {
            return Self(None);
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap();
        let ids = |name: &str| {
            let mut fields =
                passwd.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':');
            fields.next()?;
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        Self(Some(ids("postgres").or_else(|| ids("nobody")).expect("neither postgres nor nobody")))
    }

    /// Gives a folder to it.
    pub fn give(self, folder: &Path) {
        if let Self(Some((user, group))) = self {
            chown(folder, Some(user), Some(group)).unwrap();
        }
    }

    /// A command that runs under it. It becomes that program, without a process in between.
    pub fn command(self, program: &Path) -> Command {
        let Self(Some((user, group))) = self else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={user}"), format!("--regid={group}")]);
        command.arg("--clear-groups").arg("--").arg(program);
        command
    }
}
