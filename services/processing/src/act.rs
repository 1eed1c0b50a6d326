//! An officer does something: it is decided and written in one transaction, as of one instant and one state of the province.

use futures::future::BoxFuture;
use phidia_domain::{officer::Officer, province::Province, work_item::WorkItem};
use phidia_outbox::Facts;
use phidia_proto::events::v1::event::Fact;
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    deed::Deed,
    record::{CaseRecord, Item},
    store,
};

/// Who does something, when, and where it is written.
pub(crate) struct Act<'t> {
    pub(crate) tx: &'t DatabaseTransaction,
    pub(crate) today: &'t Province,
    pub(crate) officer: &'t Officer,
    pub(crate) deed: Deed<'t>,
    sender: &'t Sender,
    facts: &'t mut Facts,
}

impl Processing {
    /// Has an officer do something, all of it or nothing.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; those of `work`.
    pub(crate) async fn act<T, F>(&self, sender: Sender, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Self, Act<'t>) -> BoxFuture<'t, Result<T, Failure>> + Send + 'static,
    {
        let today = self.versions.active().await?;
        let officer = caller::officer(&sender.caller, &today.value)?.clone();
        let (now, processing) = (self.business.now(), self.clone());
        self.outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let (today, officer, sender) = (&today.value, &officer, &sender);
                    let deed = Deed { actor: &sender.caller.actor(), at: now };
                    work(&processing, Act { tx, today, officer, deed, sender, facts }).await
                })
            })
            .await
    }
}

impl Act<'_> {
    /// A work item and its case.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn find(&self, work_item: WorkItem) -> Result<(Item, CaseRecord), Failure> {
        let item = store::get_item(self.tx, &self.today.code, work_item).await?;
        let case = store::find_case(self.tx, item.case)
            .await?
            .ok_or_else(|| Failure::broken(format!("{work_item} has no case")))?;
        TraceParent::link_to(&case.traceparent);
        Ok((item, case))
    }

    /// Tells what follows for a case.
    pub(crate) fn tell(&mut self, case: &CaseRecord, fact: Fact) {
        self.facts.tell(self.sender.tells(&case.province, case.application, self.deed.at, fact));
    }
}
