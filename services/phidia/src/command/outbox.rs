//! `phidia outbox`.

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Outbox {
    /// What is parked, and why.
    List(Parked),
    /// Have the parked events of an application delivered again, in their order.
    Replay(Replay),
}

#[derive(Args)]
pub(crate) struct Parked {
    /// Only events of this service.
    #[arg(long, value_name = "SERVICE", default_value = "", hide_default_value = true)]
    pub(crate) source: String,
    /// Only events that this service refused.
    #[arg(long, value_name = "SERVICE", default_value = "", hide_default_value = true)]
    pub(crate) subscriber: String,
    /// Only events of this application, `app_…`.
    #[arg(long = "application", value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) application_id: String,
    /// At most so many of each endpoint.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub(crate) limit: i32,
    /// Endpoints of the services of a cluster; by default --endpoint answers for all.
    #[arg(long = "service", value_name = "URL")]
    pub(crate) services: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Replay {
    /// The service that told them.
    pub(crate) source: String,
    /// The service that refused them.
    pub(crate) subscriber: String,
    /// `app_…`.
    pub(crate) application_id: String,
    /// Endpoints of the services of a cluster; by default --endpoint answers for all.
    #[arg(long = "service", value_name = "URL")]
    pub(crate) services: Vec<String>,
}
