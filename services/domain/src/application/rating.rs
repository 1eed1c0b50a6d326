//! What an applicant thinks of how their application was dealt with: said once about each end, by whoever has the receipt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Received, Status, check_text};
use crate::rejection::{Kind, Rejection};

/// So many characters at most a comment has.
pub const LONGEST_COMMENT: usize = 1_000;

/// How content somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Satisfied (*hài lòng*).
    Satisfied,
    /// Neither the one nor the other (*bình thường*).
    Neither,
    /// Dissatisfied (*không hài lòng*).
    Dissatisfied,
}

impl Rating {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Satisfied, Self::Neither, Self::Dissatisfied];
}

/// A rating that was given of the present end. No `Debug`: what was said with it may name people.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Given<'g> {
    /// Which.
    pub rating: Rating,
    /// What was said with it, perhaps nothing; none: it cannot be read any more, for the person was erased.
    pub comment: Option<&'g str>,
    /// When.
    pub at: Timestamp,
}

impl Rating {
    /// The holder of the receipt says this, with this comment. `before`: what they have said about the same end. It is not changed: whoever
    /// was rated might ask for it. Said again, nothing changes.
    ///
    /// # Errors
    /// Violations of `comment`; `NOT_ENDED_YET`, `RATED_BEFORE`.
    pub fn give(
        self,
        comment: &str,
        status: Status,
        before: Option<Given<'_>>,
    ) -> Result<Received, Rejection> {
        check_text("comment", comment, 0, LONGEST_COMMENT)?;
        let refused = |reason, message| Err(Rejection::new(Kind::Precondition, reason, message));
        match before {
            _ if !status.is_final() => refused("NOT_ENDED_YET", "an application is rated once it has ended"),
            Some(given) if given.rating == self && given.comment.is_none_or(|known| known == comment) => {
                Ok(Received::Before(given.at))
            }
            Some(_) => refused("RATED_BEFORE", "it was rated before, otherwise; a rating is not changed"),
            None => Ok(Received::Now),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*, sample::select};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        /// What has ended is rated once; the same again gets the same answer, and nothing else does.
        #[test]
        fn an_end_is_rated_once(
            status in select(&Status::ALL[..]),
            given in option::of((select(&Rating::ALL[..]), option::of(select(vec!["", "chậm"])))),
            rating in select(&Rating::ALL[..]),
            comment in select(vec!["", "chậm"]),
        ) {
            let before = given.map(|(rating, comment)| Given { rating, comment, at: at(5) });
            let same = given.is_some_and(|(known, said)| known == rating && said.is_none_or(|said| said == comment));
            let answer = rating.give(comment, status, before);
            prop_assert_eq!(answer == Ok(Received::Now), status.is_final() && given.is_none());
            prop_assert_eq!(answer == Ok(Received::Before(at(5))), status.is_final() && same);
        }
    }

    #[test]
    fn a_comment_has_its_bounds() {
        let longest = "ă".repeat(LONGEST_COMMENT);
        assert_eq!(Rating::Neither.give(&longest, Status::Granted, None), Ok(Received::Now));
        for (comment, reason) in [(longest + "ă", "WRONG_LENGTH"), ("a\u{7}".to_owned(), "CONTROL_CHARACTER")]
        {
            let refusal = Rating::Neither.give(&comment, Status::Granted, None).unwrap_err();
            assert_eq!((refusal.reason.as_str(), refusal.violations[0].field.as_str()), (reason, "comment"));
        }
    }
}
