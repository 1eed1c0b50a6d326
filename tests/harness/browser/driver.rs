//! A Chromium and the `chromedriver` that leads it, spoken to as the W3C's WebDriver has it, and beyond that by Chromium's own protocol.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use http::{Method, Request};
use phidia_runtime::http_client::{Bytes, HttpClient};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{tree::Tree, wait::PATIENCE};

/// An element, in what WebDriver says and hears.
pub(super) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// What one answer may be: a picture of a long page.
const MOST: usize = 64 * 1024 * 1024;
/// From here on all that is loaded comes from this machine. Whoever calls somebody else finds nobody.
const HERE_ALONE: &str = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";

/// Why the browser did not do it: WebDriver's word for it (`no such element`), and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) error: String,
    pub(super) message: String,
}

/// One browser with one window.
pub(super) struct Driver {
    http: HttpClient,
    /// `http://127.0.0.1:…/session/…`
    session: String,
    // In this order: what is written to is gone after who writes.
    _tree: Tree,
    folder: TempDir,
}

impl Driver {
    pub(super) async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("phidia-browser-").tempdir().unwrap();
        let (tree, port) = start_driver(&folder);
        let http = HttpClient::new(None, "authority", PATIENCE).unwrap();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut driver = Self { http, session, _tree: tree, folder };
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-default-apps".into(),
            "--disable-sync".into(),
            "--metrics-recording-only".into(),
            "--no-first-run".into(),
            "--force-color-profile=srgb".into(),
            "--lang=vi".into(),
            HERE_ALONE.into(),
            format!("--user-data-dir={}", driver.folder.path().join("profile").display()),
        ];
        if is_root() {
            // Chromium's sandbox is refused to root.
            arguments.push("--no-sandbox".into());
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": {
                "args": arguments,
                "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
                "prefs": { "intl.accept_languages": "vi,en" },
            },
        } } });
        let begun = driver.ask(Method::POST, "", wanted).await.unwrap();
        driver.session = format!("{}/{}", driver.session, begun["sessionId"].as_str().unwrap());
        driver
    }

    /// One command of WebDriver and its value.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value, Refused> {
        let body = if method == Method::POST { Bytes::from(body.to_string()) } else { Bytes::new() };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.session))
            .header("content-type", "application/json; charset=utf-8")
            .body(body.into())
            .unwrap();
        let answer = self.http.ask(request, MOST, PATIENCE + Duration::from_secs(5)).await;
        let answer = answer.unwrap_or_else(|error| panic!("the browser does not answer to {path}: {error}"));
        let said: Value = serde_json::from_slice(answer.body()).unwrap();
        if answer.status().is_success() {
            return Ok(said["value"].clone());
        }
        let told = |name: &str| said["value"][name].as_str().unwrap_or_default().to_owned();
        Err(Refused { error: told("error"), message: told("message") })
    }

    /// A command that nothing speaks against.
    pub(super) async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, body)
            .await
            .unwrap_or_else(|refused| panic!("{path}: {}: {}", refused.error, refused.message))
    }

    /// What is asked for and there.
    pub(super) async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, Value::Null).await;
        answer.unwrap_or_else(|refused| panic!("{path}: {}: {}", refused.error, refused.message))
    }

    /// A command of Chromium's own protocol.
    pub(super) async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.post("/goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    /// What a body of JavaScript returns. It runs also where the page's own script does not.
    pub(super) async fn run(&self, body: &str, arguments: Value) -> Value {
        self.post("/execute/sync", json!({ "script": body, "args": arguments })).await
    }

    /// What a body of JavaScript hands to the last of its arguments. It does not where script is switched off.
    pub(super) async fn run_and_wait(&self, body: &str, arguments: Value) -> Value {
        self.post("/execute/async", json!({ "script": body, "args": arguments })).await
    }
}

fn start_driver(folder: &TempDir) -> (Tree, u16) {
    let mut command = Command::new("chromedriver");
    // What it forgets in folders for temporary files is gone with ours.
    command.arg("--port=0").env("TMPDIR", folder.path()).env("HOME", folder.path());
    command.env("LANGUAGE", "vi").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut tree = Tree::spawn(&mut command);
    let lines = BufReader::new(tree.child().stdout.take().unwrap()).lines();
    let (found, told) = mpsc::channel();
    // The pipe must not fill up.
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let _ = found.send(port.trim_end_matches('.').parse::<u16>());
            }
        }
    });
    let port = told.recv_timeout(PATIENCE).expect("chromedriver does not start: run tests/run");
    (tree, port.unwrap())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
