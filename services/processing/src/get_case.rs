//! One case with its work items.

use phidia_domain::{
    Rejection,
    caller::Caller,
    id::{ApplicationId, CaseId},
    procedure::Text,
};
use phidia_runtime::failure::Failure;

use crate::{
    Processing, caller,
    line::Line,
    record::{self, CaseRecord},
    store,
};

/// What names a case.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CaseKey {
    Case(CaseId),
    Application(ApplicationId),
}

/// A case as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct CaseView {
    pub(crate) case: CaseRecord,
    pub(crate) procedure_name: Text,
}

impl Processing {
    /// The case, and its work items from the first step on.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for a case that is not opened yet, and for one that never was at the caller's unit.
    pub(crate) async fn get_case(
        &self,
        caller: &Caller,
        key: CaseKey,
    ) -> Result<(CaseView, Vec<Line>), Failure> {
        let scope = caller::scope(caller)?;
        let today = self.versions.active().await?;
        let db = self.outbox.database().read();
        let found = store::find_by_key(db, &today.value.code, key).await?;
        let case = found.filter(|case| case.opened_at.is_some()).ok_or_else(unknown)?;
        let items = store::list_items(db, &case.province, case.application, None).await?;
        if scope.is_some_and(|unit| items.iter().all(|item| item.held.unit != unit)) {
            return Err(unknown().into());
        }
        let lines = self.lines(items, self.business.now()).await?;
        Ok((self.view(case).await?, lines))
    }

    /// Shows a case.
    pub(crate) async fn view(&self, case: CaseRecord) -> Result<CaseView, Failure> {
        let pinned = self.versions.at(case.province_version).await?;
        let procedure_name = record::pinned(&pinned.value, &case.procedure_code)?.name.clone();
        Ok(CaseView { case, procedure_name })
    }
}

pub(crate) fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_CASE", "no such case")
}
