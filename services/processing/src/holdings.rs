//! What processing holds, for conservation: every application whose case was opened. Until then it is
//! routing's, although its case is prepared here.

use async_trait::async_trait;
use phidia_domain::{case::State, conservation::Place, id::ApplicationId};
use phidia_outbox::{
    Outbox,
    conservation::{Holder, Holding},
};
use phidia_runtime::failure::Failure;

use crate::{NAME, store};

/// The holdings of the service with this outbox.
pub(crate) struct Holdings(pub(crate) Outbox);

#[async_trait]
impl Holder for Holdings {
    fn service(&self) -> &'static str {
        NAME
    }

    fn outbox(&self) -> &Outbox {
        &self.0
    }

    async fn page(&self, after: Option<ApplicationId>, limit: u64) -> Result<Vec<Holding>, Failure> {
        let opened = store::list_opened(self.0.database().read(), after, limit).await?;
        Ok(opened
            .into_iter()
            .map(|case| Holding {
                application: case.application,
                place: place(case.state),
                reason: String::new(),
            })
            .collect())
    }
}

fn place(state: State) -> Place {
    match state {
        State::AwaitingUnit
        | State::Queued
        | State::InProgress
        | State::AwaitingSupplement
        | State::AwaitingPayment
        | State::Referred => Place::InCase,
        State::Granted => Place::Finished,
        State::Refused => Place::Refused,
        State::Withdrawn | State::Lapsed => Place::Stopped,
    }
}
