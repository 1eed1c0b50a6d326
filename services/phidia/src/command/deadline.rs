//! `phidia deadline`.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Deadline {
    /// How the promised instant of a case comes about, day by day.
    Explain {
        /// `case_…` or `app_…`.
        id: String,
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
