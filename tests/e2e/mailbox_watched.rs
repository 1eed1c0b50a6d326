//! A mailbox as it fills, watched by a command line that is killed with the process that it watches, and goes on where it was.

use std::{
    collections::BTreeSet,
    io::BufReader,
    process::{Child, ChildStdout, Command, Stdio},
};

use harness::{
    client::{Client, application},
    process::binary,
    province::{ALPHA, SIGNED_AT_HOME},
};
use serde_json::{Deserializer, StreamDeserializer, Value, de::IoRead};

use crate::stage::Stage;

/// `phidia message watch`, and what it was told.
struct Watching {
    process: Child,
    answers: StreamDeserializer<'static, IoRead<BufReader<ChildStdout>>, Value>,
}

impl Watching {
    fn start(stage: &Stage, arguments: &[&str]) -> Self {
        let mut process = Command::new(binary())
            .args(["--endpoint", stage.endpoint(), "--json", "message", "watch"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, answers: Deserializer::from_reader(answers).into_iter() }
    }

    /// The next answer: where they are, and which messages they were told.
    fn next(&mut self) -> (String, Vec<Value>) {
        let answer = self.answers.next().unwrap().unwrap();
        (answer["resumeToken"].as_str().unwrap().to_owned(), answer["messages"].as_array().unwrap().clone())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_a_mailbox_is_told_all_that_comes_once_though_both_ends_are_killed() {
    let mut stage = Stage::set();
    let receipt =
        Client::system(stage.endpoint()).submit(application("mailbox", SIGNED_AT_HOME)).await.unwrap();
    let id = receipt.application_id.as_str();
    let mut watching = Watching::start(&stage, &["--application", id]);
    let (mut token, mut told) = watching.next();
    assert!(told.is_empty());
    Client::officer(stage.endpoint(), ALPHA, "A-1").works(&receipt, 1).await;
    drop(watching);
    stage.kill_and_start();

    Client::officer(stage.endpoint(), ALPHA, "A-1").works(&receipt, 2).await;
    let mut watching = Watching::start(&stage, &["--application", id, "--after", &token]);
    while !told.iter().any(|message| message["template"] == "result_ready") {
        let (place, more) = watching.next();
        (token, told) = (place, [told, more].concat());
    }
    drop(watching);
    let ids = |messages: &[Value]| -> Vec<String> {
        messages.iter().map(|message| message["messageId"].as_str().unwrap().to_owned()).collect()
    };
    let once: BTreeSet<_> = ids(&told).into_iter().collect();
    assert_eq!(once.len(), told.len(), "{told:?}");
    // What it was not told was there before it came.
    let listed = stage.phidia.cli_json(&["message", "list", id])["messages"].as_array().unwrap().clone();
    let before: Vec<_> =
        listed.iter().filter(|message| !once.contains(message["messageId"].as_str().unwrap())).collect();
    assert_eq!(before.len() + told.len(), listed.len());
    assert!(before.iter().all(|message| {
        ["application_accepted", "case_opened"].contains(&message["template"].as_str().unwrap())
    }));

    // Neither of another mailbox nor after a backup was brought back does a token lead anywhere.
    let refused = |arguments: &[&str]| {
        let output = stage.phidia.cli(&[&["message", "watch"], arguments].concat());
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["--unit", ALPHA, "--after", &token]).contains("TOKEN_OUT_OF_RANGE"));
    stage.phidia.cli_json(&["event", "renumber", "--reason", "khôi phục bản sao lưu"]);
    assert!(refused(&["--application", id, "--after", &token]).contains("TOKEN_OUT_OF_RANGE"));
    for language in ["vi", "en"] {
        for verb in [&["message", "outstanding"][..], &["message", "operators"]] {
            let output = stage.phidia.cli(&[&["--lang", language], verb].concat());
            assert!(output.status.success() && !output.stdout.is_empty(), "{verb:?}");
        }
    }
}
