//! What is judged about a page, as it is shown, and what it costs to load.

use std::{collections::BTreeMap, fs, sync::OnceLock};

use serde_json::{Value, json};

use super::Person;
use crate::workspace;

/// What axe looks for: WCAG 2.2 AA, and what its makers advise beyond.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Anybody, once in a year, with a thumb: what is pressed is 44 pixels wide and high.
    Citizen,
    /// Who works with it all day: 24 pixels, as WCAG 2.2 AA wants at least.
    Staff,
}

/// What was loaded since the last page was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Over the line, with headers, as it came there (packed). What the browser had kept costs nothing.
    pub bytes: u64,
    /// Requests that went over the line.
    pub requests: usize,
    /// The addresses of what was asked of others than the portal.
    pub strangers: Vec<String>,
}

/// What was heard of the browser since somebody came or since it was last asked for.
#[derive(Debug, Default)]
pub(super) struct Heard {
    requests: BTreeMap<String, Asked>,
    complaints: Vec<String>,
}

#[derive(Debug, Default)]
struct Asked {
    url: String,
    is_page: bool,
    /// It goes on for as long as the page is there.
    is_endless: bool,
    /// It was still in the memory of the browser, or on its disk.
    was_in_memory: bool,
    was_on_disk: bool,
    times: usize,
    bytes: u64,
    is_over: bool,
}

impl Person {
    /// All that is wrong with the page: how it is made, what does not fit or is covered on this screen, what axe finds in these colours
    /// (where script runs; it is a script itself), what the browser complained about since the last time, and who else was asked.
    pub async fn faults(&mut self, reader: Reader) -> Vec<String> {
        let least = match reader {
            Reader::Citizen => 44,
            Reader::Staff => 24,
        };
        let mut faults = lines(&self.driver.run(include_str!("look.js"), json!([least])).await);
        if self.manner.script {
            self.driver.run(axe(), json!([])).await;
            faults.extend(lines(&self.driver.run_and_wait(include_str!("axe.js"), json!([RULES])).await));
        }
        faults.extend(self.traffic().await.strangers.iter().map(|url| format!("a request to {url}")));
        faults.append(&mut self.heard.complaints);
        faults
    }

    /// The same, where there must be none.
    ///
    /// # Panics
    /// With all that there are.
    pub async fn finds_no_fault(&mut self, reader: Reader) {
        let faults = self.faults(reader).await;
        let manner = self.manner();
        assert!(faults.is_empty(), "{} as {manner:?}:\n{}", self.is_at().await, faults.join("\n"));
    }

    /// What was loaded since the last page was opened, once all of it is there.
    pub async fn traffic(&mut self) -> Traffic {
        for _ in 0..500 {
            self.listens_on().await;
            if self.heard.requests.values().all(|asked| asked.is_over || asked.is_endless) {
                return self.heard.traffic(&self.home);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("it is still loading: {:?}", self.heard.requests);
    }

    /// They come as if for the first time: nothing that was loaded is kept.
    pub async fn forgets_pages(&mut self) {
        self.driver.cdp("Network.clearBrowserCache", json!({})).await;
    }

    /// They come as if for the first time: nobody knows them.
    pub async fn forgets_who_they_are(&mut self) {
        self.driver.cdp("Network.clearBrowserCookies", json!({})).await;
    }

    /// What comes from here on is of the next page.
    pub(super) async fn listens(&mut self) {
        self.listens_on().await;
        self.heard.requests.clear();
    }

    async fn listens_on(&mut self) {
        for entry in self.log("performance").await {
            let Ok(told) = serde_json::from_str::<Value>(entry["message"].as_str().unwrap()) else {
                continue;
            };
            self.heard.hear(&told["message"]);
        }
        for entry in self.log("browser").await {
            let message = entry["message"].as_str().unwrap().to_owned();
            // What answers 404 in the place of a page is a page, and is judged as one.
            let is_of_page = self.heard.requests.values().any(|asked| {
                asked.is_page && message.starts_with(&format!("{} - Failed to load", asked.url))
            });
            if !is_of_page {
                self.heard.complaints.push(format!("the browser complains: {message}"));
            }
        }
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        match self.driver.post("/se/log", json!({ "type": kind })).await {
            Value::Array(entries) => entries,
            other => panic!("no log: {other}"),
        }
    }
}

impl Heard {
    /// An event of Chromium's domain `Network`.
    fn hear(&mut self, event: &Value) {
        let told = &event["params"];
        let Some(id) = told["requestId"].as_str() else { return };
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let url = told["request"]["url"].as_str().unwrap_or_default().to_owned();
                let is_inside = !url.starts_with("http");
                let asked = self.requests.entry(id.to_owned()).or_default();
                asked.times += usize::from(!is_inside);
                asked.bytes += number(&told["redirectResponse"]["encodedDataLength"]);
                asked.is_page = told["type"] == "Document";
                asked.is_endless = told["type"] == "EventSource";
                (asked.url, asked.is_over) = (url, is_inside);
            }
            "Network.requestServedFromCache" => self.known(id, |asked| asked.was_in_memory = true),
            "Network.responseReceived" => {
                let was_on_disk = told["response"]["fromDiskCache"] == true;
                self.known(id, |asked| asked.was_on_disk |= was_on_disk);
            }
            "Network.loadingFinished" => {
                let bytes = number(&told["encodedDataLength"]);
                self.known(id, |asked| (asked.bytes, asked.is_over) = (asked.bytes + bytes, true));
            }
            "Network.loadingFailed" => self.known(id, |asked| asked.is_over = true),
            _ => {}
        }
    }

    fn known(&mut self, id: &str, change: impl FnOnce(&mut Asked)) {
        // What belongs to a page that they have left counts for nothing.
        if let Some(asked) = self.requests.get_mut(id) {
            change(asked);
        }
    }

    fn traffic(&self, home: &str) -> Traffic {
        let named = || self.requests.values().filter(|asked| asked.times > 0);
        // What was kept on the disk may have been asked after.
        let sent = || named().filter(|asked| !asked.was_in_memory && (!asked.was_on_disk || asked.bytes > 0));
        let is_ours = |url: &str| url.strip_prefix(home).is_some_and(|rest| rest.starts_with('/'));
        Traffic {
            bytes: sent().map(|asked| asked.bytes).sum(),
            requests: sent().map(|asked| asked.times).sum(),
            strangers: named().map(|asked| asked.url.clone()).filter(|url| !is_ours(url)).collect(),
        }
    }
}

fn lines(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

/// axe-core's source.
fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let file = workspace::root().join("target/tools/node_modules/axe-core/axe.min.js");
        fs::read_to_string(&file).unwrap_or_else(|_| panic!("{} is missing: run tests/run", file.display()))
    })
}
