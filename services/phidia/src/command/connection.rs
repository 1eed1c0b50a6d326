//! The options of every verb: where to connect to, as whom, and how the answer is shown.

use std::time::Duration;

use clap::{Args, ValueEnum};
use phidia_domain::application::Language;
use phidia_words::Words;

use super::LANGUAGE;

/// Where to connect to, as whom, and how to show the answer.
#[derive(Args)]
pub(crate) struct Connection {
    /// Where Phidia listens.
    #[arg(long, global = true, env = "PHIDIA_ENDPOINT", default_value = "http://127.0.0.1:7370")]
    pub(crate) endpoint: String,
    /// The installation's token, where the endpoint asks for one.
    #[arg(long, global = true, env = "PHIDIA_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Who you are; each verb has its usual role.
    #[arg(id = "as", long = "as", global = true, env = "PHIDIA_ROLE", value_name = "ROLE")]
    pub(crate) role: Option<RoleName>,
    /// Your name within the role (for the record and for idempotency).
    #[arg(
        id = "my-name",
        long = "name",
        global = true,
        env = "PHIDIA_NAME",
        value_name = "NAME",
        default_value = "cli"
    )]
    pub(crate) name: String,
    /// Official code of your unit, when you are an officer or a supervisor.
    #[arg(id = "my-unit", long = "my-unit", global = true, env = "PHIDIA_UNIT", value_name = "CODE")]
    pub(crate) unit: Option<String>,
    /// Your staff code, when you are an officer.
    #[arg(id = "my-officer", long = "officer", global = true, env = "PHIDIA_OFFICER", value_name = "CODE")]
    pub(crate) officer: Option<String>,
    /// Print one JSON object (canonical JSON of the answer's message) instead of tables.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Ask again and again, and show the answer whenever it has changed, until stopped.
    #[arg(long, global = true)]
    pub(crate) watch: bool,
    /// How often `--watch` asks, seconds.
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) every: u64,
    /// Language of tables and messages: `vi` or `en`.
    #[arg(long = "lang", global = true, env = LANGUAGE, default_value = "en")]
    pub(crate) language: LanguageName,
}

impl Connection {
    /// How often to ask again; none: once is enough.
    pub(crate) fn every(&self) -> Option<Duration> {
        self.watch.then(|| Duration::from_secs(self.every))
    }

    /// The language to speak to the user in.
    pub(crate) fn speech(&self) -> Words {
        Words::of(match self.language {
            LanguageName::Vi => Language::Vi,
            LanguageName::En => Language::En,
        })
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LanguageName {
    Vi,
    En,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    Citizen,
    Officer,
    Supervisor,
    Operator,
    System,
}
