//! The closed days.

use jiff::civil::Date;
use phidia_domain::Rejection;
use phidia_runtime::failure::Failure;

use crate::{
    Intake,
    page::{self, Page},
    store::receipts::{self as store, ClosedDay},
};

/// Which days are asked for.
pub(crate) struct Question {
    pub(crate) day: Option<Date>,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

impl Intake {
    /// Closed days, newest first.
    ///
    /// # Errors
    /// A violation of `page_token`.
    pub(crate) async fn daily_roots(&self, question: Question) -> Result<Page<ClosedDay>, Failure> {
        let province = &self.versions.active().await?.value.code;
        let conn = self.outbox.database().read();
        let asked = "days";
        let before = page::position(asked, &question.page_token)?;
        let malformed =
            |_| Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token");
        let before: Option<Date> = before.map(|day| day.parse().map_err(malformed)).transpose()?;
        let found = match question.day {
            Some(day) => store::day(conn, province, day).await?.into_iter().collect(),
            None => store::days(conn, province, before, question.page_size.saturating_add(1)).await?,
        };
        Ok(Page::of(found, question.page_size, asked, |closed| closed.day.to_string()))
    }
}
