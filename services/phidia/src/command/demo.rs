//! `phidia demo`.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use jiff::civil::Time;

#[derive(Args, Clone)]
pub(crate) struct Demo {
    /// Applications handed in on the day (251,380 a quarter of 64 working days ≈ 3,928).
    #[arg(long, default_value_t = 3_928, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub(crate) applications: u32,
    /// Seed of the day: the same seed gives the same figures on any machine.
    #[arg(long, default_value_t = 37)]
    pub(crate) seed: u64,
    /// Folder of the province; the bundled one by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) province: Option<PathBuf>,
    /// Folder to keep the data in; a temporary one by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// When the day is over, live through it once more from --until on, at the pace of a real clock: the portal and the other verbs have
    /// a province at work before them, until stopped.
    #[arg(long)]
    pub(crate) keep_running: bool,
    /// At which hour of the day people come to look, with --keep-running.
    #[arg(long, default_value = "10:30", value_name = "HH:MM", requires = "keep_running")]
    pub(crate) until: Time,
    /// Where to listen with --keep-running.
    #[arg(long, default_value = "127.0.0.1:7370")]
    pub(crate) listen: SocketAddr,
    /// Where browsers find the portal with --keep-running.
    #[arg(long, default_value = "127.0.0.1:7380", value_name = "ADDRESS")]
    pub(crate) web: SocketAddr,
    /// Play on two houses that run already, instead of in this process: the configurations of their services.
    #[cfg(any(debug_assertions, feature = "rehearsal"))]
    #[arg(
        long,
        hide = true,
        num_args = 2,
        value_names = ["WITH_PHIDIA", "HOME_ONLY"],
        conflicts_with_all = ["data", "keep_running", "listen", "web"]
    )]
    pub(crate) against: Vec<PathBuf>,
}
