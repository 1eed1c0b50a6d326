//! What intake holds: every application that it ever accepted.

use async_trait::async_trait;
use phidia_domain::{conservation::Place, id::ApplicationId};
use phidia_outbox::{
    Outbox,
    conservation::{Holder, Holding},
};
use phidia_runtime::failure::Failure;

use crate::{Intake, NAME, store::reading};

#[async_trait]
impl Holder for Intake {
    fn service(&self) -> &'static str {
        NAME
    }

    fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    async fn page(&self, after: Option<ApplicationId>, limit: u64) -> Result<Vec<Holding>, Failure> {
        let active = match self.versions.active().await {
            Ok(active) => active,
            // Before there is a province, nothing can have been accepted.
            Err(failure) if failure.rejection().is_some_and(|refusal| refusal.reason == "NO_PROVINCE") => {
                return Ok(Vec::new());
            }
            Err(failure) => return Err(failure),
        };
        let ids = reading::ids(self.outbox.database().read(), &active.value.code, after, limit).await?;
        let holding = |application| Holding { application, place: Place::Accepted, reason: String::new() };
        Ok(ids.into_iter().map(holding).collect())
    }
}
