//! `phidia portal`.

use clap::{Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Portal {
    /// Where it is, with what it checks our signatures, and how much there is to tell.
    Status,
    /// What it was told and is to be told, by dossier.
    Log {
        /// Only of this dossier, by the code by which the portal knows it.
        #[arg(default_value = "", hide_default_value = true)]
        dossier_code: String,
        /// Only in this state.
        #[arg(long)]
        state: Option<PortalMessageStateName>,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// What it brought, and what became of that.
    Arrivals {
        /// Only in this state.
        #[arg(long)]
        state: Option<PortalArrivalStateName>,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// Tell what there is of a dossier again, in its order.
    Replay {
        /// By which the portal knows the dossier.
        #[arg(required_unless_present = "all_refused", default_value = "", hide_default_value = true)]
        dossier_code: String,
        /// All that it refuses, of whichever dossier.
        #[arg(long, conflicts_with = "dossier_code")]
        all_refused: bool,
        /// Number of the first message to be told again.
        #[arg(long = "from", value_name = "NUMBER", default_value_t = 1)]
        from_number: u32,
        /// Why. Nothing personal.
        #[arg(long)]
        reason: String,
    },
    /// Leave out a message that it refuses, so that those behind it are told.
    LeaveOut {
        /// By which the portal knows the dossier.
        dossier_code: String,
        /// Which.
        number: u32,
        /// Why. Nothing personal.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PortalMessageStateName {
    Behind,
    Waiting,
    Delivered,
    Refused,
    LeftOut,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PortalArrivalStateName {
    Taken,
    Refused,
    Failed,
}
