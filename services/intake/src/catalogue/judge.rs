//! What the catalogue is worth, and what one version or day of it says otherwise than another.

use std::sync::Arc;

use jiff::civil::Date;
use phidia_domain::{
    catalogue::{
        Catalogue,
        check::{Finding, check},
        difference::{Change, difference},
        published::Published,
    },
    province::{Documents, Province, malformed},
};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Intake,
    page::{self, Page},
};

impl Intake {
    /// What all rules find on a day; none: today.
    ///
    /// # Errors
    /// `UNAVAILABLE` for a version that is not here.
    pub(crate) async fn check_catalogue(
        &self,
        day: Option<Date>,
        version: Option<i64>,
    ) -> Result<(Arc<Versioned<Province>>, Date, Vec<Finding>), Failure> {
        let province = self.version(version).await?;
        let day = day.unwrap_or_else(|| province.value.clock.local_date(self.business.now()));
        let findings = check(&province.value, day);
        Ok((province, day, findings))
    }

    /// What is said otherwise, by procedures. A version or day before that is none is the one after.
    ///
    /// # Errors
    /// A violation of the page token; `UNAVAILABLE` for a version that is not here.
    pub(crate) async fn diff_catalogue(
        &self,
        before: (Option<i64>, Option<Date>),
        after: (Option<i64>, Option<Date>),
        page_size: u64,
        page_token: &str,
    ) -> Result<Page<Change>, Failure> {
        let later = self.version(after.0).await?;
        let earlier = self.version(Some(before.0.unwrap_or(later.version))).await?;
        let today = later.value.clock.local_date(self.business.now());
        let after_day = after.1.unwrap_or(today);
        let before_day = before.1.unwrap_or(after_day);
        let asked = format!("changes {} {before_day} {} {after_day}", earlier.version, later.version);
        let from =
            page::position(&asked, page_token)?.and_then(|position| position.parse().ok()).unwrap_or(0);
        let changes = difference((&earlier.value, before_day), (&later.value, after_day));
        let most = usize::try_from(page_size).unwrap_or(usize::MAX).saturating_add(1);
        let found = changes.into_iter().enumerate().skip(from).take(most).collect();
        let page = Page::of(found, page_size, &asked, |(place, _): &(usize, Change)| (place + 1).to_string());
        let items = page.items.into_iter().map(|(_, change)| change).collect();
        Ok(Page { items, next_page_token: page.next_page_token })
    }

    /// The files that are published of a version: one JSON document, or the tables and forms.
    ///
    /// # Errors
    /// `UNAVAILABLE` for a version that is not here.
    pub(crate) async fn export_catalogue(
        &self,
        as_tables: bool,
        version: Option<i64>,
    ) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let province = self.version(version).await?;
        let documents = Documents(self.versions.documents(province.version).await?);
        let catalogue =
            Catalogue::of(&documents).map_err(|errors| malformed("MALFORMED_PROVINCE", &errors))?;
        if as_tables {
            return Ok(catalogue.documents().0.into_iter().collect());
        }
        let published = Published::of(&province.value, province.version, catalogue);
        Ok(vec![("catalogue.json".to_owned(), published.write()?)])
    }
}
