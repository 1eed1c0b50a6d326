//! A child process with all that it has started, and signals to all of them at once: PostgreSQL's backends
//! are process groups of their own and outlive their parent for a while.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    fs,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::wait::PATIENCE;

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGKILL: it ends at once; nothing is flushed, nothing is said.
    Kill,
    /// SIGSTOP: it stands still, and keeps its connections and what it holds.
    Stop,
    /// SIGCONT: it goes on, and does not know that time has passed.
    Continue,
    /// SIGTERM: it is asked to end.
    Terminate,
}

/// A child and its descendants. They are killed when it is dropped.
#[derive(Debug)]
pub struct Tree {
    child: Child,
}

impl Tree {
    /// Starts it.
    pub fn spawn(command: &mut Command) -> Self {
        Self { child: command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")) }
    }

    /// The child itself.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The process id of the child itself.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether the child has ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Signals the child alone.
    pub fn signal(&self, signal: Signal) {
        send(signal, &[self.child.id()]);
    }

    /// Signals the child and all its descendants.
    pub fn signal_all(&self, signal: Signal) {
        send(signal, &self.all());
    }

    /// SIGKILL for all of them; none is left when it returns.
    pub fn kill(&mut self) {
        // Standing still, the parent starts no others while they are counted.
        self.signal(Signal::Stop);
        let all = self.all();
        send(Signal::Kill, &all);
        self.child.wait().unwrap();
        let since = Instant::now();
        while all.iter().any(|pid| is_alive(*pid)) {
            assert!(since.elapsed() < PATIENCE, "{all:?} do not die");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the child has ended.
    pub fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    fn all(&self) -> Vec<u32> {
        let mut all = vec![self.child.id()];
        let mut next = 0;
        while let Some(parent) = all.get(next).copied() {
            all.extend(children(parent));
            next += 1;
        }
        all
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.kill();
        }
    }
}

fn send(signal: Signal, pids: &[u32]) {
    let name = match signal {
        Signal::Kill => "KILL",
        Signal::Stop => "STOP",
        Signal::Continue => "CONT",
        Signal::Terminate => "TERM",
    };
    let pids = pids.iter().map(u32::to_string);
    // One of them may just have ended.
    Command::new("kill").args(["-s", name]).args(pids).stderr(Stdio::null()).status().unwrap();
}

fn children(parent: u32) -> Vec<u32> {
    let pids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| stat(*pid).is_some_and(|(_, own)| own == parent)).collect()
}

fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z' && state != 'X')
}

/// State and parent of a process, as `/proc/<pid>/stat` has them behind its name in brackets.
fn stat(pid: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut words = text.rsplit_once(')')?.1.split_whitespace();
    Some((words.next()?.chars().next()?, words.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_a_killed_tree() {
        let mut tree = Tree::spawn(Command::new("sh").args(["-c", "sleep 600 & setsid sleep 600 & wait"]));
        let since = Instant::now();
        while tree.all().len() < 3 {
            assert!(since.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(5));
        }
        let all = tree.all();
        tree.kill();
        assert!(all.iter().all(|pid| !is_alive(*pid)));
    }
}
