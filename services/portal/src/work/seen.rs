//! A work item as forms bear it.

use std::fmt;

use phidia_domain::Rejection;
use phidia_proto::{processing::v1::CaseWorkItem, types::v1::WorkItem};

/// The field of a form that bears one.
pub(super) const FIELD: &str = "viec";

/// A work item under the fence that it was seen with: `app_…/2/1@7`. Whoever acts upon it acts upon what they saw, and upon nothing newer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) work_item: WorkItem,
    pub(super) fence: u64,
}

impl Seen {
    pub(super) fn of(item: &CaseWorkItem) -> Self {
        Self { work_item: item.work_item.clone().unwrap_or_default(), fence: item.fence }
    }

    /// Reads what a form bore.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn parse(text: &str) -> Result<Self, Rejection> {
        let wrong = || {
            let expected = "expected application/step/attempt@fence";
            Rejection::invalid("MALFORMED_WORK_ITEM", FIELD, expected)
        };
        let (item, fence) = text.split_once('@').ok_or_else(wrong)?;
        let mut parts = item.split('/');
        let mut part = || parts.next().ok_or_else(wrong);
        let application_id = part()?.to_owned();
        let (step, attempt) = (part()?.parse().map_err(|_| wrong())?, part()?.parse().map_err(|_| wrong())?);
        match parts.next() {
            None => Ok(Self {
                work_item: WorkItem { application_id, step, attempt },
                fence: fence.parse().map_err(|_| wrong())?,
            }),
            Some(_) => Err(wrong()),
        }
    }

    /// The page of its case.
    pub(super) fn case_path(&self) -> String {
        format!("/ho-so/{}", self.work_item.application_id)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WorkItem { application_id, step, attempt } = &self.work_item;
        write!(f, "{application_id}/{step}/{attempt}@{}", self.fence)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_a_form_bears_comes_back(application_id in "[a-z0-9_]{1,40}", step: u32, attempt: u32, fence: u64) {
            let seen = Seen { work_item: WorkItem { application_id, step, attempt }, fence };
            prop_assert_eq!(Seen::parse(&seen.to_string()), Ok(seen));
        }

        #[test]
        fn whatever_else_it_bears_is_refused_or_comes_back(text in "[a-z0-9/@_]{0,20}") {
            if let Ok(seen) = Seen::parse(&text) {
                prop_assert_eq!(Seen::parse(&seen.to_string()), Ok(seen));
            }
        }
    }
}
