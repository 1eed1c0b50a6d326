//! Entries that are written, on their own or of an answer, and looked at again.

use jiff::{ToSpan as _, civil::Date};
use phidia_domain::{
    Kind, Rejection,
    application::check_text,
    caller::Caller,
    catalogue::search::fold,
    feedback::{Hand, LONGEST_TEXT, check_public},
    id::UnitId,
    procedure::Text,
    province::Province,
};
use phidia_runtime::{database::alone, failure::Failure};

use super::unknown;
use crate::{
    Intake,
    feedback::{handle::hand, read::day},
    store::{
        faq::{self as store, FaqEntry},
        running_number,
    },
};

/// So many characters at most has a question.
const LONGEST_QUESTION: usize = 500;

/// An entry that is to be written. Codes are empty where there are none.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    pub(crate) question: Text,
    pub(crate) answer: Text,
    pub(crate) procedure_code: String,
    pub(crate) field: String,
    pub(crate) feedback_number: String,
    pub(crate) review_from: String,
}

/// What becomes of an entry that is looked at again; none: as it was.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub(crate) number: i32,
    pub(crate) question: Option<Text>,
    pub(crate) answer: Option<Text>,
    pub(crate) review_from: String,
    pub(crate) retired: bool,
}

impl Intake {
    /// Writes an entry, or answers with the one that says the same; and today.
    ///
    /// # Errors
    /// Violations of its fields, `PERSONAL_DATA` among them; `NOT_FOUND` for feedback that the caller may not handle; `NOT_ANSWERED`;
    /// `PROMOTED_BEFORE`.
    pub(crate) async fn add_faq(&self, caller: &Caller, new: NewEntry) -> Result<(FaqEntry, Date), Failure> {
        let version = self.versions.active().await?;
        let (province, now) = (&version.value, self.business.now());
        let today = province.clock.local_date(now);
        check_texts(&new.question, &new.answer)?;
        check_text("field", &new.field, 0, 200)?;
        let review_from = review_from(&new.review_from, today)?;
        let field = match (new.procedure_code.as_str(), new.field.as_str()) {
            ("", field) => field.to_owned(),
            (_, "") => province.procedure_on(&new.procedure_code, today)?.field.vi.clone(),
            _ => {
                let expected = "is known where a procedure is named";
                return Err(Rejection::invalid("FIELD_OF_PROCEDURE", "field", expected).into());
            }
        };
        let mut owner = own_unit(province, caller)?;
        if !new.feedback_number.is_empty() {
            let record = self.seen_feedback(caller, &new.feedback_number).await?;
            if record.standing.answered_at.is_none() {
                let message = "an entry is made of an answer, and there is none yet";
                let refusal = Rejection::new(Kind::Precondition, "NOT_ANSWERED", message);
                return Err(refusal.with("state", record.standing.state.as_str()).into());
            }
            owner = record.standing.desk.unit();
        }
        let named = |code: String| Some(code).filter(|code| !code.is_empty());
        let mut entry = FaqEntry {
            number: 0,
            version: 1,
            folded: String::new(),
            question: new.question,
            answer: new.answer,
            procedure_code: named(new.procedure_code),
            field: named(field),
            owner,
            feedback_number: named(new.feedback_number),
            reviewed_at: now,
            review_from,
            retired: false,
            useful: 0,
        };
        entry.folded = entry.all_words();
        let (province, actor) = (province.code.clone(), caller.actor());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                // Entries are few: one is written after the other.
                alone(tx, &format!("faq/{province}")).await?;
                if let Some(number) = &entry.feedback_number
                    && let Some(before) = store::promoted(tx, &province, number).await?
                {
                    if before.says_the_same(&entry) {
                        return Ok(before);
                    }
                    let message = "an entry was made of this feedback before";
                    let refusal = Rejection::new(Kind::Precondition, "PROMOTED_BEFORE", message);
                    return Err(refusal.with("number", before.number).into());
                }
                let alike = store::alike(tx, &province, &entry.folded).await?;
                if let Some(same) = alike.into_iter().find(|alike| alike.says_the_same(&entry)) {
                    return Ok(same);
                }
                entry.number = running_number::next(tx, &province, "FAQ", None).await?;
                store::save(tx, &province, &entry, actor).await?;
                Ok(entry)
            })
        });
        Ok((write.await?, today))
    }

    /// Looks at an entry again; each time is a version, but for the same once more on the same day.
    ///
    /// # Errors
    /// As [`Intake::add_faq`]; `NOT_FOUND`; `PERMISSION_DENIED` for an entry of another unit.
    pub(crate) async fn review_faq(
        &self,
        caller: &Caller,
        review: Review,
    ) -> Result<(FaqEntry, Date), Failure> {
        let version = self.versions.active().await?;
        let (province, now) = (&version.value, self.business.now());
        let today = province.clock.local_date(now);
        let from = review_from(&review.review_from, today)?;
        let own = own_unit(province, caller)?;
        let zone = province.clock.time_zone().clone();
        let looked_at_on = move |at| zone.to_datetime(at).date();
        let (province, actor) = (province.code.clone(), caller.actor());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let mut entry = store::lock(tx, &province, review.number).await?.ok_or_else(unknown)?;
                if own.is_some() && own != entry.owner {
                    let message = "this is the affair of another unit";
                    return Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", message).into());
                }
                let before = entry.clone();
                entry.question = review.question.unwrap_or(entry.question);
                entry.answer = review.answer.unwrap_or(entry.answer);
                check_texts(&entry.question, &entry.answer)?;
                let is_looked_at = before.version > 1 && looked_at_on(before.reviewed_at) == today;
                if is_looked_at
                    && entry.says_the_same(&before)
                    && (before.review_from, before.retired) == (from, review.retired)
                {
                    return Ok(before);
                }
                entry.version += 1;
                entry.reviewed_at = now;
                entry.review_from = from;
                entry.retired = review.retired;
                entry.folded = entry.all_words();
                store::save(tx, &province, &entry, actor).await?;
                Ok(entry)
            })
        });
        Ok((write.await?, today))
    }
}

impl FaqEntry {
    /// Whether another is this one, sent again.
    fn says_the_same(&self, other: &Self) -> bool {
        let said = |of: &Self| {
            let Self { question, answer, procedure_code, field, owner, feedback_number, .. } = of.clone();
            (question, answer, procedure_code, field, owner, feedback_number)
        };
        said(self) == said(other)
    }

    fn all_words(&self) -> String {
        let Self { question, answer, field, procedure_code, .. } = self;
        let codes = [procedure_code, field].into_iter().flatten();
        let texts = [&question.vi, &question.en, &answer.vi, &answer.en].into_iter().chain(codes);
        texts.map(|text| fold(text)).collect::<Vec<_>>().join("\n")
    }
}

/// The unit for which a caller may write; none: the province.
fn own_unit(province: &Province, caller: &Caller) -> Result<Option<UnitId>, Rejection> {
    Ok(match hand(province, caller)? {
        Hand::Officer(unit, _) | Hand::Supervisor(unit) => Some(unit),
        Hand::Author | Hand::Province => None,
    })
}

fn check_texts(question: &Text, answer: &Text) -> Result<(), Rejection> {
    check_public("question.vi", &question.vi, LONGEST_QUESTION)?;
    check_public("answer.vi", &answer.vi, LONGEST_TEXT)?;
    if !question.en.is_empty() {
        check_public("question.en", &question.en, LONGEST_QUESTION)?;
    }
    if !answer.en.is_empty() {
        check_public("answer.en", &answer.en, LONGEST_TEXT)?;
    }
    Ok(())
}

/// The day from which it is to be looked at again: what is asked for, or in a year.
fn review_from(asked: &str, today: Date) -> Result<Date, Rejection> {
    if asked.is_empty() {
        return Ok(today.saturating_add(1.year()));
    }
    let asked = day("review_from", asked)?;
    match asked > today {
        true => Ok(asked),
        false => Err(Rejection::invalid("DATE_OUT_OF_RANGE", "review_from", "must be after today")),
    }
}
