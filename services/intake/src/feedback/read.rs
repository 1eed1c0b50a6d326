//! Shows feedback: to its author, to those who have to answer it, and to everybody what was published.

use std::str::FromStr;

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Kind, Rejection,
    caller::Caller,
    feedback::{Act, FeedbackKind, Hand, State},
    id::UnitId,
    province::Province,
};
use phidia_proto::convert;
use phidia_runtime::{
    failure::Failure,
    seal::{PersonKey, Sealed},
};

use super::{
    handle::{hand, unknown, words_context},
    send::{Author, Said},
};
use crate::{
    Intake,
    page::{self, Page},
    scope::unit_named,
    store::{
        feedback::{self as store, Entry, Feedback, Filter, Position},
        persons,
    },
};

/// Of these acts the author does not read the reasons: they are said among offices.
const AMONG_OFFICES: [&str; 2] = ["passed", "escalated"];

/// Which feedback is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) kind: Option<FeedbackKind>,
    pub(crate) state: Option<State>,
    /// Official code of the unit that has to answer; empty: all that the caller may see.
    pub(crate) unit_code: String,
    pub(crate) overdue: bool,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

/// A line as its reader may see it. No `Debug`: it may name people.
pub(crate) struct Line {
    pub(crate) entry: Entry,
    /// Empty: none, or none that the reader may see.
    pub(crate) words: String,
}

/// All of one piece of feedback. No `Debug`: it may name people.
pub(crate) struct Whole {
    pub(crate) record: Feedback,
    /// None: its author was erased.
    pub(crate) said: Option<Said>,
    pub(crate) lines: Vec<Line>,
}

impl Intake {
    /// How it stands, for whoever has number and check code.
    ///
    /// # Errors
    /// Those of [`Intake::own_feedback`].
    pub(crate) async fn track_feedback(
        &self,
        caller: &Caller,
        number: &str,
        check_code: &str,
    ) -> Result<Whole, Failure> {
        let record = self.own_feedback(caller, number, check_code).await?;
        let mut whole = self.whole(record).await?;
        whole.lines.retain(|line| line.entry.act != Act::Take.as_str());
        for line in &mut whole.lines {
            line.entry.officer = None;
            if AMONG_OFFICES.contains(&line.entry.act.as_str()) {
                line.words.clear();
            }
        }
        Ok(whole)
    }

    /// One piece of feedback with what was said, for those who handle it.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for what the caller may not handle.
    pub(crate) async fn get_feedback(&self, caller: &Caller, number: &str) -> Result<Whole, Failure> {
        let record = self.seen_feedback(caller, number).await?;
        self.whole(record).await
    }

    /// The record of feedback that the caller may handle.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for what they may not.
    pub(crate) async fn seen_feedback(&self, caller: &Caller, number: &str) -> Result<Feedback, Failure> {
        let version = self.versions.active().await?;
        let hand = hand(&version.value, caller)?;
        let found = store::by_number(self.outbox.database().read(), &version.value.code, number).await?;
        Ok(found.filter(|found| found.standing.is_seen_by(hand)).ok_or_else(unknown)?)
    }

    async fn whole(&self, record: Feedback) -> Result<Whole, Failure> {
        let province = &self.versions.active().await?.value.code;
        let conn = self.outbox.database().read();
        let key = persons::wrapped_key(conn, province, record.person).await?;
        let key = key.map(|wrapped| PersonKey::unwrap(&self.master_key, &wrapped)).transpose()?;
        let open = |key| Sealed::<Said>::from_bytes(record.said.clone()).open(key, &Said::context(record.id));
        let said = key.as_ref().map(open).transpose()?;
        let lines = store::entries(conn, province, record.id).await?.into_iter().map(|(number, entry)| {
            let words = match (&entry.words, &key) {
                (Some(words), Some(key)) => {
                    let context = words_context(record.id, number);
                    Sealed::<String>::from_bytes(words.clone()).open(key, &context)?
                }
                _ => String::new(),
            };
            Ok(Line { entry, words })
        });
        let lines = lines.collect::<Result<_, Failure>>()?;
        Ok(Whole { record, said, lines })
    }

    /// Feedback that the caller may handle, page by page, newest first.
    ///
    /// # Errors
    /// Violations of `unit_code` and `page_token`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn list_feedback(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Page<Feedback>, Failure> {
        let version = self.versions.active().await?;
        let province = &version.value;
        let hand = hand(province, caller)?;
        let filter = Filter {
            kind: question.kind,
            state: question.state,
            owner: owner(province, hand, &question.unit_code)?,
            officers: matches!(hand, Hand::Officer(..)),
            due_before: None,
        };
        let asked = format!("feedback {filter:?} {}", question.overdue);
        let filter = Filter { due_before: question.overdue.then(|| self.business.now()), ..filter };
        let after = page::position(&asked, &question.page_token)?.map(|place| place.parse()).transpose()?;
        let conn = self.outbox.database().read();
        let limit = question.page_size.saturating_add(1);
        let found = store::page(conn, &province.code, filter, after, limit).await?;
        let position = |of: &Feedback| Position(of.standing.received_at, of.id).to_string();
        Ok(Page::of(found, question.page_size, &asked, position))
    }

    /// What was published, page by page, newest first.
    ///
    /// # Errors
    /// A violation of `page_token`.
    pub(crate) async fn list_published(
        &self,
        page_size: u64,
        page_token: &str,
    ) -> Result<Page<Feedback>, Failure> {
        let province = &self.versions.active().await?.value.code;
        let asked = "published feedback";
        let after = page::position(asked, page_token)?.map(|place| place.parse()).transpose()?;
        let conn = self.outbox.database().read();
        let found = store::published(conn, province, after, page_size.saturating_add(1)).await?;
        let position = |of: &Feedback| {
            Position(of.standing.published_at.unwrap_or(of.standing.received_at), of.id).to_string()
        };
        Ok(Page::of(found, page_size, asked, position))
    }
}

impl Whole {
    /// What was said, and by whom; empty once they were erased.
    pub(crate) fn said(self) -> (String, Author) {
        self.said.map(|said| (said.text, said.author)).unwrap_or_default()
    }
}

/// The unit that a list or a count is limited to; none: all.
///
/// # Errors
/// A violation of `unit_code`; `PERMISSION_DENIED` for another unit.
pub(super) fn owner(province: &Province, hand: Hand, code: &str) -> Result<Option<UnitId>, Rejection> {
    let named = match code {
        "" => None,
        code => Some(unit_named(province, "unit_code", code)?),
    };
    match (hand, named) {
        (Hand::Officer(own, _) | Hand::Supervisor(own), Some(named)) if own != named => {
            Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "this is the affair of another unit"))
        }
        (Hand::Officer(own, _) | Hand::Supervisor(own), _) => Ok(Some(own)),
        (Hand::Author | Hand::Province, named) => Ok(named),
    }
}

/// A local day as it is written.
///
/// # Errors
/// A violation of `field`.
pub(crate) fn day(field: &str, text: &str) -> Result<Date, Rejection> {
    convert::day(text, field)
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.0.as_microsecond(), self.1)
    }
}

impl FromStr for Position {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let parse = || {
            let (at, id) = text.split_once(' ')?;
            Some(Self(Timestamp::from_microsecond(at.parse().ok()?).ok()?, id.parse().ok()?))
        };
        parse().ok_or_else(|| {
            Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token of an answer")
        })
    }
}
