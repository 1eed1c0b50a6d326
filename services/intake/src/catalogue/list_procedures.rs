//! The catalogue, and how it is searched by people who type without diacritics.

use std::ops::Bound;

use jiff::civil::Date;
use phidia_domain::{
    application::check_text,
    catalogue::search::{Hit, Wanted},
    procedure::Procedure,
};
use phidia_runtime::failure::Failure;

use crate::{
    Intake,
    page::{self, Page},
};

impl Intake {
    /// Procedures of the active version that are as `wanted`: all by code, or those that `query` finds, the best fit first; and the day by
    /// whose law they are shown.
    ///
    /// # Errors
    /// A violation of `query`, of `field` or of the page token.
    pub(crate) async fn list_procedures(
        &self,
        query: &str,
        wanted: &Wanted,
        page_size: u64,
        page_token: &str,
    ) -> Result<(Page<Procedure>, Date), Failure> {
        check_text("query", query, 0, 200)?;
        check_text("field", &wanted.field, 0, 200)?;
        let province = &self.versions.active().await?.value;
        let today = province.clock.local_date(self.business.now());
        let asked = format!("procedures {query} {wanted:?}");
        let from = page::position(&asked, page_token)?;
        let most = usize::try_from(page_size).unwrap_or(usize::MAX).saturating_add(1);
        if query.trim().is_empty() {
            let from = from.map_or(Bound::Unbounded, Bound::Excluded);
            let found = province.procedures.range((from, Bound::Unbounded)).map(|(_, procedure)| procedure);
            let found = found.filter(|procedure| wanted.has(procedure)).take(most).cloned().collect();
            return Ok((
                Page::of(found, page_size, &asked, |procedure: &Procedure| procedure.code.clone()),
                today,
            ));
        }
        // A position holds where another version becomes the active one: whatever comes behind it there, comes next.
        let found = province.search(query).into_iter().map(|hit| (position(&hit), hit));
        let found = found.filter(|(position, _)| from.as_ref().is_none_or(|from| position > from));
        let found = found.filter_map(|(position, hit)| Some((position, province.procedures.get(&hit.code)?)));
        let found = found.filter(|(_, procedure)| wanted.has(procedure)).take(most);
        let found = found.map(|(position, procedure)| (position, procedure.clone())).collect();
        let page = Page::of(found, page_size, &asked, |(position, _): &(String, Procedure)| position.clone());
        let items = page.items.into_iter().map(|(_, procedure)| procedure).collect();
        Ok((Page { items, next_page_token: page.next_page_token }, today))
    }
}

/// Where a hit stands: sorted as texts, these are in the order of the hits.
fn position(hit: &Hit) -> String {
    let fit = hit.fit as u8;
    format!("{fit}{:06}{}", hit.words, hit.code)
}
