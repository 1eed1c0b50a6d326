//! `phidia subscription`: webhooks.

use clap::{Args, Subcommand, ValueEnum};

use super::EventFilterOptions;

#[derive(Subcommand)]
pub(crate) enum Subscription {
    /// Subscribe a system; the secret is shown once.
    Create {
        // Not `name`: that is the caller's.
        /// What it is called.
        #[arg(value_name = "NAME")]
        called: String,
        /// Where events go, `https://…`.
        url: String,
        #[command(flatten)]
        terms: SubscriptionTerms,
        /// With what they are signed.
        #[arg(long, value_enum, default_value_t = SignatureName::Hmac)]
        signature: SignatureName,
        /// Begin with what was recorded then or later; local time or an instant. From now on by default.
        #[arg(long)]
        since: Option<String>,
        /// The same key again subscribes once.
        #[arg(long)]
        key: Option<String>,
    },
    /// All subscriptions, and how they stand.
    List {
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// One of them.
    Show {
        /// `sub_…`.
        id: String,
    },
    /// Change what one asks for; what is not named stays, but for the filter, which is named whole.
    Update {
        /// `sub_…`.
        id: String,
        /// What it is called from now on.
        #[arg(long, value_name = "NAME")]
        called: Option<String>,
        /// Where events go.
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        terms: SubscriptionTerms,
    },
    /// Give one a new secret, which is shown once; the one before signs beside it for a while.
    Rotate {
        /// `sub_…`.
        id: String,
        /// The newest was lost before anybody had it: replace it; the one before goes on signing.
        #[arg(long)]
        replace_newest: bool,
    },
    /// Send again to one that was paused or disabled.
    Enable {
        /// `sub_…`.
        id: String,
        /// Leave out what is no longer kept.
        #[arg(long)]
        accept_gap: bool,
    },
    /// Send nothing to one until it is enabled.
    Pause {
        /// `sub_…`.
        id: String,
    },
    /// End one.
    Delete {
        /// `sub_…`.
        id: String,
    },
    /// Try one: what does its address answer?
    Ping {
        /// `sub_…`.
        id: String,
    },
    /// Send again what was recorded from an instant on, or what was given up.
    Replay {
        /// `sub_…`.
        id: String,
        /// Local time of the province, or an instant with its offset.
        #[arg(long, required_unless_present = "dead", conflicts_with = "dead")]
        since: Option<String>,
        /// Only what was given up, with what follows it.
        #[arg(long)]
        dead: bool,
        /// Leave out what is no longer kept.
        #[arg(long)]
        accept_gap: bool,
    },
    /// What one was sent, newest first.
    Log {
        /// `sub_…`.
        id: String,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
}

/// What a subscription asks for.
#[derive(Args)]
pub(crate) struct SubscriptionTerms {
    #[command(flatten)]
    pub(crate) which: EventFilterOptions,
    /// In which form.
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatName>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FormatName {
    Json,
    Protobuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum SignatureName {
    Hmac,
    Ed25519,
}
