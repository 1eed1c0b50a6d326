//! How notification is set up.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use jiff::civil::Time;
use phidia_domain::{
    Rejection,
    address::Network,
    application::Language,
    notice::{Channel, Patience, breaker::Limits, budget::Budget, telephone},
    webhook::Backoff,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// The configuration of this service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The zone in which messages tell times, an IANA name.
    pub time_zone: String,
    /// The language in which units are addressed: `vi` or `en`.
    pub office_language: Language,
    /// The mail server, which is the first provider for e-mail, by the name of `smtp`; none: no e-mail goes out unless there
    /// is one among the providers.
    pub smtp: Option<SmtpConfig>,
    /// Who takes messages to persons; those of a channel in the order in which they are tried. None for a channel: nobody is
    /// told over it, and the mailbox is all.
    pub providers: Vec<ProviderConfig>,
    /// When a message is tried again.
    pub retry: RetryConfig,
    /// What other systems are told.
    pub feed: FeedConfig,
    /// How they are sent it, where they have subscribed.
    pub webhooks: WebhookConfig,
    /// Text messages.
    pub sms: SmsConfig,
    /// When citizens may be disturbed; none: at any hour.
    pub decent_hours: Option<DecentHoursConfig>,
    /// Whether a telephone is used only where a person has agreed to it.
    pub ask_consent: bool,
    /// When one is that somebody waits for or has to act on; none: as all others.
    pub retry_urgent: Option<UrgentConfig>,
    /// When a provider counts as away or slow.
    pub breaker: BreakerConfig,
    /// Where providers tell us what became of messages; none: nowhere.
    pub callbacks: Option<CallbacksConfig>,
    /// After so long without a receipt from a provider that sends them, a message is given up.
    pub receipt_wait_hours: u32,
    /// How often it is looked for messages that were lost.
    pub watch_milliseconds: u32,
    /// For so long it is kept what each attempt came to, and what providers said.
    pub keep_attempts_days: u32,
    /// How long after it was written down a fact waits here for the application that it is about, which
    /// another service tells; after that it is refused, so that it does not hold up others.
    pub recipient_wait_seconds: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            time_zone: "Asia/Ho_Chi_Minh".to_owned(),
            office_language: Language::Vi,
            smtp: None,
            providers: Vec::new(),
            retry: RetryConfig::default(),
            feed: FeedConfig::default(),
            webhooks: WebhookConfig::default(),
            sms: SmsConfig::default(),
            decent_hours: Some(DecentHoursConfig::default()),
            ask_consent: false,
            retry_urgent: None,
            breaker: BreakerConfig::default(),
            callbacks: None,
            receipt_wait_hours: 72,
            watch_milliseconds: 60_000,
            keep_attempts_days: 90,
            recipient_wait_seconds: 900,
        }
    }
}

impl Config {
    pub(crate) fn watch(&self) -> Duration {
        Duration::from_millis(self.watch_milliseconds.max(1).into())
    }
}

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
    /// How long each answer of the server is waited for.
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
            timeout_seconds: 20,
            connections: 4,
        }
    }
}

/// When citizens may be disturbed: what is urgent goes by e-mail at once, all else waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecentHoursConfig {
    /// From then on, by the clock of the province.
    pub from: Time,
    /// Not at or after that.
    pub until: Time,
    /// Whether also on public holidays.
    pub on_holidays: bool,
}

impl Default for DecentHoursConfig {
    /// From 7:00 to 21:00, and not on holidays.
    fn default() -> Self {
        Self { from: Time::constant(7, 0, 0, 0), until: Time::constant(21, 0, 0, 0), on_holidays: false }
    }
}

/// How text messages (SMS) are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmsConfig {
    /// Letters without their marks (`ho so`): more than twice as much goes into one message.
    pub without_marks: bool,
    /// No template may take more messages, with the longest names.
    pub parts: u32,
}

impl Default for SmsConfig {
    fn default() -> Self {
        Self { without_marks: true, parts: 3 }
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

/// When a message is tried again that somebody waits for or has to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrgentConfig {
    /// Attempts in all.
    pub attempts: u32,
    /// The pause after the first attempt; it doubles with each.
    pub first_milliseconds: u32,
    /// No pause is longer.
    pub longest_milliseconds: u32,
}

impl UrgentConfig {
    pub(crate) fn patience(&self) -> Patience {
        Patience {
            attempts: self.attempts,
            first: Duration::from_millis(self.first_milliseconds.into()),
            longest: Duration::from_millis(self.longest_milliseconds.into()),
        }
    }
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

/// When a message is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// Attempts in all.
    pub attempts: u32,
    /// The pause after the first attempt; it doubles with each.
    pub first_milliseconds: u32,
    /// No pause is longer.
    pub longest_milliseconds: u32,
    /// How long the one who sends has a letter for itself: longer than any conversation with the server.
    pub lease_milliseconds: u32,
    /// How often to look for letters that another process wrote.
    pub poll_milliseconds: u32,
}

impl Default for RetryConfig {
    /// Just under two days in all.
    fn default() -> Self {
        Self {
            attempts: 48,
            first_milliseconds: 30_000,
            longest_milliseconds: 3_600_000,
            lease_milliseconds: 300_000,
            poll_milliseconds: 30_000,
        }
    }
}

impl RetryConfig {
    pub(crate) fn patience(&self) -> Patience {
        Patience {
            attempts: self.attempts,
            first: Duration::from_millis(self.first_milliseconds.into()),
            longest: Duration::from_millis(self.longest_milliseconds.into()),
        }
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_milliseconds.into())
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_milliseconds.max(1).into())
    }
}

/// The public feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeedConfig {
    /// So many days an event is kept for those who come back; at least 1.
    pub keep_days: u32,
    /// After so many seconds of real time in which nothing was told, those who watch are told so.
    pub heartbeat_seconds: u32,
    /// Who watches and has fallen so many events behind is told to go on anew.
    pub most_behind: u32,
}

impl Default for FeedConfig {
    fn default() -> Self {
        Self { keep_days: 30, heartbeat_seconds: 15, most_behind: 100_000 }
    }
}

impl FeedConfig {
    pub(crate) fn keep(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_days.max(1)) * 24 * 60 * 60)
    }
}

/// What subscribers are sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookConfig {
    /// Networks that may be called though not everybody can reach them, e.g. `10.1.0.0/16`; and, but for these, only by TLS.
    pub allow: Vec<Network>,
    /// PEM file of the authority that vouches for subscribers; none: those that browsers know.
    pub authority: Option<PathBuf>,
    /// How long an answer is waited for.
    pub patience_milliseconds: u32,
    /// Requests under way at once, to all subscribers who take what they get.
    pub at_once: u32,
    /// The same to those who failed lately or are slow: they do not keep the others waiting.
    pub at_once_unwell: u32,
    /// The pause after the first failure; it doubles with each.
    pub first_milliseconds: u32,
    /// No pause is longer.
    pub longest_milliseconds: u32,
    /// An event that is refused for so long is given up; what follows it of the same application waits for a replay.
    pub give_up_seconds: u32,
    /// A subscription of which every attempt has failed for so long is disabled.
    pub disable_seconds: u32,
    /// So long a secret signs beside the one that has replaced it.
    pub overlap_seconds: u32,
    /// So many days it is kept what was sent; at least 1.
    pub keep_log_days: u32,
    /// How long the replica that sends does so without a word; longer than an answer is waited for.
    pub lease_milliseconds: u32,
    /// So many subscriptions there may be.
    pub most: u32,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            authority: None,
            patience_milliseconds: 15_000,
            at_once: 256,
            at_once_unwell: 32,
            first_milliseconds: 5_000,
            longest_milliseconds: 8 * 3_600_000,
            give_up_seconds: 3 * 24 * 3_600,
            disable_seconds: 5 * 24 * 3_600,
            overlap_seconds: 24 * 3_600,
            keep_log_days: 30,
            lease_milliseconds: 30_000,
            most: 20_000,
        }
    }
}

impl WebhookConfig {
    /// Refuses settings that cannot work.
    pub(crate) fn validate(&self) -> Result<(), Rejection> {
        let whole_attempt = self.patience() + Duration::from_secs(1);
        let settings = [
            ("patience_milliseconds", self.patience_milliseconds > 0, "at least 1"),
            ("at_once", self.at_once > 0, "at least 1"),
            ("at_once_unwell", self.at_once_unwell > 0, "at least 1"),
            ("first_milliseconds", self.first_milliseconds > 0, "at least 1"),
            // It is renewed after a quarter.
            (
                "lease_milliseconds",
                self.lease() * 3 / 4 > whole_attempt,
                "by a half longer than patience_milliseconds and a second",
            ),
        ];
        match settings.into_iter().find(|(_, valid, _)| !valid) {
            Some((setting, _, expected)) => {
                let setting = format!("notification.webhooks.{setting}");
                Err(Rejection::invalid("MALFORMED_CONFIG", &setting, expected))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_milliseconds.into())
    }

    pub(crate) fn at_once(&self) -> usize {
        usize::try_from(self.at_once).unwrap_or(usize::MAX).max(1)
    }

    pub(crate) fn at_once_unwell(&self) -> usize {
        usize::try_from(self.at_once_unwell).unwrap_or(usize::MAX).max(1)
    }

    pub(crate) fn backoff(&self) -> Backoff {
        Backoff {
            first: Duration::from_millis(self.first_milliseconds.into()),
            longest: Duration::from_millis(self.longest_milliseconds.into()),
        }
    }

    pub(crate) fn give_up_after(&self) -> Duration {
        Duration::from_secs(self.give_up_seconds.into())
    }

    pub(crate) fn disable_after(&self) -> Duration {
        Duration::from_secs(self.disable_seconds.into())
    }

    pub(crate) fn overlap(&self) -> Duration {
        Duration::from_secs(self.overlap_seconds.into())
    }

    pub(crate) fn keep_log(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_log_days.max(1)) * 24 * 60 * 60)
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_milliseconds.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_and_the_password_is_not_shown() {
        let read = |text: &str| serde_json::from_str::<Config>(text);
        let config =
            read(r#"{"smtp": {"host": "mail.example", "password": "hunter2", "tls": "none"}}"#).unwrap();
        assert_eq!(config.smtp.as_ref().unwrap().port, 587);
        let shown = serde_json::to_string(&config).unwrap() + &format!("{config:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        for unknown in [r#"{"smpt": null}"#, r#"{"smtp": {"pass": ""}}"#, r#"{"retry": {"times": 3}}"#] {
            assert!(read(unknown).is_err(), "{unknown}");
        }
    }
}
