//! `phidia spool`, `phidia code`: what a centre does whose line drops.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::dossier::Dossier;

/// Where what is on its way is kept.
#[derive(Args, Clone)]
pub(crate) struct SpoolFolder {
    /// The folder in which applications are kept until they were answered.
    #[arg(id = "spool", long = "spool", env = "PHIDIA_SPOOL", value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Subcommand)]
pub(crate) enum Spool {
    /// What waits, and what was refused.
    List {
        #[command(flatten)]
        spool: SpoolFolder,
    },
    /// Hand over what waits, in its order; what is answered leaves the spool.
    Send {
        #[command(flatten)]
        spool: SpoolFolder,
        /// Only these, `evt_…`, also what was refused or has to be looked at first.
        ids: Vec<String>,
    },
    /// One application that waits, as it will be handed over, with its applicant.
    Show {
        #[command(flatten)]
        spool: SpoolFolder,
        /// `evt_…`.
        id: String,
    },
    /// Say otherwise, or more, of one that was refused, or was not sent yet: what is named here, and nothing else. It keeps its code.
    Set(Box<SetItem>),
    /// Throw one away: it is not handed over, and a code that it bears becomes void.
    Discard {
        #[command(flatten)]
        spool: SpoolFolder,
        /// `evt_…`.
        id: String,
    },
}

#[derive(Args)]
pub(crate) struct SetItem {
    #[command(flatten)]
    pub(crate) spool: SpoolFolder,
    /// `evt_…`.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) dossier: Dossier,
}

#[derive(Subcommand)]
pub(crate) enum Code {
    /// Reserve dossier codes of a unit for a day, so that receipts which it prints without a line are final.
    Reserve(Reserve),
    /// Ranges of codes, the newest first.
    List {
        /// Official code of the unit; all that you may see by default.
        #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
        received_at: String,
        /// Only those of this day, e.g. 2026-11-24.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        day: String,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
        limit: i32,
    },
    /// Give back what was not used of a range: those codes are void.
    Close {
        /// `rng_…`.
        range_id: String,
        /// A folder for applications that may hold codes of it: from now on it gives out none of them.
        #[arg(id = "spool", long = "spool", env = "PHIDIA_SPOOL", value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct Reserve {
    /// Official code of the unit.
    #[arg(long = "at", value_name = "CODE")]
    pub(crate) received_at: String,
    /// The day of the codes, e.g. 2026-11-24; today by default.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) day: String,
    /// How many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) count: u32,
    /// The folder for applications that gives them out.
    #[arg(id = "spool", long = "spool", env = "PHIDIA_SPOOL", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Idempotency key: give the same one again after a dropped line. Made and printed by default.
    #[arg(long)]
    pub(crate) key: Option<String>,
}
