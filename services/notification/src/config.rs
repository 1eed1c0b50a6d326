//! How notification is set up.

mod feed;
mod provider;

use std::time::Duration;

use jiff::civil::Time;
use phidia_domain::{
    Rejection,
    application::{Language, check_contact},
    notice::{Addressee, Patience},
};
use serde::{Deserialize, Serialize};

pub use self::{
    feed::{FeedConfig, WebhookConfig},
    provider::{
        AnswerConfig, BreakerConfig, CallbacksConfig, GatewayConfig, ProviderConfig, ReceiptsConfig,
        SmtpConfig, Tls,
    },
};

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
    /// Who runs the installation.
    pub operators: OperatorsConfig,
    /// Text messages.
    pub sms: SmsConfig,
    /// When citizens may be disturbed.
    pub decent_hours: DecentHoursConfig,
    /// At what time of a day the letter of the day is made, for persons who want one and for offices; one of the decent hours.
    pub digest_at: Time,
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
            operators: OperatorsConfig::default(),
            sms: SmsConfig::default(),
            decent_hours: DecentHoursConfig::default(),
            digest_at: Time::constant(7, 30, 0, 0),
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
    /// Refuses a lease under which the same message would be under way twice.
    pub(crate) fn validate(&self) -> Result<(), Rejection> {
        let smtp = self.smtp.iter().map(SmtpConfig::patience);
        let longest = smtp.chain(self.providers.iter().filter_map(ProviderConfig::patience)).max();
        if longest.is_some_and(|longest| self.retry.lease() <= longest) {
            let expected = "longer than timeout_seconds of each provider";
            return Err(Rejection::invalid("MALFORMED_CONFIG", "retry.lease_milliseconds", expected));
        }
        Ok(())
    }

    pub(crate) fn watch(&self) -> Duration {
        Duration::from_millis(self.watch_milliseconds.max(1).into())
    }
}

/// Who runs the installation, and hears where something needs their hand: in a mailbox of their own (`phidia message operators`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OperatorsConfig {
    /// Where they are told by e-mail besides; empty: nowhere.
    pub email: String,
    /// As whom a letter speaks to them.
    pub name: String,
}

impl Default for OperatorsConfig {
    fn default() -> Self {
        Self { email: String::new(), name: "quản trị hệ thống".to_owned() }
    }
}

impl OperatorsConfig {
    /// Where a letter to them goes; none: nowhere.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for an address that cannot be.
    pub(crate) fn addressee(&self) -> Result<Option<Addressee>, Rejection> {
        check_contact(&self.email, "").map_err(|refusal| refusal.under("operators"))?;
        let to = Addressee { name: self.name.clone(), email: self.email.clone(), telephone: String::new() };
        Ok(Some(to).filter(|to| !to.email.is_empty()))
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
    /// Whether every hour of every day is decent, whatever else is said here.
    pub always: bool,
}

impl Default for DecentHoursConfig {
    /// From 7:00 to 21:00, and not on holidays.
    fn default() -> Self {
        let (from, until) = (Time::constant(7, 0, 0, 0), Time::constant(21, 0, 0, 0));
        Self { from, until, on_holidays: false, always: false }
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
    /// How long the one who sends has a message for itself: longer than any provider may take over one.
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
    fn a_lease_is_longer_than_any_provider_may_take() {
        let read = |text: &str| serde_json::from_str::<Config>(text).unwrap().validate();
        assert!(read("{}").is_ok() && read(r#"{"smtp": {"host": "mail.example"}}"#).is_ok());
        for short in [
            r#"{"smtp": {"timeout_seconds": 5}, "retry": {"lease_milliseconds": 5000}}"#,
            r#"{"providers": [{"name": "a", "channel": "sms", "http": {"timeout_seconds": 300}}]}"#,
            r#"{"providers": [{"name": "a", "channel": "email", "smtp": {"timeout_seconds": 600}}]}"#,
        ] {
            assert_eq!(read(short).unwrap_err().violations[0].field, "retry.lease_milliseconds", "{short}");
        }
    }

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

    #[test]
    fn operators_are_written_to_where_they_have_an_address_and_one_that_cannot_be_is_refused() {
        let of = |email: &str| OperatorsConfig { email: email.to_owned(), ..OperatorsConfig::default() };
        assert!(of("").addressee().unwrap().is_none());
        assert_eq!(of("van-hanh@tinh.example").addressee().unwrap().unwrap().email, "van-hanh@tinh.example");
        assert_eq!(of("van-hanh").addressee().unwrap_err().violations[0].field, "operators.email");
    }
}
