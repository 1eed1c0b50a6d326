//! Webhooks: the feed as it is sent to whoever has subscribed.
//!
//! One replica sends, under a lease; the others stand by. It reads the feed once for all, and a subscription costs it something only
//! while it has something to take:
//!
//! ```text
//!   feed ──> sender: which subscriptions want it? ──> a task for each of those ──> attempt ──┬─> taken: log, cursor (saved together, soon)
//!                                                     until it is up to date again           ├─> this event refused: its application is held
//!                                                                                            └─> nobody takes anything: the cursor stands
//! ```
//!
//! A subscription is where its cursor is: all up to there was taken, or is held. One that is away keeps nothing but a cursor that stands,
//! so a dead one costs nothing, and delays nobody. Of one application nothing is sent before what came before it was taken.

pub(crate) mod alarm;
mod attempt;
mod held;
mod kept;
mod line;
mod outstanding;
mod sender;
mod subscriptions;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use phidia_domain::{Rejection, feed::Filter, id::SubscriptionId};
use phidia_runtime::{http_client::HttpClient, ids::Ids, seal::MasterKey, signed_body::Scheme};
use tokio::sync::{Notify, Semaphore};

use crate::{config::WebhookConfig, feed::Feed};

use alarm::Alarm;
pub(crate) use outstanding::Owed;
pub(crate) use sender::worker;
pub(crate) use subscriptions::{Asked, Replay, Standing};

/// How it is told that an event was taken.
pub(crate) const DELIVERED: &str = "DELIVERED";

/// So many pings are under way at once.
const PINGS: usize = 8;

/// Somebody's subscription to the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) id: SubscriptionId,
    /// `role/name`.
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) format: Format,
    pub(crate) signature: Signature,
    pub(crate) filter: Filter,
    pub(crate) state: State,
    /// Why it is not active: a code.
    pub(crate) state_reason: String,
    /// Since when every attempt has failed; none: the last did not.
    pub(crate) failing_since: Option<Timestamp>,
    /// All up to here was taken, or is held; none: it has nothing outstanding.
    pub(crate) cursor: Option<i64>,
    /// Grows with every replay.
    pub(crate) run: i32,
    pub(crate) created_at: Timestamp,
    pub(crate) revision: i64,
}

/// An application of which an event was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Its first event that was not taken.
    pub(crate) position: i64,
    /// How often that was refused.
    pub(crate) attempts: u32,
    /// When it was first.
    pub(crate) since: Timestamp,
    pub(crate) next_at: Timestamp,
    /// It was given up: only a replay tries it again.
    pub(crate) is_dead: bool,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
        pub(crate) enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// As it is stored.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// What is stored so.
            pub(crate) fn parse(text: &str) -> Option<Self> {
                [$(Self::$variant,)*].into_iter().find(|one| one.as_str() == text)
            }
        }
    };
}

words! {
    /// In which form events are sent.
    Format {
        /// CloudEvents' JSON format.
        Json = "json",
        /// CloudEvents' protobuf format.
        Protobuf = "protobuf",
    }
}

words! {
    /// With what they are signed.
    Signature {
        /// HMAC-SHA256.
        Hmac = "hmac",
        /// Ed25519.
        Ed25519 = "ed25519",
    }
}

words! {
    /// How a subscription stands.
    State {
        /// It is sent what happens.
        Active = "active",
        /// Somebody has paused it.
        Paused = "paused",
        /// It failed for too long, or its address is gone.
        Disabled = "disabled",
    }
}

impl Signature {
    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::Hmac => Scheme::Hmac,
            Self::Ed25519 => Scheme::Ed25519,
        }
    }
}

/// What is needed to send. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Webhooks {
    feed: Feed,
    master_key: Arc<MasterKey>,
    /// For those who take what they get.
    client: HttpClient,
    /// For those who fail or are slow, and for pings: whose names take long to look up keeps nobody else waiting.
    client_of_unwell: HttpClient,
    pings: Arc<Semaphore>,
    config: WebhookConfig,
    ids: Ids,
    alarm: Arc<Alarm>,
    /// Somebody has changed a subscription at this replica.
    changed: Arc<Notify>,
}

impl Webhooks {
    /// # Errors
    /// `INVALID_ARGUMENT` for settings that cannot be.
    pub(crate) fn new(
        feed: Feed,
        master_key: Arc<MasterKey>,
        config: WebhookConfig,
        alarm: Alarm,
    ) -> Result<Self, Rejection> {
        config.validate()?;
        let client = || {
            let (authority, setting) = (config.authority.as_deref(), "notification.webhooks.authority");
            HttpClient::guarded(authority, setting, config.patience(), &config.allow)
        };
        Ok(Self {
            feed,
            master_key,
            client: client()?,
            client_of_unwell: client()?,
            pings: Arc::new(Semaphore::new(PINGS)),
            config,
            ids: Ids::random(),
            alarm: Arc::new(alarm),
            changed: Arc::default(),
        })
    }
}

/// An instant of real time so much later.
fn later(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = jiff::SignedDuration::try_from(pause).unwrap_or(jiff::SignedDuration::MAX);
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

/// A chance between none and all.
fn spread() -> u16 {
    u16::from_be_bytes(phidia_runtime::random::bytes())
}
