//! Who takes messages to persons, and how they are spoken to.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use phidia_domain::{
    Rejection,
    notice::{Channel, breaker::Limits, budget::Budget, telephone},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Somebody who takes messages to persons.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// By which it is kept who was given what: lower-case letters, digits and hyphens. It is not to be changed while anything is
    /// under way.
    pub name: String,
    /// Over what it reaches them: `email`, `sms` or `zalo`.
    pub channel: Channel,
    /// Messages a minute, over all replicas; none: as many as there are.
    #[serde(default)]
    pub per_minute: Option<u32>,
    /// Messages at once after a pause, where there is a limit.
    #[serde(default = "one")]
    pub burst: u32,
    /// A mail server; that or a gateway.
    #[serde(default)]
    pub smtp: Option<SmtpConfig>,
    /// A gateway over HTTP.
    #[serde(default)]
    pub http: Option<GatewayConfig>,
}

fn one() -> u32 {
    1
}

impl ProviderConfig {
    /// Where it cannot be. `setting`: where it stands.
    pub(crate) fn validate(&self, setting: &str) -> Result<(), Rejection> {
        let invalid = |field: &str, expected: &str| {
            Err(Rejection::invalid("MALFORMED_CONFIG", &format!("{setting}.{field}"), expected))
        };
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=40).contains(&self.name.len()) || !self.name.bytes().all(plain) {
            return invalid("name", "1 to 40 lower-case letters, digits and hyphens");
        }
        if self.per_minute == Some(0) {
            return invalid("per_minute", "at least 1, or left out");
        }
        match (&self.smtp, &self.http, self.channel) {
            (Some(_), None, Channel::Email) | (None, Some(_), Channel::Sms | Channel::Zalo) => {}
            (Some(_), None, _) => return invalid("channel", "email, for a mail server"),
            (None, Some(_), _) => return invalid("channel", "sms or zalo, for a gateway"),
            (Some(_), Some(_), _) | (None, None, _) => return invalid("smtp", "either smtp or http"),
        }
        Ok(())
    }

    /// How long it may take over one message.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.smtp.as_ref().map(SmtpConfig::patience).or(self.http.as_ref().map(GatewayConfig::patience))
    }

    pub(crate) fn budget(&self) -> Option<Budget> {
        self.per_minute.map(|per_minute| Budget { per_minute, burst: self.burst.max(1) })
    }
}

/// A mail server that takes our letters.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpConfig {
    /// Its name; certificates are held against it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The sender, `Name <address>` or an address.
    pub from: String,
    /// The user; empty: it wants none.
    pub username: String,
    /// The user's password.
    #[serde(skip_serializing)]
    pub password: SecretString,
    /// How the connection is protected.
    pub tls: Tls,
    /// PEM of the authority that vouches for it, beside those that browsers know; none: those.
    pub authority: Option<PathBuf>,
    /// How long a letter may take in all, from the connection to the answer that it is taken.
    pub timeout_seconds: u32,
    /// Letters under way at once.
    pub connections: u32,
}

impl Default for SmtpConfig {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            from: String::new(),
            username: String::new(),
            password: SecretString::default(),
            tls: Tls::StartTls,
            authority: None,
            timeout_seconds: 60,
            connections: 4,
        }
    }
}

impl SmtpConfig {
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.max(1).into())
    }
}

/// A provider that takes each message with an HTTP request of JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
    /// `https://…`; `http://` only to this machine.
    pub url: String,
    /// PEM of the authority that vouches for it; none: those that browsers know.
    pub authority: Option<PathBuf>,
    /// Headers that each request has.
    pub headers: BTreeMap<String, String>,
    /// The body, a template over `to` (+84…), `text`, `subject`, `template`, `language` and `key`; `{{ text|json }}` is a string of
    /// JSON, with its quotation marks.
    pub body: String,
    /// The token of `Authorization: Bearer`; none: there is no such header.
    #[serde(skip_serializing)]
    pub bearer: Option<SecretString>,
    /// The header with HMAC-SHA256 of the body, in hexadecimal digits; empty: there is none.
    pub proof_header: String,
    /// With what that is made.
    #[serde(skip_serializing)]
    pub secret: Option<SecretString>,
    /// The header by which it knows that two requests are one message; empty: there is none.
    pub key_header: String,
    /// Whether it knows that by the `key` in the body.
    pub key_in_body: bool,
    /// The calling code of numbers that are written without one.
    pub home: String,
    /// How long an answer is waited for.
    pub timeout_seconds: u32,
    /// Messages under way at once.
    pub connections: u32,
    /// What its answers mean.
    pub answer: AnswerConfig,
    /// What it tells us later; none: nothing.
    pub receipts: Option<ReceiptsConfig>,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            authority: None,
            headers: BTreeMap::new(),
            body: r#"{"to": {{ to|json }}, "text": {{ text|json }}}"#.to_owned(),
            bearer: None,
            proof_header: String::new(),
            secret: None,
            key_header: String::new(),
            key_in_body: false,
            home: telephone::VIET_NAM.to_owned(),
            timeout_seconds: 20,
            connections: 4,
            answer: AnswerConfig::default(),
            receipts: None,
        }
    }
}

impl GatewayConfig {
    /// Personal data must not go over a line on which others can read it.
    pub(crate) fn is_safe(&self) -> bool {
        let Ok(uri) = self.url.parse::<http::Uri>() else { return false };
        let host = uri.host().unwrap_or_default();
        let is_here = host == "localhost"
            || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        match uri.scheme_str() {
            Some("https") => !host.is_empty(),
            Some("http") => is_here,
            _ => false,
        }
    }

    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.max(1).into())
    }
}

/// What answers of a gateway mean. Places in them are JSON pointers (RFC 6901).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerConfig {
    /// Where the code stands by which it takes or refuses; empty: only its status counts.
    pub code: String,
    /// The codes by which it takes a message; none: each answer with a status of success does.
    pub success: Vec<String>,
    /// The codes by which it refuses an addressee for good.
    pub lasting: Vec<String>,
    /// Where it says what it calls the message; empty: it calls it by its key.
    pub reference: String,
}

/// What a gateway tells us later, as `POST /receipts/<name of the provider>`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReceiptsConfig {
    /// By what it proves who it is: as a bearer, or, where there is a `proof_header`, by that.
    #[serde(skip_serializing)]
    pub secret: Option<SecretString>,
    /// Where it says of which message.
    pub reference: String,
    /// Where it says what.
    pub status: String,
    /// Where it says why; may be empty.
    pub code: String,
    /// What it says of what arrived.
    pub delivered: Vec<String>,
    /// What it says of what never will.
    pub permanent: Vec<String>,
    /// What it says of what did not get through this time.
    pub temporary: Vec<String>,
    /// What it says of what is on its way.
    pub pending: Vec<String>,
}

/// Where providers tell us what became of messages: plain HTTP, for a network on which an operator's own front ends TLS.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbacksConfig {
    /// Address and port.
    pub listen: SocketAddr,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Not at all: for a server on the same machine.
    None,
    /// It begins in the open and must change to TLS before anything is said.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// When a provider counts as away or slow, and others of its channel are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// The last so many attempts are looked at.
    pub window: u32,
    /// Nothing is judged by fewer.
    pub least: u32,
    /// It is away where so many of a hundred were not answered.
    pub failed_percent: u32,
    /// It is slow where one in ten took longer.
    pub slow_milliseconds: u32,
    /// After so long one message shows whether it has recovered.
    pub rest_milliseconds: u32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            window: 40,
            least: 10,
            failed_percent: 50,
            slow_milliseconds: 10_000,
            rest_milliseconds: 30_000,
        }
    }
}

impl BreakerConfig {
    pub(crate) fn limits(&self) -> Limits {
        let count = |number: u32| usize::try_from(number.max(1)).unwrap_or(usize::MAX);
        Limits {
            window: count(self.window.max(self.least)),
            least: count(self.least),
            failed_percent: self.failed_percent.clamp(1, 100),
            slow: Duration::from_millis(self.slow_milliseconds.into()),
            rest: Duration::from_millis(self.rest_milliseconds.into()),
        }
    }
}
