//! The versions of the province's reference facts, and what each of them changed.

use phidia_domain::province::{Documents, FileChange};
use phidia_runtime::{
    failure::Failure,
    reference::{self, Activated},
};

use crate::{
    Intake,
    page::{self, Page},
};

/// A version with what it changed.
#[derive(Clone, Debug)]
pub(crate) struct ProvinceVersion {
    pub(crate) activated: Activated,
    /// From the one that was active before; of the first all there is.
    pub(crate) changes: Vec<FileChange>,
}

impl Intake {
    /// The versions that were ever active, the newest first.
    pub(crate) async fn province_versions(
        &self,
        page_size: u64,
        page_token: &str,
    ) -> Result<Page<ProvinceVersion>, Failure> {
        const ASKED: &str = "province versions";
        let below = page::position(ASKED, page_token)?.and_then(|position| position.parse().ok());
        // With one more, which the last of the page is compared with.
        let conn = self.outbox.database().read();
        let found = reference::history(conn, below, page_size.saturating_add(1)).await?;
        let mut versions = Vec::with_capacity(found.len());
        let mut later: Option<(Activated, Documents)> = None;
        for activated in found {
            let before = Documents(self.versions.documents(activated.version).await?);
            if let Some((activated, documents)) = later.take() {
                versions.push(ProvinceVersion { activated, changes: documents.changes_since(&before) });
            }
            later = Some((activated, before));
        }
        versions.extend(later.map(|(activated, documents)| {
            let changes = documents.changes_since(&Documents([].into()));
            ProvinceVersion { activated, changes }
        }));
        Ok(Page::of(versions, page_size, ASKED, |version: &ProvinceVersion| {
            version.activated.version.to_string()
        }))
    }
}
