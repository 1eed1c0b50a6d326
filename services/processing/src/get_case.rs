//! One case with its work items.

use phidia_domain::{
    Rejection,
    caller::Caller,
    case::{Passage, put_in_order},
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

/// A case as its colleagues see it.
pub(crate) struct CaseFile {
    pub(crate) view: CaseView,
    /// Its work items, oldest first.
    pub(crate) lines: Vec<Line>,
    /// Why it was opened again, each time that it was; for colleagues only.
    pub(crate) reopening_reasons: Vec<String>,
    /// What has happened to its work items, oldest first, as far as that was kept; for colleagues only.
    pub(crate) transitions: Vec<Transition>,
}

/// Something that happened to a work item, as it is shown.
pub(crate) struct Transition {
    pub(crate) passage: Passage,
    /// Staff code of who has it since, or had it then; empty: nobody, or somebody whom the province knew neither then nor knows
    /// today.
    pub(crate) officer_code: String,
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
        let (case, lines, _) = self.find_case(caller, key).await?;
        Ok((self.view(case).await?, lines))
    }

    /// The same with all that colleagues see of it.
    ///
    /// # Errors
    /// Those of [`Self::get_case`].
    pub(crate) async fn get_case_file(&self, caller: &Caller, key: CaseKey) -> Result<CaseFile, Failure> {
        let (case, mut lines, is_colleague) = self.find_case(caller, key).await?;
        let (mut reopening_reasons, mut transitions) = (Vec::new(), Vec::new());
        // It may name people: whoever is only asked something need not read it.
        if is_colleague {
            for line in &mut lines {
                line.sent_back_reason = self.reason(&line.item)?;
            }
            reopening_reasons = self.reopening_reasons(&case).await?;
            transitions = self.transitions(&case).await?;
        }
        Ok(CaseFile { view: self.view(case).await?, lines, reopening_reasons, transitions })
    }

    /// The case and its work items, oldest first, and whether the caller is a colleague of those who have it or had it, or is
    /// only asked something.
    async fn find_case(
        &self,
        caller: &Caller,
        key: CaseKey,
    ) -> Result<(CaseRecord, Vec<Line>, bool), Failure> {
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
        if !is_colleague {
            // Whoever else is asked, and for what, is nothing to them.
            lines.iter_mut().for_each(|line| line.awaits = None);
        }
        Ok((case, lines, is_colleague))
    }

    /// What has happened to the work items of a case, oldest first.
    async fn transitions(&self, case: &CaseRecord) -> Result<Vec<Transition>, Failure> {
        let db = self.outbox.database().read();
        let mut passages = store::list_passages(db, &case.province, case.application).await?;
        put_in_order(&mut passages);
        let (today, pinned) = (self.versions.active().await?, self.versions.at(case.province_version).await?);
        let code = |officer| record::officer_code(officer, [&today.value, &pinned.value]);
        let shown = |passage: Passage| Transition {
            officer_code: passage.officer.map(code).unwrap_or_default(),
            passage,
        };
        Ok(passages.into_iter().map(shown).collect())
    }

    /// Whether a unit has to answer something about a case at present: while it has, it may look at it.
    async fn is_asked(&self, case: &CaseRecord, unit: UnitId) -> Result<bool, Failure> {
        let asked = store::referrals_of(self.outbox.database().read(), case.id).await?;
        Ok(asked.iter().any(|record| record.referral.to == unit && record.referral.is_open()))
    }

    /// Shows a case.
    pub(crate) async fn view(&self, case: CaseRecord) -> Result<CaseView, Failure> {
        let pinned = self.versions.at(case.province_version).await?;
        let procedure_name =
            record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?.name.clone();
        Ok(CaseView { case, procedure_name })
    }
}

pub(crate) fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_CASE", "no such case")
}
