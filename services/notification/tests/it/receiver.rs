//! Somebody who is sent events over HTTP: a real server that remembers what it got, and answers as it is told to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http::HeaderMap;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// How it answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// With this status.
    Status(u16),
    /// 429, and to come again after so many seconds.
    Busy(u64),
    /// On to another place at itself, again and again.
    Redirects,
    /// 200 with a body that is nothing.
    Garbage,
    /// 200 with a body without an end.
    Endless,
    /// It takes so many milliseconds.
    Slow(u64),
    /// It takes so many milliseconds, and answers with this status.
    SlowlyAnswers(u64, u16),
    /// Never.
    Hangs,
    /// With what is no HTTP.
    SpeaksOtherwise,
    /// It takes it, and the line goes before it says so.
    HangsUp,
}

/// What it got.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Of which application, and which of its events; of a body in another form: of none.
    about: (String, u64),
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    pub(crate) fn application(&self) -> String {
        self.about.0.clone()
    }

    pub(crate) fn number(&self) -> u64 {
        self.about.1
    }
}

type Manners = dyn Fn(&Got, usize) -> Manner + Send + Sync;

#[derive(Clone)]
pub(crate) struct Receiver {
    port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    manners: Arc<Mutex<Arc<Manners>>>,
}

impl Receiver {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let always: Arc<Manners> = Arc::new(move |_, _| manner);
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            got: Arc::default(),
            manners: Arc::new(Mutex::new(always)),
        };
        let served = receiver.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let served = served.clone();
                tokio::spawn(async move { served.serve(line).await });
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/events", self.port)
    }

    /// From here on it answers so, by what it gets and how often it got the same before.
    pub(crate) fn answers(&self, manners: impl Fn(&Got, usize) -> Manner + Send + Sync + 'static) {
        *self.manners.lock().unwrap() = Arc::new(manners);
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// What it got, once it is this much.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Got> {
        self.wait_until(&format!("{count} requests"), |got| got.len() >= count).await
    }

    pub(crate) async fn wait_until(&self, what: &str, is_so: impl Fn(&[Got]) -> bool) -> Vec<Got> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let got = self.got();
            if is_so(&got) {
                return got;
            }
            assert!(Instant::now() < deadline, "no {what}: {} came", got.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// That of each application events came in order, each as often as it wants; and which numbers of each came.
    pub(crate) fn numbers(&self) -> BTreeMap<String, Vec<u64>> {
        let mut numbers = BTreeMap::<String, Vec<u64>>::new();
        for got in self.got() {
            numbers.entry(got.application()).or_default().push(got.number());
        }
        numbers
    }

    async fn serve(&self, mut line: TcpStream) {
        let mut buffer = Vec::new();
        while let Some(got) = read(&mut line, &mut buffer).await {
            let before = self.got().iter().filter(|other| other.id() == got.id()).count();
            let manner = {
                let manners = Arc::clone(&self.manners.lock().unwrap());
                manners(&got, before)
            };
            self.got.lock().unwrap().push(got);
            if !answer(&mut line, manner).await {
                return;
            }
        }
    }
}

/// One request; none: the line has ended.
async fn read(line: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Got> {
    let end = loop {
        match buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            Some(end) => break end,
            None if line.read_buf(buffer).await.ok()? == 0 => return None,
            None => {}
        }
    };
    let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let mut headers = HeaderMap::new();
    for header in lines {
        let (name, value) = header.split_once(": ").unwrap();
        headers.insert(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
    }
    let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
    while buffer.len() < end + 4 + length {
        if line.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[end + 4..end + 4 + length].to_vec();
    buffer.drain(..end + 4 + length);
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    let subject = event["subject"].as_str().unwrap_or_default().to_owned();
    let about = (subject, event["appsequence"].as_u64().unwrap_or_default());
    Some(Got { path, headers, body, about })
}

/// Answers; whether the line goes on.
async fn answer(line: &mut TcpStream, manner: Manner) -> bool {
    let mut say = async |text: &str| line.write_all(text.as_bytes()).await.is_ok();
    match manner {
        Manner::Status(status) => say(&format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")).await,
        Manner::Busy(seconds) => {
            say(&format!("HTTP/1.1 429 X\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\r\n")).await
        }
        Manner::Redirects => say("HTTP/1.1 307 X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n").await,
        Manner::Garbage => say("HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n\u{1}<html>\u{7f}x").await,
        Manner::Endless => {
            let mut goes_on = say("HTTP/1.1 200 X\r\n\r\n").await;
            while goes_on {
                goes_on = say("endless ").await;
            }
            false
        }
        Manner::Slow(milliseconds) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            say("HTTP/1.1 200 X\r\ncontent-length: 0\r\n\r\n").await
        }
        Manner::SlowlyAnswers(milliseconds, status) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            say(&format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")).await
        }
        Manner::Hangs => std::future::pending().await,
        Manner::SpeaksOtherwise => {
            say("220 mail.example ESMTP\r\n").await;
            false
        }
        Manner::HangsUp => false,
    }
}
