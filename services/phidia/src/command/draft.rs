//! `phidia draft`.

use clap::{Args, Subcommand};

use super::dossier::Dossier;

#[derive(Subcommand)]
pub(crate) enum Draft {
    /// Begin a draft with what is known so far.
    New(Box<Dossier>),
    /// Change what a draft says: what is named here, and nothing else.
    Set(Box<SetDraft>),
    /// What a draft says, or the receipt of what it has become.
    Show {
        /// `drf_…`.
        draft_id: String,
    },
    /// Your drafts that are not handed in, the last that was begun first.
    List(ListDrafts),
    /// Everything that is missing or wrong, and what is to be expected; nothing is handed in.
    Check {
        /// `drf_…`.
        draft_id: String,
    },
    /// Hand a draft in and get the receipt; however often, it becomes one application.
    Submit {
        /// `drf_…`.
        draft_id: String,
        /// Only if it still has this revision.
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        revision: i64,
        /// Keep it in this folder until it was answered, with a code that was reserved for it (`phidia code reserve`): it may be handed in
        /// while the line is down, and `phidia spool send` does it when it is back. What the draft says then is what it becomes.
        #[arg(id = "spool", long = "spool", env = "PHIDIA_SPOOL", value_name = "DIR")]
        folder: Option<std::path::PathBuf>,
        /// Official code of the unit that receives it, whose code it gets; your unit by default.
        #[arg(long = "at", value_name = "CODE", requires = "spool")]
        received_at: Option<String>,
    },
    /// Throw a draft away.
    Delete {
        /// `drf_…`.
        draft_id: String,
    },
}

#[derive(Args)]
pub(crate) struct SetDraft {
    /// `drf_…`.
    pub(crate) draft_id: String,
    #[command(flatten)]
    pub(crate) dossier: Dossier,
}

#[derive(Args)]
pub(crate) struct ListDrafts {
    /// Those of everybody at your unit.
    #[arg(long)]
    pub(crate) of_unit: bool,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=200))]
    pub(crate) limit: i32,
    /// Go on after the page that ended with this token.
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(crate) after: String,
}
