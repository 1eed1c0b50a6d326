//! `phidia deadline`.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Deadline {
    /// How the promised instant of a case comes about, day by day.
    Explain {
        /// `case_…` or `app_…`.
        id: String,
    },
    /// What was promised for open cases, by the days off of the active version: a day off was announced late, or taken back. The
    /// difference is shown first.
    Replan {
        /// Then promise those dates.
        #[arg(long, requires = "decision")]
        apply: bool,
        /// The decision that has published it, for the citizens.
        #[arg(long, value_name = "DECISION", requires = "apply")]
        decision: Option<String>,
        /// Also where a promise gets shorter by it.
        #[arg(long)]
        allow_earlier: bool,
    },
    /// What would be promised for a dossier received at a moment, past or to come.
    At {
        /// Code of the procedure.
        procedure: String,
        /// Local time of the province, `2026-11-24T15:05`, or an instant with its offset, `2026-11-24T08:05Z`.
        received_at: String,
        /// Version of the province's reference facts; the active one by default.
        #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
        province_version: Option<i64>,
    },
}
