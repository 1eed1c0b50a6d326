//! What is asked often: searched by everybody, written and looked at again by those who moderate. An entry may come from feedback that was
//! answered; then it stands for the unit that answered.

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

use crate::{
    Intake,
    feedback::{handle::hand, read::day},
    page::{self, Page},
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
    /// Entries in which all words of a query occur, most useful first; and today.
    ///
    /// # Errors
    /// Violations of `query` and `page_token`.
    pub(crate) async fn search_faq(
        &self,
        query: &str,
        procedure_code: &str,
        page_size: u64,
        page_token: &str,
    ) -> Result<(Page<FaqEntry>, Date), Failure> {
        check_text("query", query, 0, 200)?;
        let province = &self.versions.active().await?.value;
        let words = words(query);
        let procedure = Some(procedure_code).filter(|code| !code.is_empty());
        let asked = format!("faq {words:?} {procedure:?}");
        let after = page::position(&asked, page_token)?.map(|place| position(&place)).transpose()?;
        let conn = self.outbox.database().read();
        let limit = page_size.saturating_add(1);
        let found = store::search(conn, &province.code, &words, procedure, after, limit).await?;
        let place = |entry: &FaqEntry| format!("{} {}", entry.useful, entry.number);
        let today = province.clock.local_date(self.business.now());
        Ok((Page::of(found, page_size, &asked, place), today))
    }

    /// All entries by number; and today.
    ///
    /// # Errors
    /// A violation of `page_token`.
    pub(crate) async fn list_faq(
        &self,
        outdated: bool,
        page_size: u64,
        page_token: &str,
    ) -> Result<(Page<FaqEntry>, Date), Failure> {
        let province = &self.versions.active().await?.value;
        let today = province.clock.local_date(self.business.now());
        let asked = format!("faq entries {outdated}");
        let after = page::position(&asked, page_token)?;
        let after = after.map_or(Ok(0), |place| place.parse().map_err(|_| malformed()))?;
        let conn = self.outbox.database().read();
        let limit = page_size.saturating_add(1);
        let found = store::page(conn, &province.code, outdated.then_some(today), after, limit).await?;
        Ok((Page::of(found, page_size, &asked, |entry| entry.number.to_string()), today))
    }

    /// A caller found an entry useful; how often it was by now.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn mark_useful(&self, caller: &Caller, number: i32) -> Result<i64, Failure> {
        let province = self.versions.active().await?;
        let today = province.value.clock.local_date(self.business.now());
        let sender = self.sender(caller, today, &())?;
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let province = &province.value.code;
                let entry = store::lock(tx, province, number).await?.filter(|entry| !entry.retired);
                store::find_useful(tx, province, &entry.ok_or_else(unknown)?, sender).await
            })
        });
        write.await
    }

    /// Writes an entry; and today.
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
                if let Some(number) = &entry.feedback_number {
                    alone(tx, &format!("faq/{province}/{number}")).await?;
                    if store::is_promoted(tx, &province, number).await? {
                        let message = "an entry was made of this feedback before";
                        return Err(Rejection::new(Kind::Precondition, "PROMOTED_BEFORE", message).into());
                    }
                }
                entry.number = running_number::next(tx, &province, "FAQ", None).await?;
                store::save(tx, &province, &entry, actor).await?;
                Ok(entry)
            })
        });
        Ok((write.await?, today))
    }

    /// Looks at an entry again; each time is a version.
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
        let (province, actor) = (province.code.clone(), caller.actor());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let mut entry = store::lock(tx, &province, review.number).await?.ok_or_else(unknown)?;
                if own.is_some() && own != entry.owner {
                    let message = "this is the affair of another unit";
                    return Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", message).into());
                }
                entry.question = review.question.unwrap_or(entry.question);
                entry.answer = review.answer.unwrap_or(entry.answer);
                check_texts(&entry.question, &entry.answer)?;
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
    fn all_words(&self) -> String {
        let Self { question, answer, field, procedure_code, .. } = self;
        let codes = [procedure_code, field].into_iter().flatten();
        let texts = [&question.vi, &question.en, &answer.vi, &answer.en].into_iter().chain(codes);
        texts.map(|text| fold(text)).collect::<Vec<_>>().join("\n")
    }
}

/// The words of a query without diacritics and case. Nothing in them means anything to the store.
fn words(query: &str) -> Vec<String> {
    let folded = fold(query);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
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

fn position(text: &str) -> Result<(i64, i32), Rejection> {
    let parse = || {
        let (useful, number) = text.split_once(' ')?;
        Some((useful.parse().ok()?, number.parse().ok()?))
    };
    parse().ok_or_else(malformed)
}

fn malformed() -> Rejection {
    Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token of an answer")
}

fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_FAQ_ENTRY", "no entry has this number")
}
