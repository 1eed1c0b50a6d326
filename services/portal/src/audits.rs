//! What whoever runs the process adds up over all services.

use std::fmt;

use futures::future::BoxFuture;
use phidia_domain::conservation::Balance;
use phidia_proto::events::v1::UnitDrift;
use phidia_runtime::failure::Failure;

/// Sums over all services: no service knows them, and no page reckons them.
pub trait Audits: fmt::Debug + Send + Sync {
    /// Whether anything is lost or doubled.
    fn conservation(&self) -> BoxFuture<'_, Result<Conservation, Failure>>;
}

/// What of all applications was found where.
#[derive(Debug)]
pub struct Conservation {
    /// Where they are.
    pub balance: Balance,
    /// The board beside the open decisions.
    pub board: Board,
    /// Events that a subscriber refused.
    pub parked: u64,
}

/// How the board stands beside the open decisions.
#[derive(Debug)]
pub enum Board {
    /// It adds up.
    Even,
    /// At these units it does not.
    Drifting(Vec<UnitDrift>),
    /// Not to be told, for this reason.
    Unknown(String),
}
