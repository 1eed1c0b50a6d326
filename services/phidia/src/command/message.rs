//! `phidia message`.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Message {
    /// Messages to citizens, oldest first.
    List {
        /// Only about this application, `app_…`.
        #[arg(default_value = "", hide_default_value = true)]
        application_id: String,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
    },
    /// Messages to a unit, oldest first: which cases it lost or gained, and why.
    Unit {
        /// Official code of the unit; yours by default.
        #[arg(default_value = "", hide_default_value = true)]
        unit: String,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
    },
}
