//! Entries that are looked for, and whether they helped.

use jiff::civil::Date;
use phidia_domain::{Rejection, application::check_text, caller::Caller, catalogue::search::fold};
use phidia_runtime::failure::Failure;

use super::unknown;
use crate::{
    Intake,
    page::{self, Page},
    store::faq::{self as store, FaqEntry},
};

impl Intake {
    /// Entries in which all words of a query occur, most useful first; and today.
    ///
    /// # Errors
    /// Violations of `query` and `page_token`.
    pub(crate) async fn search_faq(
        &self,
        query: &str,
        procedure_code: &str,
        page_size: u64,
        page_token: &str,
    ) -> Result<(Page<FaqEntry>, Date), Failure> {
        check_text("query", query, 0, 200)?;
        let province = &self.versions.active().await?.value;
        let words = words(query);
        let procedure = Some(procedure_code).filter(|code| !code.is_empty());
        let asked = format!("faq {words:?} {procedure:?}");
        let after = page::position(&asked, page_token)?.map(|place| position(&place)).transpose()?;
        let conn = self.outbox.database().read();
        let limit = page_size.saturating_add(1);
        let found = store::search(conn, &province.code, &words, procedure, after, limit).await?;
        let place = |entry: &FaqEntry| format!("{} {}", entry.useful, entry.number);
        let today = province.clock.local_date(self.business.now());
        Ok((Page::of(found, page_size, &asked, place), today))
    }

    /// All entries by number; and today.
    ///
    /// # Errors
    /// A violation of `page_token`.
    pub(crate) async fn list_faq(
        &self,
        outdated: bool,
        page_size: u64,
        page_token: &str,
    ) -> Result<(Page<FaqEntry>, Date), Failure> {
        let province = &self.versions.active().await?.value;
        let today = province.clock.local_date(self.business.now());
        let asked = format!("faq entries {outdated}");
        let after = page::position(&asked, page_token)?;
        let after = after.map_or(Ok(0), |place| place.parse().map_err(|_| malformed()))?;
        let conn = self.outbox.database().read();
        let limit = page_size.saturating_add(1);
        let found = store::page(conn, &province.code, outdated.then_some(today), after, limit).await?;
        Ok((Page::of(found, page_size, &asked, |entry| entry.number.to_string()), today))
    }

    /// A caller found an entry useful; how often it was by now.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn mark_useful(&self, caller: &Caller, number: i32) -> Result<i64, Failure> {
        let province = self.versions.active().await?;
        let today = province.value.clock.local_date(self.business.now());
        let sender = self.sender(caller, today, &())?;
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let province = &province.value.code;
                let entry = store::lock(tx, province, number).await?.filter(|entry| !entry.retired);
                store::find_useful(tx, province, &entry.ok_or_else(unknown)?, sender).await
            })
        });
        write.await
    }
}

/// The words of a query without diacritics and case. Nothing in them means anything to the store.
fn words(query: &str) -> Vec<String> {
    let folded = fold(query);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn position(text: &str) -> Result<(i64, i32), Rejection> {
    let parse = || {
        let (useful, number) = text.split_once(' ')?;
        Some((useful.parse().ok()?, number.parse().ok()?))
    };
    parse().ok_or_else(malformed)
}

fn malformed() -> Rejection {
    Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token of an answer")
}
