//! What other systems are told, and how.

use std::{path::PathBuf, time::Duration};

use phidia_domain::{Rejection, address::Network, webhook::Backoff};
use serde::{Deserialize, Serialize};

/// The public feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeedConfig {
    /// So many days an event is kept for those who come back; at least 1.
    pub keep_days: u32,
    /// After so many seconds of real time in which nothing was told, those who watch are told so; mailboxes, too.
    pub heartbeat_seconds: u32,
    /// Who watches and has fallen so many events, or messages of a mailbox, behind is told to go on anew.
    pub most_behind: u32,
}

impl Default for FeedConfig {
    fn default() -> Self {
        Self { keep_days: 30, heartbeat_seconds: 15, most_behind: 100_000 }
    }
}

impl FeedConfig {
    pub(crate) fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.heartbeat_seconds.max(1).into())
    }

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
    /// So many applications of one subscription may be held back, refused and not taken yet; with more it is disabled.
    pub most_held: u32,
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
            most_held: 10_000,
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
