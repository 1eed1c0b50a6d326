//! What is to be done at a unit, most urgent first.

use std::str::FromStr;

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    id::{ApplicationId, Id as _},
};
use phidia_runtime::failure::Failure;
use uuid::Uuid;

use crate::{
    Processing, caller,
    line::Line,
    store::{self, HeldBy, Position, Query},
};

/// One page that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Official code of the unit; empty: the caller's own.
    pub(crate) unit_code: String,
    pub(crate) size: u64,
    /// From the page before; empty: the first page.
    pub(crate) token: String,
    /// Also what the officer is not competent for, and what others hold, or have laid down.
    pub(crate) all: bool,
    /// What is laid down and waits for somebody else, instead of what is to be done.
    pub(crate) waiting: bool,
}

impl Processing {
    /// A page of a worklist, and the token of the next one; empty: there is none.
    ///
    /// # Errors
    /// Those of `caller::unit_asked_for`; `PERMISSION_DENIED` for an officer whom the province does not know;
    /// a violation of `page_token`.
    pub(crate) async fn list_worklist(
        &self,
        caller: &Caller,
        page: Page,
    ) -> Result<(Vec<Line>, String), Failure> {
        let today = self.versions.active().await?;
        let unit = caller::unit_asked_for(caller, &today.value, &page.unit_code)?;
        let (held_by, competencies) = match caller.role {
            _ if page.all => (HeldBy::Anybody, None),
            Role::Officer => {
                let officer = caller::officer(caller, &today.value)?;
                let competencies = officer.competencies.iter().map(|(field, level)| (field.clone(), *level));
                // Who has laid something down is asked about it, whatever they are competent for by now.
                (HeldBy::NobodyOr(officer.id), (!page.waiting).then(|| competencies.collect()))
            }
            // What is laid down is still of whoever did that.
            _ if page.waiting => (HeldBy::Anybody, None),
            _ => (HeldBy::Nobody, None),
        };
        let after = match page.token.as_str() {
            "" => None,
            token => Some(token.parse()?),
        };
        // One more than asked for: whether there is a next page.
        let query =
            Query { unit, laid_down: page.waiting, held_by, competencies, after, limit: page.size + 1 };
        let mut items = store::list_worklist(self.outbox.database().read(), &query).await?;
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let more = items.len() > size;
        items.truncate(size);
        let next =
            items.last().filter(|_| more).map(|last| Position::of(last).to_string()).unwrap_or_default();
        Ok((self.lines(items, self.business.now()).await?, next))
    }
}

/// The token of a page: the position after which it begins.
impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (urgent_by, submitted_at) = (self.urgent_by.as_microsecond(), self.submitted_at.as_microsecond());
        write!(f, "{urgent_by}.{submitted_at}.{}.{}", self.application.uuid().simple(), self.step)
    }
}

impl FromStr for Position {
    type Err = Rejection;

    fn from_str(token: &str) -> Result<Self, Rejection> {
        read(token).ok_or_else(|| {
            Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "the token of the page before")
        })
    }
}

fn read(token: &str) -> Option<Position> {
    let mut parts = token.split('.');
    let mut part = || parts.next().filter(|part| part.len() <= 32);
    let instant = |part: &str| Timestamp::from_microsecond(part.parse().ok()?).ok();
    let position = Position {
        urgent_by: instant(part()?)?,
        submitted_at: instant(part()?)?,
        application: ApplicationId::from_uuid(Uuid::try_parse(part()?).ok()?),
        step: part()?.parse().ok()?,
    };
    parts.next().is_none().then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_there_and_back_and_rubbish_is_refused() {
        let position = Position {
            urgent_by: "2026-11-23T03:00:00.000001Z".parse().unwrap(),
            submitted_at: "1969-11-23T01:00:00Z".parse().unwrap(),
            application: ApplicationId::from_uuid(Uuid::from_u128(7)),
            step: 2,
        };
        let token = position.to_string();
        assert_eq!(token.parse::<Position>().unwrap(), position);
        for rubbish in ["x", ".", "1.2.3", &format!("{token}.1"), &token.replace('.', ""), &"f".repeat(99)] {
            assert_eq!(rubbish.parse::<Position>().unwrap_err().violations[0].field, "page_token");
        }
    }
}
