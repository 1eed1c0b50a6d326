//! What lies at a unit to be handed over, oldest first.

use std::str::FromStr;

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    caller::Caller,
    id::{ApplicationId, Id as _},
};
use phidia_runtime::failure::Failure;
use uuid::Uuid;

use crate::{
    Processing, caller,
    record::CaseRecord,
    result::ResultView,
    store::{self, ResultPosition},
};

/// One page that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ResultPage {
    /// Official code of the unit; empty: the caller's own.
    pub(crate) unit_code: String,
    pub(crate) size: u64,
    /// From the page before; empty: the first page.
    pub(crate) token: String,
}

impl Processing {
    /// A page of what a unit has to hand over, also for those that it has taken over; and the token of the next one, empty: there
    /// is none.
    ///
    /// # Errors
    /// Those of `caller::unit_asked_for`; a violation of `page_token`.
    pub(crate) async fn list_results(
        &self,
        caller: &Caller,
        page: ResultPage,
    ) -> Result<(Vec<ResultView>, String), Failure> {
        let today = self.versions.active().await?;
        let unit = caller::unit_asked_for(caller, &today.value, &page.unit_code)?;
        let after = match page.token.as_str() {
            "" => None,
            token => Some(token.parse()?),
        };
        let units = today.value.predecessors(unit).chain([unit]);
        let db = self.outbox.database().read();
        // One more than asked for: whether there is a next page.
        let mut cases = store::list_to_hand_over(db, units, after, page.size + 1).await?;
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let more = cases.len() > size;
        cases.truncate(size);
        let last = cases.last().filter(|_| more).and_then(position);
        let next = last.map(|last| last.to_string()).unwrap_or_default();
        let applications = cases.iter().map(|case| case.application);
        let mut results = store::find_results(db, &today.value.code, applications).await?;
        let mut views = Vec::with_capacity(cases.len());
        for case in cases {
            let result = results.remove(&case.application);
            views.push(self.result_view(case, result).await?);
        }
        Ok((views, next))
    }
}

fn position(case: &CaseRecord) -> Option<ResultPosition> {
    let completed_at = case.finished?.at;
    Some(ResultPosition { completed_at, application: case.application })
}

/// The token of a page: the position after which it begins.
impl std::fmt::Display for ResultPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.completed_at.as_microsecond(), self.application.uuid().simple())
    }
}

impl FromStr for ResultPosition {
    type Err = Rejection;

    fn from_str(token: &str) -> Result<Self, Rejection> {
        read(token).ok_or_else(|| {
            Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "the token of the page before")
        })
    }
}

fn read(token: &str) -> Option<ResultPosition> {
    let (completed_at, application) = token.split_once('.')?;
    Some(ResultPosition {
        completed_at: Timestamp::from_microsecond(completed_at.parse().ok()?).ok()?,
        application: ApplicationId::from_uuid(Uuid::try_parse(application).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_there_and_back_and_rubbish_is_refused() {
        let position = ResultPosition {
            completed_at: "2026-11-23T03:00:00.000001Z".parse().unwrap(),
            application: ApplicationId::from_uuid(Uuid::from_u128(7)),
        };
        let token = position.to_string();
        assert_eq!(token.parse::<ResultPosition>().unwrap(), position);
        for rubbish in ["x", ".", "1.2", &format!("{token}.1"), &token.replace('.', ""), &"f".repeat(99)] {
            assert_eq!(rubbish.parse::<ResultPosition>().unwrap_err().violations[0].field, "page_token");
        }
    }
}
