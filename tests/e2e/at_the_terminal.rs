//! What a verb does where it stays, and at a terminal.

use std::{
    io::{BufRead as _, BufReader, Lines},
    net::SocketAddr,
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    time::Instant,
};

use harness::{
    client::{Client, application},
    process::binary,
    province::{ALPHA, ANYWHERE},
    proxy::{Proxy, Upstream},
    wait::PATIENCE,
};
use serde_json::Value;

use crate::stage::Stage;

const OFFICER: [&str; 4] = ["--my-unit", ALPHA, "--officer", "A-1"];

/// A verb that stays. It is killed when dropped.
struct Staying {
    process: Child,
    lines: Option<Lines<BufReader<ChildStdout>>>,
    asides: Lines<BufReader<ChildStderr>>,
}

impl Staying {
    fn start(endpoint: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(binary())
            .args(["--endpoint", endpoint])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let asides = BufReader::new(process.stderr.take().unwrap()).lines();
        Self { process, lines: Some(lines), asides }
    }

    fn line(&mut self) -> String {
        self.lines.as_mut().unwrap().next().expect("it says more").unwrap()
    }

    fn work_items(&mut self) -> Vec<Value> {
        let line = self.line();
        let answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON on one line: {line}"));
        answer["workItems"].as_array().unwrap().clone()
    }

    /// Reads no more.
    fn leave(&mut self) {
        self.lines = None;
    }
}

impl Drop for Staying {
    fn drop(&mut self) {
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_a_list_is_shown_it_again_when_it_has_changed_and_only_then() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let watch = ["case", "worklist", "--watch", "--every", "1"];
    let mut program = Staying::start(stage.endpoint(), &[&["--json"], &watch[..], &OFFICER].concat());
    let mut person = Staying::start(stage.endpoint(), &[&watch[..], &OFFICER].concat());
    assert!(program.work_items().is_empty());
    assert_eq!(person.line(), "nothing");

    let receipt = citizen.submit(application("watched", ANYWHERE)).await.unwrap();
    // What stands on a list changes as the minutes pass, too.
    let listed = program.work_items();
    assert_eq!(listed[0]["workItem"]["applicationId"], receipt.application_id.as_str());
    assert_eq!(person.line(), "", "blocks are told apart");
    while !person.line().contains(&receipt.application_id) {}

    // Nobody reads on: it ends by itself, when it has something to say.
    program.leave();
    let since = Instant::now();
    while program.process.try_wait().unwrap().is_none() {
        assert!(since.elapsed() < PATIENCE, "it reads on for nobody");
        citizen
            .submit(application(&phidia_runtime::clock::RealClock.now().to_string(), ANYWHERE))
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_waits_for_a_house_that_is_away_and_for_nothing_that_is_refused() {
    let stage = Stage::set();
    let line = Proxy::start().await;
    let mut program =
        Staying::start(&line.http(), &["--json", "province", "show", "--watch", "--every", "1"]);
    let told = program.asides.next().unwrap().unwrap();
    assert!(told.starts_with("error PEER_UNAVAILABLE: "), "{told}");
    let house: SocketAddr = stage.endpoint().strip_prefix("http://").unwrap().parse().unwrap();
    line.lead_to(vec![Upstream::Tcp(house)]);
    assert!(program.line().starts_with(r#"{"province":{"#));

    let refused = stage.phidia.cli(&["application", "show", &format!("app_{}", "0".repeat(32)), "--watch"]);
    assert_eq!(refused.status.code(), Some(5), "{}", String::from_utf8_lossy(&refused.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_terminals_and_for_who_wants_them() {
    let stage = Stage::set();
    Client::system(stage.endpoint()).submit(application("colours", ANYWHERE)).await.unwrap();
    let list = format!("{} --endpoint {} application list", binary().display(), stage.endpoint());
    let shown = |environment: &[(&str, &str)], at_a_terminal: bool| {
        let mut command = match at_a_terminal {
            // It gives a terminal (Debian: bsdutils).
            true => Command::new("script"),
            false => Command::new("sh"),
        };
        match at_a_terminal {
            true => command.args(["-qec", &list, "/dev/null"]),
            false => command.args(["-c", &list]),
        };
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("TERM", "xterm");
        let output = command.envs(environment.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    const BOLD: &str = "\u{1b}[1m";
    assert!(shown(&[], true).contains(BOLD));
    assert!(!shown(&[("NO_COLOR", "1")], true).contains('\u{1b}'));
    assert!(!shown(&[("TERM", "dumb")], true).contains('\u{1b}'));
    assert!(!shown(&[], false).contains('\u{1b}'));
    assert!(shown(&[("CLICOLOR_FORCE", "1")], false).contains(BOLD));
}
