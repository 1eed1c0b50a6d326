//! The cases that a figure of a report counts.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    caller::Caller,
    id::{CaseId, Id as _},
    report::Figure,
};
use phidia_runtime::failure::Failure;
use uuid::Uuid;

use crate::{
    Processing,
    selection::{Asked, Chosen},
    store::{self, Counted},
};

/// One page that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// None: all cases of the period.
    pub(crate) figure: Option<Figure>,
    pub(crate) size: u64,
    /// From the page before; empty: the first page.
    pub(crate) token: String,
}

/// A page of cases.
#[derive(Clone, Debug)]
pub(crate) struct Cases {
    pub(crate) chosen: Chosen,
    pub(crate) cases: Vec<Counted>,
    /// Empty: there is no next page.
    pub(crate) next: String,
}

/// After which case a page begins, and at which instant what runs was judged when the list began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    as_of: Timestamp,
    submitted_at: Timestamp,
    case: CaseId,
}

impl Processing {
    /// A page of the cases behind a figure, oldest first.
    ///
    /// # Errors
    /// Those of [`Processing::chosen`]; a violation of `page_token`.
    pub(crate) async fn list_report_cases(
        &self,
        caller: &Caller,
        asked: &Asked,
        page: Page,
    ) -> Result<Cases, Failure> {
        let mut chosen = self.chosen(caller, asked).await?;
        let after = match page.token.as_str() {
            "" => None,
            token => Some(token.parse::<Place>()?),
        };
        if let Some(place) = after {
            chosen = chosen.seen_at(place.as_of);
        }
        let (db, window) = (self.outbox.database().read(), chosen.window);
        let position = after.map(|place| (place.submitted_at, place.case));
        // One more than asked for: whether there is a next page.
        let limit = page.size + 1;
        let mut cases =
            store::list_counted(db, &chosen.selection, window, page.figure, position, limit).await?;
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let more = cases.len() > size;
        cases.truncate(size);
        let last = cases.last().filter(|_| more).map(|last| Place {
            as_of: window.as_of,
            submitted_at: last.submitted_at,
            case: last.case,
        });
        let next = last.map(|place| place.to_string()).unwrap_or_default();
        Ok(Cases { chosen, cases, next })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (as_of, submitted_at) = (self.as_of.as_microsecond(), self.submitted_at.as_microsecond());
        write!(f, "{as_of}.{submitted_at}.{}", self.case.uuid().simple())
    }
}

impl FromStr for Place {
    type Err = Rejection;

    fn from_str(token: &str) -> Result<Self, Rejection> {
        read(token).ok_or_else(|| {
            Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "the token of the page before")
        })
    }
}

fn read(token: &str) -> Option<Place> {
    let mut parts = token.split('.');
    let mut part = || parts.next().filter(|part| part.len() <= 32);
    let instant = |part: &str| Timestamp::from_microsecond(part.parse().ok()?).ok();
    let place = Place {
        as_of: instant(part()?)?,
        submitted_at: instant(part()?)?,
        case: CaseId::from_uuid(Uuid::try_parse(part()?).ok()?),
    };
    parts.next().is_none().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_there_and_back_and_rubbish_is_refused() {
        let place = Place {
            as_of: "2026-11-23T03:00:00.000001Z".parse().unwrap(),
            submitted_at: "1969-11-23T01:00:00Z".parse().unwrap(),
            case: CaseId::from_uuid(Uuid::from_u128(7)),
        };
        let token = place.to_string();
        assert_eq!(token.parse::<Place>().unwrap(), place);
        for rubbish in ["x", ".", "1.2", &format!("{token}.1"), &token.replace('.', ""), &"f".repeat(99)] {
            assert_eq!(rubbish.parse::<Place>().unwrap_err().violations[0].field, "page_token");
        }
    }
}
