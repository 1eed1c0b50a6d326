//! `phidia policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Check a policy, and who may take what in the coming year: for every procedure, step, home and working day.
    Check {
        /// The policy (TOML); by default the one that holds, or with --province the built-in one.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Folder of a province to check it over, without a server; by default the active province.
        #[arg(long, value_name = "DIR")]
        province: Option<PathBuf>,
        /// The first day; today by default.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Option<jiff::civil::Date>,
        /// Only who may take the steps of the procedure with this code; with --at.
        #[arg(long, value_name = "CODE", requires = "at", conflicts_with = "file")]
        procedure: Option<String>,
        /// Official code of the commune where it is handed in, or that its places name.
        #[arg(long, value_name = "UNIT", requires = "procedure")]
        at: Option<String>,
    },
    /// Make a policy the one that holds, as the next version.
    Publish(Publish),
    /// A version with its document.
    Show {
        /// Number of the version; by default the one that holds.
        #[arg(value_name = "VERSION", value_parser = clap::value_parser!(u32).range(1..))]
        number: Option<u32>,
    },
    /// All versions, newest first.
    List,
    /// What is otherwise in another policy, dial by dial.
    Diff {
        /// A file, or the number of a version.
        old: String,
        /// A file, or the number of a version.
        new: String,
    },
}

#[derive(Args)]
pub(crate) struct Publish {
    /// The policy (TOML).
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Why, for the record.
    #[arg(long)]
    pub(crate) reason: String,
    /// The version that you believe to hold; by default whichever does.
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) expect: Option<u32>,
    /// Also while steps of the province are left without anybody who may take them.
    #[arg(long)]
    pub(crate) allow_uncovered: bool,
}
