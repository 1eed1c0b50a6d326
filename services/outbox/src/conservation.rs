//! What a service holds, so that `phidia conservation` can add up: every accepted application must be in
//! exactly one place.

mod grpc;

use async_trait::async_trait;
use phidia_domain::{
    Rejection,
    conservation::{Drift, Place},
    id::ApplicationId,
};
use phidia_runtime::failure::Failure;

use crate::Outbox;
pub use grpc::server;

/// An application in a place of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The application.
    pub application: ApplicationId,
    /// Where it is.
    pub place: Place,
    /// Why it is there, where that needs a word.
    pub reason: String,
}

/// A board beside the open decisions of its service, both at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardBalance {
    /// Work items that are open in the store.
    pub open_items: u64,
    /// Units where the two differ.
    pub drifts: Vec<Drift>,
}

/// A service that holds applications.
#[async_trait]
pub trait Holder: Send + Sync + 'static {
    /// Name of the service.
    fn service(&self) -> &'static str;

    /// Its outbox.
    fn outbox(&self) -> &Outbox;

    /// Up to `limit` holdings in the order of the applications' ids, from behind `after`. All holdings of
    /// one application come in the same page.
    async fn page(&self, after: Option<ApplicationId>, limit: u64) -> Result<Vec<Holding>, Failure>;

    /// Its board, if it has one.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the board is away, or at work, so that there is nothing to compare now.
    async fn board(&self) -> Result<Option<BoardBalance>, Failure> {
        Ok(None)
    }
}

/// No service of this name answers here.
pub(crate) fn unknown(service: &str) -> Rejection {
    Rejection::not_found("UNKNOWN_SERVICE", format!("no service of this name answers here: {service:.40}"))
}
