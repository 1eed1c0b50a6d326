//! One case with its work items.

use phidia_domain::{
    Rejection,
    caller::Caller,
    id::{ApplicationId, CaseId, UnitId},
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
    /// The case, and its work items, oldest first.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for a case that is not opened yet, and for one that never was at the caller's unit.
    pub(crate) async fn get_case(
        &self,
        caller: &Caller,
        key: CaseKey,
    ) -> Result<(CaseView, Vec<Line>), Failure> {
        let (view, lines, _) = self.get_case_with_reasons(caller, key).await?;
        Ok((view, lines))
    }

    /// The same, and why it was opened again, each time that it was; for colleagues only.
    ///
    /// # Errors
    /// Those of [`Self::get_case`].
    pub(crate) async fn get_case_with_reasons(
        &self,
        caller: &Caller,
        key: CaseKey,
    ) -> Result<(CaseView, Vec<Line>, Vec<String>), Failure> {
        let scope = caller::scope(caller)?;
        let today = self.versions.active().await?;
        let db = self.outbox.database().read();
        let found = store::find_by_key(db, &today.value.code, key).await?;
        let case = found.filter(|case| case.opened_at.is_some()).ok_or_else(unknown)?;
        let mut items = store::list_items(db, &case.province, case.application, None).await?;
        // What was sent back comes after what it came from, and what goes on together as it came.
        items.sort_by_key(|item| (item.queued_at, item.held.work_item));
        let works_on_it = |unit| items.iter().any(|item| item.held.unit == unit);
        let is_colleague = scope.is_none_or(works_on_it);
        if let Some(unit) = scope
            && !is_colleague
            && !self.is_asked(&case, unit).await?
        {
            return Err(unknown().into());
        }
        let mut lines = self.lines(items, self.business.now()).await?;
        // It may name people: whoever is only asked something need not read it.
        for line in lines.iter_mut().filter(|_| is_colleague) {
            line.sent_back_reason = self.reason(&line.item)?;
        }
        let reasons = if is_colleague { self.reopening_reasons(&case).await? } else { Vec::new() };
        Ok((self.view(case).await?, lines, reasons))
    }

    /// Whether a unit has to answer something about a case at present: while it has, it may look at it.
    async fn is_asked(&self, case: &CaseRecord, unit: UnitId) -> Result<bool, Failure> {
        let asked = store::referrals_of(self.outbox.database().read(), case.id).await?;
        Ok(asked.iter().any(|record| record.referral.to == unit && record.referral.is_open()))
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
