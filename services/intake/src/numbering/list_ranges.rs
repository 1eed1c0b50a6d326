//! Ranges of codes page by page, the newest first.

use jiff::civil::Date;
use phidia_domain::caller::Caller;
use phidia_runtime::failure::Failure;

use super::CodeRange;
use crate::{
    Intake,
    page::{self, Page},
    scope::Scope,
    store::numbering as store,
};

/// Which ranges are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Official code of the unit; empty: all that the caller may see.
    pub(crate) received_at_code: String,
    pub(crate) day: Option<Date>,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

impl Intake {
    /// The ranges that a caller may see.
    ///
    /// # Errors
    /// Violations of `received_at_code` and `page_token`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn list_code_ranges(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Page<CodeRange>, Failure> {
        let province = &self.versions.active().await?.value;
        let filter = (Scope::of(caller).receiving(province, &question.received_at_code)?, question.day);
        let asked = format!("code ranges {filter:?}");
        let after = page::position(&asked, &question.page_token)?.map(|id| id.parse()).transpose()?;
        let conn = self.outbox.database().read();
        let limit = question.page_size.saturating_add(1);
        let found = store::page(conn, &province.code, filter, after, limit).await?;
        Ok(Page::of(found, question.page_size, &asked, |range| range.id.to_string()))
    }
}
