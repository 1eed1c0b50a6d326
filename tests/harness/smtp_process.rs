//! A real mail server in a process of its own (`smtp_process.py`, over aiosmtpd, which `tests/run` installs): it takes letters, refuses
//! single recipients, puts off whom it does not know, and drops lines, as it is told.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    thread,
};

use serde_json::{Value, json};

use crate::{
    authority::Authority,
    tree::{Signal, Tree},
    wait::PATIENCE,
    workspace,
};

/// What it wants to be shown, beside letters.
#[derive(Default)]
pub struct Demands<'a> {
    /// STARTTLS, by a certificate of this authority for `localhost`.
    pub tls: Option<&'a Authority>,
    /// A login by this user with this password.
    pub login: Option<(&'a str, &'a str)>,
    /// This port; 0: any.
    pub port: u16,
}

/// A letter that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its Message-ID.
    pub id: String,
    /// Whom it went to: of those named to the server, those that it accepted.
    pub recipients: Vec<String>,
    /// Decoded.
    pub subject: String,
    /// The plain text, decoded.
    pub text: String,
    /// The same as HTML; empty: it has none.
    pub html: String,
    /// The headers, by their names in lower case, decoded.
    pub headers: BTreeMap<String, String>,
    /// Whether it came by TLS.
    pub by_tls: bool,
    /// As whom the sender had logged in.
    pub user: Option<String>,
}

/// A server on a port. It is gone when it is dropped.
pub struct SmtpProcess {
    port: u16,
    journal: Arc<Mutex<Vec<Value>>>,
    ordered: Receiver<()>,
    orders: ChildStdin,
    tree: Tree,
}

impl SmtpProcess {
    /// Starts one and waits until it listens.
    pub fn start(demands: Demands<'_>) -> Self {
        let mut command = Command::new(python());
        command.arg(workspace::root().join("tests/harness/smtp_process.py"));
        command.args(["--port", &demands.port.to_string()]);
        if let Some(authority) = demands.tls {
            let (certificate, key) = authority.vouch();
            command.arg("--certificate").arg(certificate).arg("--key").arg(key);
        }
        if let Some((user, password)) = demands.login {
            command.args(["--user", user, "--password", password]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut tree = Tree::spawn(&mut command);
        let orders = tree.child().stdin.take().unwrap();
        let mut lines = BufReader::new(tree.child().stdout.take().unwrap()).lines();
        let first = lines.next().expect("aiosmtpd does not start: run tests/run").unwrap();
        let first: Value = serde_json::from_str(&first).unwrap();
        let port = first["port"].as_u64().and_then(|port| port.try_into().ok()).unwrap();
        let journal = Arc::new(Mutex::new(Vec::new()));
        let (done, ordered) = mpsc::channel();
        let kept = Arc::clone(&journal);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let said: Value = serde_json::from_str(&line).unwrap();
                match said.get("ordered") {
                    Some(_) => drop(done.send(())),
                    None => kept.lock().unwrap().push(said),
                }
            }
        });
        Self { port, journal, ordered, orders, tree }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers so to whoever names this recipient.
    pub fn refuse(&mut self, address: &str, answer: &str) {
        self.order(&json!({ "do": "refuse", "address": address, "answer": answer }));
    }

    /// Takes letters to this recipient again.
    pub fn accept(&mut self, address: &str) {
        self.order(&json!({ "do": "accept", "address": address }));
    }

    /// Puts off each pair of sender and recipient the first time that it is named, with 451.
    pub fn greylist(&mut self) {
        self.order(&json!({ "do": "greylist" }));
    }

    /// Drops the line in the middle of the data of so many letters, and takes none of them.
    pub fn cut(&mut self, letters: u32) {
        self.order(&json!({ "do": "cut", "letters": letters }));
    }

    /// Takes so many letters, and drops the line before it says so.
    pub fn lose(&mut self, letters: u32) {
        self.order(&json!({ "do": "lose", "letters": letters }));
    }

    /// All that it took, in order.
    pub fn letters(&self) -> Vec<Letter> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut letters = Vec::new();
        for said in self.journal.lock().unwrap().iter().filter(|said| said.get("took").is_some()) {
            let headers = said["headers"].as_object().unwrap().iter();
            letters.push(Letter {
                id: text(&said["took"]),
                recipients: said["recipients"].as_array().unwrap().iter().map(text).collect(),
                subject: text(&said["subject"]),
                text: text(&said["text"]),
                html: text(&said["html"]),
                headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
                by_tls: said["tls"] == true,
                user: said["user"].as_str().map(str::to_owned),
            });
        }
        letters
    }

    /// How often it has `refused`, `cut`, `lost` or `took`, or sent a `stranger` away.
    pub fn count(&self, deed: &str) -> usize {
        self.journal.lock().unwrap().iter().filter(|said| said.get(deed).is_some()).count()
    }

    /// Signals it.
    pub fn signal(&self, signal: Signal) {
        self.tree.signal(signal);
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.tree.kill();
    }

    fn order(&mut self, order: &Value) {
        self.orders.write_all(format!("{order}\n").as_bytes()).unwrap();
        self.ordered.recv_timeout(PATIENCE).expect("the mail server does as it is told");
    }
}

fn python() -> PathBuf {
    let path = workspace::root().join("target/tools/python/bin/python");
    assert!(path.is_file(), "{} is missing: run tests/run", path.display());
    path
}
