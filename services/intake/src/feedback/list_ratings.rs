//! Ratings page by page, newest first.

use std::str::FromStr;

use jiff::Timestamp;
use phidia_domain::{Rejection, application::Rating, caller::Caller};
use phidia_runtime::{failure::Failure, seal::PersonKey};

use crate::{
    Intake,
    page::{self, Page},
    record::Rated,
    scope::Scope,
    store::ratings::{self, RatingFilter, RatingPosition},
};

/// Which ratings are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) rating: Option<Rating>,
    /// Official code of the receiving unit; empty: all that the caller may see.
    pub(crate) received_at_code: String,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

/// A rating as its reader may see it. No `Debug`: what was said with it may name people.
pub(crate) struct Shown {
    pub(crate) rated: Rated,
    /// Empty: nothing was said, or nothing that the reader may see.
    pub(crate) comment: String,
}

impl Intake {
    /// The ratings that a caller may see: with what was said of them where they belong to the unit that received it.
    ///
    /// # Errors
    /// Violations of `received_at_code` and `page_token`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn list_ratings(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Page<Shown>, Failure> {
        let province = &self.versions.active().await?.value;
        let received_at = Scope::of(caller).receiving(province, &question.received_at_code)?;
        let filter = RatingFilter { rating: question.rating, received_at };
        let asked = format!("ratings {filter:?}");
        let after = page::position(&asked, &question.page_token)?.map(|place| place.parse()).transpose()?;
        let conn = self.outbox.database().read();
        let limit = question.page_size.saturating_add(1);
        let found = ratings::page(conn, &province.code, filter, after, limit).await?;
        let shown: Vec<_> =
            found.into_iter().map(|rated| self.shown(caller, rated)).collect::<Result<_, _>>()?;
        Ok(Page::of(shown, question.page_size, &asked, |shown| shown.rated.position().to_string()))
    }

    fn shown(&self, caller: &Caller, rated: Rated) -> Result<Shown, Failure> {
        let theirs = caller.unit == Some(rated.rating.received_at_unit);
        let key = rated.wrapped_key.as_deref().filter(|_| theirs);
        let key = key.map(|wrapped| PersonKey::unwrap(&self.master_key, wrapped)).transpose()?;
        // One that does not open keeps none of the others from being read.
        let comment = rated.rating.comment(key.as_ref()).unwrap_or_else(|failure| {
            tracing::warn!(application = %rated.rating.application, %failure, "the comment of a rating does not open");
            None
        });
        let comment = comment.unwrap_or_default();
        Ok(Shown { rated, comment })
    }
}

impl Rated {
    fn position(&self) -> RatingPosition {
        let rating = &self.rating;
        RatingPosition { at: rating.at, application: rating.application, number: rating.number }
    }
}

impl std::fmt::Display for RatingPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { at, application, number } = self;
        write!(f, "{} {application} {number}", at.as_microsecond())
    }
}

impl FromStr for RatingPosition {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let parse = || {
            let mut parts = text.split(' ');
            let at = Timestamp::from_microsecond(parts.next()?.parse().ok()?).ok()?;
            let (application, number) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            parts.next().is_none().then_some(Self { at, application, number })
        };
        parse().ok_or_else(|| {
            Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token of an answer")
        })
    }
}
