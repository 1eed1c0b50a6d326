//! A gateway for short messages (SMS, Zalo), as the providers of Vietnam run them: JSON over HTTP, refusals that come with the status 200, a
//! key by which a message is taken once, and receipts that come when they like. What reaches it against the rules it refuses, and
//! remembers as a fault.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use ring::hmac;
use serde_json::{Value, json};
use tokio::{io::BufReader, net::TcpListener, task::JoinHandle};

use crate::plain_http::{self, Asked, Line};

/// By what it knows who calls, and signs its receipts with. Nobody's.
pub const SECRET: &str = "bi-mat-cua-cong-tin-nhan";
/// The header of the key.
pub const KEY_HEADER: &str = "idempotency-key";
/// The header of a signature: hexadecimal digits of HMAC-SHA256 over the body.
pub const SIGNATURE_HEADER: &str = "x-signature";

/// How it knows who calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// `authorization: Bearer …`
    #[default]
    Bearer,
    /// [`SIGNATURE_HEADER`]
    Hmac,
}

/// How its answers look. A refusal comes with the status 200 and a code that is not that of success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// `{"error": 0, "message": "Success", "data": {"msg_id": "…"}}`; an error is negative: as Zalo's ZNS.
    #[default]
    Nested,
    /// `{"CodeResult": "100", "SMSID": "…"}`; `100` is success: as a gateway of SMS.
    Flat,
}

/// How it behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    #[default]
    Well,
    /// As it should, after this.
    Slow(Duration),
    /// It answers with this status, and does nothing.
    Fails(u16),
    /// It answers 200 with this code of its own, and does nothing.
    Refuses(i32),
    /// It answers 429, wants to be left alone for so many seconds, and does nothing.
    Busy(u32),
    /// It does what it is told, and closes the line without a word: the answer is lost.
    LosesAnswers,
    /// It does what it is told, and answers 500: the answer is lost.
    FailsAfterwards,
    /// It hears, and says nothing.
    Hangs,
    /// It answers 200 with something else than JSON, and does nothing.
    Babbles,
}

/// A message that went out to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// By what it is known here; receipts name it.
    pub reference: String,
    /// Under which key it was asked for; empty: under none.
    pub key: String,
    /// What it was asked with.
    pub body: Value,
    /// When.
    pub at: Instant,
}

#[derive(Default)]
struct Inner {
    proof: Proof,
    form: Form,
    is_keyless: bool,
    manner: Manner,
    /// Deeds for the next calls; then as `manner` says.
    next: Vec<Manner>,
    sent: Vec<Sent>,
    calls: usize,
    faults: Vec<String>,
}

/// A gateway on a port of this machine. It is gone when it is dropped.
pub struct MessageGateway {
    inner: Arc<Mutex<Inner>>,
    url: String,
    serving: JoinHandle<()>,
}

impl MessageGateway {
    /// Starts one that takes keys.
    pub async fn start(proof: Proof, form: Form) -> Self {
        let inner = Arc::new(Mutex::new(Inner { proof, form, ..Inner::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let kept = Arc::clone(&inner);
        let serving = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                // A client that hangs up is its own affair.
                tokio::spawn(serve(BufReader::new(line), Arc::clone(&kept)));
            }
        });
        Self { inner, url, serving }
    }

    /// From now on it does not look at keys: whatever comes again goes out again.
    pub fn ignore_keys(&self) {
        self.lock().is_keyless = true;
    }

    /// Where it is told what to send.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Behaves like this from now on.
    pub fn behave(&self, manner: Manner) {
        self.lock().manner = manner;
    }

    /// Behaves like this at the next calls, one after the other, and then as before.
    pub fn behave_next(&self, manners: impl IntoIterator<Item = Manner>) {
        self.lock().next.extend(manners);
    }

    /// All that went out to people, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    /// How often something went out under which key.
    pub fn times(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for sent in &self.lock().sent {
            *times.entry(sent.key.clone()).or_default() += 1;
        }
        times
    }

    /// How often it was called, whatever came of it.
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    /// What it was told against the rules.
    pub fn faults(&self) -> Vec<String> {
        self.lock().faults.clone()
    }

    /// Tells the sender what became of a message: `{"ref": …, "status": …, "at": …}`, signed with this secret. The status of the answer.
    ///
    /// # Errors
    /// Where nobody is there, or no answer comes.
    pub async fn tell(&self, callback: &str, receipt: &Value, secret: &str) -> io::Result<u16> {
        let body = receipt.to_string();
        let signature = signature(secret, body.as_bytes());
        let bearer = format!("Bearer {secret}");
        let proof = match self.lock().proof {
            Proof::Bearer => ("authorization", bearer.as_str()),
            Proof::Hmac => (SIGNATURE_HEADER, signature.as_str()),
        };
        let headers = [("content-type", "application/json"), proof];
        plain_http::post(callback, &headers, body.as_bytes()).await.map(|(status, _)| status)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

impl Drop for MessageGateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut line: Line, inner: Arc<Mutex<Inner>>) -> io::Result<()> {
    while let Some(asked) = plain_http::read(&mut line).await? {
        let manner = {
            let mut inner = inner.lock().unwrap();
            inner.calls += 1;
            if inner.next.is_empty() { inner.manner.clone() } else { inner.next.remove(0) }
        };
        let send = || inner.lock().unwrap().send(&asked);
        let json = [("content-type", "application/json")];
        let (status, body) = match manner {
            Manner::Well => send(),
            Manner::Slow(pause) => {
                tokio::time::sleep(pause).await;
                send()
            }
            Manner::Fails(status) => (status, Value::Null),
            Manner::Refuses(code) => (200, inner.lock().unwrap().form.refusal(code)),
            Manner::Busy(seconds) => {
                let after = seconds.to_string();
                plain_http::answer(&mut line, 429, &[("retry-after", &after)], b"").await?;
                continue;
            }
            Manner::LosesAnswers => {
                send();
                return Ok(());
            }
            Manner::FailsAfterwards => {
                send();
                (500, Value::Null)
            }
            Manner::Hangs => std::future::pending().await,
            Manner::Babbles => {
                plain_http::answer(&mut line, 200, &[("content-type", "text/html")], b"<html>").await?;
                continue;
            }
        };
        plain_http::answer(&mut line, status, &json, body.to_string().as_bytes()).await?;
    }
    Ok(())
}

impl Form {
    fn success(self, reference: &str) -> Value {
        match self {
            Self::Nested => json!({ "error": 0, "message": "Success", "data": { "msg_id": reference } }),
            Self::Flat => json!({ "CodeResult": "100", "SMSID": reference }),
        }
    }

    fn refusal(self, code: i32) -> Value {
        match self {
            Self::Nested => json!({ "error": code, "message": "Nguyễn Thị Kín" }),
            Self::Flat => json!({ "CodeResult": code.to_string(), "ErrorMessage": "Nguyễn Thị Kín" }),
        }
    }
}

impl Inner {
    /// Sends a message, or refuses to; the answer.
    fn send(&mut self, asked: &Asked) -> (u16, Value) {
        let expected = match self.proof {
            Proof::Bearer => ("authorization", format!("Bearer {SECRET}")),
            Proof::Hmac => (SIGNATURE_HEADER, signature(SECRET, &asked.body)),
        };
        if asked.header(expected.0) != expected.1 {
            self.faults.push(format!("{} is not what it should be", expected.0));
            return (401, Value::Null);
        }
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let is_number = |text: &str| {
            text.strip_prefix("+84")
                .is_some_and(|rest| rest.len() >= 8 && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        let has_text = body["text"].as_str().is_some_and(|text| !text.is_empty());
        if asked.method != "POST" || !body["to"].as_str().is_some_and(is_number) || !has_text {
            self.faults.push(format!("{} without a number or without a text", asked.method));
            return (400, Value::Null);
        }
        let key = asked.header(KEY_HEADER).to_owned();
        if !self.is_keyless {
            if key.is_empty() {
                self.faults.push("no key".to_owned());
                return (400, Value::Null);
            }
            if let Some(sent) = self.sent.iter().find(|sent| sent.key == key) {
                let reference = sent.reference.clone();
                if sent.body != body {
                    self.faults.push(format!("another message under {key}"));
                    return (422, Value::Null);
                }
                return (200, self.form.success(&reference));
            }
        }
        let reference = format!("gw-{}", self.sent.len() + 1);
        self.sent.push(Sent { reference: reference.clone(), key, body, at: Instant::now() });
        (200, self.form.success(&reference))
    }
}

fn signature(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(gateway: &MessageGateway, key: &str, text: &str) -> io::Result<(u16, Value)> {
        let body = json!({ "to": "+84912345678", "text": text }).to_string();
        let bearer = format!("Bearer {SECRET}");
        let headers = [("authorization", bearer.as_str()), (KEY_HEADER, key)];
        let (status, answer) = plain_http::post(gateway.url(), &headers, body.as_bytes()).await?;
        Ok((status, serde_json::from_slice(&answer).unwrap_or_default()))
    }

    #[tokio::test]
    async fn under_one_key_it_sends_once_also_where_its_answer_is_lost() {
        let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
        gateway.behave_next([Manner::LosesAnswers, Manner::FailsAfterwards, Manner::Refuses(-108)]);
        assert!(ask(&gateway, "msg_1", "xin chào").await.is_err());
        assert_eq!(ask(&gateway, "msg_1", "xin chào").await.unwrap().0, 500);
        assert_eq!(ask(&gateway, "msg_1", "xin chào").await.unwrap().1["error"], -108);
        let (status, answer) = ask(&gateway, "msg_1", "xin chào").await.unwrap();
        assert_eq!((status, answer["data"]["msg_id"].as_str()), (200, Some("gw-1")));
        assert_eq!(ask(&gateway, "msg_1", "tạm biệt").await.unwrap().0, 422);
        assert_eq!(ask(&gateway, "msg_2", "xin chào").await.unwrap().0, 200);
        assert_eq!(gateway.times(), BTreeMap::from([("msg_1".to_owned(), 1), ("msg_2".to_owned(), 1)]));
        assert_eq!((gateway.calls(), gateway.faults().len()), (6, 1));
        gateway.ignore_keys();
        assert_eq!(ask(&gateway, "msg_2", "xin chào").await.unwrap().0, 200);
        assert_eq!(gateway.times()["msg_2"], 2);
    }
}
