//! `phidia conservation`.

use clap::Args;

#[derive(Args)]
pub(crate) struct Conservation {
    /// Endpoints of the services of a cluster; by default --endpoint answers for all.
    #[arg(long = "service", value_name = "URL")]
    pub(crate) services: Vec<String>,
    /// How long to wait, in seconds, until what is on its way has arrived, and until what looks wrong has come
    /// right.
    #[arg(long, default_value_t = 30)]
    pub(crate) patience_seconds: u64,
}
