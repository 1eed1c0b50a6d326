//! What runs on this machine: `phidia up`, `serve`, `migrate`, `config`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};

#[derive(Args)]
pub(crate) struct Up {
    /// Configuration file (TOML); see `phidia config`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the data.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where to listen; port 0 lets the system choose, and the choice is printed.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
    /// Where browsers find the portal; port 0 lets the system choose, and the choice is printed.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) web: Option<SocketAddr>,
    /// Start without any province instead of bringing the bundled one in when none is active.
    #[arg(long)]
    pub(crate) empty: bool,
}

#[derive(Args)]
pub(crate) struct Serve {
    /// Which service, or the portal.
    pub(crate) role: Serving,
    /// Configuration file (TOML); see `phidia config`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where to listen; port 0 lets the system choose, and the choice is printed.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Args)]
pub(crate) struct Migrate {
    /// Which service; all of them by default.
    pub(crate) role: Option<ServiceName>,
    /// Configuration file (TOML); see `phidia config`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ConfigOptions {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServiceName {
    Intake,
    Routing,
    Processing,
    Notification,
}

/// What one process of a cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Serving {
    Intake,
    Routing,
    Processing,
    Notification,
    /// Pages, for browsers; it keeps nothing.
    Portal,
}

impl Serving {
    /// The service; none: the portal.
    pub(crate) fn service(self) -> Option<ServiceName> {
        match self {
            Self::Intake => Some(ServiceName::Intake),
            Self::Routing => Some(ServiceName::Routing),
            Self::Processing => Some(ServiceName::Processing),
            Self::Notification => Some(ServiceName::Notification),
            Self::Portal => None,
        }
    }
}
