//! The versions of the province's reference facts, and what each of them changed.

use phidia_domain::province::{Documents, FileChange};
use phidia_runtime::{
    failure::Failure,
    reference::{self, Staged},
};

use crate::{
    Intake,
    page::{self, Page},
};

/// A version with what it changed.
#[derive(Clone, Debug)]
pub(crate) struct ProvinceVersion {
    pub(crate) staged: Staged,
    /// From the version below; of the first version all there is.
    pub(crate) changes: Vec<FileChange>,
}

impl Intake {
    /// Versions, the newest first.
    pub(crate) async fn province_versions(
        &self,
        page_size: u64,
        page_token: &str,
    ) -> Result<Page<ProvinceVersion>, Failure> {
        const ASKED: &str = "province versions";
        let below = page::position(ASKED, page_token)?.and_then(|position| position.parse().ok());
        // With one more, which the last of the page is compared with.
        let found =
            reference::history(self.outbox.database().read(), below, page_size.saturating_add(1)).await?;
        let mut documents = Vec::with_capacity(found.len());
        for staged in &found {
            documents.push(Documents(self.versions.documents(staged.version).await?));
        }
        let nothing = Documents([].into());
        let before = documents.iter().skip(1).chain([&nothing]);
        let compared =
            documents.iter().zip(before).map(|(documents, before)| documents.changes_since(before));
        let versions = found.into_iter().zip(compared);
        let versions = versions.map(|(staged, changes)| ProvinceVersion { staged, changes }).collect();
        Ok(Page::of(versions, page_size, ASKED, |version: &ProvinceVersion| {
            version.staged.version.to_string()
        }))
    }
}
