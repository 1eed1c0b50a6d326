//! The way to whoever sends short messages or messages at Zalo: one HTTP request each, as the configuration writes it, and what
//! the answers mean by that.

use std::{fmt, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
};
use http_body_util::Full;
use minijinja::{Environment, UndefinedBehavior, context};
use phidia_domain::{
    Rejection,
    application::Language,
    notice::{Addressee, Fault, Receipt, telephone},
};
use phidia_runtime::{
    digest,
    failure::Failure,
    http_client::{Bytes, HttpClient, Unanswered},
    mac,
};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::{Outgoing, Provider, Refusal, Taken, Words};
use crate::config::{AnswerConfig, GatewayConfig, ReceiptsConfig};

/// An answer is not longer.
const MOST_ANSWER: usize = 64 * 1024;
/// It is waited so long at most because a provider says so.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// Characters of a code, or of what a provider calls a message.
const LONGEST_CODE: usize = 128;
const BODY: &str = "body";

/// A provider over HTTP.
pub(crate) struct Gateway {
    config: GatewayConfig,
    /// Of the configuration, and what proves who calls.
    headers: HeaderMap,
    key_header: Option<HeaderName>,
    proof_header: Option<HeaderName>,
    body: Environment<'static>,
    http: HttpClient,
}

impl Gateway {
    /// The gateway of a configuration, which stands at `setting`. It is not called yet.
    pub(crate) fn new(config: &GatewayConfig, setting: &str) -> Result<Self, Failure> {
        let at = |field: &str| format!("{setting}.{field}");
        if !config.is_safe() {
            let expected = "https://…, or http:// with an address of this machine";
            return Err(Rejection::invalid("MALFORMED_CONFIG", &at("url"), expected).into());
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &config.headers {
            let wrong =
                || Rejection::invalid("MALFORMED_CONFIG", &at("headers"), "names and values of headers");
            let name: HeaderName = name.parse().map_err(|_| wrong())?;
            headers.insert(name, value.parse().map_err(|_| wrong())?);
        }
        if let Some(bearer) = &config.bearer {
            let header = HeaderValue::from_str(&format!("Bearer {}", bearer.expose_secret()));
            let wrong = |_| {
                Rejection::invalid("MALFORMED_CONFIG", &at("bearer"), "a token that can stand in a header")
            };
            let mut header = header.map_err(wrong)?;
            header.set_sensitive(true);
            headers.insert(AUTHORIZATION, header);
        }
        let header = |name: &str, field: &str| match name {
            "" => Ok(None),
            name => name.parse::<HeaderName>().map(Some).map_err(|_| {
                Rejection::invalid("MALFORMED_CONFIG", &at(field), "the name of a header, or nothing")
            }),
        };
        let key_header = header(&config.key_header, "key_header")?;
        let proof_header = header(&config.proof_header, "proof_header")?;
        if proof_header.is_some() != config.secret.is_some() {
            let expected = "given where the secret is, and only there";
            return Err(Rejection::invalid("MALFORMED_CONFIG", &at("proof_header"), expected).into());
        }
        if config.receipts.as_ref().is_some_and(|receipts| receipts.secret.is_none()) {
            let expected = "required: anybody could say that something arrived";
            return Err(Rejection::invalid("MALFORMED_CONFIG", &at("receipts.secret"), expected).into());
        }
        let mut body = Environment::new();
        body.set_undefined_behavior(UndefinedBehavior::Strict);
        body.add_filter("json", |value: String| Value::String(value).to_string());
        let wrong = |error: minijinja::Error| {
            let expected = format!("a template over to, text, subject, template, language, key: {error}");
            Rejection::invalid("MALFORMED_CONFIG", &at("body"), expected)
        };
        body.add_template_owned(BODY, config.body.clone()).map_err(wrong)?;
        let http = HttpClient::new(config.authority.as_deref(), &at("authority"), config.patience())?;
        let gateway = Self { config: config.clone(), headers, key_header, proof_header, body, http };
        // What cannot be written for anybody is told now, and not with the first message.
        gateway.write("+84912345678", &sample(&Addressee::default())).map_err(wrong)?;
        Ok(gateway)
    }

    /// What the provider says with a receipt; none: something that does not count.
    pub(crate) fn read_receipt(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<Reported>, StatusCode> {
        let Some(receipts) = &self.config.receipts else { return Err(StatusCode::NOT_FOUND) };
        if !self.is_proven(receipts, headers, body) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let said: Value = serde_json::from_slice(body).map_err(|_| StatusCode::BAD_REQUEST)?;
        let reference = text_at(&said, &receipts.reference).ok_or(StatusCode::BAD_REQUEST)?;
        let status = text_at(&said, &receipts.status).ok_or(StatusCode::BAD_REQUEST)?;
        let is = |statuses: &[String]| statuses.contains(&status);
        let receipt = if is(&receipts.delivered) {
            Receipt::Delivered
        } else if is(&receipts.permanent) {
            Receipt::Permanent
        } else if is(&receipts.temporary) {
            Receipt::Temporary
        } else if is(&receipts.pending) {
            Receipt::Pending
        } else {
            // A status that nobody has told us of must not come again and again.
            return Ok(None);
        };
        let code = text_at(&said, &receipts.code).and_then(|code| plain_code(&code)).unwrap_or_default();
        Ok(Some(Reported { reference, receipt, code }))
    }

    fn is_proven(&self, receipts: &ReceiptsConfig, headers: &HeaderMap, body: &[u8]) -> bool {
        let Some(secret) = &receipts.secret else { return false };
        match &self.proof_header {
            Some(name) => {
                let proof = headers.get(name).and_then(|value| value.to_str().ok());
                mac::verifies(secret, body, proof.unwrap_or_default())
            }
            None => {
                let expected = format!("Bearer {}", secret.expose_secret());
                let said = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
                digest::same(expected.as_bytes(), said.unwrap_or_default())
            }
        }
    }

    fn write(&self, to: &str, outgoing: &Outgoing<'_>) -> Result<String, minijinja::Error> {
        let language = match outgoing.language {
            Language::Vi => "vi",
            Language::En => "en",
        };
        self.body.get_template(BODY)?.render(context! {
            to,
            text => &outgoing.words.text,
            subject => outgoing.subject,
            template => outgoing.template,
            language,
            key => outgoing.key,
        })
    }
}

/// What a provider reports of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reported {
    /// What it calls the message.
    pub(crate) reference: String,
    pub(crate) receipt: Receipt,
    /// May be empty.
    pub(crate) code: String,
}

#[async_trait::async_trait]
impl Provider for Gateway {
    fn takes_key(&self) -> bool {
        self.key_header.is_some() || self.config.key_in_body
    }

    fn sends_receipts(&self) -> bool {
        self.config.receipts.is_some()
    }

    async fn send(&self, mut outgoing: Outgoing<'_>) -> Result<Taken, Refusal> {
        let Some(to) = telephone::international(&outgoing.to.telephone, &self.config.home) else {
            return Err(Refusal::unasked(Fault::Lasting, "MALFORMED_NUMBER"));
        };
        if !self.takes_key() {
            // Whoever gets it twice sees by this that it is the same.
            outgoing.words.text = format!("{} [{}]", outgoing.words.text, marker(outgoing.key));
        }
        let ours = |reason| Refusal::unasked(Fault::Ours, reason);
        let body = Bytes::from(self.write(&to, &outgoing).map_err(|_| ours("MALFORMED_MESSAGE_BODY"))?);
        let mut headers = self.headers.clone();
        if let Some(name) = &self.key_header {
            let key = HeaderValue::from_str(outgoing.key).map_err(|_| ours("MALFORMED_MESSAGE_BODY"))?;
            headers.insert(name, key);
        }
        if let (Some(name), Some(secret)) = (&self.proof_header, &self.config.secret) {
            let proof = HeaderValue::from_str(&mac::sign(secret, &body));
            headers.insert(name, proof.map_err(|_| ours("MALFORMED_MESSAGE_BODY"))?);
        }
        let request = Request::post(&self.config.url).body(Full::new(body));
        let mut request = request.map_err(|_| ours("MALFORMED_MESSAGE_BODY"))?;
        *request.headers_mut() = headers;
        match self.http.ask(request, MOST_ANSWER, self.config.patience()).await {
            Ok(answer) => judge(&self.config.answer, answer.status(), answer.headers(), answer.body()),
            // Nothing is forbidden to what the operator has written down.
            Err(Unanswered::NotConnected | Unanswered::Forbidden) => {
                Err(Refusal::new(Fault::Away, "CONNECTION"))
            }
            Err(Unanswered::Interrupted) => Err(Refusal::new(Fault::Ambiguous, "INTERRUPTED")),
            Err(Unanswered::Late) => Err(Refusal::new(Fault::Ambiguous, "TIMEOUT")),
            Err(Unanswered::TooLong) => Err(Refusal::new(Fault::Ambiguous, "ANSWER_TOO_LONG")),
        }
    }
}

/// What an answer means.
fn judge(
    config: &AnswerConfig,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Taken, Refusal> {
    let said = serde_json::from_slice::<Value>(body).ok();
    let code = said.as_ref().and_then(|said| text_at(said, &config.code));
    if status.is_success() {
        if config.success.is_empty() {
            return Ok(taken(config, said.as_ref()));
        }
        return match &code {
            Some(code) if config.success.contains(code) => Ok(taken(config, said.as_ref())),
            // It speaks its own language, and refuses.
            Some(code) => Err(refused(config, code)),
            // A page of somebody in between, perhaps: what is behind it is not known.
            None => Err(Refusal::new(Fault::Ambiguous, "MALFORMED_ANSWER")),
        };
    }
    if let Some(code) = code.filter(|code| config.lasting.contains(code)) {
        return Err(refused(config, &code));
    }
    let reason = format!("HTTP_{}", status.as_u16());
    let pause = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    let pause = pause.map(|seconds| Duration::from_secs(seconds.into()).min(LONGEST_PAUSE));
    let fault = match status {
        StatusCode::TOO_MANY_REQUESTS => Fault::Throttled { pause },
        StatusCode::SERVICE_UNAVAILABLE if pause.is_some() => Fault::Throttled { pause },
        StatusCode::REQUEST_TIMEOUT => Fault::Ambiguous,
        status if status.is_server_error() => Fault::Ambiguous,
        // It does not know us, or it is elsewhere by now: that is nobody's fault who is to be told.
        _ => Fault::Away,
    };
    Err(Refusal::new(fault, &reason))
}

fn taken(config: &AnswerConfig, said: Option<&Value>) -> Taken {
    Taken { reference: said.and_then(|said| text_at(said, &config.reference)) }
}

fn refused(config: &AnswerConfig, code: &str) -> Refusal {
    let fault = match code {
        code if config.lasting.iter().any(|lasting| lasting == code) => Fault::Lasting,
        // Whatever it is, nothing was said to anybody, and another provider may do better.
        _ => Fault::Away,
    };
    let reason = plain_code(code).map_or_else(|| "REFUSED".to_owned(), |code| format!("CODE_{code}"));
    Refusal::new(fault, &reason)
}

/// A text or a whole number at a place (RFC 6901); none: there is none, or one that would not be the same when it is said again: a store
/// refuses control characters, and numbers beyond 64 bits fall together.
fn text_at(said: &Value, pointer: &str) -> Option<String> {
    if pointer.is_empty() {
        return None;
    }
    let text = match said.pointer(pointer)? {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        Value::Bool(is_so) => is_so.to_string(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let is_whole = (1..=LONGEST_CODE).contains(&text.len()) && !text.chars().any(char::is_control);
    is_whole.then_some(text)
}

/// What can be kept as a code: a provider's own words may name somebody.
fn plain_code(code: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    ((1..=40).contains(&code.len()) && code.bytes().all(is_plain)).then(|| code.to_owned())
}

/// Six digits by which a person sees that two messages are one.
fn marker(key: &str) -> String {
    let short = digest::sha256(key.as_bytes());
    short.get(..6).unwrap_or_default().to_uppercase()
}

fn sample(to: &Addressee) -> Outgoing<'_> {
    Outgoing {
        key: "msg_00000000000000000000000000000000",
        template: "case_opened",
        language: Language::Vi,
        to,
        subject: "…",
        words: Words { text: "…".to_owned(), html: String::new() },
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gateway({})", self.config.url)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> GatewayConfig {
        GatewayConfig {
            url: "http://127.0.0.1:1/send".into(),
            body: r#"{"to": {{ to|json }}, "text": {{ text|json }}}"#.into(),
            answer: AnswerConfig {
                success: vec!["0".into()],
                code: "/error".into(),
                reference: "/data/msg_id".into(),
                lasting: vec!["-118".into()],
            },
            ..GatewayConfig::default()
        }
    }

    fn judged(status: u16, body: &Value) -> Result<Taken, Refusal> {
        let status = StatusCode::from_u16(status).unwrap();
        judge(&config().answer, status, &HeaderMap::new(), body.to_string().as_bytes())
    }

    fn fault(status: u16, body: &Value) -> Fault {
        judged(status, body).unwrap_err().fault
    }

    #[test]
    fn answers_mean_what_the_configuration_says() {
        let good = json!({ "error": 0, "data": { "msg_id": "gw-1" } });
        assert_eq!(judged(200, &good), Ok(Taken { reference: Some("gw-1".into()) }));
        assert_eq!(judged(200, &json!({ "error": -118 })), Err(Refusal::lasting("CODE_-118")));
        assert_eq!(fault(200, &json!({ "error": -108 })), Fault::Away);
        assert_eq!(fault(400, &json!({ "error": -118 })), Fault::Lasting);
        for status in [301, 400, 401, 403, 404, 422] {
            assert_eq!(fault(status, &json!({})), Fault::Away, "{status}");
        }
        for status in [408, 500, 502, 503, 504] {
            assert_eq!(fault(status, &good), Fault::Ambiguous, "{status}: it may have done it");
        }
        assert_eq!(fault(429, &json!({})), Fault::Throttled { pause: None });
        let page = judge(&config().answer, StatusCode::OK, &HeaderMap::new(), b"<html>");
        assert_eq!(page.unwrap_err().fault, Fault::Ambiguous);
        let words = judged(200, &json!({ "error": "Nguyễn Thị Kín" })).unwrap_err();
        assert_eq!(words.reason, "REFUSED", "its own words are not kept");
    }

    #[tokio::test]
    async fn a_gateway_that_cannot_be_is_refused_by_its_key() {
        assert!(Gateway::new(&config(), "http").is_ok());
        for (key, bad) in [
            ("http.url", GatewayConfig { url: "http://sms.example.vn".into(), ..config() }),
            ("http.receipts.secret", GatewayConfig { receipts: Some(ReceiptsConfig::default()), ..config() }),
            ("http.body", GatewayConfig { body: "{{ to".into(), ..config() }),
            ("http.body", GatewayConfig { body: "{{ telephone }}".into(), ..config() }),
            ("http.key_header", GatewayConfig { key_header: "a b".into(), ..config() }),
            ("http.proof_header", GatewayConfig { proof_header: "x-signature".into(), ..config() }),
            (
                "http.headers",
                GatewayConfig { headers: [("x y".to_owned(), String::new())].into(), ..config() },
            ),
        ] {
            let refusal = Gateway::new(&bad, "http").unwrap_err();
            assert_eq!(refusal.rejection().unwrap().violations[0].field, key);
        }
    }

    #[tokio::test]
    async fn receipts_count_only_with_their_proof() {
        let receipts = ReceiptsConfig {
            secret: Some("s".into()),
            reference: "/ref".into(),
            status: "/status".into(),
            delivered: vec!["1".into()],
            ..ReceiptsConfig::default()
        };
        let gateway = Gateway::new(&GatewayConfig { receipts: Some(receipts), ..config() }, "http").unwrap();
        let read = |bearer: &str, body: &Value| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, format!("Bearer {bearer}").parse().unwrap());
            gateway.read_receipt(&headers, body.to_string().as_bytes())
        };
        let good = json!({ "ref": "gw-1", "status": 1 });
        let reported =
            Reported { reference: "gw-1".into(), receipt: Receipt::Delivered, code: String::new() };
        assert_eq!(read("s", &good), Ok(Some(reported)));
        assert_eq!(read("t", &good), Err(StatusCode::UNAUTHORIZED));
        assert_eq!(read("s", &json!({ "ref": "gw-1", "status": 9 })), Ok(None));
        for reference in [json!(null), json!(""), json!("gw\u{0}1"), json!("gw\n1"), json!(1.5), json!(1e300)]
        {
            let receipt = json!({ "ref": reference, "status": 1 });
            assert_eq!(read("s", &receipt), Err(StatusCode::BAD_REQUEST), "{receipt}");
        }
        let whole = json!({ "ref": u64::MAX, "status": 1 });
        assert_eq!(read("s", &whole).unwrap().unwrap().reference, u64::MAX.to_string());
    }
}
