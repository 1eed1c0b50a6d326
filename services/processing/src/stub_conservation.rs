//! stub
#![allow(missing_docs)]
use async_trait::async_trait;
use phidia_domain::{conservation::Place, id::ApplicationId};
use phidia_outbox::Outbox;
use phidia_runtime::failure::Failure;
pub struct Holding { pub application: ApplicationId, pub place: Place, pub reason: String }
#[async_trait]
pub trait Holder: Send + Sync + 'static {
    fn service(&self) -> &'static str;
    fn outbox(&self) -> &Outbox;
    async fn page(&self, after: Option<ApplicationId>, limit: u64) -> Result<Vec<Holding>, Failure>;
}
