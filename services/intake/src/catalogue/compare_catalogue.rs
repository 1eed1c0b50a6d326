//! What the national database says otherwise than the province, kept until it is resolved (Decision 933/QĐ-TTg).

use phidia_domain::{
    Kind, Rejection,
    catalogue::{
        Catalogue,
        compare::{Resolution, check_reason, compare},
        national,
    },
    province::{Documents, malformed},
};
use phidia_runtime::{database::alone, failure::Failure};

use crate::{
    Intake,
    page::{self, Page},
    record::{DifferenceRecord, Resolved},
    store::differences::{self, Standing},
};

/// What a comparison found, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) found: usize,
    pub(crate) still_open: usize,
    pub(crate) still_resolved: usize,
    pub(crate) reopened: usize,
    pub(crate) gone: usize,
}

impl Intake {
    /// Compares the active version with an export of the national database, and keeps what is different.
    ///
    /// # Errors
    /// Every wrong place in the export.
    pub(crate) async fn compare_catalogue(&self, file: &str, content: &[u8]) -> Result<Compared, Failure> {
        let active = self.versions.latest().await?;
        let documents = Documents(self.versions.documents(active.version).await?);
        let ours = Catalogue::of(&documents).map_err(|errors| malformed("MALFORMED_PROVINCE", &errors))?;
        let (now, province) = (self.business.now(), active.value.code.clone());
        let today = active.value.clock.local_date(now);
        let theirs = national::read(file, content, &ours, today)?;
        let differences = compare(&ours.on(today), &theirs.on(today));
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                // One after the other with whoever resolves: neither writes over what the other has not seen.
                alone(tx, &format!("differences/{province}")).await?;
                let mut compared = Compared::default();
                let mut before = differences::all(tx, &province).await?;
                let mut told = Vec::new();
                for difference in differences {
                    let key = (difference.code.clone(), difference.attribute.clone());
                    let fresh = |reopened| DifferenceRecord {
                        difference: difference.clone(),
                        found_at: now,
                        gone_at: None,
                        resolved: None,
                        reopened,
                    };
                    let record = match before.remove(&key) {
                        None => {
                            compared.found += 1;
                            fresh(0)
                        }
                        Some(known) if known.gone_at.is_some() => {
                            compared.found += 1;
                            fresh(known.reopened)
                        }
                        Some(known) if known.difference == difference => {
                            let count = if known.resolved.is_some() {
                                &mut compared.still_resolved
                            } else {
                                &mut compared.still_open
                            };
                            *count += 1;
                            continue;
                        }
                        Some(known) if known.resolved.is_some() => {
                            compared.reopened += 1;
                            fresh(known.reopened + 1)
                        }
                        Some(known) => {
                            compared.still_open += 1;
                            fresh(known.reopened)
                        }
                    };
                    told.push(record);
                }
                for (_, left) in before.into_iter().filter(|(_, left)| left.gone_at.is_none()) {
                    compared.gone += 1;
                    told.push(DifferenceRecord { gone_at: Some(now), ..left });
                }
                differences::put(tx, &province, told).await?;
                Ok(compared)
            })
        });
        write.await
    }

    /// The differences that stand so, by procedure and attribute.
    ///
    /// # Errors
    /// A violation of the page token.
    pub(crate) async fn list_catalogue_differences(
        &self,
        standing: Standing,
        page_size: u64,
        page_token: &str,
    ) -> Result<Page<DifferenceRecord>, Failure> {
        let province = self.versions.active().await?.value.code.clone();
        let asked = format!("differences {standing:?}");
        let after = page::position(&asked, page_token)?;
        let after = after.as_deref().and_then(|position| position.split_once(' '));
        let conn = self.outbox.database().read();
        let found = differences::page(conn, &province, standing, after, page_size.saturating_add(1)).await?;
        Ok(Page::of(found, page_size, &asked, |record: &DifferenceRecord| {
            format!("{} {}", record.difference.code, record.difference.attribute)
        }))
    }

    /// Resolves a difference for `by` (`role/name`). `theirs`: what the national database says in the one that they looked at.
    ///
    /// # Errors
    /// A violation of `reason`; `NOT_FOUND` when there is none; `ABORTED` when it says something else by now.
    pub(crate) async fn resolve_catalogue_difference(
        &self,
        code: String,
        attribute: String,
        resolution: Resolution,
        reason: String,
        theirs: Option<String>,
        by: String,
    ) -> Result<DifferenceRecord, Failure> {
        check_reason(&reason)?;
        let (now, province) = (self.business.now(), self.versions.active().await?.value.code.clone());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                alone(tx, &format!("differences/{province}")).await?;
                let known = differences::one(tx, &province, &code, &attribute).await?;
                let known = known.filter(|known| known.gone_at.is_none()).ok_or_else(|| {
                    let message = "the last comparison found no such difference";
                    Rejection::not_found("UNKNOWN_DIFFERENCE", message)
                })?;
                if theirs.is_some_and(|theirs| theirs != known.difference.theirs) {
                    let message = "the national database says something else by now; look again";
                    return Err(Rejection::new(Kind::Conflict, "DIFFERENCE_MOVED_ON", message).into());
                }
                let resolved = Some(Resolved { resolution, by, reason, at: now });
                let record = DifferenceRecord { resolved, ..known };
                differences::put(tx, &province, vec![record.clone()]).await?;
                Ok(record)
            })
        });
        write.await
    }
}
