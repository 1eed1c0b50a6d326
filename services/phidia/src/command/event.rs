//! `phidia event`: the public feed.

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Event {
    /// What other systems hear, from now on, for as long as this runs.
    Watch {
        #[command(flatten)]
        which: EventFilterOptions,
        #[command(flatten)]
        from: EventsFrom,
    },
    /// What they have heard, as far as it is kept.
    List {
        #[command(flatten)]
        which: EventFilterOptions,
        #[command(flatten)]
        from: EventsFrom,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
    },
    /// Begin another feed, after a backup was brought back: tokens of before are refused, instead of missing events without a word.
    Renumber {
        /// Why. Nothing personal.
        #[arg(long)]
        reason: String,
    },
}

/// Which events; all where nothing is named.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct EventFilterOptions {
    /// Only of this type, e.g. `accepted`; may be repeated.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) types: Vec<String>,
    /// Only of the province with this code.
    #[arg(long = "in-province", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) province: String,
    /// Only about applications by the procedure with this code; may be repeated.
    #[arg(long = "by-procedure", value_name = "CODE")]
    pub(crate) procedures: Vec<String>,
    /// Only about applications that the unit with this code has to do with; may be repeated.
    #[arg(long = "at-unit", value_name = "CODE", requires = "province")]
    pub(crate) units: Vec<String>,
}

/// From where on.
#[derive(Args)]
pub(crate) struct EventsFrom {
    /// Behind this token, as an answer gave it.
    #[arg(long, value_name = "TOKEN", conflicts_with = "since")]
    pub(crate) after: Option<String>,
    /// What was recorded then or later: local time of the province, or an instant with its offset.
    #[arg(long)]
    pub(crate) since: Option<String>,
}
