//! A system that is told by webhook: strict in all that CloudEvents and Standard Webhooks say, written after those alone, and as bad a
//! neighbour as told. What reaches it against the rules it refuses, and remembers as a fault.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use phidia_runtime::clock::RealClock;
use prost::Message as _;
use ring::{
    hmac,
    signature::{ED25519, UnparsedPublicKey},
};
use serde_json::Value;
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::plain_http::{self, Asked, Line};

/// A signature is believed for so long, seconds.
const SIGNATURE_LASTS: u64 = 300;

/// How it behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    #[default]
    Well,
    /// As it should, after this.
    Slow(Duration),
    /// It says that all is well, and looks at nothing.
    Deaf,
    /// It hears, and says nothing.
    Hangs,
    /// It says that it is elsewhere: at itself, for ever.
    Redirects,
    /// It answers 200, takes what it was told, and then says what nobody asked for and its own headers do not promise.
    Babbles,
    /// It answers 200, takes what it was told, and then never ends.
    Endless,
    /// It takes the line and says what is no HTTP.
    NotHttp,
    /// It closes the line without a word.
    HangsUp,
    /// It answers with this status, and takes nothing.
    Fails(u16),
    /// It answers 429, wants to be left alone for so many seconds, and takes nothing.
    Busy(u32),
    /// It takes what it is told, and closes the line without a word: the answer is lost.
    LosesAnswers,
}

/// An event as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Where: the path of one subscription.
    pub path: String,
    /// `webhook-id`, and the event's own.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// The application that it is of; empty: of none.
    pub application: String,
    /// Its number among the events of its application.
    pub appsequence: Option<u64>,
    /// Its place among all events.
    pub sequence: String,
    /// How many signatures of it held.
    pub signatures: usize,
    /// The event as it came.
    pub body: Vec<u8>,
    /// When.
    pub at: Instant,
}

#[derive(Default)]
struct Inner {
    manner: Manner,
    manners: BTreeMap<String, Manner>,
    secrets: BTreeMap<String, Vec<String>>,
    /// What it took, in order.
    taken: Vec<Heard>,
    /// Calls, also those that it did not take, by path.
    calls: BTreeMap<String, usize>,
    faults: Vec<String>,
}

/// A receiver on a port of this machine. It is gone when it is dropped.
pub struct WebhookReceiver {
    inner: Arc<Mutex<Inner>>,
    port: u16,
    serving: JoinHandle<()>,
}

impl WebhookReceiver {
    /// Starts it.
    pub async fn start() -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST).await
    }

    /// Starts it where it is reached by every address of this machine, and so by many hosts.
    pub async fn start_everywhere() -> Self {
        Self::start_at(Ipv4Addr::UNSPECIFIED).await
    }

    async fn start_at(address: Ipv4Addr) -> Self {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::clone(&inner);
        let serving = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                // A client that hangs up is its own affair.
                tokio::spawn(serve(BufReader::new(line), Arc::clone(&kept)));
            }
        });
        Self { inner, port, serving }
    }

    /// Where it is told something of one subscription.
    pub fn url(&self, path: &str) -> String {
        self.url_at(Ipv4Addr::LOCALHOST, path)
    }

    /// The same by another host.
    pub fn url_at(&self, host: Ipv4Addr, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// Believes also who has this secret (`whsec_…`), or the secret half of this key (`whpk_…`); nobody before.
    pub fn trust(&self, path: &str, secret: &str) {
        self.lock().secrets.entry(path.to_owned()).or_default().push(secret.to_owned());
    }

    /// Believes nobody any more.
    pub fn distrust(&self, path: &str) {
        self.lock().secrets.remove(path);
    }

    /// Behaves like this from now on, wherever it was told nothing else.
    pub fn behave(&self, manner: Manner) {
        self.lock().manner = manner;
    }

    /// Behaves like this from now on at one path.
    pub fn behave_at(&self, path: &str, manner: Manner) {
        self.lock().manners.insert(path.to_owned(), manner);
    }

    /// All that it took, in order, also what it took before.
    pub fn taken(&self) -> Vec<Heard> {
        self.lock().taken.clone()
    }

    /// How often it took something.
    pub fn count(&self) -> usize {
        self.lock().taken.len()
    }

    /// What it took at one path, each event once, in order.
    pub fn events(&self, path: &str) -> Vec<Heard> {
        let (mut seen, mut events) = (BTreeSet::new(), Vec::new());
        for heard in self.lock().taken.iter().filter(|heard| heard.path == path) {
            if seen.insert(heard.id.clone()) {
                events.push(heard.clone());
            }
        }
        events
    }

    /// How often it took which event at one path.
    pub fn times(&self, path: &str) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for heard in self.lock().taken.iter().filter(|heard| heard.path == path) {
            *times.entry(heard.id.clone()).or_default() += 1;
        }
        times
    }

    /// How often it was called at one path, whatever came of it.
    pub fn calls(&self, path: &str) -> usize {
        self.lock().calls.get(path).copied().unwrap_or(0)
    }

    /// Events that came at one path behind a later one of their application.
    pub fn out_of_order(&self, path: &str) -> Vec<Heard> {
        let mut last = BTreeMap::new();
        let mut wrong = Vec::new();
        for heard in self.events(path) {
            let Some(number) = heard.appsequence else { continue };
            if last.insert(heard.application.clone(), number).is_some_and(|before| before >= number) {
                wrong.push(heard);
            }
        }
        wrong
    }

    /// What it was told against the rules.
    pub fn faults(&self) -> Vec<String> {
        self.lock().faults.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

impl Drop for WebhookReceiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut line: Line, inner: Arc<Mutex<Inner>>) -> io::Result<()> {
    while let Some(asked) = plain_http::read(&mut line).await? {
        let manner = {
            let mut inner = inner.lock().unwrap();
            *inner.calls.entry(asked.path.clone()).or_default() += 1;
            inner.manners.get(&asked.path).unwrap_or(&inner.manner).clone()
        };
        let hear = || inner.lock().unwrap().hear(&asked);
        match manner {
            Manner::Well => plain_http::answer(&mut line, hear(), &[], b"").await?,
            Manner::Slow(pause) => {
                tokio::time::sleep(pause).await;
                plain_http::answer(&mut line, hear(), &[], b"").await?;
            }
            Manner::Deaf => plain_http::answer(&mut line, 204, &[], b"").await?,
            Manner::Hangs => std::future::pending().await,
            Manner::Redirects => {
                let location = asked.path.clone() + "/on";
                plain_http::answer(&mut line, 307, &[("location", &location)], b"").await?;
            }
            Manner::Babbles => {
                hear();
                let words = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-type: application/json\r\n\r\n\xff\x00<html>xin ch\xe0o";
                return line.write_all(words).await;
            }
            Manner::Endless => {
                hear();
                line.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                return endless(&mut line).await;
            }
            Manner::NotHttp => line.write_all(b"220 mail.example ESMTP\r\n").await?,
            Manner::HangsUp => return Ok(()),
            Manner::Fails(status) => plain_http::answer(&mut line, status, &[], b"later").await?,
            Manner::Busy(seconds) => {
                let after = seconds.to_string();
                plain_http::answer(&mut line, 429, &[("retry-after", &after)], b"").await?;
            }
            Manner::LosesAnswers => {
                hear();
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn endless(line: &mut BufReader<TcpStream>) -> io::Result<()> {
    loop {
        line.write_all(&[b'x'; 4_096]).await?;
    }
}

impl Inner {
    /// Takes an event, or refuses it; the status of the answer.
    fn hear(&mut self, asked: &Asked) -> u16 {
        match self.judge(asked) {
            Ok(heard) => {
                self.taken.push(heard);
                204
            }
            Err(fault) => {
                self.faults.push(format!("{}: {fault}", asked.path));
                400
            }
        }
    }

    fn judge(&self, asked: &Asked) -> Result<Heard, String> {
        if asked.method != "POST" {
            return Err(format!("{} instead of POST", asked.method));
        }
        let signatures = self.held(asked)?;
        let event = match asked.header("content-type").split(';').next().unwrap_or_default().trim() {
            "application/cloudevents+json" => Event::of_json(&asked.body)?,
            "application/cloudevents+protobuf" => Event::of_protobuf(&asked.body)?,
            other => return Err(format!("no cloud event: {other}")),
        };
        let id = asked.header("webhook-id").to_owned();
        if event.id != id {
            return Err(format!("{id} bears the event {}", event.id));
        }
        let attribute = |name: &str| event.attributes.get(name).cloned().unwrap_or_default();
        let application = attribute("subject");
        if !application.is_empty() && application != attribute("partitionkey") {
            return Err(format!("{id} is of {application}, and ordered by {}", attribute("partitionkey")));
        }
        let appsequence = event.attributes.get("appsequence").map(|text| text.parse());
        let appsequence =
            appsequence.transpose().map_err(|_| format!("{id}: no number in its application"))?;
        Ok(Heard {
            path: asked.path.clone(),
            id,
            kind: event.kind,
            application,
            appsequence,
            sequence: attribute("sequence"),
            signatures,
            body: asked.body.clone(),
            at: Instant::now(),
        })
    }

    /// How many of the signatures hold; at least one must.
    fn held(&self, asked: &Asked) -> Result<usize, String> {
        let (id, at) = (asked.header("webhook-id"), asked.header("webhook-timestamp"));
        if id.is_empty() || id.contains('.') {
            return Err("an id that is none".to_owned());
        }
        let now = RealClock.now().as_second().unsigned_abs();
        if !at.parse::<u64>().is_ok_and(|at| now.abs_diff(at) <= SIGNATURE_LASTS) {
            return Err(format!("{id}: a timestamp that is none, or stale"));
        }
        let signed = [format!("{id}.{at}.").as_bytes(), &asked.body].concat();
        let secrets = self.secrets.get(&asked.path).map(Vec::as_slice).unwrap_or_default();
        let signatures = asked.header("webhook-signature").split(' ');
        let held = signatures.filter(|one| secrets.iter().any(|secret| holds(secret, &signed, one))).count();
        if held == 0 { Err(format!("{id}: no signature that holds")) } else { Ok(held) }
    }
}

/// Whether one signature of the header is of who has this secret.
fn holds(secret: &str, signed: &[u8], signature: &str) -> bool {
    let Some((version, signature)) = signature.split_once(',') else { return false };
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    if let Some(key) = secret.strip_prefix("whsec_") {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(key).unwrap());
        version == "v1" && hmac::verify(&key, signed, &signature).is_ok()
    } else {
        let key = STANDARD.decode(secret.strip_prefix("whpk_").expect("whsec_… or whpk_…")).unwrap();
        version == "v1a" && UnparsedPublicKey::new(&ED25519, key).verify(signed, &signature).is_ok()
    }
}

/// What of a cloud event is looked at.
struct Event {
    id: String,
    kind: String,
    attributes: BTreeMap<String, String>,
}

impl Event {
    /// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>
    fn of_json(body: &[u8]) -> Result<Self, String> {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Err("no JSON object".to_owned());
        };
        let mut attributes = BTreeMap::new();
        for (name, value) in members.into_iter().filter(|(name, _)| name != "data" && name != "data_base64") {
            if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
                return Err(format!("an attribute with the name {name}"));
            }
            let text = match value {
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                _ => return Err(format!("an attribute {name} that is none")),
            };
            attributes.insert(name, text);
        }
        Self::of(attributes)
    }

    /// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/protobuf-format.md>
    fn of_protobuf(body: &[u8]) -> Result<Self, String> {
        let event = wire::CloudEvent::decode(body).map_err(|error| error.to_string())?;
        let mut attributes = BTreeMap::new();
        for (name, value) in event.attributes {
            let Some(value) = value.attr else { return Err(format!("an attribute {name} without a value")) };
            let text = match value {
                wire::Attr::Boolean(value) => value.to_string(),
                wire::Attr::Integer(value) => value.to_string(),
                wire::Attr::Text(value) | wire::Attr::Uri(value) | wire::Attr::UriRef(value) => value,
                wire::Attr::Bytes(value) => STANDARD.encode(value),
                wire::Attr::Timestamp(value) => format!("{}.{:09}", value.seconds, value.nanos),
            };
            attributes.insert(name, text);
        }
        let required = [
            ("id", event.id),
            ("source", event.source),
            ("type", event.kind),
            ("specversion", event.spec_version),
        ];
        attributes.extend(required.map(|(name, value)| (name.to_owned(), value)));
        Self::of(attributes)
    }

    fn of(attributes: BTreeMap<String, String>) -> Result<Self, String> {
        for name in ["id", "source", "type", "specversion"] {
            if attributes.get(name).is_none_or(String::is_empty) {
                return Err(format!("no {name}"));
            }
        }
        if attributes["specversion"] != "1.0" {
            return Err(format!("version {}", attributes["specversion"]));
        }
        Ok(Self { id: attributes["id"].clone(), kind: attributes["type"].clone(), attributes })
    }
}

/// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/cloudevents.proto>, as far as it is looked at.
mod wire {
    use std::collections::HashMap;

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct CloudEvent {
        #[prost(string, tag = "1")]
        pub(super) id: String,
        #[prost(string, tag = "2")]
        pub(super) source: String,
        #[prost(string, tag = "3")]
        pub(super) spec_version: String,
        #[prost(string, tag = "4")]
        pub(super) kind: String,
        #[prost(map = "string, message", tag = "5")]
        pub(super) attributes: HashMap<String, Value>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Value {
        #[prost(oneof = "Attr", tags = "1, 2, 3, 4, 5, 6, 7")]
        pub(super) attr: Option<Attr>,
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(super) enum Attr {
        #[prost(bool, tag = "1")]
        Boolean(bool),
        #[prost(int32, tag = "2")]
        Integer(i32),
        #[prost(string, tag = "3")]
        Text(String),
        #[prost(bytes, tag = "4")]
        Bytes(Vec<u8>),
        #[prost(string, tag = "5")]
        Uri(String),
        #[prost(string, tag = "6")]
        UriRef(String),
        #[prost(message, tag = "7")]
        Timestamp(prost_types::Timestamp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    async fn told(receiver: &WebhookReceiver, id: &str, body: &str, signed: &str) -> io::Result<u16> {
        let at = RealClock.now().as_second();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"0123456789abcdef0123456789abcdef");
        let tag = hmac::sign(&key, format!("{id}.{at}.{signed}").as_bytes());
        let (at, signature) = (at.to_string(), format!("v1,AAAA v1,{}", STANDARD.encode(tag)));
        let headers = [
            ("content-type", "application/cloudevents+json"),
            ("webhook-id", id),
            ("webhook-timestamp", &at),
            ("webhook-signature", &signature),
        ];
        plain_http::post(&receiver.url("/one"), &headers, body.as_bytes()).await.map(|(status, _)| status)
    }

    fn event(id: &str, number: u64) -> String {
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/phidia/37","type":"t","subject":"app_1","partitionkey":"app_1","appsequence":{number},"data":{{}}}}"#
        )
    }

    #[tokio::test]
    async fn it_takes_what_is_right_and_knows_what_is_wrong() {
        let receiver = WebhookReceiver::start().await;
        assert_eq!(told(&receiver, "evt_1", &event("evt_1", 1), &event("evt_1", 1)).await.unwrap(), 400);
        receiver.trust("/one", SECRET);
        assert_eq!(told(&receiver, "evt_1", &event("evt_1", 1), &event("evt_1", 1)).await.unwrap(), 204);
        // Changed on its way; another's id; no event.
        assert_eq!(told(&receiver, "evt_2", &event("evt_2", 2), &event("evt_2", 3)).await.unwrap(), 400);
        assert_eq!(told(&receiver, "evt_2", &event("evt_3", 2), &event("evt_3", 2)).await.unwrap(), 400);
        assert_eq!(told(&receiver, "evt_2", "{}", "{}").await.unwrap(), 400);
        assert_eq!(receiver.faults().len(), 4, "{:?}", receiver.faults());
        for (id, number) in [("evt_3", 3), ("evt_2", 2), ("evt_3", 3)] {
            assert_eq!(told(&receiver, id, &event(id, number), &event(id, number)).await.unwrap(), 204);
        }
        let ids: Vec<_> = receiver.events("/one").into_iter().map(|heard| heard.id).collect();
        assert_eq!(ids, ["evt_1", "evt_3", "evt_2"]);
        assert_eq!(receiver.times("/one")["evt_3"], 2);
        let wrong: Vec<_> = receiver.out_of_order("/one").into_iter().map(|heard| heard.id).collect();
        assert_eq!(wrong, ["evt_2"]);
    }

    #[tokio::test]
    async fn it_behaves_as_it_is_told() {
        let receiver = WebhookReceiver::start().await;
        receiver.trust("/one", SECRET);
        let one = event("evt_1", 1);
        for (manner, status) in [
            (Manner::Fails(503), Some(503)),
            (Manner::Busy(9), Some(429)),
            (Manner::Redirects, Some(307)),
            (Manner::HangsUp, None),
            (Manner::LosesAnswers, None),
            (Manner::Babbles, Some(200)),
            (Manner::Endless, Some(200)),
        ] {
            receiver.behave_at("/one", manner.clone());
            assert_eq!(told(&receiver, "evt_1", &one, &one).await.ok(), status, "{manner:?}");
        }
        assert_eq!((receiver.times("/one")["evt_1"], receiver.calls("/one")), (3, 7));
        assert!(receiver.faults().is_empty(), "{:?}", receiver.faults());
    }
}
