//! Work items by state, and everything about one application.

use std::sync::Arc;

use phidia_domain::{Rejection, caller::Caller, id::ApplicationId};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Routing,
    caller::scope,
    reference::Reference,
    store::{application, assignment, item, refusal},
    work::{Assignment, Item, Refusal, State},
};

/// A work item with what was decided on it.
pub(crate) struct Record {
    pub(crate) item: Item,
    /// Where it goes.
    pub(crate) decision: Option<Assignment>,
    /// Of one that no unit can take, where that is asked for: what the policy found last.
    pub(crate) refusal: Option<Refusal>,
}

/// Records, and the province that names what is in them.
pub(crate) struct Records {
    pub(crate) today: Arc<Versioned<Reference>>,
    pub(crate) records: Vec<Record>,
}

impl Routing {
    /// A page in the order of arrival, from behind `after`. A supervisor of a unit sees what is or was at
    /// that unit, and what is nowhere yet.
    pub(crate) async fn list_work(
        &self,
        caller: &Caller,
        state: Option<State>,
        after: i64,
        size: u64,
    ) -> Result<Records, Failure> {
        let unit = scope(caller)?;
        let today = self.versions.active().await?;
        let code = today.value.code();
        let conn = self.db.read();
        let items = item::page(conn, code, state, unit, after, size).await?;
        // What waits has no decision: the question that is asked most often needs one statement.
        let undecided = [State::Waiting, State::Unassignable];
        let decided: Vec<_> = items
            .iter()
            .filter(|item| !undecided.contains(&item.state))
            .map(|item| item.work_item.application)
            .collect();
        let mut decisions = match decided.is_empty() {
            true => Default::default(),
            false => assignment::of_applications(conn, code, decided).await?,
        };
        let records = items.into_iter().map(|item| {
            let decision = decisions.remove(&item.work_item);
            Record { item, decision, refusal: None }
        });
        Ok(Records { records: records.collect(), today: Arc::clone(&today) })
    }

    /// All work items of an application, the first first. Whoever belongs to a unit sees applications that
    /// were received there, or of which a step is or was there.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for what the caller may not see.
    pub(crate) async fn explain(&self, caller: &Caller, id: ApplicationId) -> Result<Records, Failure> {
        let unit = scope(caller)?;
        let today = self.versions.active().await?;
        let code = today.value.code();
        let conn = self.db.read();
        let unknown = || Rejection::not_found("UNKNOWN_APPLICATION", "routing knows no such application");
        let application = application::find(conn, code, id).await?.ok_or_else(unknown)?;
        let items = item::of_applications(conn, code, [id]).await?;
        let mut decisions = assignment::of_applications(conn, code, [id]).await?;
        if let Some(unit) = unit
            && application.received_at != unit
            && decisions.values().all(|decision| decision.unit != unit)
        {
            return Err(unknown().into());
        }
        // Also while it is just being tried again.
        let is_refused = |item: &Item| {
            matches!(item.state, State::Waiting | State::Unassignable) && !item.reason.is_empty()
        };
        let mut refusals = match items.iter().any(is_refused) {
            true => refusal::latest(conn, code, id).await?,
            false => Default::default(),
        };
        let records = items.into_iter().map(|item| {
            let decision = decisions.remove(&item.work_item);
            let refusal = refusals.remove(&item.work_item).filter(|_| is_refused(&item));
            Record { item, decision, refusal }
        });
        Ok(Records { records: records.collect(), today: Arc::clone(&today) })
    }
}
