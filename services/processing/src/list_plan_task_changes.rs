//! All that has happened to a task of the reform plan.

use phidia_domain::Rejection;
use phidia_runtime::failure::Failure;

use crate::{Processing, record::PlanChange, set_plan_task_state::unknown_task, store};

impl Processing {
    /// A page of the changes of a task, oldest first, and the token of the next one; empty: there is none.
    ///
    /// # Errors
    /// `NOT_FOUND`; a violation of `page_token`.
    pub(crate) async fn list_plan_task_changes(
        &self,
        code: &str,
        size: u64,
        token: &str,
    ) -> Result<(Vec<PlanChange>, String), Failure> {
        let after = match token {
            "" => 0,
            token => token.parse().map_err(|_| {
                Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "the token of the page before")
            })?,
        };
        let today = self.versions.active().await?;
        let (db, province) = (self.outbox.database().read(), &today.value.code);
        // One more than asked for: whether there is a next page.
        let mut changes = store::list_changes(db, province, code, after, size + 1).await?;
        if changes.is_empty() && after == 0 {
            return Err(unknown_task().into());
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = changes.len() > size;
        changes.truncate(size);
        let last = changes.last().filter(|_| more);
        let next = last.map(|last| last.number.to_string()).unwrap_or_default();
        Ok((changes, next))
    }
}
