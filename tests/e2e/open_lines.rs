//! A process asks for as many lines as it may have: each subscriber and each client is one.

use std::{fs, process::Command};

use harness::process::{Phidia, binary};

#[test]
fn a_process_that_is_given_few_lines_takes_as_many_as_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -n 256 && exec \"$0\" up --empty --listen 127.0.0.1:0 --data \"$1\""]);
    command.arg(binary()).arg(folder.path());
    let phidia = Phidia::start(&mut command).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", phidia.pid())).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let [soft, hard, _] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
    assert!(soft == hard && soft != "256", "{line}");
}
