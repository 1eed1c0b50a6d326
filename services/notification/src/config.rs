//! How notification is set up.

use std::time::Duration;

use phidia_domain::{application::Language, notice::Patience};
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
    /// The mail server; none: no e-mail goes out, and the mailbox is all.
    pub smtp: Option<SmtpConfig>,
    /// When an e-mail is tried again.
    pub retry: RetryConfig,
    /// Text messages.
    pub sms: SmsConfig,
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
            retry: RetryConfig::default(),
            sms: SmsConfig::default(),
            recipient_wait_seconds: 900,
        }
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
            timeout_seconds: 20,
            connections: 4,
        }
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

/// When an e-mail is tried again.
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
