//! `phidia province`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Province {
    /// Bring a province in from its folder: all of it, or nothing.
    Import {
        /// Its folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Also when steps are left without anybody who may take them (`phidia policy check` names them).
        #[arg(long)]
        allow_uncovered: bool,
    },
    /// Check a province's folder against all services; nothing is changed.
    Check {
        /// Its folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Also when steps are left without anybody who may take them.
        #[arg(long)]
        allow_uncovered: bool,
    },
    /// Put rows into the active province or take rows out: all of them, or none.
    Amend(Amend),
    /// Which province is active.
    Show,
    /// Its versions, the newest first: who brought each in, and what it changed.
    History {
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// Its units with their live load.
    Units,
    /// The internal process of a procedure: its decision, who does which step in which share of the time, and what may follow.
    Process(Process),
}

#[derive(Args)]
pub(crate) struct Process {
    /// Code of the procedure.
    pub(crate) procedure: String,
    /// The day of acceptance for which it holds; today by default, or the first day of what is to come.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) at: String,
    /// By this version of the province's reference facts; by default the active one.
    #[arg(long = "province-version", value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) province_version: Option<i64>,
    /// Also what is different from what this version says.
    #[arg(long = "since-version", value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) since_version: Option<i64>,
    /// Also what is different from this day.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) since: String,
}

#[derive(Args)]
pub(crate) struct Amend {
    /// Rows to put in, with the heading of their file, whose name they have (`officers.csv`): each replaces the one
    /// with the same key, or is added.
    #[arg(value_name = "FILE.csv", required_unless_present = "remove")]
    pub(crate) put: Vec<PathBuf>,
    /// Keys of rows to take out, under the key columns alone (`competencies.csv` with officer, field); repeatable.
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) remove: Vec<PathBuf>,
    /// Only if this version is the active one.
    #[arg(long, value_name = "VERSION")]
    pub(crate) expect: Option<i64>,
    /// Only check; nothing is changed.
    #[arg(long)]
    pub(crate) check: bool,
    /// Also when steps are left without anybody who may take them.
    #[arg(long)]
    pub(crate) allow_uncovered: bool,
}
