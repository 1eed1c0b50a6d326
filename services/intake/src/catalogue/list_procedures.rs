//! The catalogue, and how it is searched by people who type without diacritics.

use std::sync::Arc;

use jiff::civil::Date;
use phidia_domain::{
    application::check_text,
    catalogue::search::{Hit, Wanted},
    procedure::Procedure,
    province::Province,
};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Intake,
    page::{self, Page},
};

/// Procedures as they are on a day.
pub(crate) struct Listed {
    pub(crate) province: Arc<Versioned<Province>>,
    pub(crate) day: Date,
    pub(crate) page: Page<Procedure>,
}

impl Intake {
    /// Procedures of the active version that are as `wanted`: all by code, or those that `query` finds, the best fit first; as they are on
    /// the day that is wanted, or else today.
    ///
    /// # Errors
    /// A violation of `query`, of `field` or of the page token.
    pub(crate) async fn list_procedures(
        &self,
        query: &str,
        wanted: &Wanted,
        page_size: u64,
        page_token: &str,
    ) -> Result<Listed, Failure> {
        check_text("query", query, 0, 200)?;
        check_text("field", &wanted.field, 0, 200)?;
        let active = self.versions.active().await?;
        let province = &active.value;
        let day = wanted.day.unwrap_or_else(|| province.clock.local_date(self.business.now()));
        let asked = format!("procedures {query} {wanted:?}");
        let from = page::position(&asked, page_token)?;
        let most = usize::try_from(page_size).unwrap_or(usize::MAX).saturating_add(1);
        if query.trim().is_empty() {
            let found = province.procedures.all_on(day, from.as_deref());
            let found = found.filter(|procedure| wanted.has(procedure)).take(most).cloned().collect();
            let page = Page::of(found, page_size, &asked, |procedure: &Procedure| procedure.code.clone());
            return Ok(Listed { page, day, province: active });
        }
        // A position holds where another version becomes the active one: whatever comes behind it there, comes next.
        let found = province.search(query).into_iter().map(|hit| (position(&hit), hit));
        let found = found.filter(|(position, _)| from.as_ref().is_none_or(|from| position > from));
        let found =
            found.filter_map(|(position, hit)| Some((position, province.procedures.on(&hit.code, day)?)));
        let found = found.filter(|(_, procedure)| wanted.has(procedure)).take(most);
        let found = found.map(|(position, procedure)| (position, procedure.clone())).collect();
        let page = Page::of(found, page_size, &asked, |(position, _): &(String, Procedure)| position.clone());
        let items = page.items.into_iter().map(|(_, procedure)| procedure).collect();
        let page = Page { items, next_page_token: page.next_page_token };
        Ok(Listed { page, day, province: active })
    }
}

/// Where a hit stands: sorted as texts, these are in the order of the hits.
fn position(hit: &Hit) -> String {
    let fit = hit.fit as u8;
    format!("{fit}{:06}{}", hit.words, hit.code)
}
