//! Moves feedback on: by those who have to answer it, and by its author. Each act is decided by `domain::feedback` on the locked row, and leaves
//! a line in the history.

use std::time::Instant;

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    feedback::{Act, Hand, LONGEST_REASON, LONGEST_TEXT, check_public, check_words},
    id::{FeedbackId, OfficerId, UnitId},
    province::Province,
};
use phidia_runtime::{
    digest,
    failure::Failure,
    seal::{PersonKey, Sealed},
};

use crate::{
    Intake,
    store::{
        feedback::{self as store, Entry, Feedback, Published},
        persons,
    },
};

/// By whose hand a caller of our house acts; anybody else is an author.
///
/// # Errors
/// `PERMISSION_DENIED` for an officer whom the province does not know at their unit.
pub(crate) fn hand(province: &Province, caller: &Caller) -> Result<Hand, Rejection> {
    match (caller.role, caller.unit, caller.officer) {
        (Role::Officer, Some(unit), Some(officer)) => {
            if !province.officers_of(unit).any(|known| known.id == officer) {
                let message = "the caller is no officer of this unit";
                return Err(Rejection::new(Kind::Forbidden, "UNKNOWN_OFFICER", message));
            }
            Ok(Hand::Officer(unit, officer))
        }
        (Role::Officer, ..) => {
            Err(Rejection::new(Kind::Forbidden, "UNKNOWN_OFFICER", "the caller is no officer of a unit"))
        }
        (Role::Supervisor, Some(unit), _) => Ok(Hand::Supervisor(unit)),
        (Role::Supervisor | Role::Operator, ..) => Ok(Hand::Province),
        _ => Ok(Hand::Author),
    }
}

/// What is written with an act, and under which field it stands in the request.
#[derive(Clone)]
pub(crate) struct Words {
    pub(crate) field: &'static str,
    pub(crate) text: String,
}

impl Words {
    /// Nothing is written with it.
    pub(crate) fn none() -> Self {
        Self { field: "", text: String::new() }
    }

    /// Words that are required under this field.
    pub(crate) fn of(field: &'static str, text: String) -> Self {
        Self { field, text }
    }

    fn check(&self, act: Act) -> Result<(), Rejection> {
        let optional = matches!(act, Act::Rate(_)) && self.text.is_empty();
        let longest = if self.field == "reason" { LONGEST_REASON } else { LONGEST_TEXT };
        match self.field {
            _ if optional => Ok(()),
            "" => Ok(()),
            field => check_words(field, &self.text, longest),
        }
    }
}

impl Intake {
    /// Somebody of the house moves it on.
    ///
    /// # Errors
    /// `NOT_FOUND` for what the caller may not handle; violations of what is written; those of `Standing::after`.
    pub(crate) async fn handle_feedback(
        &self,
        caller: &Caller,
        number: &str,
        act: Act,
        words: Words,
    ) -> Result<Feedback, Failure> {
        words.check(act)?;
        let version = self.versions.active().await?;
        let hand = hand(&version.value, caller)?;
        self.act(number, hand, act, words.text, None).await
    }

    /// A moderator has everybody read question and answer in these words.
    ///
    /// # Errors
    /// As [`Intake::handle_feedback`]; `PERSONAL_DATA`.
    pub(crate) async fn publish_feedback(
        &self,
        caller: &Caller,
        number: &str,
        published: Published,
    ) -> Result<Feedback, Failure> {
        check_public("question", &published.question, LONGEST_TEXT)?;
        check_public("answer", &published.answer, LONGEST_TEXT)?;
        let version = self.versions.active().await?;
        let hand = hand(&version.value, caller)?;
        self.act(number, hand, Act::Publish, String::new(), Some(published)).await
    }

    /// Whoever has number and check code moves it on.
    ///
    /// # Errors
    /// Those of [`Intake::own_feedback`]; violations of what is written; those of `Standing::after`.
    pub(crate) async fn act_as_author(
        &self,
        caller: &Caller,
        number: &str,
        check_code: &str,
        act: Act,
        words: Words,
    ) -> Result<Feedback, Failure> {
        words.check(act)?;
        self.own_feedback(caller, number, check_code).await?;
        self.act(number, Hand::Author, act, words.text, None).await
    }

    /// The feedback of whoever has number and check code. A wrong number and a wrong check code are answered alike.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` after too many wrong codes.
    pub(crate) async fn own_feedback(
        &self,
        caller: &Caller,
        number: &str,
        check_code: &str,
    ) -> Result<Feedback, Failure> {
        let guess = self.guesses.begin(caller, number, Instant::now())?;
        let province = &self.versions.active().await?.value.code;
        let found = store::by_number(self.outbox.database().read(), province, number).await?;
        Ok(found
            .filter(|found| digest::same(found.check_code.as_bytes(), check_code.as_bytes()))
            .ok_or_else(|| {
                guess.was_wrong(Instant::now());
                let message = "no feedback has this number and this check code";
                Rejection::not_found("UNKNOWN_FEEDBACK", message)
            })?)
    }

    async fn act(
        &self,
        number: &str,
        hand: Hand,
        act: Act,
        words: String,
        published: Option<Published>,
    ) -> Result<Feedback, Failure> {
        let version = self.versions.active().await?;
        let (now, master_key, number) = (self.business.now(), self.master_key.clone(), number.to_owned());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let province = &version.value;
                let mut record = store::lock(tx, &province.code, &number).await?.ok_or_else(unknown)?;
                let key = persons::wrapped_key(tx, &province.code, record.person).await?;
                let key = key.map(|wrapped| PersonKey::unwrap(&master_key, &wrapped)).transpose()?;
                let is_same =
                    record.standing.bears(act) && (published.is_none() || published == record.published);
                if let Some(last) = store::last_entry(tx, &province.code, &record).await?
                    && is_same
                    && is_said_again(&record, &last, key.as_ref(), (hand, act, &words))?
                {
                    return Ok(record);
                }
                if hand != Hand::Author && !record.standing.is_seen_by(hand) {
                    return Err(unknown().into());
                }
                let next = record.standing.after(&province.clock, hand, act, now)?;
                // Whoever has it takes it up again.
                if next == record.standing {
                    return Ok(record);
                }
                record.standing = next;
                record.published = published.or(record.published);
                record.entries += 1;
                store::save(tx, &province.code, &record).await?;
                let line = entry(&record, key.as_ref(), hand, act, &words, now)?;
                store::add_entry(tx, &province.code, &record, line).await?;
                Ok(record)
            })
        });
        write.await
    }
}

/// What the caller may not handle is not there for them.
pub(crate) fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_FEEDBACK", "no feedback that the caller may handle has this number")
}

/// Whether an act is the last one again, by the same hand and in the same words: its answer was lost on the way. It is done once.
fn is_said_again(
    record: &Feedback,
    last: &Entry,
    key: Option<&PersonKey>,
    (hand, act, words): (Hand, Act, &str),
) -> Result<bool, Failure> {
    let (unit, officer) = by_whom(hand, act);
    if (last.act.as_str(), last.unit, last.officer) != (act.as_str(), unit, officer) {
        return Ok(false);
    }
    match (&last.words, key) {
        (Some(sealed), Some(key)) => {
            let context = words_context(record.id, record.entries);
            Ok(Sealed::<String>::from_bytes(sealed.clone()).open(key, &context)? == words)
        }
        // Of whom was erased no words are left to be compared.
        (_, None) => Ok(false),
        (None, Some(_)) => Ok(words.is_empty()),
    }
}

/// The line of an act, as the last of the record. Of whom was erased no words are kept.
pub(super) fn entry(
    record: &Feedback,
    key: Option<&PersonKey>,
    hand: Hand,
    act: Act,
    words: &str,
    now: Timestamp,
) -> Result<Entry, Failure> {
    let (unit, officer) = by_whom(hand, act);
    let context = words_context(record.id, record.entries);
    let sealed = key.filter(|_| !words.is_empty()).map(|key| Sealed::seal(key, &context, &words.to_owned()));
    let words = sealed.transpose()?.map(Sealed::into_bytes);
    Ok(Entry { at: now, act: act.as_str().to_owned(), unit, officer, words })
}

/// The unit that a line names, and the officer: of what is passed on, the one that it goes to.
fn by_whom(hand: Hand, act: Act) -> (Option<UnitId>, Option<OfficerId>) {
    match (hand, act) {
        (Hand::Officer(_, officer), Act::Pass(to)) => (Some(to), Some(officer)),
        (_, Act::Pass(to)) => (Some(to), None),
        (Hand::Officer(unit, officer), _) => (Some(unit), Some(officer)),
        (Hand::Supervisor(unit), _) => (Some(unit), None),
        (Hand::Author | Hand::Province, _) => (None, None),
    }
}

/// Where the words of a line rest.
pub(super) fn words_context(id: FeedbackId, line: i32) -> String {
    format!("intake.feedback/{id}/{line}")
}
